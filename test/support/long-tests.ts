/**
 * Tests that would not fit into the minutes of `npm test`: whole histories on the stack, schedules, killed workers and outages
 * that are waited out, lasting refusals, values of megabytes, and the processes of the local stack itself. `npm run test:long`
 * runs them, and `.ci/run` does. Each has smaller siblings in `npm test`.
 */
export const LONG_TESTS: string[] = [
  'test/journeys/connection-faults.test.ts',
  'test/journeys/convergence.test.ts',
  'test/journeys/crash.test.ts',
  'test/journeys/event-faults.test.ts',
  'test/journeys/every-route.test.ts',
  'test/journeys/outages.test.ts',
  'test/journeys/record-faults.test.ts',
  'test/journeys/refusals.test.ts',
  'test/journeys/repair.test.ts',
  'test/journeys/schedule.test.ts',
  'test/journeys/second-writer.test.ts',
  'test/journeys/sign-in.test.ts',
  'test/journeys/telemetry.test.ts',
  'test/journeys/three-mappings.test.ts',
  'test/stack/launch/stack.test.ts',
  'test/stack/functions/*.test.ts',
  'test/adapters/same-comparison.test.ts',
  'test/adapters/storage/huge-*.test.ts',
  'test/console/docs.test.ts',
  'test/console/many-changes.test.ts',
  'test/application/runs/huge-values.test.ts',
  'test/application/jobs/event-crash.test.ts',
  'test/application/sync/guard/held-removals.test.ts',
  'test/application/sync/pair/refusals.property.test.ts',
  'test/application/sync/pairing/foreseen-refusals.test.ts',
  'test/application/sync/pairing/one-comparison.test.ts',
  'test/application/sync/remove/deleted-partners.test.ts',
];
