import type { Break } from './break.js';

const storage = 'src/adapters/storage';
const LANES = 'test/adapters/lanes.test.ts';
const GROUPED = 'test/adapters/storage/grouped-writes.test.ts';

/** What pairs that are worked on side by side share, broken one rule at a time. */
export const LANE_BREAKS: readonly Break[] = [
  {
    name: 'lanes: a request goes out before the others have come',
    file: 'src/adapters/lanes.ts',
    find: 'for (const lane of this.#lanes) if (!lane.waits) return;',
    put: '',
    tests: [LANES],
  },
  {
    name: 'lanes: one that has ended is waited for',
    file: 'src/adapters/lanes.ts',
    find: 'this.#lanes.delete(lane);',
    put: '',
    tests: [LANES],
  },
  {
    name: 'lanes: a slow one is waited for to the end',
    file: 'src/adapters/lanes.ts',
    find: 'setTimeout(late, LONGEST_WAIT_MS)',
    put: 'setTimeout(late, LONGEST_WAIT_MS * 1_000)',
    tests: [LANES],
  },
  {
    name: 'grouped writes: a refused transaction is not repeated row by row',
    file: `${storage}/grouped-writes.ts`,
    find: 'if (isRefusal(error)) await',
    put: 'if (isRefusal(error) && group.length === 0) await',
    tests: [GROUPED],
  },
  {
    name: 'grouped writes: a transaction of unknown fate is written again',
    file: `${storage}/grouped-writes.ts`,
    find: 'if (isRefusal(error)) await',
    put: 'if (error !== null) await',
    tests: [GROUPED],
  },
  {
    name: 'grouped writes: an event waits for the group',
    file: `${storage}/grouped-writes.ts`,
    find: 'writes.some((write) => write.isDue)',
    put: 'writes.length > 0 && writes.every((write) => write.isDue)',
    tests: [LANES],
  },
  {
    name: 'grouped writes: two writes of one row go in one transaction',
    file: `${storage}/grouped-writes.ts`,
    find: 'if (fits && !keys.some((key) => rows.has(key))) {',
    put: 'if (fits) {',
    tests: [GROUPED],
  },
  {
    name: 'grouped writes: a write overtakes one of the same row',
    file: `${storage}/grouped-writes.ts`,
    find: '    for (const key of keys) rows.add(key);',
    put: '    if (group.at(-1) === write) for (const key of keys) rows.add(key);',
    tests: [GROUPED],
  },
  {
    name: 'grouped writes: a caller gets the ETag of another',
    file: `${storage}/grouped-writes.ts`,
    find: 'at += write.operations.length;',
    put: 'at += 1;',
    tests: [GROUPED],
  },
  {
    name: 'grouped writes: a transaction has more rows than the service takes',
    file: `${storage}/grouped-writes.ts`,
    find: 'operations + keys.length <= OPERATIONS && ',
    put: '',
    tests: [GROUPED],
  },
  {
    name: 'grouped writes: a row is removed although it was changed',
    file: `${storage}/grouped-writes.ts`,
    find: '      etag === undefined\n        ? enqueue(',
    put: '      etag !== null\n        ? enqueue(',
    tests: [GROUPED],
  },
  {
    name: 'gathered reads: the failure of a reading leaves all but one waiting',
    file: `${storage}/gathered-reads.ts`,
    find: 'for (const { reject } of askers) reject(error);',
    put: 'askers[0]?.reject(error);',
    tests: [LANES],
  },
  {
    name: 'gathered reads: who asks during a reading gets what it shows',
    file: `${storage}/gathered-reads.ts`,
    find: '    partitions.delete(partitionKey);\n',
    put: '    setTimeout(() => partitions.delete(partitionKey), 5);\n',
    tests: [LANES],
  },
  {
    name: 'lanes: pairs come to their writes one by one',
    file: 'src/adapters/dataverse/batching.ts',
    find: 'await arrive()?.ready;',
    put: '',
    tests: ['test/adapters/dataverse/batching.test.ts'],
  },
  {
    name: 'lanes: an event waits for a batch of a run',
    file: 'src/adapters/dataverse/batching.ts',
    find: "gatherings[isBulk() ? 'bulk' : 'urgent']",
    put: 'gatherings.bulk',
    tests: ['test/adapters/dataverse/batch-size.test.ts'],
  },
  {
    name: 'lanes: a row is written before its plan is stored',
    file: 'src/application/sync/pair/write-pair.ts',
    find: '  const claimed = await claimPair(context, work);\n',
    put: '  const claimed = { ...work.stored, value: { ...work.stored.value, claim: { owner: "", until: context.clock.now() + context.claimMs } } };\n',
    tests: ['test/adapters/side-by-side/two-workers.test.ts'],
  },
];
