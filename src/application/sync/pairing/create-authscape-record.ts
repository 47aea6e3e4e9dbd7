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
import {
  changeOf,
  logChanges,
  type MappingContext,
  NOTHING,
  type PairResult,
} from '../context/sync-context.js';
import { companiesOf, withCompanyLock } from '../links/company-lock.js';
import { detectingSecondWriter } from '../links/detect-second-writer.js';
import { newLink } from '../links/insert-link.js';
import { ClaimLostError } from '../links/link-lease.js';
import { busyWith, pendingCreationRowOf } from '../links/pending-creation-link.js';
import { resolveLookups } from '../pair/resolve-lookups.js';
import { resumePair } from '../pair/resume-pair.js';
import { linkPair } from './link-pair.js';
import { keyClaimOf, linkMade } from './pending-creation.js';
import { changesAfterCreation, recordAfterCreate } from './preview-creation.js';
import { reserveRow } from './reserve-row.js';

/**
 * Creates the partner of a D row in A, which has no insert that fails on a duplicate: the match key is claimed and A is
 * asked; then a pending creation that holds the row keeps what is sent, and only then the record is made. What creation filled has
 * a base; the rest follows as an update. A death or a lost answer leaves pending creation and claim for the next worker.
 */
export async function createInAuthScape(context: MappingContext, row: DynamicsRow): Promise<PairResult> {
  const { resolved } = context;
  const { mapping } = resolved;
  const pair = { authScapeId: null, crmId: row.id };
  const fields = withLookups(resolved.fields, await resolveLookups(context, null, row));
  const matchFields = fields.filter((field) => resolved.matchFields.some((other) => other.id === field.id));
  const key = matchKey(matchFields, { side: 'dynamics', values: row.values });
  const criteria = authScapeCriteria(matchFields, row.values);
  if (!context.authScape.canCreate(mapping.authScapeEntity)) {
    return skipped(resolved, pair, 'create_not_supported');
  }
  const needed = fields.filter((field) => field.isLogin || matchFields.includes(field));
  const fault = keyFault(needed, { side: 'dynamics', values: row.values });
  if (fault !== null) return failRecord(context, pair, fault);
  if (key === null || criteria === null) return skipped(resolved, pair, 'no_match_key');
  const values = creationValues(context, fields, row);
  if (context.dryRun) {
    const refusal = context.authScape.foreseenRefusal(mapping.authScapeEntity, values);
    if (refusal === null) return plannedRecord(context, { row, fields, values });
    return failRecord(context, pair, { code: refusal.reason, message: refusal.message });
  }
  return createClaimed(context, { row, fields, values }, { key, criteria });
}

/** The record that `row` gets; `fields` have their lookups resolved, `values` are what creation sends. */
interface NewRecord {
  readonly row: DynamicsRow;
  readonly fields: readonly ResolvedField[];
  readonly values: Readonly<Record<string, FieldValue>>;
}

/** What no other user may have. */
interface Wanted {
  readonly key: string;
  readonly criteria: Readonly<Record<string, FieldValue>>;
}

async function createClaimed(context: MappingContext, made: NewRecord, wanted: Wanted): Promise<PairResult> {
  const { resolved } = context;
  const { row } = made;
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
        ? await useExisting(context, present, row)
        : await createUnderClaim(context, made, wanted.criteria, owner);
  } catch (error) {
    if (error instanceof MappingChangedError) await release();
    throw error;
  }
  // The worker that is busy may have made the record, as one may that died: the reservation says for which row it is.
  if (result.busyUntil !== null || (result.waiting && (await isPending(context, row)))) return result;
  await release();
  return result;
}

async function isPending(
  { connection, links, resolved }: MappingContext,
  row: DynamicsRow,
): Promise<boolean> {
  const { table, crmId } = pendingCreationRowOf(resolved, row);
  return (await links.pendingCreationOf(connection.id, { table, crmId })) !== undefined;
}

async function createUnderClaim(
  context: MappingContext,
  made: NewRecord,
  criteria: Wanted['criteria'],
  owner: string,
): Promise<PairResult> {
  const madeAt = context.clock.now();
  const { base } = createdRecord(context.resolved, made, { id: null, values: made.values });
  const pendingCreation: PendingCreation = {
    owner,
    madeAt,
    until: madeAt + context.claimMs,
    criteria,
    base,
  };
  const ended = await reserveRow(context, made.row, pendingCreation);
  if (ended !== null) return ended;
  return createHeld(context, made, pendingCreation);
}

/** A creation that waits for its turn for longer than that looks at the mappings once more. */
const CONFIRMED_MS = 100;

async function createHeld(
  context: MappingContext,
  made: NewRecord,
  pendingCreation: PendingCreation,
): Promise<PairResult> {
  const { resolved } = context;
  const { row, values } = made;
  const { authScapeEntity } = resolved.mapping;
  const pair = { authScapeId: null, crmId: row.id };
  const letGo = () =>
    context.links.endPendingCreation(
      context.connection.id,
      pendingCreationRowOf(resolved, row),
      pendingCreation,
    );
  const guard = async () => {
    await context.confirmMapping(resolved, CONFIRMED_MS);
    if (pendingCreation.until - context.clock.now() > context.writeTimeoutMs) return;
    throw new ClaimLostError('The row is not held for long enough.');
  };
  try {
    // Here the pairs of a step ask at the same moment, and one look serves them; each has its turn in AuthScape by itself.
    await context.confirmMapping(resolved);
    const companies = companiesOf(resolved, { id: null, companyId: null }, values);
    const result = await withCompanyLock(context, companies, row.id, () =>
      detectingSecondWriter(context, row, {
        write: () => context.authScape.create(authScapeEntity, values, resolved.keys, guard),
        proves: ({ kind }) => kind === 'created',
      }),
    );
    if (result === null) {
      await letGo();
      return busyWith(pendingCreation);
    }
    if (result.kind === 'created') return await adoptRecord(context, made, { ...result, pendingCreation });
    await letGo();
    if (result.reason === 'create_not_supported') return skipped(resolved, pair, result.reason);
    return await failRecord(context, pair, { code: result.reason, message: result.message });
  } catch (error) {
    if (error instanceof MappingChangedError) await letGo();
    if (error instanceof RecordRejectedError) {
      await letGo();
      return await failRecord(context, pair, { code: error.reason, message: error.message });
    }
    if (error instanceof UnknownOutcomeError) return { ...busyWith(pendingCreation), unknown: true };
    if (error instanceof ClaimLostError) return busyWith(pendingCreation);
    throw error;
  }
}

function creationValues(
  context: MappingContext,
  fields: readonly ResolvedField[],
  row: DynamicsRow,
): Record<string, FieldValue> {
  const keys = context.authScape.creationKeys(context.resolved.mapping.authScapeEntity);
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
  context: MappingContext,
  present: readonly AuthScapeRecord[],
  row: DynamicsRow,
): Promise<PairResult> {
  const { resolved } = context;
  const pair = { authScapeId: null, crmId: row.id };
  const only = present.length === 1 ? present[0] : undefined;
  if (only === undefined) return skipped(resolved, pair, 'ambiguous_match');
  const link = await context.links.get(context.connection.id, resolved.mapping.id, only.id);
  if (link?.value.state === 'linked' && link.value.crmId === row.id) return resumePair(context, link.value);
  if (link?.value.state === 'linked') return skipped(resolved, pair, 'match_taken');
  if (isOwnUser(context, resolved, only.id)) return skipped(resolved, pair, 'own_user');
  return linkPair(context, only, row);
}

/** The change and the base of a record that was (or would be) created and shows `record`. */
function createdRecord(
  resolved: ResolvedMapping,
  { row, fields, values: sent }: NewRecord,
  record: Pick<AuthScapeRecord, 'values'> & { readonly id: string | null },
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

async function plannedRecord(context: MappingContext, made: NewRecord): Promise<PairResult> {
  const { row, values } = made;
  const record = recordAfterCreate(context.resolved, UNKNOWN_ID, values, context.clock.now());
  const shown = { authScapeId: null, crmId: row.id };
  const { change, base } = createdRecord(context.resolved, made, { ...record, id: null });
  const link = newLink(context, { authScapeId: UNKNOWN_ID, crmId: row.id }, { base });
  const further = await changesAfterCreation(context, link, { a: record, d: row }, shown);
  const changes = [change, ...further];
  await logChanges(context, changes);
  return { ...NOTHING, outcome: 'created', changes };
}

async function adoptRecord(
  context: MappingContext,
  made: NewRecord,
  answer: { id: string; record: AuthScapeRecord | undefined; pendingCreation: PendingCreation },
): Promise<PairResult> {
  const { id, record, pendingCreation } = answer;
  const { row } = made;
  const { change, base } = createdRecord(context.resolved, made, {
    id,
    values: record?.values ?? made.values,
  });
  const link = newLink(context, { authScapeId: id, crmId: row.id }, { base });
  return linkMade(context, { link, change, a: record, d: row, pendingCreation });
}
