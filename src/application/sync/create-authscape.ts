import type { Change } from '../../domain/change.js';
import { RecordRefusedError } from '../../domain/errors.js';
import { type ResolvedField, type ResolvedMapping, withLookups } from '../../domain/fields.js';
import type { BaseEntry } from '../../domain/link.js';
import { authScapeCriteria, keyHash, matchKey } from '../../domain/match.js';
import { flowsFrom } from '../../domain/model.js';
import type { ARecord, DRow } from '../../domain/records.js';
import { strongest } from '../../domain/run.js';
import { settleWrite } from '../../domain/settle.js';
import type { FieldValue } from '../../domain/values.js';
import { UnknownFateError } from '../ports/systems.js';
import { changeOf, logChanges, NOTHING, type PairResult, type SyncContext } from './context.js';
import { insertLink, linkPair, newLink, resumePair } from './join.js';
import { resolveLookups } from './lookups.js';
import { isOwnUser } from './own-user.js';
import { syncPair } from './pair.js';
import { changesAfterCreation, recordAfterCreate } from './plan-creation.js';
import { refused, skipped } from './reasons.js';
import { markOf } from './run-mark.js';

/**
 * Creates the partner of a D row in A, which has no insert that fails on a duplicate: the match key is claimed, A is
 * asked, the record is created and looked up, and only what creation filled has a base. The rest follows as an update.
 */
export async function createInAuthScape(
  context: SyncContext,
  resolved: ResolvedMapping,
  row: DRow,
): Promise<PairResult> {
  const { mapping } = resolved;
  const pair = { authScapeId: null, crmId: row.id };
  const fields = withLookups(resolved.fields, await resolveLookups(context, resolved, null, row));
  const matchFields = fields.filter((field) => resolved.matchFields.some((other) => other.id === field.id));
  const key = matchKey(matchFields, { side: 'dynamics', values: row.values });
  const criteria = authScapeCriteria(matchFields, row.values);
  if (key === null || criteria === null) return skipped(resolved, pair, 'no_match_key');
  if (!context.authScape.canCreate(mapping.authScapeEntity)) {
    return skipped(resolved, pair, 'create_not_supported');
  }
  const filled = creationValues(context, resolved, fields, row);
  if ('fault' in filled) return refused(context, resolved, pair, filled.fault);
  if (context.dryRun) return plannedRecord(context, resolved, fields, row, filled.values);
  return createClaimed(context, resolved, fields, row, { key, criteria, values: filled.values });
}

async function createClaimed(
  context: SyncContext,
  resolved: ResolvedMapping,
  fields: readonly ResolvedField[],
  row: DRow,
  wanted: {
    key: string;
    criteria: Readonly<Record<string, FieldValue>>;
    values: Readonly<Record<string, FieldValue>>;
  },
): Promise<PairResult> {
  const { mapping } = resolved;
  const pair = { authScapeId: null, crmId: row.id };
  const owner = context.ids.random(12);
  const claimKey = `${mapping.id}|${keyHash(wanted.key)}`;
  const until = context.clock.now() + context.claimMs;
  if (!(await context.keyClaims.take(context.connection.id, claimKey, owner, until))) {
    return { ...NOTHING, busyUntil: until };
  }
  try {
    const present = await context.authScape.findBy(mapping.authScapeEntity, wanted.criteria, resolved.keys);
    if (present.length > 0) return await useExisting(context, resolved, present, row);
    const result = await context.authScape.create(mapping.authScapeEntity, wanted.values, resolved.keys);
    if (result.kind === 'refused') {
      if (result.reason === 'create_not_supported') return skipped(resolved, pair, result.reason);
      return await refused(context, resolved, pair, { code: result.reason, message: result.message });
    }
    return await adoptRecord(context, resolved, fields, row, result.record, wanted.values);
  } catch (error) {
    if (error instanceof RecordRefusedError) {
      return await refused(context, resolved, pair, { code: error.reason, message: error.message });
    }
    if (error instanceof UnknownFateError) return { ...NOTHING, busyUntil: until };
    throw error;
  } finally {
    await context.keyClaims.release(context.connection.id, claimKey, owner);
  }
}

function creationValues(
  context: SyncContext,
  resolved: ResolvedMapping,
  fields: readonly ResolvedField[],
  row: DRow,
): { values: Record<string, FieldValue> } | { fault: { code: string; message: string; field: string } } {
  const keys = context.authScape.creationKeys(resolved.mapping.authScapeEntity);
  const values: Record<string, FieldValue> = {};
  for (const field of fields) {
    if (!keys.includes(field.aKey) || !flowsFrom('dynamics', field.direction)) continue;
    const converted = field.converter.toAuthScape(row.values[field.column] ?? null);
    if (!converted.ok) {
      if (converted.reason === 'waiting') continue;
      return { fault: { code: converted.reason, message: converted.message, field: field.aName } };
    }
    values[field.aKey] = converted.value;
  }
  return { values };
}

async function useExisting(
  context: SyncContext,
  resolved: ResolvedMapping,
  present: readonly ARecord[],
  row: DRow,
): Promise<PairResult> {
  const pair = { authScapeId: null, crmId: row.id };
  const only = present.length === 1 ? present[0] : undefined;
  if (only === undefined) return skipped(resolved, pair, 'ambiguous_match');
  const link = await context.links.get(context.connection.id, resolved.mapping.id, only.id);
  if (link?.value.state === 'linked' && link.value.crmId === row.id)
    return resumePair(context, resolved, link.value);
  if (link?.value.state === 'linked') return skipped(resolved, pair, 'match_taken');
  if (isOwnUser(context, resolved, only.id)) return skipped(resolved, pair, 'own_user');
  return linkPair(context, resolved, only, row);
}

/** The change and the base of a record that was (or would be) created with `sent` and shows `record`. */
function createdRecord(
  resolved: ResolvedMapping,
  fields: readonly ResolvedField[],
  row: DRow,
  record: Pick<ARecord, 'values'> & { readonly id: string | null },
  sent: Readonly<Record<string, FieldValue>>,
): { change: Change; base: Record<string, BaseEntry> } {
  const base: Record<string, BaseEntry> = {};
  for (const field of fields) {
    const value = sent[field.aKey];
    if (value === undefined) continue;
    const settled = settleWrite(
      { field, side: 'authScape', old: null, value, from: row.values[field.column] ?? null },
      record.values[field.aKey],
      undefined,
    );
    if (settled.entry !== undefined) base[field.id] = settled.entry;
  }
  const change = changeOf(
    resolved,
    { authScapeId: record.id, crmId: row.id },
    {
      side: 'authScape',
      action: 'create',
      outcome: 'created',
      fields: fields.flatMap((field) => {
        const to = sent[field.aKey];
        return to === undefined ? [] : [{ field: field.aName, from: null, to, rule: 'created' as const }];
      }),
    },
  );
  return { change, base };
}

/** Stands for the id that AuthScape will give; no record has it. */
const UNKNOWN_ID = 'new';

async function plannedRecord(
  context: SyncContext,
  resolved: ResolvedMapping,
  fields: readonly ResolvedField[],
  row: DRow,
  sent: Readonly<Record<string, FieldValue>>,
): Promise<PairResult> {
  const record = recordAfterCreate(resolved, UNKNOWN_ID, sent, context.clock.now());
  const shown = { authScapeId: null, crmId: row.id };
  const { change, base } = createdRecord(resolved, fields, row, { ...record, id: null }, sent);
  const link = newLink(context, resolved, { authScapeId: UNKNOWN_ID, crmId: row.id }, { base });
  const further = await changesAfterCreation(context, resolved, link, { a: record, d: row }, shown);
  const changes = [change, ...further];
  await logChanges(context, changes);
  return { ...NOTHING, outcome: 'created', changes };
}

async function adoptRecord(
  context: SyncContext,
  resolved: ResolvedMapping,
  fields: readonly ResolvedField[],
  row: DRow,
  record: ARecord,
  sent: Readonly<Record<string, FieldValue>>,
): Promise<PairResult> {
  const pair = { authScapeId: record.id, crmId: row.id };
  const { change, base } = createdRecord(resolved, fields, row, record, sent);
  const link = newLink(context, resolved, pair, { base });
  const marked = { ...link, lastRun: markOf(context, null, 'created', [change]) };
  // The record is there now: whatever tombstone the row has ends.
  const inserted = await insertLink(context, resolved, marked, Number.POSITIVE_INFINITY);
  await logChanges(context, [change]);
  if (!('inserted' in inserted)) return { ...NOTHING, outcome: 'created', changes: [change] };
  const rest = await syncPair(context, resolved, {
    authScapeId: record.id,
    a: record,
    d: row,
    stored: inserted.inserted,
    allow: 'all',
  });
  return { ...rest, outcome: strongest(rest.outcome, 'created'), changes: [change, ...rest.changes] };
}
