import type { Break } from './break.js';

const sync = 'src/application/sync';

/** Under which mapping work is done, broken one rule at a time. */
export const MAPPING_BREAKS: readonly Break[] = [
  {
    name: 'mappings: work goes on under a mapping that was changed',
    file: `${sync}/context/present-mappings.ts`,
    find: 'if (stored?.enabled !== true || stored.version !== mapping.version)',
    put: 'if (mapping === null)',
  },
  {
    name: 'mappings: events work with those of a second ago',
    file: 'src/application/jobs/context-cache.ts',
    find: 'return [etag, ...mappings',
    put: 'return [etag, ...mappings.slice(0, 0)',
  },
  {
    name: 'mappings: a run goes on under one that was changed',
    file: 'src/application/runs/unit/unit.ts',
    find: '(versions[index] ?? mapping.version) === mapping.version',
    put: 'versions[index] !== null',
  },
  {
    name: 'mappings: the link of one that is gone holds its row',
    file: `${sync}/links/row-owners.ts`,
    find: 'if (isKnown || (await context.isMappingStored(owner.mappingId))) return false;',
    put: 'if (isKnown || owner !== null) return false;',
  },
  {
    name: 'mappings: a user that has waited for its turn is made under one that was looked at long ago',
    file: `${sync}/context/present-mappings.ts`,
    find: '< withinMs) return;',
    put: '< withinMs * 60) return;',
  },
  {
    name: 'what a worker that died had written goes with the mapping',
    file: 'src/application/sync/links/abandoned-plan.ts',
    find: "const linked = page.items.filter(({ value }) => value.state === 'linked');",
    put: "const linked = page.items.filter(({ value }) => value.state !== 'linked');",
    tests: ['test/application/sync/remove/unproven-write.test.ts'],
  },
];
