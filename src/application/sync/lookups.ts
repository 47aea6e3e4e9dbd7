import type { LookupTarget, ResolvedField, ResolvedLookups, ResolvedMapping } from '../../domain/fields.js';
import type { ARecord, DRow } from '../../domain/records.js';
import type { FieldValues } from '../../domain/values.js';
import type { SyncContext } from './context.js';

type Values = { readonly values: FieldValues };

/** Translates the lookups of one pair through the links of the related records; targets without a link are left out. */
export async function resolveLookups(
  context: SyncContext,
  resolved: ResolvedMapping,
  a: Pick<ARecord, 'values'> | null,
  d: Pick<DRow, 'values'> | null,
): Promise<Readonly<Record<string, ResolvedLookups>>> {
  return resolveLookupsOf(context, resolved, a === null ? [] : [a], d === null ? [] : [d]);
}

/** The same for many records at once: one round of reads per lookup field. */
export async function resolveLookupsOf(
  context: SyncContext,
  resolved: ResolvedMapping,
  aRecords: readonly Values[],
  dRows: readonly Values[],
): Promise<Readonly<Record<string, ResolvedLookups>>> {
  const result: Record<string, ResolvedLookups> = {};
  for (const field of resolved.fields) {
    if (field.lookup !== null)
      result[field.id] = await resolveField(context, field, field.lookup, aRecords, dRows);
  }
  return result;
}

async function resolveField(
  context: SyncContext,
  field: ResolvedField,
  target: LookupTarget,
  aRecords: readonly Values[],
  dRows: readonly Values[],
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
  for (const { mapping } of related) {
    const links = await context.links.getMany(context.connection.id, mapping.id, aIds);
    for (const [id, link] of links) {
      if (link.value.state === 'linked') {
        toDynamics.set(id.toLowerCase(), `${relatedTable}:${link.value.crmId}`);
      }
    }
  }
  const toAuthScape = new Map<string, string>();
  const claims = await context.links.claimsOf(context.connection.id, relatedTable, dIds);
  for (const { mapping } of related) {
    const own = [...claims].filter(([, claim]) => claim.mappingId === mapping.id);
    const ids = own.map(([, claim]) => claim.authScapeId);
    const links = await context.links.getMany(context.connection.id, mapping.id, ids);
    for (const [id, claim] of own) {
      // The claim of a tombstone stays: its record may be gone.
      if (links.get(claim.authScapeId)?.value.state !== 'linked') continue;
      toAuthScape.set(`${relatedTable}:${id}`.toLowerCase(), claim.authScapeId);
    }
  }
  return { toDynamics, toAuthScape };
}

function distinct(values: readonly unknown[]): readonly string[] {
  const texts = values.filter((value) => value !== null && value !== undefined && value !== '').map(String);
  return [...new Set(texts)];
}
