import type { Break } from './break.js';

const EVENT = 'src/application/sync/sync-record.ts';
const AT_REST = 'src/application/sync/rows-at-rest.ts';
const BATCH = 'src/application/jobs/look-at-batch.ts';
const GATHER = 'src/application/events/gather-events.ts';
const PROOF = 'src/application/sync/context/unchanged-proof.ts';
const tests = ['test/application/jobs/event-hints.test.ts'];
const gatherTests = ['test/application/events/gather-events.test.ts'];

/** What makes an event about a row an echo, broken one condition at a time. */
export const EVENT_BREAKS: readonly Break[] = [
  {
    name: 'events: any row is taken for an echo',
    file: PROOF,
    find: 'row.etag === proof.dVersion',
    put: 'proof.dVersion !== undefined',
    tests,
  },
  {
    name: 'events: an echo is looked at on both sides',
    file: EVENT,
    find: 'd !== undefined && isRowUnchanged(context.resolved, proof, d)',
    put: 'd === null',
    tests,
  },
  {
    name: 'events: a row whose pair has not agreed is taken for an echo',
    file: PROOF,
    find: ' || !link.clean ||',
    put: ' ||',
    tests,
  },
  {
    name: 'events: a row whose partner is missing is taken for an echo',
    file: 'src/domain/link.ts',
    find: 'plan === null && missing === null',
    put: 'plan === null && missing !== undefined',
    tests,
  },
  {
    name: 'events: a row that was agreed on under another mapping is taken for an echo',
    file: PROOF,
    find: 'proof === null || proof.mappingVersion !== mapping.version ||',
    put: 'proof === null ||',
    tests,
  },
  {
    name: 'events: a row whose pair has a plan is taken for an echo',
    file: 'src/domain/link.ts',
    find: 'return plan === null && missing === null',
    put: 'return plan !== undefined && missing === null',
    tests,
  },
  {
    name: 'events: a person who asks for a record gets an echo',
    file: AT_REST,
    find: "trigger === 'event' ? proofOf",
    put: "trigger !== 'run' ? proofOf",
    tests,
  },
  {
    name: 'events: a flood is over without a look at what differs',
    file: BATCH,
    find: 'records.filter((record) => !echoes.has(record))',
    put: 'records.filter((record) => echoes.size > records.length && !echoes.has(record))',
    tests,
  },
  {
    name: 'events: each row of a flood is looked at alone',
    file: BATCH,
    find: 'if (atRest.has(record.id)) echoes.add(record);',
    put: 'if (atRest.has(record.entity)) echoes.add(record);',
    tests,
  },
  {
    name: 'events: a flood fails as a whole where the look at all of it fails',
    file: BATCH,
    find: 'if (!(error instanceof BridgeError)) throw error;',
    put: 'if (error instanceof BridgeError) throw error;',
    tests,
  },
  {
    name: 'events: a row that the look at a flood did not find is taken for an echo',
    file: AT_REST,
    find: 'row !== undefined && isRowUnchanged(context.resolved, proof, row)',
    put: 'row === undefined || isRowUnchanged(context.resolved, proof, row)',
    tests,
  },
  {
    name: 'events: a sender is answered before its event of a flood is stored',
    file: GATHER,
    find: 'return next.stored;',
    put: 'return Promise.resolve();',
    tests: gatherTests,
  },
  {
    name: 'events: one message takes more of a flood than the queue does',
    file: GATHER,
    find: 'bytesOf(before.open.records) > BATCH_BYTES',
    put: 'bytesOf(before.open.records) < 0',
    tests: gatherTests,
  },
  {
    name: 'events: all events go on the queue alone',
    file: GATHER,
    find: 'const isFlood = level > ALONE;',
    put: 'const isFlood = level < 0;',
    tests: gatherTests,
  },
];
