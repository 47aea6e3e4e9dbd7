import type { Break } from './break.js';

const phases = 'src/application/runs/phases';
const BOTH = 'test/application/runs/phases/read-both.test.ts';
const EARLIER = 'test/application/runs/phases/earlier-readings.test.ts';
const UNFINISHED = 'test/application/runs/unfinished-creations.test.ts';

/** Both sides read at the same time. */
export const READING_BREAKS: readonly Break[] = [
  {
    name: 'reading: rows that come behind their records count as unchanged',
    file: `${phases}/resting-links.ts`,
    find: 'a.has(id) && !isBrought(id)',
    put: 'a.has(id)',
    tests: [BOTH],
  },
  {
    name: 'reading: a delete that comes behind its record is no change',
    file: `${phases}/read-dynamics.ts`,
    find: 'const changed = gone.map(({ key }) => key);',
    put: 'const changed = gone.map(({ key }) => key).slice(0, 0);',
    tests: [BOTH],
  },
  {
    name: 'reading: what is left of AuthScape is not read',
    file: 'src/application/runs/step/phase-table.ts',
    find: 'return mapping < mappings ?',
    put: 'return mapping < 0 ?',
    tests: [BOTH, EARLIER],
  },
  {
    name: 'reading: AuthScape begins anew when Dynamics is through',
    file: 'src/application/runs/step/phase-table.ts',
    find: "{ phase: 'readingAuthScape', mappingIndex: mapping, position }",
    put: "{ phase: 'readingAuthScape', mappingIndex: mapping }",
    tests: [BOTH],
  },
  {
    name: 'reading: what AuthScape came to beside Dynamics is forgotten',
    file: 'src/application/runs/step/advance.ts',
    find: 'withFacts(facts, { ofMapping: facts.scan?.ended ?? {} })',
    put: 'withFacts(facts, {})',
    tests: [BOTH],
  },
  {
    name: 'reading: a fault on one side leaves the other at work',
    file: 'src/lib/both.ts',
    find: 'await Promise.allSettled([first, second]);',
    put: '',
    tests: [BOTH],
  },
  {
    name: 'reading: a user that was listed a moment ago is taken for missing',
    file: `${phases}/compare-linked.ts`,
    find: "if (found.kind === 'missing' && isLeftOut)",
    put: "if (found.kind === 'failed' && isLeftOut)",
    tests: [BOTH],
  },
  {
    name: 'reading: a record that was left out is asked for whatever changed of its row',
    file: `${phases}/compare-linked.ts`,
    find: 'isLeftOut ? compareWithRow(input, link, null, sd) : null',
    put: 'null',
    tests: [BOTH],
  },
  {
    name: 'reading: what was seen changed is unchanged when it comes again',
    file: 'src/application/runs/unit/seen-side.ts',
    find: 'if (((this.#flags[at] ?? 0) & CHANGED) !== 0) return;',
    put: 'if (changed) return;',
    tests: ['test/application/runs/unit/seen-side.test.ts'],
  },
  {
    name: 'reading: the reservation of a creation that is not settled is given back',
    file: 'src/application/sync/pairing/create-authscape-record.ts',
    find: '(result.waiting && (await isPending(context, row)))',
    put: '(result.waiting && row === undefined)',
    tests: [UNFINISHED],
  },
];
