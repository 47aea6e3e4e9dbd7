import type { Break } from './break.js';

const merge = 'src/domain/merge.ts';
const settle = 'src/domain/base-update.ts';

/** What the merge decides and what the base becomes, broken one rule at a time. */
export const MERGE_BREAKS: readonly Break[] = [
  {
    name: 'an edit against the direction wins',
    file: merge,
    find: "    return { source: 'dynamics', rule: aChanged ? 'setBack' : 'dynamicsChanged' };",
    put: "    return { source: aChanged ? 'authScape' : 'dynamics', rule: 'dynamicsChanged' };",
  },
  {
    name: 'the first merge empties a field',
    file: merge,
    find: "const source: Side = dEmpty ? 'authScape' : 'dynamics';",
    put: "const source: Side = dEmpty ? 'dynamics' : 'authScape';",
  },
  {
    name: 'a conflict ignores the policy',
    file: 'src/domain/conflict.ts',
    find: "policy === 'authScapeWins'",
    put: "policy === 'dynamicsWins'",
  },
  {
    name: 'what both sides changed alike is a conflict',
    file: merge,
    find: '  if (!aChanged && !dChanged) return;\n  if (holdSame(field, a, d, input.a)) {',
    put: '  if (!aChanged && !dChanged) return;\n  if (aChanged !== dChanged && holdSame(field, a, d, input.a)) {',
  },
  {
    name: 'a cleared field clears the other side although syncNullValues is off',
    file: merge,
    find: 'const aCleared = aChanged && !field.syncNullValues &&',
    put: 'const aCleared = false &&',
  },
  {
    name: 'a cleared login is a value that competes',
    file: merge,
    find: '(!field.syncNullValues || field.isLogin) && isEmpty(d',
    put: '!field.syncNullValues && isEmpty(d',
  },
  {
    name: 'a login may be cleared by what a transform gives',
    file: merge,
    find: "return field.syncNullValues && !(side === 'authScape' && field.isLogin);",
    put: "return field.syncNullValues && !(side === 'dynamics' && field.isLogin);",
  },
  {
    name: 'the base moves to what the read-back shows',
    file: settle,
    find: 'entry: { ...entryOf(field, side, from, sent), form: { side, sent, shown: seen } },',
    put: 'entry: entryOf(field, side, from, seen),',
  },
  {
    name: 'an ignored write counts as done',
    file: settle,
    find: 'return { entry: before, ignored: true, agreed: false };',
    put: 'return { entry: entryOf(field, side, from, sent), ignored: false, agreed: true };',
  },
  {
    name: 'a left plan moves no base',
    file: settle,
    find: 'next[field.id] = entryOf(field, planned.side, planned.from, shown);',
    put: '',
  },
  {
    name: 'a field that is written again and again never rests',
    file: settle,
    find: 'before.count + 1 >= OSCILLATION_LIMIT',
    put: 'before.count + 1 >= OSCILLATION_LIMIT * 1_000',
  },
  {
    name: 'a date that Dynamics cannot hold is sent',
    file: 'src/domain/limits.ts',
    find: 'return date < FIRST_DAY',
    put: "return date < ''",
  },
  {
    name: 'what was written to a record before it went is an edit there when it is back',
    file: 'src/application/sync/links/tombstones.ts',
    find: 'plan: planOfGone(link, goneSide(state)),',
    put: 'plan: null,',
    tests: ['test/application/sync/remove/unproven-write.test.ts'],
  },
  {
    name: 'what was written to a record before it went is forgotten where its partner is deactivated',
    file: 'src/application/sync/remove/apply-delete-policy.ts',
    find: '...(planOfGone(stored.value, otherSide(survivor))?.fields ?? []),',
    put: '',
    tests: ['test/application/sync/remove/unproven-write.test.ts'],
  },
];
