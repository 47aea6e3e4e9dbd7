import type { Break } from './break.js';

const sync = 'src/application/sync';

/** How a pair is written: leases, reservations, plans, broken one rule at a time. */
export const WRITE_BREAKS: readonly Break[] = [
  {
    name: 'a claim that lost its race goes on',
    file: `${sync}/links/link-lease.ts`,
    find: 'if (error instanceof ConflictError) return null;\n    throw error;\n  }\n}\n\n/** Another worker changed',
    put: 'if (error instanceof ConflictError) return { value: next, etag: work.stored.etag };\n    throw error;\n  }\n}\n\n/** Another worker changed',
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
    name: 'a planned field that left the mapping is forgotten',
    file: 'src/domain/base-update.ts',
    find: 'if (planned.fieldId !== REMOVAL_FIELD) uncertain.push(planned);',
    put: '',
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
    find: '  const ended = await reserveRow(context, made.row, pendingCreation);\n  if (ended !== null) return ended;\n',
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
    find: 'if (settled !== null) return settled;',
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
    name: 'a column that was secured a moment ago counts as cleared',
    file: `${sync}/pair/verify-cleared-columns.ts`,
    find: '  if (!lost) return row;',
    put: '  if (lost || !lost) return row;',
  },
  {
    name: 'the record that came of a pending creation is left alone where the row is the end of a merge',
    file: `${sync}/pair/end-pending-creation.ts`,
    find: '  if (rivals.length > 0) return pendingCreation.until;',
    put: '  if (id !== undefined) return pendingCreation.until;',
  },
  {
    name: 'a user that was made for a contact stays without partner where users are made from contacts only',
    file: `${sync}/pairing/pending-creation.ts`,
    find: 'if (key === null || !isLeft(keyClaimOf(context.resolved, key))) return null;',
    put: 'if (key === null || isLeft(keyClaimOf(context.resolved, key))) return null;',
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
];
