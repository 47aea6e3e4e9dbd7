import type { Break } from './break.js';

const sync = 'src/application/sync';

/** Which records belong together, broken one rule at a time. */
export const IDENTITY_BREAKS: readonly Break[] = [
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
    find: 'if (await hasRival(',
    put: 'if (!await hasRival(',
  },
  {
    name: 'identity: a merge is followed without a look at where it ends',
    file: `${sync}/pair/follow-merged-row.ts`,
    find: 'if (way.row.mergedInto === null) return { ...way, holder };',
    put: 'if (way.row.mergedInto !== next) return { ...way, holder };',
    tests: ['test/application/sync/pair/follow-merged-row.test.ts'],
  },
  {
    name: 'identity: a row is made under a claim that has run out',
    file: `${sync}/pairing/create-dynamics-row.ts`,
    find: 'await renewClaim(context, taken)',
    put: 'await Promise.resolve<ClaimedRow | null>(taken)',
    tests: ['test/application/sync/pairing/creation.test.ts'],
  },
  {
    name: 'identity: an insert waits for its turn for longer than its claim, and goes out',
    file: `${sync}/pairing/create-dynamics-row.ts`,
    find: '(link.claim?.until ?? 0) - context.writeTimeoutMs',
    put: 'link.claim === null ? 0 : Number.POSITIVE_INFINITY',
    tests: ['test/application/sync/pairing/creation.test.ts'],
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
    put: 'detail.side)) !== null;',
  },
  {
    name: 'identity: what the policy did to a survivor stays with its new partner',
    file: `${sync}/links/insert-link.ts`,
    find: 'if (!(await undoDeactivation(context, value))) continue;',
    put: 'if (value !== null) continue;',
  },
  {
    name: 'identity: who takes the former e-mail of a row gets its creation',
    file: `${sync}/pair/proven-origin.ts`,
    find: 'if (row === undefined) return false;',
    put: 'if (row !== null) return true;',
  },
  {
    name: 'identity: a link by hand that is refused ends tombstones',
    file: 'src/application/records/link-records.ts',
    find: 'if (creation !== undefined && creation.until',
    put: 'if (creation === null && creation.until',
  },
  {
    name: 'identity: another user under the id of a deleted one gets its contact',
    file: `${sync}/links/tombstones.ts`,
    find: 'if (await isAnotherRecord(context, link)) {',
    put: 'if (context === null) {',
  },
  {
    name: 'identity: a user that comes back with another e-mail is taken for another one',
    file: `${sync}/links/returned-record.ts`,
    find: ' || !agreed.every(isAgreed)',
    put: ' || agreed !== null',
  },
  {
    name: 'identity: a record joins the row under its id, even one of a former owner of the id',
    file: `${sync}/pairing/create-dynamics-row.ts`,
    find: 'if (row !== undefined && !claimed.isResumed && !isMadeFor(',
    put: 'if (row === null && !isMadeFor(',
  },
];
