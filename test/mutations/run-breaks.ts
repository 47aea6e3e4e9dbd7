import type { Break } from './break.js';

const sync = 'src/application/sync';

/** What a run concludes: deletes, the guard, matches, retries, broken one rule at a time. */
export const RUN_BREAKS: readonly Break[] = [
  {
    name: 'a delete needs no proof by id',
    file: `${sync}/remove/apply-delete-policy.ts`,
    find: 'return row === undefined || (await isMergedAway(context, row));',
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
    name: 'a row that was merged into one that is gone is matched',
    file: `${sync}/links/merged-away.ts`,
    find: 'if (target === undefined || target.mergedInto === target.id) return true;',
    put: 'if (target === undefined || target.mergedInto === target.id) return false;',
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
    find: 'return share === undefined ? null : withLease(run, share.part, lease);',
    put: 'return withLease(run, share?.part ?? null, lease);',
  },
  {
    name: 'a dry run forgets what it planned',
    file: `${sync}/pair/resolve-lookups.ts`,
    find: 'planned === null || ids.length === 0',
    put: 'planned === null || ids.length >= 0',
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
    find: '        await isAway();\n        refuseMoment(given);\n        noteFailure',
    put: '        refuseMoment(given);\n        noteFailure',
  },
  {
    name: 'a system that refuses everything never pauses the run',
    file: `${sync}/context/watch-writes.ts`,
    find: 'const SUSPICION = 5;',
    put: 'const SUSPICION = 5_000;',
  },
  {
    name: 'a write whose outcome is unknown is tried again and again',
    file: 'src/application/runs/phases/retry.ts',
    find: 'if (todo.detail === GIVEN_UP) return NOT_AGAIN;',
    put: '',
    tests: ['test/application/sync/pair/repeated-refusals.test.ts'],
  },
  {
    name: 'a pair that was busy to the end is unchanged',
    file: 'src/application/runs/phases/retry.ts',
    find: '!(result.unknown || last)',
    put: '!result.unknown',
  },
  {
    name: 'a user that no list shows is passed over',
    file: 'src/application/runs/phases/compare-linked.ts',
    find: 'sa === undefined ? await readUnlisted(input, stored) :',
    put: "sa === undefined ? { kind: 'missing' as const } :",
  },
  {
    name: 'what pairs came to that are met again is forgotten',
    file: 'src/application/runs/unit/tally.ts',
    find: '(keepsAll || isOpen)',
    put: 'keepsAll',
  },
  {
    name: 'the links of a connection are never read again within a step',
    file: 'src/application/runs/unit/link-index.ts',
    find: 'this.#links.writesTo(this.#connectionId, mappingId) === writes',
    put: 'writes >= 0',
  },
  {
    name: 'a link that was made or ended is taken for one of the same pair',
    file: 'src/adapters/storage/link-table.ts',
    find: "change === 'samePair' ? uncounted : links",
    put: 'uncounted',
    tests: ['test/adapters/storage/few-requests.test.ts'],
  },
  {
    name: 'a claim ends before the last of the pairs side by side has its turn',
    file: 'src/application/sync/context/open-context.ts',
    find: 'CLAIM_MARGIN_MS = 45_000',
    put: 'CLAIM_MARGIN_MS = 15_000',
    tests: ['test/application/runs/storage-requests.test.ts'],
  },
  {
    name: 'a run goes on with the index that an earlier phase has used',
    file: 'src/application/runs/unit/index-memory.ts',
    find: 'this.#runId !== runId || this.#place !== place',
    put: 'this.#runId !== runId',
    tests: ['test/application/runs/unit/link-index.test.ts'],
  },
  {
    name: 'who has made a link lets its row go',
    file: 'src/adapters/storage/link-table.ts',
    find: 'if (pendingCreation !== undefined) pending.delete(pendingCreation.owner);',
    put: '',
    tests: ['test/adapters/storage/few-requests.test.ts'],
  },
];
