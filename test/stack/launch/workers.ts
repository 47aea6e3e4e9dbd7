/** A Functions process beside the first: `worker 1` is the second. */
export type Worker = `worker ${number}`;

export const isWorker = (name: string): name is Worker => name.startsWith('worker ');

/** The Functions processes that `STACK_WORKERS` asks for beside the first; throws when it is no number of processes. */
export function workersOf({ STACK_WORKERS = '1' }: NodeJS.ProcessEnv): readonly Worker[] {
  if (!/^[1-8]$/.test(STACK_WORKERS)) {
    throw new Error(
      `STACK_WORKERS has to be a whole number of Functions processes from 1 to 8, not "${STACK_WORKERS}".`,
    );
  }
  return Array.from({ length: Number(STACK_WORKERS) - 1 }, (_, index): Worker => `worker ${index + 1}`);
}
