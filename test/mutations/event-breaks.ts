import type { Break } from './break.js';

const file = 'src/application/sync/sync-record.ts';
const tests = ['test/application/jobs/event-hints.test.ts'];

/** What makes an event about a row an echo, broken one condition at a time. */
export const EVENT_BREAKS: readonly Break[] = [
  {
    name: 'events: any row is taken for an echo',
    file,
    find: 'd.etag === stored.value.dVersion',
    put: 'd.etag !== null',
    tests,
  },
  {
    name: 'events: an echo is looked at on both sides',
    file,
    find: 'd !== undefined && d.etag === stored.value.dVersion',
    put: 'd === null',
    tests,
  },
  {
    name: 'events: a row whose pair has not agreed is taken for an echo',
    file,
    find: "link.state === 'linked' && link.clean &&",
    put: "link.state === 'linked' &&",
    tests,
  },
  {
    name: 'events: a row whose partner is missing is taken for an echo',
    file,
    find: ' && link.missing === null;',
    put: ';',
    tests,
  },
  {
    name: 'events: a row that was agreed on under another mapping is taken for an echo',
    file,
    find: ' && link.mappingVersion === resolved.mapping.version',
    put: '',
    tests,
  },
  {
    name: 'events: a row whose pair has a plan is taken for an echo',
    file,
    find: 'link.clean && link.plan === null &&',
    put: 'link.clean &&',
    tests,
  },
  {
    name: 'events: a person who asks for a record gets an echo',
    file,
    find: "context.trigger === 'event' && isProof",
    put: 'isProof',
    tests,
  },
];
