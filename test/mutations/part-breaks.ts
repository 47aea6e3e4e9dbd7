import type { Break } from './break.js';

const parts = 'src/domain/run-parts.ts';
const WORKERS = 'test/application/runs/several-workers.test.ts';
const PARTS = 'test/domain/run-parts.test.ts';

/** Several workers on one run. */
export const PART_BREAKS: readonly Break[] = [
  {
    name: 'parts: a part whose worker died is taken for a new one',
    file: parts,
    find: '...(next.died ? { repeated: true } : {})',
    put: '',
    tests: [PARTS, WORKERS],
  },
  {
    name: 'parts: the part of a worker that lives is taken from it',
    file: parts,
    find: "lease === null || lease.owner === '' || lease.until <= now",
    put: 'lease === null || lease.until > 0 || now < 0',
    tests: [PARTS, WORKERS],
  },
  {
    name: 'parts: the run goes on while others are at work',
    file: parts,
    find: 'every(({ position }) => position === null)',
    put: 'some(({ position }) => position === null)',
    tests: [PARTS, WORKERS],
  },
  {
    name: 'parts: the first worker that leaves ends the run',
    file: parts,
    find: 'others.every((other) => isFree(other.lease, now)) ? { ...left, lease } : left',
    put: '({ ...left, lease })',
    tests: [PARTS, WORKERS],
  },
  {
    name: 'parts: two of them have units of one number',
    file: parts,
    find: 'unit: cursor.unit + index,',
    put: 'unit: cursor.unit,',
    tests: [PARTS, WORKERS],
  },
  {
    name: 'parts: a fault in one of them is forgotten',
    file: parts,
    find: 'fault: parts.fault ?? fault',
    put: 'fault: parts.fault',
    tests: [PARTS, WORKERS],
  },
  {
    name: 'parts: what one counts replaces what others counted',
    file: 'src/application/runs/step/advance.ts',
    find: '...withCounts(run, counted),',
    put: '...withCounts({ ...run, counts: held.run.counts }, counted), counts: counted.counts,',
    tests: [WORKERS],
  },
  {
    name: 'parts: one process takes several at a time',
    file: 'src/application/runs/step/run-lease.ts',
    find: "if (share.part !== null && isHere) return 'elsewhere';",
    put: '',
    tests: [WORKERS],
  },
  {
    name: 'parts: links are left out between two ranges',
    file: 'src/application/runs/step/phase-table.ts',
    find: 'below: starts[index + 1] }',
    put: 'below: starts[index] }',
    tests: [WORKERS],
  },
  {
    name: 'parts: groups are left out between two shares',
    file: 'src/adapters/storage/staging-groups.ts',
    find: 'below: share.index + 1 === share.of ? undefined : digit(share.index + 1),',
    put: 'below: digit(share.index),',
    tests: ['test/support/memory-stores.test.ts', WORKERS],
  },
  {
    name: 'parts: a row that was linked while it waited is left as it is',
    file: 'src/application/runs/phases/retry.ts',
    find: '  if (made !== undefined) return retryOne(input, made, last);\n',
    put: '',
    tests: ['test/application/runs/unfinished-creations.test.ts'],
  },
  {
    name: 'parts: a passing fault of a reading makes an event a dead letter',
    file: 'src/application/sync/context/watch-writes.ts',
    find: '        await isAway();\n        refuseMoment(given);\n        throw error;',
    put: '        await isAway();\n        throw error;',
    tests: ['test/application/runs/outage.test.ts'],
  },
];
