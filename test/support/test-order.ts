import type { TestSpecification } from 'vitest/node';
import { BaseSequencer } from 'vitest/node';

/**
 * Seconds of the files that take longest, so that none of them starts last. Only their order matters, and a file that is
 * missing here is merely late.
 */
const SECONDS: Readonly<Record<string, number>> = {
  'console/journeys': 167,
  'journeys/several-workers': 134,
  'stack/launch/stack': 126,
  'adapters/storage/stores': 88,
  'adapters/side-by-side/batch-answers': 80,
  'journeys/events': 77,
  'journeys/schedule': 67,
  'journeys/refusals': 64,
  'journeys/outages': 59,
  'application/runs/huge-values': 54,
  'adapters/side-by-side/two-workers': 51,
  'adapters/side-by-side/killed-workers': 45,
  'journeys/shared-limits': 45,
  'journeys/connection-faults': 44,
  'journeys/every-route': 43,
  'journeys/full-sync': 40,
  'journeys/routes': 39,
  'journeys/webhook': 38,
  'application/sync/remove/deleted-partners': 34,
  'adapters/side-by-side/edits-between': 34,
  'journeys/sign-in': 32,
  'journeys/record-faults': 31,
  'adapters/storage/huge-run': 28,
  'application/runs/several-workers': 28,
  'application/convergence': 26,
  'stack/functions/queues': 26,
  'application/sync/pair/kinds-on-every-path': 25,
  'journeys/one-record': 24,
  'journeys/convergence': 24,
  'journeys/event-faults': 24,
  'application/runs/storage-requests': 23,
  'application/sync/guard/held-removals': 21,
  'adapters/storage/huge-stores': 18,
  'journeys/guard': 17,
  'application/sync/pair/merged-rows': 17,
  'journeys/package': 16,
  'journeys/three-mappings': 16,
  'functions/every-route-refusals': 15,
  'application/runs/dry-run': 15,
  'stack/launch/workers': 14,
  'adapters/side-by-side/cancelled': 14,
  'application/sync/pair/refusals.property': 14,
  'adapters/authscape/scan': 13,
  'console/many-changes': 13,
  'application/sync/pairing/one-comparison': 13,
  'journeys/repair': 13,
  'adapters/same-comparison': 13,
  'application/runs/runs': 13,
  'adapters/dataverse/limits': 13,
  'infra/package': 13,
  'application/sync/pairing/successor': 12,
  'application/runs/unit/link-index': 12,
  'stack/functions/process': 12,
  'adapters/storage/few-requests': 11,
  'infra/runs': 11,
  'application/sync/pairing/foreseen-refusals': 11,
  'journeys/connection-crud': 11,
  'journeys/second-writer': 11,
  package: 11,
  'stack/functions/timers': 10,
  'application/sync/remove/remaining-record': 10,
  'application/sync/pair/unreadable-pairs': 10,
  'console/docs': 9,
  'application/sync/pair/values-on-every-path': 9,
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
