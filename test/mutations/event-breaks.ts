import type { Break } from './break.js';

const EVENT = 'src/application/sync/sync-record.ts';
const PROOF = 'src/application/sync/context/unchanged-proof.ts';
const tests = ['test/application/jobs/event-hints.test.ts'];

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
    file: EVENT,
    find: "context.trigger === 'event' ? proofOf",
    put: "context.trigger !== 'run' ? proofOf",
    tests,
  },
];
