import type { TestSpecification } from 'vitest/node';
import { BaseSequencer } from 'vitest/node';

/**
 * Seconds of the files that take longest, so that none of them starts last. Only their order matters, and a file that is
 * missing here is merely late.
 */
const SECONDS: Readonly<Record<string, number>> = {
  'console/journeys': 90,
  'journeys/several-workers': 75,
  'journeys/shared-limits': 55,
  'journeys/second-writer': 34,
  'journeys/telemetry': 26,
  'journeys/watch': 24,
  'journeys/event-faults': 45,
  'journeys/events': 40,
  'journeys/webhook': 70,
  'journeys/schedule': 65,
  'journeys/outages': 65,
  'journeys/crash': 55,
  'journeys/refusals': 50,
  'journeys/convergence': 45,
  'journeys/sign-in': 35,
  'journeys/record-faults': 30,
  'journeys/guard': 30,
  'stack/launch/stack': 28,
  'application/runs/huge-values': 20,
  'journeys/connection-faults': 20,
  'journeys/routes': 20,
  'journeys/repair': 20,
  'journeys/full-sync': 20,
  'journeys/three-mappings': 18,
  'stack/functions/queues': 18,
  'adapters/storage/stores': 18,
  'support/memory-stores': 8,
  'adapters/storage/huge-run': 15,
  'adapters/storage/huge-stores': 20,
  'application/convergence': 15,
  'adapters/auth/verify-token': 15,
  'application/sync/pair/refusals.property': 10,
  'application/sync/pairing/one-comparison': 10,
  'application/sync/guard/held-removals': 10,
  'stack/functions/process': 10,
  'stack/functions/timers': 10,
  'console/docs': 10,
  'console/many-changes': 60,
  package: 10,
};
const OTHER_SECONDS = 2;

/** Journeys mostly wait, for a schedule, a lease or a kill; all other tests compute. */
const WAITING_LANES = 3;
const COMPUTING_LANES = 2;
/** Test processes side by side. */
export const LANES: number = WAITING_LANES + COMPUTING_LANES;

/**
 * Starts waiting and computing tests side by side until both are done, the longest of each first. Test processes take
 * the files in one order, so each file is put at the time at which it would start in a lane of its kind.
 */
export class TestOrder extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const [waiting, computing] = [files.filter(isWaiting), files.filter((file) => !isWaiting(file))];
    const long = startTimes(waiting, WAITING_LANES);
    const short = startTimes(computing, COMPUTING_LANES);
    const stretch = long.end > 0 && short.end > 0 ? long.end / short.end : 1;
    const times = [...long.starts, ...short.starts.map(([file, start]) => [file, start * stretch] as const)];
    return times.sort(([, a], [, b]) => a - b).map(([file]) => file);
  }
}

function isWaiting({ moduleId }: TestSpecification): boolean {
  return /\/test\/(journeys\/|console\/(journeys|many-changes)\.)/.test(moduleId);
}

function secondsOf({ moduleId }: TestSpecification): number {
  return SECONDS[/\/test\/(.+)\.test\.ts$/.exec(moduleId)?.[1] ?? ''] ?? OTHER_SECONDS;
}

interface Plan {
  readonly starts: readonly (readonly [TestSpecification, number])[];
  readonly end: number;
}

/** When each file starts, in seconds, where every lane takes the next one as soon as it is free. */
function startTimes(files: readonly TestSpecification[], lanes: number): Plan {
  const free = Array.from({ length: lanes }, () => 0);
  const starts = [...files]
    .sort((a, b) => secondsOf(b) - secondsOf(a))
    .map((file) => {
      const start = Math.min(...free);
      free[free.indexOf(start)] = start + secondsOf(file);
      return [file, start] as const;
    });
  return { starts, end: Math.max(...free) };
}
