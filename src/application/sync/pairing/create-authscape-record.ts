import { baseAfterWrite } from '../../../domain/base-update.js';
import type { Change } from '../../../domain/change.js';
import { RecordRejectedError } from '../../../domain/errors.js';
import { type ResolvedField, type ResolvedMapping, withLookups } from '../../../domain/fields.js';
import type { BaseEntry, PendingCreation } from '../../../domain/link.js';
import { authScapeCriteria, isOwnUser, keyFault, matchKey } from '../../../domain/match.js';
import { flowsFrom } from '../../../domain/model.js';
import type { AuthScapeRecord, DynamicsRow } from '../../../domain/records.js';
import type { FieldValue } from '../../../domain/values.js';
import { UnknownOutcomeError } from '../../ports/systems.js';
import { MappingChangedError } from '../context/present-mappings.js';
import { failRecord, skipped } from '../context/record-results.js';
import { changeOf, logChanges, NOTHING, type PairResult, type SyncContext } from '../context/sync-context.js';
import { companiesOf, holdingCompanies } from '../links/company-lock.js';
import { newLink } from '../links/insert-link.js';
import { ClaimLostError } from '../links/link-lease.js';
import { busyWith, pendingCreationRowOf } from '../links/pending-creation-link.js';
import { resolveLookups } from '../pair/resolve-lookups.js';
import { resumePair } from '../pair/resume-pair.js';
import { linkPair } from './link-pair.js';
import { keyClaimOf, linkMade } from './pending-creation.js';
import { changesAfterCreation, recordAfterCreate } from './preview-creation.js';
import { holdRow } from './reserve-row.js';

/**
 * Creates the partner of a D row in A, which has no insert that fails on a duplicate: the match key is claimed and A is
 * asked; then a pending creation that holds the row keeps what is sent, and only then the record is made. What creation filled has
 * a base; the rest follows as an update. A death or a lost answer leaves pending creation and claim for whoever comes next.
 */
export async function createInAuthScape(
  context: SyncContext,
  resolved: ResolvedMapping,
  row: DynamicsRow,
): Promise<PairResult> {
  const { mapping } = resolved;
  const pair = { authScapeId: null, crmId: row.id };
  const fields = withLookups(resolved.fields, await resolveLookups(context, resolved, null, row));
  const matchFields = fields.filter((field) => resolved.matchFields.some((other) => other.id === field.id));
  const key = matchKey(matchFields, { side: 'dynamics', values: row.values });
  const criteria = authScapeCriteria(matchFields, row.values);
  if (!context.authScape.canCreate(mapping.authScapeEntity)) {
    return skipped(resolved, pair, 'create_not_supported');
  }
  const needed = fields.filter((field) => field.isLogin || matchFields.includes(field));
  const fault = keyFault(needed, { side: 'dynamics', values: row.values });
  if (fault !== null) return failRecord(context, resolved, pair, fault);
  if (key === null || criteria === null) return skipped(resolved, pair, 'no_match_key');
  const values = creationValues(context, resolved, fields, row);
  if (context.dryRun) {
    const refusal = context.authScape.foreseenRefusal(mapping.authScapeEntity, values);
    if (refusal === null) return plannedRecord(context, resolved, fields, row, values);
    return failRecord(context, resolved, pair, { code: refusal.reason, message: refusal.message });
  }
  return createClaimed(context, resolved, fields, row, { key, criteria, values });
}

interface Wanted {
  readonly key: string;
  readonly criteria: Readonly<Record<string, FieldValue>>;
  readonly values: Readonly<Record<string, FieldValue>>;
}

async function createClaimed(
  context: SyncContext,
  resolved: ResolvedMapping,
  fields: readonly ResolvedField[],
  row: DynamicsRow,
  wanted: Wanted,
): Promise<PairResult> {
  const { mapping } = resolved;
  const connectionId = context.connection.id;
  const owner = context.ids.random(12);
  const claimKey = keyClaimOf(resolved, wanted.key);
  const until = context.clock.now() + context.claimMs;
  if (!(await context.keyReservations.take(connectionId, claimKey, owner, until, row.id))) {
    return { ...NOTHING, busyUntil: until };
  }
  const release = () => context.keyReservations.release(connectionId, claimKey, owner);
  let present: readonly AuthScapeRecord[];
  try {
    present = await context.authScape.findBy(mapping.authScapeEntity, wanted.criteria, resolved.keys);
  } catch (error) {
    await release();
    throw error;
  }
  let result: PairResult;
  try {
    result =
      present.length > 0
        ? await useExisting(context, resolved, present, row)
        : await createUnderClaim(context, resolved, fields, row, wanted, owner);
  } catch (error) {
    if (error instanceof MappingChangedError) await release();
    throw error;
  }
  // Whoever is busy may have made the record: the reservation tells who meets the record for which row it is.
  if (result.busyUntil === null) await release();
  return result;
}

async function createUnderClaim(
  context: SyncContext,
  resolved: ResolvedMapping,
  fields: readonly ResolvedField[],
  row: DynamicsRow,
  wanted: Wanted,
  owner: string,
): Promise<PairResult> {
  const now = context.clock.now();
  const { base } = createdRecord(resolved, fields, row, { id: null, values: wanted.values }, wanted.values);
  const { criteria } = wanted;
  const pendingCreation: PendingCreation = {
    owner,
    madeAt: now,
    until: now + context.claimMs,
    criteria,
    base,
  };
  const held = await holdRow(context, resolved, row, pendingCreation);
  if (held !== 'held') return held;
  return createHeld(context, resolved, fields, row, wanted.values, pendingCreation);
}

async function createHeld(
  context: SyncContext,
  resolved: ResolvedMapping,
  fields: readonly ResolvedField[],
  row: DynamicsRow,
  values: Readonly<Record<string, FieldValue>>,
  pendingCreation: PendingCreation,
): Promise<PairResult> {
  const { authScapeEntity } = resolved.mapping;
  const pair = { authScapeId: null, crmId: row.id };
  const letGo = () =>
    context.links.endPendingCreation(
      context.connection.id,
      pendingCreationRowOf(resolved, row),
      pendingCreation,
    );
  const guard = async () => {
    await context.confirmMapping(resolved);
    if (pendingCreation.until - context.clock.now() > context.writeTimeoutMs) return;
    throw new ClaimLostError('The row is not held for long enough.');
  };
  try {
    const companies = companiesOf(resolved, { id: null, companyId: null }, values);
    const result = await holdingCompanies(context, companies, row.id, () =>
      context.authScape.create(authScapeEntity, values, resolved.keys, guard),
    );
    if (result === 'busy') {
      await letGo();
      return busyWith(pendingCreation);
    }
    if (result.kind === 'created')
      return await adoptRecord(context, resolved, fields, row, { ...result, values, pendingCreation });
    await letGo();
    if (result.reason === 'create_not_supported') return skipped(resolved, pair, result.reason);
    return await failRecord(context, resolved, pair, { code: result.reason, message: result.message });
  } catch (error) {
    if (error instanceof MappingChangedError) await letGo();
    if (error instanceof RecordRejectedError) {
      await letGo();
      return await failRecord(context, resolved, pair, { code: error.reason, message: error.message });
    }
    if (error instanceof UnknownOutcomeError) return { ...busyWith(pendingCreation), unknown: true };
    if (error instanceof ClaimLostError) return busyWith(pendingCreation);
    throw error;
  }
}

function creationValues(
  context: SyncContext,
  resolved: ResolvedMapping,
  fields: readonly ResolvedField[],
  row: DynamicsRow,
): Record<string, FieldValue> {
  const keys = context.authScape.creationKeys(resolved.mapping.authScapeEntity);
  const values: Record<string, FieldValue> = {};
  for (const field of fields) {
    if (!keys.includes(field.aKey) || !flowsFrom('dynamics', field.direction)) continue;
    const converted = field.converter.toAuthScape(row.values[field.column] ?? null);
    // The update that follows tells of what could not be converted.
    if (converted.ok) values[field.aKey] = converted.value;
  }
  return values;
}

async function useExisting(
  context: SyncContext,
  resolved: ResolvedMapping,
  present: readonly AuthScapeRecord[],
  row: DynamicsRow,
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
  row: DynamicsRow,
  record: Pick<AuthScapeRecord, 'values'> & { readonly id: string | null },
  sent: Readonly<Record<string, FieldValue>>,
): { change: Change; base: Record<string, BaseEntry> } {
  const base: Record<string, BaseEntry> = {};
  for (const field of fields) {
    const value = sent[field.aKey];
    if (value === undefined) continue;
    const settled = baseAfterWrite(
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
  row: DynamicsRow,
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
  row: DynamicsRow,
  made: {
    id: string;
    record: AuthScapeRecord | undefined;
    values: Readonly<Record<string, FieldValue>>;
    pendingCreation: PendingCreation;
  },
): Promise<PairResult> {
  const { id, record, values, pendingCreation } = made;
  const shown = { id, values: record?.values ?? values };
  const { change, base } = createdRecord(resolved, fields, row, shown, values);
  const link = newLink(context, resolved, { authScapeId: id, crmId: row.id }, { base });
  return linkMade(context, resolved, { link, change, a: record, d: row, pendingCreation });
}
