import type { FieldChange } from '../../domain/change.js';
import { ConflictError, RecordRefusedError } from '../../domain/errors.js';
import { type ResolvedField, type ResolvedMapping, valueInA, withLookups } from '../../domain/fields.js';
import { type BaseEntry, derivedRowId, type Link } from '../../domain/link.js';
import { flowsFrom } from '../../domain/model.js';
import type { ARecord, DRow } from '../../domain/records.js';
import { strongest } from '../../domain/run.js';
import { settleWrite } from '../../domain/settle.js';
import { baseForm, type FieldValue, type FieldValues } from '../../domain/values.js';
import type { Stored } from '../ports/stores.js';
import { UnknownFateError } from '../ports/systems.js';
import {
  atBase,
  changeOf,
  listHash,
  logChanges,
  NOTHING,
  type PairRef,
  type PairResult,
  type SyncContext,
} from './context.js';
import { endTombstones, newLink, resumePair } from './join.js';
import { resolveLookups } from './lookups.js';
import { isUnborn, syncPair } from './pair.js';
import { pairRef, saved } from './pair-result.js';
import { refused } from './reasons.js';
import { markOf } from './run-mark.js';

interface Draft {
  readonly values: Record<string, FieldValue>;
  readonly sources: { field: ResolvedField; from: FieldValue; value: FieldValue }[];
  readonly changes: FieldChange[];
  readonly faults: { code: string; message: string; field: string }[];
  waiting: boolean;
}

/** How often a derived id may be taken by another link before the record fails. */
const GENERATIONS = 5;

/**
 * Creates the partner of an A record. The row's id is derived from the record, claimed and planned before the insert,
 * which fails if the row exists: so neither a crash nor a second worker can make a second row.
 */
export async function createInDynamics(
  context: SyncContext,
  resolved: ResolvedMapping,
  a: ARecord,
): Promise<PairResult> {
  const fields = withLookups(resolved.fields, await resolveLookups(context, resolved, a, null));
  const draft = draftRow(resolved, fields, a.values);
  const missing = fields.find(
    (field) => field.required && !field.isState && (draft.values[field.column] ?? null) === null,
  );
  if (missing !== undefined) {
    return refused(
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
  if (context.dryRun) return plannedRow(context, resolved, a, draft);
  const claimed = await claimRow(context, resolved, a);
  if (!('link' in claimed)) return claimed;
  return insertRow(context, resolved, fields, a, draft, claimed);
}

function draftRow(resolved: ResolvedMapping, fields: readonly ResolvedField[], values: FieldValues): Draft {
  const draft: Draft = {
    values: { ...resolved.constants },
    sources: [],
    changes: [],
    faults: [],
    waiting: false,
  };
  for (const [column, value] of Object.entries(resolved.constants)) {
    draft.changes.push({ field: column, from: null, to: value, rule: 'filterConstant' });
  }
  for (const field of fields) {
    const from = valueInA(field, values);
    if (from === undefined || field.isState || !field.creatable || !flowsFrom('authScape', field.direction))
      continue;
    const converted = field.converter.toDynamics(from, values);
    if (!converted.ok) {
      if (converted.reason === 'waiting') draft.waiting = true;
      else draft.faults.push({ code: converted.reason, message: converted.message, field: field.column });
      continue;
    }
    if (converted.value === null || field.column in resolved.constants) continue;
    draft.values[field.column] = converted.value;
    draft.sources.push({ field, from, value: converted.value });
    draft.changes.push({
      field: field.column,
      from: null,
      to: converted.value,
      rule: converted.cut === true ? 'cut' : 'created',
      ...(converted.cut === true ? { dropped: from } : {}),
    });
  }
  return draft;
}

function rowId(
  context: SyncContext,
  resolved: ResolvedMapping,
  authScapeId: string,
  generation: number,
): string {
  return derivedRowId({
    organizationId: context.organizationId,
    authScapeAddress: context.authScape.address,
    table: resolved.mapping.crmEntity,
    entity: resolved.mapping.authScapeEntity,
    authScapeId,
    generation,
  });
}

async function plannedRow(
  context: SyncContext,
  resolved: ResolvedMapping,
  a: ARecord,
  draft: Draft,
): Promise<PairResult> {
  const own = await context.links.get(context.connection.id, resolved.mapping.id, a.id);
  const crmId = rowId(context, resolved, a.id, own === undefined ? 0 : own.value.generation + 1);
  const change = createdChange(resolved, { authScapeId: a.id, crmId }, draft);
  await logChanges(context, [change]);
  return { ...NOTHING, outcome: change.outcome, changes: [change], waiting: draft.waiting };
}

function createdChange(resolved: ResolvedMapping, pair: PairRef, draft: Pick<Draft, 'changes' | 'faults'>) {
  const fault = draft.faults[0];
  return changeOf(resolved, pair, {
    side: 'dynamics',
    action: 'create',
    outcome: fault === undefined ? 'created' : 'failed',
    fields: draft.changes,
    ...(fault === undefined ? {} : { error: fault }),
  });
}

interface ClaimedRow {
  readonly link: Link;
  readonly etag: string;
}

async function claimRow(
  context: SyncContext,
  resolved: ResolvedMapping,
  a: ARecord,
): Promise<ClaimedRow | PairResult> {
  const first = await endTombstones(context, resolved, a.id, null);
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
          fields: [],
        },
        claim: { owner: context.ids.random(12), until: now + context.claimMs },
      },
    );
    const result = await context.links.insert(link);
    if ('inserted' in result) return { link, etag: result.inserted.etag };
    if ('exists' in result) return takeOver(context, resolved, result.exists);
  }
  return refused(
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
  if (!isUnborn(link)) return resumePair(context, resolved, link);
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
  a: ARecord,
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
    if (error instanceof UnknownFateError) return adoptRow(context, resolved, claimed);
    if (error instanceof RecordRefusedError) {
      await context.links.remove(link, claimed.etag);
      return refused(
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

/** The row is there already: from an earlier life of the connection, or because the insert did arrive. */
async function adoptRow(
  context: SyncContext,
  resolved: ResolvedMapping,
  claimed: ClaimedRow,
): Promise<PairResult> {
  await saved(
    context,
    { ...claimed.link, claim: null, plan: null, lastRun: markOf(context, null, 'linked', []) },
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
  a: ARecord,
  draft: Draft,
  claimed: ClaimedRow,
  row: DRow,
): Promise<PairResult> {
  const { link } = claimed;
  const base: Record<string, BaseEntry> = {};
  for (const { field, from, value } of draft.sources) {
    const settled = settleWrite(
      { field, side: 'dynamics', old: null, value, from },
      row.values[field.column],
      undefined,
    );
    if (settled.entry !== undefined) base[field.id] = settled.entry;
  }
  for (const field of fields) agreeEmpty(field, a.values, row.values, base);
  const change = createdChange(resolved, pairRef(link), draft);
  await logChanges(context, [change]);
  const clean =
    draft.faults.length === 0 && !draft.waiting && a.complete && atBase(fields, base, a.values, row.values);
  const now = context.clock.now();
  await saved(
    context,
    {
      ...link,
      base,
      clean,
      aHash: clean ? listHash(resolved, a.values) : null,
      dVersion: clean ? row.etag : null,
      plan: null,
      claim: null,
      lastRun: markOf(context, link.lastRun, change.outcome, [change]),
      changedAt: now,
      lastSyncedAt: new Date(now).toISOString(),
    },
    claimed.etag,
  );
  return { ...NOTHING, outcome: change.outcome, changes: [change], waiting: draft.waiting };
}

/** What was empty here and is empty there needs no write to be agreed; the state is born active on both sides. */
function agreeEmpty(
  field: ResolvedField,
  a: FieldValues,
  d: FieldValues,
  base: Record<string, BaseEntry>,
): void {
  const aValue = valueInA(field, a);
  const dValue = d[field.column];
  if (base[field.id] !== undefined || aValue === undefined || dValue === undefined) return;
  const aForm = baseForm(aValue, field.aComparison);
  const dForm = baseForm(dValue, field.dComparison);
  const converted = field.converter.toDynamics(aValue, a);
  const equal = converted.ok && baseForm(converted.value, field.dComparison) === dForm;
  if (equal || (aForm === null && dForm === null)) {
    base[field.id] = { a: aForm, d: dForm, sig: field.signature };
  }
}
