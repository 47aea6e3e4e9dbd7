import { setTimeout as sleep } from 'node:timers/promises';
import type { Child } from './child.js';

export interface PartOptions<T> {
  name: string;
  /** Starts the process; told what the first one answered, so that a later one takes the same ports. */
  start(first: T | undefined): Child;
  /** Checks the answer of a process that has become ready, and waits for more where that is needed. */
  confirm(told: unknown, child: Child): Promise<T> | T;
  /** False: its end ends the stack. */
  isRestarted: boolean;
  /** As soon as a process serves, the first one too. */
  onPid(pid: number): void;
  report(line: string): void;
  onLost(): void;
}

/** A process that is started again when it ends unasked. */
export interface Part<T> {
  name: string;
  told: T;
  /** From now on its end is no surprise: others of the stack are being stopped. */
  release(): void;
  stop(graceMs: number): Promise<void>;
  /** Resolves when the process has ended; the next one is then on its way, or begins when `away` is over. */
  kill(signal: NodeJS.Signals, away?: Promise<void>): Promise<void>;
  /** How many processes have served after the first. */
  restarts(): number;
}

const calmMs = 500;

/** Starts the part and waits until it serves; rejects when the first process does not come up. */
export async function startPart<T>(options: PartOptions<T>): Promise<Part<T>> {
  let isStopping = false;
  let served = 0;
  let absence: Promise<void> | undefined;
  let giveUp: () => void = () => undefined;
  const given = new Promise<void>((resolve) => {
    giveUp = resolve;
  });
  let child = options.start(undefined);
  const told = await up(child).catch(async (error: unknown) => {
    await child.stop(0);
    throw error;
  });

  async function up(started: Child): Promise<T> {
    const answer = await started.ready;
    served += 1;
    // Before the part is seen to be well: a caller that is served already must find the process that serves.
    options.onPid(started.pid);
    return options.confirm(answer, started);
  }

  async function watch(): Promise<void> {
    while (!isStopping) {
      const how = await child.exited;
      if (isStopping) {
        return;
      }
      if (!options.isRestarted) {
        options.report(`${options.name} ended (${how})`);
        options.onLost();
        return;
      }
      options.report(`${options.name} ended (${how}), starting it again`);
      await startAgain();
    }
  }

  async function startAgain(): Promise<void> {
    await Promise.race([absence, given]);
    absence = undefined;
    // A part that dies at once must not keep the machine busy; one that was killed comes back directly.
    if (Date.now() - child.startedAt < calmMs) {
      await sleep(calmMs);
    }
    if (isStopping) {
      return;
    }
    child = options.start(told);
    await up(child).catch((error: unknown) => {
      if (!isStopping) {
        options.report(error instanceof Error ? error.message : String(error));
      }
    });
  }

  const release = () => {
    isStopping = true;
    giveUp();
  };
  const watching = watch();
  return {
    name: options.name,
    told,
    release,
    stop: async (graceMs) => {
      release();
      await child.stop(graceMs);
      await watching;
    },
    kill: async (signal, away) => {
      const killed = child;
      absence = away;
      killed.kill(signal);
      await killed.exited;
    },
    restarts: () => served - 1,
  };
}
