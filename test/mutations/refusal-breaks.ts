import type { Break } from './break.js';

const sync = 'src/application/sync';
const dataverse = 'src/adapters/dataverse';
const FAILING = 'test/application/runs/failing-runs.test.ts';
const CREATIONS = 'test/application/sync/pairing/refused-creations.test.ts';
const REPEATED = 'test/application/sync/pair/repeated-refusals.test.ts';
const UNLISTED = 'test/application/runs/phases/unlisted.test.ts';

const UNREADABLE = 'test/application/sync/pair/unreadable-pairs.test.ts';
const IGNORED = 'test/application/sync/remove/ignored-state.test.ts';
const SECOND_WRITER = 'test/application/sync/links/second-writer.test.ts';

/** What is believed of answers, broken one rule at a time. */
export const REFUSAL_BREAKS: readonly Break[] = [
  {
    name: 'refusals: a user that AuthScape did not archive is taken for archived',
    file: `${sync}/links/tombstones.ts`,
    find: "  if (result.kind === 'written' && result.record.active !== active) throw ignoredState();\n",
    put: '',
    tests: [IGNORED],
  },
  {
    name: 'refusals: a row that Dynamics did not deactivate is taken for inactive',
    file: `${sync}/links/tombstones.ts`,
    find: "  if (result.kind === 'written' && result.row.active !== active) throw ignoredState();\n",
    put: '',
    tests: [IGNORED],
  },
  {
    name: 'refusals: a run that fails forgets what its last unit did',
    file: 'src/application/runs/step/stopped-unit.ts',
    find: '  await held.save((current) => withCounts(current, added));\n',
    put: '',
    tests: [FAILING],
  },
  {
    name: 'refusals: a run that fails forgets what an attempt before did',
    file: 'src/application/runs/step/stopped-unit.ts',
    find: '  await addWritten(deps, run, tally);\n',
    put: '',
    tests: [FAILING],
  },
  {
    name: 'refusals: half a pair is not told by the run that fails at its other half',
    file: `${sync}/pair/write-pair.ts`,
    find: '  if (toD.length === 0) return;',
    put: '  if (toD.length >= 0) return;',
    tests: [FAILING],
  },
  {
    name: 'refusals: no message names the record that stopped a run',
    file: `${sync}/context/stopped-at.ts`,
    find: '!places.has(error)',
    put: 'places.has(error)',
    tests: [FAILING],
  },
  {
    name: 'refusals: a row is gone because a write says so',
    file: `${dataverse}/writes.ts`,
    find: "  const read = await readNow(scope, []);\n  if (read === null) return 'refused';",
    put: "  if (!saysStale) return 'gone';\n  const read = await readNow(scope, []);\n  if (read === null) return 'refused';",
    tests: ['test/adapters/dataverse/evidence.test.ts'],
  },
  {
    name: 'refusals: a row is there because an insert says so',
    file: `${dataverse}/writes.ts`,
    find: "  if (read.row === undefined) return { kind: 'nothing' };\n",
    put: "  if (read.row === undefined) return { kind: 'another' };\n",
    tests: ['test/adapters/dataverse/evidence.test.ts'],
  },
  {
    name: 'refusals: a row has changed because a write says so',
    file: `${dataverse}/writes.ts`,
    find: "etag !== null && read.row.etag !== etag ? 'stale'",
    put: "etag !== null ? 'stale'",
    tests: ['test/adapters/dataverse/evidence.test.ts'],
  },
  {
    name: 'refusals: the search for the field that is refused takes any time',
    file: `${sync}/pair/write-pair.ts`,
    find: 'const isTimeUp = () => context.clock.now() > latest;',
    put: 'const isTimeUp = () => context.clock.now() > latest + 1e9;',
    tests: ['test/application/sync/pair/record-share.test.ts'],
  },
  {
    name: 'refusals: a call about one record is repeated at any time',
    file: 'src/adapters/http/caller.ts',
    find: 'clock.now() + decision.ms < latest)',
    put: 'clock.now() + decision.ms < latest + 1e9)',
    tests: ['test/adapters/http/caller.test.ts'],
  },
  {
    name: 'refusals: a creation that is refused is tried by every run',
    file: 'src/application/runs/phases/retry-marks.ts',
    find: 'mark === undefined || isEdited',
    put: 'mark !== null || isEdited',
    tests: [CREATIONS],
  },
  {
    name: 'refusals: an edit does not bring a refused creation back',
    file: 'src/application/runs/phases/retry-marks.ts',
    find: ' || isEdited || ',
    put: ' || ',
    tests: [CREATIONS],
  },
  {
    name: 'refusals: one failing record keeps the first full run from having ended well',
    file: 'src/application/runs/step/end-run.ts',
    find: "status === 'partiallySucceeded' || ",
    put: '',
    tests: [REPEATED],
  },
  {
    name: 'refusals: a version that Dynamics does not take fails the run',
    file: `${dataverse}/faults.ts`,
    find: "new Set(['0x80044352', '0x80044183'])",
    put: "new Set(['0x80044352'])",
    tests: ['test/adapters/dataverse/faults.test.ts'],
  },
  {
    name: 'refusals: of two numbers in a text of the sign-in the first counts',
    file: 'src/adapters/http/token-errors.ts',
    find: '    numbers.find((number) => BY_NUMBER.has(number) && !GENERAL.has(number)) ??\n    numbers.find((number) => BY_NUMBER.has(number)) ??\n',
    put: '',
    tests: ['test/adapters/http/credentials.test.ts'],
  },
  {
    name: 'refusals: where a user cannot be listed is forgotten',
    file: 'src/application/runs/phases/read-authscape.ts',
    find: 'const unlisted = feed?.unlisted ?? [];',
    put: 'const unlisted = feed?.unlisted?.slice(0, 0) ?? [];',
    tests: [UNLISTED],
  },
  {
    name: 'refusals: a change that could not be applied is used up',
    file: 'src/application/runs/phases/compare-linked.ts',
    find: 'if (!link.clean || link.plan !== null || link.mappingVersion',
    put: 'if (link.plan !== null || link.mappingVersion',
    tests: [UNLISTED],
  },
  {
    name: 'refusals: one user that cannot be listed hides others of the same name',
    file: 'src/adapters/authscape/ties.ts',
    find: 'const PASSES = 14;',
    put: 'const PASSES = 0;',
    tests: ['test/adapters/authscape/scan.test.ts'],
  },
  {
    name: "refusals: the service's own user is unknown where the token names no user",
    file: 'src/adapters/authscape/authscape.ts',
    find: 'return { userId: settings.clientUserId };',
    put: 'return { userId: null };',
    tests: ['test/adapters/authscape/tokens.test.ts'],
  },
  {
    name: 'refusals: each creation of a location reads all of them',
    file: 'src/adapters/authscape/known-locations.ts',
    find: 'const serves = !fresh &&',
    put: 'const serves = fresh && !fresh &&',
    tests: ['test/adapters/authscape/create.test.ts'],
  },
  {
    name: 'refusals: a row is gone because an answer shows nothing of it',
    file: `${dataverse}/rows.ts`,
    find: 'if (row?.id === id.toLowerCase()) return row;',
    put: 'if (row === undefined || row.id === id.toLowerCase()) return row;',
    tests: ['test/adapters/dataverse/evidence.test.ts'],
  },
  {
    name: 'refusals: an object that says nothing of a user is a user without values',
    file: 'src/adapters/authscape/wire.ts',
    find: '.some((name) => name in user)',
    put: '.every((name) => name !== user)',
    tests: ['test/adapters/authscape/odd-answers.test.ts'],
  },
  {
    name: 'refusals: a linked pair that cannot be read is tried by every run',
    file: 'src/application/runs/phases/unreadable-pairs.ts',
    find: 'isEdited || failure.notBefore',
    put: '!isEdited || failure.notBefore',
    tests: [UNREADABLE],
  },
  {
    name: 'refusals: an edit in Dynamics does not bring a pair back that cannot be read',
    file: 'src/application/runs/phases/unreadable-pairs.ts',
    find: "sd === undefined ? known : (sd.etag ?? 'deleted')",
    put: 'sd === undefined ? known : known',
    tests: [UNREADABLE],
  },
  {
    name: 'refusals: one edit within our write to AuthScape is taken for a second writer',
    file: 'src/domain/second-writer.ts',
    find: 'proofs.length < PROOFS',
    put: 'proofs.length < 1',
    tests: [SECOND_WRITER],
  },
  {
    name: 'refusals: rows that appear beside ours are not seen',
    file: `${sync}/links/detect-second-writer.ts`,
    find: 'before.get(id) !== etag',
    put: 'before.has(id) && before.get(id) !== etag',
    tests: [SECOND_WRITER],
  },
  {
    name: "refusals: AuthScape's own CRM connection is told of at each check",
    file: `${sync}/context/second-writer-watch.ts`,
    find: 'secondWriters(current).length === 0 && ',
    put: '',
    tests: [SECOND_WRITER],
  },
];
