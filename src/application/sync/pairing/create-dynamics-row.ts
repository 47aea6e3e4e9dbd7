import { planOf } from '../../../domain/base-update.js';
import { ConflictError, RecordRejectedError } from '../../../domain/errors.js';
import { type ResolvedField, type ResolvedMapping, withLookups } from '../../../domain/fields.js';
import { isInsertPending, type Link, type PlannedField } from '../../../domain/link.js';
import type { AuthScapeRecord, DynamicsRow } from '../../../domain/records.js';
import { strongest } from '../../../domain/run.js';
import type { Stored } from '../../ports/stores.js';
import { UnknownOutcomeError } from '../../ports/systems.js';
import { failRecord, skipped } from '../context/record-results.js';
import { stampOf } from '../context/run-stamp.js';
import {
  atBase,
  changeOf,
  fullHash,
  listHash,
  logChanges,
  NOTHING,
  type PairResult,
  pairRef,
  type SyncContext,
} from '../context/sync-context.js';
import { rowId } from '../links/derived-row-id.js';
import { endTombstones, keepLink, newLink } from '../links/insert-link.js';
import { matchEligibility } from '../links/match-eligibility.js';
import { saved } from '../links/save-link.js';
import { resolveLookups } from '../pair/resolve-lookups.js';
import { resumePair } from '../pair/resume-pair.js';
import { syncPair } from '../pair/sync-pair.js';
import { baseOfRow, createdChange, type Draft, draftRow } from './draft-dynamics-row.js';
import { settleOrigin } from './pending-creation.js';
import { changesAfterCreation, rowAfterInsert } from './preview-creation.js';

/** How often a derived id may be taken by another link before the record fails. */
const GENERATIONS = 5;

/** Creates the partner of an A record. Its derived id is claimed and planned first, so no second row can be made. */
export async function createInDynamics(
  context: SyncContext,
  resolved: ResolvedMapping,
  a: AuthScapeRecord,
): Promise<PairResult> {
  const fields = withLookups(resolved.fields, await resolveLookups(context, resolved, a, null));
  const draft = draftRow(resolved, fields, a.values);
  const missing = fields.find(
    (field) => field.required && !field.isState && (draft.values[field.column] ?? null) === null,
  );
  if (missing !== undefined) {
    return failRecord(
      context,
      resolved,
      { authScapeId: a.id, crmId: null },
      {
        code: 'required_value_missing',
        message: `${missing.column} is required in Dynamics and would be empty.`,
        field: missing.column,
      },
    );
  }
  if (context.dryRun) return plannedRow(context, resolved, fields, a, draft);
  const settled = await settleOrigin(context, resolved, fields, a);
  if (settled !== 'nothing') return settled;
  const claimed = await claimRow(context, resolved, a, sentOf(draft));
  if (!('link' in claimed)) return claimed;
  return insertRow(context, resolved, fields, a, draft, claimed);
}

async function plannedRow(
  context: SyncContext,
  resolved: ResolvedMapping,
  fields: readonly ResolvedField[],
  a: AuthScapeRecord,
  draft: Draft,
): Promise<PairResult> {
  const own = await context.links.get(context.connection.id, resolved.mapping.id, a.id);
  const crmId = rowId(context, resolved, a.id, own === undefined ? 0 : own.value.generation + 1);
  const pair = { authScapeId: a.id, crmId };
  const change = createdChange(resolved, pair, draft);
  const row = rowAfterInsert(resolved, crmId, draft.values, context.clock.now());
  const base = baseOfRow(fields, draft, a.values, row.values);
  const link = newLink(context, resolved, pair, { base });
  const further =
    change.outcome === 'failed' || draft.waiting
      ? []
      : await changesAfterCreation(context, resolved, link, { a, d: row }, pair);
  const changes = [change, ...further];
  await context.planned?.add(resolved.mapping.id, pair);
  await logChanges(context, changes);
  return { ...NOTHING, outcome: change.outcome, changes, waiting: draft.waiting };
}

/** What the insert sends, as a plan: by it whoever finds a new row knows its values for ours. */
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

interface ClaimedRow {
  readonly link: Link;
  readonly etag: string;
}

async function claimRow(
  context: SyncContext,
  resolved: ResolvedMapping,
  a: AuthScapeRecord,
  sent: readonly PlannedField[],
): Promise<ClaimedRow | PairResult> {
  const claimed = await claimFrom(context, resolved, a, sent, 0);
  if (claimed !== 'tombstone') return claimed;
  // Tombstones are rare: they are looked for when the insert meets one. It may be younger than the reading.
  const own = await context.links.get(context.connection.id, resolved.mapping.id, a.id);
  if (own?.value.state === 'tombstone' && matchEligibility(own.value, 'authScape', a) !== 'free') {
    return skipped(resolved, { authScapeId: a.id, crmId: null }, 'tombstone');
  }
  const generation = await endTombstones(context, resolved, a.id, null);
  const next = await claimFrom(context, resolved, a, sent, generation);
  return next === 'tombstone' ? { ...NOTHING, busyUntil: context.clock.now() + context.claimMs } : next;
}

async function claimFrom(
  context: SyncContext,
  resolved: ResolvedMapping,
  a: AuthScapeRecord,
  sent: readonly PlannedField[],
  first: number,
): Promise<ClaimedRow | PairResult | 'tombstone'> {
  for (let generation = first; generation < first + GENERATIONS; generation++) {
    const now = context.clock.now();
    const crmId = rowId(context, resolved, a.id, generation);
    const link = newLink(
      context,
      resolved,
      { authScapeId: a.id, crmId },
      {
        generation,
        plan: {
          runId: context.runId,
          madeAt: new Date(now).toISOString(),
          kind: 'createDynamics',
          fields: sent,
        },
        claim: { owner: context.ids.random(12), until: now + context.claimMs },
      },
    );
    const result = await context.links.insert(link);
    if ('inserted' in result) return { link, etag: result.inserted.etag };
    if ('exists' in result) {
      return result.exists.value.state === 'tombstone'
        ? 'tombstone'
        : takeOver(context, resolved, result.exists);
    }
  }
  return failRecord(
    context,
    resolved,
    { authScapeId: a.id, crmId: null },
    {
      code: 'row_id_taken',
      message: 'The ids that belong to this record are taken by links of other records.',
    },
  );
}

/** The record has a link: finished by somebody, or planned by a worker that died before its insert. */
async function takeOver(
  context: SyncContext,
  resolved: ResolvedMapping,
  stored: Stored<Link>,
): Promise<ClaimedRow | PairResult> {
  const { value: link } = stored;
  const now = context.clock.now();
  if (link.claim !== null && link.claim.until > now) return { ...NOTHING, busyUntil: link.claim.until };
  if (!isInsertPending(link)) return resumePair(context, resolved, link);
  const mine: Link = {
    ...link,
    claim: { owner: context.ids.random(12), until: now + context.claimMs },
    changedAt: now,
  };
  try {
    return { link: mine, etag: (await context.links.replace(mine, stored.etag)).etag };
  } catch (error) {
    if (!(error instanceof ConflictError)) throw error;
    return { ...NOTHING, busyUntil: now + context.claimMs };
  }
}

async function insertRow(
  context: SyncContext,
  resolved: ResolvedMapping,
  fields: readonly ResolvedField[],
  a: AuthScapeRecord,
  draft: Draft,
  claimed: ClaimedRow,
): Promise<PairResult> {
  const { link } = claimed;
  try {
    const result = await context.dynamics.create(
      resolved.mapping.crmEntity,
      link.crmId,
      draft.values,
      resolved.columns,
    );
    if (result.kind === 'exists') return adoptRow(context, resolved, claimed);
    return finishRow(context, resolved, fields, a, draft, claimed, result.row);
  } catch (error) {
    // The insert may still arrive: plan and claim stay, and whoever comes after the claim looks whether it did.
    if (error instanceof UnknownOutcomeError) return { ...NOTHING, busyUntil: link.claim?.until ?? null };
    if (error instanceof RecordRejectedError) {
      await context.links.remove(link, claimed.etag);
      return failRecord(
        context,
        resolved,
        { authScapeId: a.id, crmId: null },
        {
          code: error.reason,
          message: error.message,
          ...(error.field === undefined ? {} : { field: error.field }),
        },
      );
    }
    throw error;
  }
}

/** The row is there already: from an earlier life of the connection, or because an insert did arrive after all. */
async function adoptRow(
  context: SyncContext,
  resolved: ResolvedMapping,
  claimed: ClaimedRow,
): Promise<PairResult> {
  const { plan } = claimed.link;
  await saved(
    context,
    {
      ...claimed.link,
      claim: null,
      // The row is born; what it shows of the plan was sent by us and is no person's value.
      plan: plan === null ? null : { ...plan, kind: 'update' },
      lastRun: stampOf(context, null, 'linked', []),
    },
    claimed.etag,
  );
  const merged = await syncPair(context, resolved, { authScapeId: claimed.link.authScapeId, allow: 'all' });
  const joined = changeOf(resolved, pairRef(claimed.link), { side: null, action: 'link', outcome: 'linked' });
  await logChanges(context, [joined]);
  return { ...merged, outcome: strongest(merged.outcome, 'linked'), changes: [joined, ...merged.changes] };
}

async function finishRow(
  context: SyncContext,
  resolved: ResolvedMapping,
  fields: readonly ResolvedField[],
  a: AuthScapeRecord,
  draft: Draft,
  claimed: ClaimedRow,
  row: DynamicsRow,
): Promise<PairResult> {
  const { link } = claimed;
  const base = baseOfRow(fields, draft, a.values, row.values);
  const change = createdChange(resolved, pairRef(link), draft);
  await logChanges(context, [change]);
  const clean =
    draft.faults.length === 0 && !draft.waiting && a.complete && atBase(fields, base, a.values, row.values);
  const now = context.clock.now();
  const kept = await keepLink(
    context,
    resolved,
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
  const rest = await syncPair(context, resolved, { authScapeId: a.id, allow: 'all', lastTry: false });
  return {
    ...rest,
    outcome: strongest(made.outcome, rest.outcome),
    changes: [...made.changes, ...rest.changes],
  };
}
