/** One way to break the engine on purpose: the first occurrence of `find` in `file` becomes `put`. */
export interface Break {
  readonly name: string;
  readonly file: string;
  readonly find: string;
  readonly put: string;
}

const merge = 'src/domain/merge.ts';
const settle = 'src/domain/base-update.ts';
const sync = 'src/application/sync';

/** Every rule that protects a value, broken one at a time; some test has to notice each. */
export const BREAKS: readonly Break[] = [
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
    name: 'an emptied field clears the other side although syncNullValues is off',
    file: merge,
    find: 'const aEmptied = aChanged && !field.syncNullValues &&',
    put: 'const aEmptied = false &&',
  },
  {
    name: 'an emptied login is a value that competes',
    file: merge,
    find: '(!field.syncNullValues || field.isLogin) && isEmpty(d',
    put: '!field.syncNullValues && isEmpty(d',
  },
  {
    name: 'a login may be emptied by what a transform gives',
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
    name: 'a claim that lost its race goes on',
    file: `${sync}/links/link-lease.ts`,
    find: 'if (error instanceof ConflictError) return null;\n    throw error;\n  }\n}\n\n/** Somebody else changed',
    put: 'if (error instanceof ConflictError) return { value: next, etag: work.stored.etag };\n    throw error;\n  }\n}\n\n/** Somebody else changed',
  },
  {
    name: "another worker's claim is not respected",
    file: `${sync}/pair/sync-pair.ts`,
    find: 'if (link.claim !== null && link.claim.until > context.clock.now()) {',
    put: 'if (link.claim !== null && link.claim.until < 0) {',
  },
  {
    name: 'after a lost answer of Dynamics the plan is dropped',
    file: `${sync}/pair/write-dynamics.ts`,
    find: 'await startOver(effects.hold, effects.hold.link.plan);',
    put: 'await startOver(effects.hold, null);',
  },
  {
    name: 'a claim is not renewed before a call that it would not outlive',
    file: `${sync}/links/link-lease.ts`,
    find: 'if (current !== null && current.until - now > this.#context.writeTimeoutMs) return;',
    put: 'if (current !== null && current.until > now) return;',
  },
  {
    name: 'Dynamics is written without the etag',
    file: `${sync}/pair/write-dynamics.ts`,
    find: 'crmId, now.d.etag, values',
    put: 'crmId, null, values',
  },
  {
    name: 'AuthScape is written without a look at the fresh reading',
    file: `${sync}/pair/write-authscape.ts`,
    find: '  return (fresh) =>\n',
    put: '  return (fresh) =>\n    fresh.id !== "" ||\n',
  },
  {
    name: 'a page that is older than the link is merged',
    file: `${sync}/pair/read-pair.ts`,
    find: 'readAt > link.changedAt && link.plan === null',
    put: 'readAt > 0 && link.plan === null',
  },
  {
    name: 'a creation in AuthScape leaves nothing behind',
    file: `${sync}/pairing/create-authscape-record.ts`,
    find: "  const held = await holdRow(context, made.row, pendingCreation);\n  if (held !== 'held') return held;\n",
    put: '',
  },
  {
    name: 'what a dead maker sent is no base',
    file: `${sync}/links/pending-creation-link.ts`,
    find: '{ base: pendingCreation.base }',
    put: '{ base: {} }',
  },
  {
    name: 'the origin of a record is not looked for',
    file: `${sync}/pairing/create-dynamics-row.ts`,
    find: "if (settled !== 'nothing') return settled;",
    put: '',
  },
  {
    name: 'what a full replace undid is not told',
    file: `${sync}/pair/write-authscape.ts`,
    find: 'if (undone.length === 0) return;',
    put: 'if (undone.length >= 0) return;',
  },
  {
    name: 'a company is written while a location moves',
    file: `${sync}/links/company-lock.ts`,
    find: 'for (const id of companies) {',
    put: 'for (const id of companies.slice(companies.length)) {',
  },
  {
    name: 'a delete needs no proof by id',
    file: `${sync}/remove/apply-delete-policy.ts`,
    find: 'return row === undefined || row.mergedInto === row.id;',
    put: 'return true;',
  },
  {
    name: 'a deleted partner is made anew',
    file: `${sync}/links/match-eligibility.ts`,
    find: "if (record.readAt <= Date.parse(at)) return 'tombstone';",
    put: "if (record.readAt <= Date.parse(at)) return 'free';",
  },
  {
    name: 'the mass guard lets everything through',
    file: 'src/domain/deletes.ts',
    find: 'Math.min(',
    put: '1e9 + Math.min(',
  },
  {
    name: 'a column that was secured a moment ago counts as emptied',
    file: `${sync}/pair/verify-cleared-columns.ts`,
    find: '  if (!lost) return row;',
    put: '  if (lost || !lost) return row;',
  },
  {
    name: 'a row that was merged into one that is gone is matched',
    file: `${sync}/pair/follow-merged-row.ts`,
    find: 'if (master === undefined || master.mergedInto === master.id) return true;',
    put: 'if (master === undefined || master.mergedInto === master.id) return false;',
  },
  {
    name: 'the record that came of a pending creation is left alone where the row is the end of a merge',
    file: `${sync}/pair/end-pending-creation.ts`,
    find: '  if (rivals.length > 0) return pendingCreation.until;',
    put: '  if (id !== undefined) return pendingCreation.until;',
  },
  {
    name: 'what lists lack of a match key counts as empty',
    file: 'src/domain/match.ts',
    find: 'return record.complete || fields.every((field) => field.inList);',
    put: 'return record.complete || fields.length > 0;',
  },
  {
    name: 'a run that was handed on is taken back',
    file: 'src/application/runs/step/run-lease.ts',
    find: 'run.lease?.owner === owner ? { ...run, lease: { owner, until } } : null',
    put: '({ ...run, lease: { owner, until } })',
  },
  {
    name: 'a dry run forgets what it planned',
    file: `${sync}/pair/resolve-lookups.ts`,
    find: 'planned === null || ids.length === 0',
    put: 'planned === null || ids.length >= 0',
  },
  {
    name: 'a user that was made for a contact stays without partner where users are made from contacts only',
    file: `${sync}/pairing/pending-creation.ts`,
    find: "if (key === null || !isLeft(keyClaimOf(context.resolved, key))) return 'nothing';",
    put: "if (key === null || isLeft(keyClaimOf(context.resolved, key))) return 'nothing';",
  },
  {
    name: 'half a pair keeps a row for ever',
    file: 'src/adapters/storage/link-table.ts',
    find: 'if (!isReservation(by) && !(await isAbandoned(links, clock, connectionId, by))) return;',
    put: 'if (!isReservation(by)) return;',
  },
  {
    name: 'a survivor that a person activates stays alone',
    file: `${sync}/links/tombstones.ts`,
    find: 'await saved(context, { ...link, tombstone: { ...tombstone, inactive: true } }, etag);',
    put: 'await saved(context, link, etag);',
  },
  {
    name: 'a system that is away is taken for one bad record',
    file: `${sync}/context/watch-writes.ts`,
    find: '        await isAway();\n        noteFailure',
    put: '        noteFailure',
  },
  {
    name: 'a system that refuses everything never pauses the run',
    file: `${sync}/context/watch-writes.ts`,
    find: 'const SUSPICION = 5;',
    put: 'const SUSPICION = 5_000;',
  },
  {
    name: 'a refusal without a name is blamed on all fields',
    file: `${sync}/pair/write-parts.ts`,
    find: 'const MOST_CALLS = 12;',
    put: 'const MOST_CALLS = 1;',
  },
  {
    name: 'an insertion that is refused is not tried with less',
    file: `${sync}/pairing/create-dynamics-row.ts`,
    find: 'if (less !== null) return',
    put: 'if (less === undefined) return',
  },
  {
    name: 'a write whose outcome is unknown is tried again and again',
    file: 'src/application/runs/phases/retry.ts',
    find: 'if (todo.detail === GIVEN_UP) return NOT_AGAIN;',
    put: '',
  },
  {
    name: 'a pair that was busy to the end is unchanged',
    file: 'src/application/runs/phases/retry.ts',
    find: '!(result.unknown || last)',
    put: '!result.unknown',
  },
  {
    name: 'a linked pair that fails is tried by every run',
    file: `${sync}/pair/pair-failure.ts`,
    find: 'return rests ? failure : null;',
    put: 'return null;',
  },
  {
    name: 'an edit does not bring a failing pair back',
    file: `${sync}/pair/pair-failure.ts`,
    find: ' && failure.seen === digestOf(context.resolved, read)',
    put: '',
  },
  {
    name: 'a run that fails forgets what its last unit did',
    file: 'src/application/runs/step/run-step.ts',
    find: '  if (tally !== null) {',
    put: '  if (tally !== null && deps === null) {',
  },
  {
    name: 'a user that no list shows is passed over',
    file: 'src/application/runs/phases/compare-linked.ts',
    find: 'sa ?? (await readUnlisted(input, stored))',
    put: 'sa',
  },
  {
    name: 'a date that Dynamics cannot hold is sent',
    file: 'src/domain/limits.ts',
    find: 'return date < FIRST_DAY',
    put: "return date < ''",
  },
  {
    name: 'identity: a row that was merged away is matched',
    file: `${sync}/pairing/match-group.ts`,
    find: '  if (row.mergedInto !== null) group.merged.set(row.id, row);\n  else if',
    put: '  if',
  },
  {
    name: 'identity: who was left behind by a merge is matched again',
    file: `${sync}/links/match-eligibility.ts`,
    find: " || link.tombstone.reason === 'merged'",
    put: '',
  },
  {
    name: 'identity: two survivors of different pairs are linked',
    file: 'src/domain/match.ts',
    find: 'if (a?.tombstone === true && d?.tombstone === true)',
    put: 'if (a === null)',
  },
  {
    name: 'identity: a merge gives the link to a row whose key another record has',
    file: `${sync}/pair/follow-merged-row.ts`,
    find: 'master.mergedInto === null && (await hasRival(',
    put: 'master.mergedInto !== null && (await hasRival(',
  },
  {
    name: 'identity: a merge gives the link to a row that shared the end of its partner',
    file: `${sync}/pair/follow-merged-row.ts`,
    find: ' || row?.active === false',
    put: '',
  },
  {
    name: 'identity: a record whose row was merged away gets a new row',
    file: `${sync}/pairing/find-partner.ts`,
    find: "return 'merged_away';",
    put: 'continue;',
  },
  {
    name: 'identity: a row is made beside an active one that the filter leaves out',
    file: `${sync}/pairing/find-partner.ts`,
    find: "? 'not_in_filter' : null",
    put: '? null : null',
  },
  {
    name: 'identity: a row that was made anew finds its partner taken',
    file: `${sync}/pairing/match-group.ts`,
    find: 'const isFree = isWanted &&',
    put: 'const isFree = false &&',
  },
  {
    name: 'identity: the partner of a record that was made anew is ended on the way',
    file: `${sync}/remove/apply-delete-policy.ts`,
    find: 'const succession = await findSuccessor(context, link, side);',
    put: 'const succession = undefined;',
  },
  {
    name: 'identity: records that were made anew count as deletes',
    file: 'src/application/runs/phases/confirm-gone.ts',
    find: 'detail.side)) === undefined;',
    put: 'detail.gone)) !== null;',
  },
  {
    name: 'identity: what the policy did to a survivor stays with its new partner',
    file: `${sync}/links/insert-link.ts`,
    find: 'if (!(await undoDeactivation(context, value))) continue;',
    put: 'if (value !== null) continue;',
  },
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
];
