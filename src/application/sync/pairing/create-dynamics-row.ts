import { planOf } from '../../../domain/base-update.js';
import { RecordRejectedError } from '../../../domain/errors.js';
import { type ResolvedField, withLookups } from '../../../domain/fields.js';
import type { PlannedField } from '../../../domain/link.js';
import type { AuthScapeRecord, DynamicsRow } from '../../../domain/records.js';
import { UnknownOutcomeError } from '../../ports/systems.js';
import { failRecord, skipped } from '../context/record-results.js';
import { stampOf } from '../context/run-stamp.js';
import {
  atBase,
  changeOf,
  fullHash,
  listHash,
  logChanges,
  type MappingContext,
  NOTHING,
  type PairResult,
  pairRef,
  withEarlier,
} from '../context/sync-context.js';
import { rowId } from '../links/derived-row-id.js';
import { keepLink, newLink } from '../links/insert-link.js';
import { isMergedAway } from '../links/merged-away.js';
import { saved } from '../links/save-link.js';
import { resolveLookups } from '../pair/resolve-lookups.js';
import { syncPair } from '../pair/sync-pair.js';
import { type ClaimedRow, claimRow, renewClaim } from './claim-derived-row.js';
import { baseOfRow, createdChange, type Draft, draftRow, withoutRefused } from './draft-dynamics-row.js';
import { isMadeFor, isOfKey } from './made-for.js';
import { settleOrigin } from './pending-creation.js';
import { changesAfterCreation, rowAfterInsert } from './preview-creation.js';

/** The row that `a` gets; `fields` have their lookups resolved. */
interface NewRow {
  readonly a: AuthScapeRecord;
  readonly fields: readonly ResolvedField[];
  readonly draft: Draft;
}

/** Creates the partner of an A record. Its derived id is claimed and planned first, so no second row can be made. */
export async function createInDynamics(context: MappingContext, a: AuthScapeRecord): Promise<PairResult> {
  const fields = withLookups(context.resolved.fields, await resolveLookups(context, a, null));
  const draft = draftRow(context.resolved, fields, a.values);
  const missing = fields.find(
    (field) => field.required && !field.isState && (draft.values[field.column] ?? null) === null,
  );
  if (missing !== undefined) {
    return failRecord(
      context,
      { authScapeId: a.id, crmId: null },
      {
        code: 'required_value_missing',
        message: `${missing.column} is required in Dynamics and would be empty.`,
        field: missing.column,
      },
    );
  }
  if (context.dryRun) return plannedRow(context, { a, fields, draft });
  const settled = await settleOrigin(context, fields, a);
  if (settled !== null) return settled;
  const claimed = await claimRow(context, a, sentOf(draft), 0);
  if (claimed.kind === 'done') return claimed.result;
  return insertRow(context, { a, fields, draft }, claimed.row);
}

async function plannedRow(context: MappingContext, { a, fields, draft }: NewRow): Promise<PairResult> {
  const { resolved } = context;
  const own = await context.links.get(context.connection.id, resolved.mapping.id, a.id);
  const crmId = rowId(context, a.id, own === undefined ? 0 : own.value.generation + 1);
  const pair = { authScapeId: a.id, crmId };
  const change = createdChange(resolved, pair, draft);
  const row = rowAfterInsert(resolved, crmId, draft.values, context.clock.now());
  const base = baseOfRow(fields, draft, a.values, row.values);
  const link = newLink(context, pair, { base });
  const further =
    change.outcome === 'failed' || draft.waiting
      ? []
      : await changesAfterCreation(context, link, { a, d: row }, pair);
  const changes = [change, ...further];
  await context.planned?.add(resolved.mapping.id, pair);
  await logChanges(context, changes);
  return { ...NOTHING, outcome: change.outcome, changes, waiting: draft.waiting };
}

/** What the insert sends, as a plan: by it the worker that finds a new row knows its values for ours. */
function sentOf(draft: Draft): readonly PlannedField[] {
  return planOf(
    draft.sources.map((source) => ({
      ...source,
      side: 'dynamics',
      old: null,
      rule: 'created',
      guarded: null,
    })),
  );
}

async function insertRow(context: MappingContext, made: NewRow, taken: ClaimedRow): Promise<PairResult> {
  try {
    await context.confirmMapping(context.resolved);
  } catch (error) {
    await context.links.remove(taken.link, taken.etag);
    throw error;
  }
  const claimed = await renewClaim(context, taken);
  if (claimed === null) return { ...NOTHING, busyUntil: context.clock.now() + context.claimMs };
  return insertClaimed(context, made, claimed);
}

async function insertClaimed(
  context: MappingContext,
  made: NewRow,
  claimed: ClaimedRow,
): Promise<PairResult> {
  const { a, draft } = made;
  const { resolved } = context;
  const { link } = claimed;
  try {
    const result = await sendInsert(context, draft, claimed);
    if (result.kind === 'exists') return adoptRow(context, made, claimed);
    if (result.kind === 'late') return insertRow(context, made, claimed);
    return finishRow(context, made, claimed, result.row);
  } catch (error) {
    // The insert may still arrive: plan and claim stay, and the next worker after the claim looks whether it did.
    if (error instanceof UnknownOutcomeError)
      return { ...NOTHING, busyUntil: link.claim?.until ?? null, unknown: true };
    const less = error instanceof RecordRejectedError ? withoutRefused(resolved, draft, error) : null;
    if (less !== null) return insertRow(context, { ...made, draft: less }, claimed);
    if (error instanceof RecordRejectedError) {
      await context.links.remove(link, claimed.etag);
      const { field, message, reason: code } = error;
      const told = { code, message, ...(field === undefined ? {} : { field }) };
      return failRecord(context, { authScapeId: a.id, crmId: null }, told);
    }
    throw error;
  }
}

/**
 * The insert of a worker that did not live to hear the answer goes alone. It begins only while the claim lasts for as long as a
 * write may take: a row that comes later could meet a person's edit of what another worker made.
 */
function sendInsert(context: MappingContext, draft: Draft, { isResumed, link }: ClaimedRow) {
  const { columns, mapping } = context.resolved;
  const latest = (link.claim?.until ?? 0) - context.writeTimeoutMs;
  const create = () => context.dynamics.create(mapping.crmEntity, link.crmId, draft.values, columns, latest);
  return isResumed ? context.dynamics.alone(create) : create();
}

async function insertUnderNextId(
  context: MappingContext,
  made: NewRow,
  generation: number,
): Promise<PairResult> {
  const next = await claimRow(context, made.a, sentOf(made.draft), generation + 1);
  return next.kind === 'claimed' ? insertRow(context, made, next.row) : next.result;
}

/** The row is there already: from an earlier life of the connection, or because an insert did arrive after all. */
async function adoptRow(context: MappingContext, made: NewRow, claimed: ClaimedRow): Promise<PairResult> {
  const { resolved } = context;
  const { plan, authScapeId, crmId, generation } = claimed.link;
  const row = await context.dynamics.get(resolved.mapping.crmEntity, crmId, resolved.columns);
  if (row !== undefined && row.mergedInto !== null) {
    await context.links.remove(claimed.link, claimed.etag);
    // Where the surviving row lives, a person decides which of the two records it belongs to; a record that has another
    // key since is no candidate for either row.
    if (isOfKey(context, made.a, row) && !(await isMergedAway(context, row)))
      return skipped(resolved, { authScapeId, crmId: null }, 'merged_away');
    return insertUnderNextId(context, made, generation);
  }
  if (row !== undefined && !claimed.isResumed && !isMadeFor(context, made.a, row, plan)) {
    await context.links.remove(claimed.link, claimed.etag);
    return insertUnderNextId(context, made, generation);
  }
  await saved(
    context,
    {
      ...claimed.link,
      claim: null,
      // The row exists now; what it shows of the plan was sent by us and is no user's edit.
      plan: plan === null ? null : { ...plan, kind: 'update' },
      lastRun: stampOf(context, null, 'linked', []),
    },
    claimed.etag,
  );
  const merged = await syncPair(context, { authScapeId, allow: 'all' });
  const joined = changeOf(resolved, pairRef(claimed.link), { side: null, action: 'link', outcome: 'linked' });
  await logChanges(context, [joined]);
  return withEarlier({ outcome: 'linked', changes: [joined] }, merged);
}

async function finishRow(
  context: MappingContext,
  { a, fields, draft }: NewRow,
  claimed: ClaimedRow,
  row: DynamicsRow,
): Promise<PairResult> {
  const { resolved } = context;
  const { link } = claimed;
  const base = baseOfRow(fields, draft, a.values, row.values);
  const change = createdChange(resolved, pairRef(link), draft);
  await logChanges(context, [change]);
  const clean =
    draft.faults.length === 0 && !draft.waiting && a.complete && atBase(fields, base, a.values, row.values);
  const now = context.clock.now();
  const kept = await keepLink(
    context,
    {
      ...link,
      base,
      clean,
      aHash: clean ? listHash(resolved, a.values) : null,
      fullHash: clean && a.complete ? fullHash(resolved, a.values) : null,
      dVersion: clean ? row.etag : null,
      plan: null,
      claim: null,
      lastRun: stampOf(context, link.lastRun, change.outcome, [change]),
      changedAt: now,
      agreedAt: clean ? now : 0,
      lastSyncedAt: new Date(now).toISOString(),
    },
    claimed.etag,
  );
  const made: PairResult = { ...NOTHING, outcome: change.outcome, changes: [change], waiting: draft.waiting };
  // Dynamics may have made something else of a value, or filled what we left empty: that is due in A now.
  if (clean || !kept || draft.waiting || draft.faults.length > 0) return made;
  return withEarlier(made, await syncPair(context, { authScapeId: a.id, allow: 'all', lastTry: false }));
}
