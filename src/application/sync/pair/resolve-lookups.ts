import {
  type LookupTarget,
  type ResolvedField,
  type ResolvedLookups,
  withLookups,
} from '../../../domain/fields.js';
import type { Side } from '../../../domain/model.js';
import type { AuthScapeRecord, DynamicsRow } from '../../../domain/records.js';
import type { FieldValues } from '../../../domain/values.js';
import type { RowOwner } from '../../ports/links.js';
import type { MappingContext, SyncContext } from '../context/sync-context.js';

type RelatedPair = Pick<RowOwner, 'authScapeId' | 'crmId'>;
type Values = { readonly values: FieldValues };

/** Translates the lookups of one pair through the links of the related records; targets without a link are left out. */
export async function resolveLookups(
  context: MappingContext,
  a: Pick<AuthScapeRecord, 'values'> | null,
  d: Pick<DynamicsRow, 'values'> | null,
): Promise<Readonly<Record<string, ResolvedLookups>>> {
  return resolveLookupsOf(context, a === null ? [] : [a], d === null ? [] : [d]);
}

/** The same for many records at once: one round of reads per lookup field. */
export async function resolveLookupsOf(
  context: MappingContext,
  aRecords: readonly Values[],
  dRows: readonly Values[],
): Promise<Readonly<Record<string, ResolvedLookups>>> {
  const result: Record<string, ResolvedLookups> = {};
  for (const field of context.resolved.fields) {
    if (field.lookup !== null)
      result[field.id] = await resolveField(context, field, field.lookup, { aRecords, dRows });
  }
  return result;
}

/** The match fields with the lookups of all given records resolved. */
export async function matchFieldsFor(
  context: MappingContext,
  aRecords: readonly Values[],
  dRows: readonly Values[],
): Promise<readonly ResolvedField[]> {
  const { resolved } = context;
  if (resolved.matchFields.every((field) => field.lookup === null)) return resolved.matchFields;
  return withLookups(resolved.matchFields, await resolveLookupsOf(context, aRecords, dRows));
}

async function resolveField(
  context: SyncContext,
  field: ResolvedField,
  target: LookupTarget,
  { aRecords, dRows }: { aRecords: readonly Values[]; dRows: readonly Values[] },
): Promise<ResolvedLookups> {
  const prefix = `${target.relatedTable}:`;
  const aIds = distinct(aRecords.map((record) => record.values[field.aKey]));
  const dIds = distinct(dRows.map((row) => row.values[field.column]))
    .filter((value) => value.startsWith(prefix))
    .map((value) => value.slice(prefix.length));
  const found = await findTargets(context, target, aIds, dIds);
  if (!target.autoCreate || context.syncRelated === null) return found;
  const missingA = aIds.filter((id) => !found.toDynamics.has(id.toLowerCase()));
  const missingD = dIds.filter((id) => !found.toAuthScape.has(`${prefix}${id}`.toLowerCase()));
  if (missingA.length + missingD.length === 0) return found;
  for (const id of missingA) {
    await context.syncRelated({ side: 'authScape', entity: target.relatedEntity, id });
  }
  for (const id of missingD) await context.syncRelated({ side: 'dynamics', table: target.relatedTable, id });
  return findTargets(context, target, aIds, dIds);
}

async function findTargets(
  context: SyncContext,
  { relatedEntity, relatedTable }: LookupTarget,
  aIds: readonly string[],
  dIds: readonly string[],
): Promise<ResolvedLookups> {
  const related = context.mappings.filter(
    ({ mapping }) => mapping.authScapeEntity === relatedEntity && mapping.crmEntity === relatedTable,
  );
  const toDynamics = new Map<string, string>();
  const toAuthScape = new Map<string, string>();
  const claims = await context.links.rowOwnersOf(context.connection.id, relatedTable, dIds);
  for (const { mapping } of related) {
    const rows = [
      ...(await rowsOf(context, mapping.id, aIds)),
      ...(await plannedOf(context, mapping.id, 'authScape', aIds)),
    ];
    for (const { authScapeId, crmId } of rows) {
      toDynamics.set(authScapeId.toLowerCase(), `${relatedTable}:${crmId}`);
    }
    const records = [
      ...(await recordsOf(context, mapping.id, claims)),
      ...(await plannedOf(context, mapping.id, 'dynamics', dIds)),
    ];
    for (const { authScapeId, crmId } of records) {
      toAuthScape.set(`${relatedTable}:${crmId}`.toLowerCase(), authScapeId);
    }
  }
  return { toDynamics, toAuthScape };
}

async function rowsOf(
  { connection, links }: SyncContext,
  mappingId: string,
  aIds: readonly string[],
): Promise<readonly RelatedPair[]> {
  const found = await links.getMany(connection.id, mappingId, aIds);
  return [...found].flatMap(([authScapeId, { value: link }]) =>
    link.state === 'linked' ? { authScapeId, crmId: link.crmId } : [],
  );
}

async function recordsOf(
  { connection, links }: SyncContext,
  mappingId: string,
  claims: ReadonlyMap<string, RowOwner>,
): Promise<readonly RelatedPair[]> {
  const own = [...claims].filter(([, claim]) => claim.mappingId === mappingId);
  const ids = own.map(([, claim]) => claim.authScapeId);
  const found = await links.getMany(connection.id, mappingId, ids);
  // The claim of a tombstone stays: its record may be gone.
  return own.flatMap(([crmId, { authScapeId }]) =>
    found.get(authScapeId)?.value.state === 'linked' ? { authScapeId, crmId } : [],
  );
}

async function plannedOf(
  { planned }: SyncContext,
  mappingId: string,
  side: Side,
  ids: readonly string[],
): Promise<readonly RelatedPair[]> {
  return planned === null || ids.length === 0 ? [] : planned.find(mappingId, side, ids);
}

function distinct(values: readonly unknown[]): readonly string[] {
  const texts = values.filter((value) => value !== null && value !== undefined && value !== '').map(String);
  return [...new Set(texts)];
}
