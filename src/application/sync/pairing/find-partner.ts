import { evaluate, excludeEachOther } from '../../../domain/filter.js';
import { decideGroup, type SkipReason } from '../../../domain/match.js';
import { flowsFrom } from '../../../domain/model.js';
import type { AuthScapeRecord, DynamicsRow } from '../../../domain/records.js';
import type { MappingContext } from '../context/sync-context.js';
import { rowId } from '../links/derived-row-id.js';
import { isMergedAway } from '../links/merged-away.js';
import { ownersOf } from '../links/row-owners.js';
import { matchFieldsFor } from '../pair/resolve-lookups.js';
import { createInAuthScape } from './create-authscape-record.js';
import { createInDynamics } from './create-dynamics-row.js';
import { linkPair } from './link-pair.js';
import { candidatesOf, type Group, GroupSet } from './match-group.js';
import { settleLeft } from './pending-creation.js';
import { keyless, orRefused, skippedA, skippedD, type UnlinkedResult } from './unlinked-result.js';

/** Why no partner may be made on the other side for a record of `side`; null when one may. */
export function creationBlocked(context: MappingContext, side: 'authScape' | 'dynamics'): SkipReason | null {
  const { resolved } = context;
  if (!flowsFrom(side, resolved.direction)) return 'direction';
  if (side === 'authScape') return null;
  if (!context.authScape.canCreate(resolved.mapping.authScapeEntity)) return 'create_not_supported';
  const rivals = context.mappings.filter(
    ({ mapping }) => mapping.crmEntity === resolved.mapping.crmEntity && mapping.id !== resolved.mapping.id,
  );
  const apart = rivals.every(
    (rival) =>
      rival.filter !== null && resolved.filter !== null && excludeEachOther(rival.filter, resolved.filter),
  );
  return apart ? null : 'shared_table';
}

/**
 * Finds partners for records without a link by asking both sides by key directly, then links, creates or reports. Used
 * wherever the whole of both sides has not just been read: incremental runs, events and single records.
 */
export async function resolveUnlinked(
  context: MappingContext,
  aRecords: readonly AuthScapeRecord[],
  dRows: readonly DynamicsRow[],
): Promise<readonly UnlinkedResult[]> {
  const results: UnlinkedResult[] = [];
  const fields = await matchFieldsFor(context, aRecords, dRows);
  const set = new GroupSet(context.resolved, fields);
  for (const record of aRecords) {
    if (!set.addRecord(record)) results.push(await keyless(context, fields, record));
  }
  for (const row of dRows) {
    if (!set.addRow(row)) results.push(skippedD(context.resolved, row.id, 'no_match_key'));
  }
  const ids = (group?: Group) => ({
    a: aRecords.filter(({ id }) => group === undefined || group.a.has(id)).map(({ id }) => id),
    d: dRows.filter(({ id }) => group === undefined || group.d.has(id)).map(({ id }) => id),
  });
  const settled = await orRefused(context, ids(), async () => {
    await set.askDynamics(context);
    const found: UnlinkedResult[] = [];
    for (const group of set.groups) {
      const work = async () => {
        await set.askAuthScape(context, group);
        return resolveGroup(context, group);
      };
      found.push(...(await orRefused(context, ids(group), work)));
    }
    return found;
  });
  return [...results, ...(await leftMerged(context, dRows)), ...settled];
}

/** Rows that were asked about and were merged away, and whose former partner is not known. */
async function leftMerged(
  context: MappingContext,
  dRows: readonly DynamicsRow[],
): Promise<readonly UnlinkedResult[]> {
  const ids = dRows.filter(({ mergedInto }) => mergedInto !== null).map(({ id }) => id);
  const owners = await ownersOf(context, context.resolved.mapping.crmEntity, ids);
  return ids.filter((id) => !owners.has(id)).map((id) => skippedD(context.resolved, id, 'merged_away'));
}

async function resolveGroup(context: MappingContext, group: Group): Promise<readonly UnlinkedResult[]> {
  const { resolved } = context;
  const { decision, skipped: left } = decideGroup(await candidatesOf(context, group));
  const results = left.map(({ candidate, reason }) =>
    candidate.side === 'authScape'
      ? skippedA(resolved, candidate.id, reason)
      : skippedD(resolved, candidate.id, reason),
  );
  if (decision.kind === 'link') {
    const a = group.a.get(decision.a.id);
    const d = group.d.get(decision.d.id);
    if (a === undefined || d === undefined) return results;
    return [...results, { authScapeId: a.id, crmId: d.id, result: await linkPair(context, a, d) }];
  }
  if (decision.kind === 'none') return results;
  const a = group.a.get(decision.from.id);
  const reason = a === undefined ? null : await reasonToWait(context, group, a);
  if (a !== undefined && reason !== null) return [...results, skippedA(resolved, a.id, reason)];
  const d = group.d.get(decision.from.id);
  return [...results, ...(await createPartner(context, { a, d }))];
}

/**
 * Why a record gets no partner made although no row may be matched with it. Its row was merged away: a person took it for
 * another one's, so that a new row would be that person's duplicate. An active row has its key, and only the filter leaves
 * it out: unless it is another mapping's, or was made for this very record (then the insert meets it).
 */
async function reasonToWait(
  context: MappingContext,
  { merged, outside }: Group,
  a: AuthScapeRecord,
): Promise<SkipReason | null> {
  for (const row of merged.values()) {
    if (!(await isMergedAway(context, row))) return 'merged_away';
  }
  const { crmEntity } = context.resolved.mapping;
  const active = [...outside.values()].filter(
    (row) => row.active && !isOfRival(context, row) && row.id !== rowId(context, a.id, 0),
  );
  const owners = await ownersOf(
    context,
    crmEntity,
    active.map(({ id }) => id),
  );
  return active.some(({ id }) => !owners.has(id)) ? 'not_in_filter' : null;
}

/** Does the row belong to another mapping of the table? */
function isOfRival(context: MappingContext, row: DynamicsRow): boolean {
  const { mapping } = context.resolved;
  return context.mappings.some(
    (other) =>
      other.mapping.crmEntity === mapping.crmEntity &&
      other.mapping.id !== mapping.id &&
      (other.filter === null || evaluate(other.filter, row.values)),
  );
}

/** Makes the missing partner of one record, where the mapping allows it. */
export async function createPartner(
  context: MappingContext,
  record: { a?: AuthScapeRecord | undefined; d?: DynamicsRow | undefined },
): Promise<readonly UnlinkedResult[]> {
  const { resolved } = context;
  if (record.a !== undefined) {
    const blocked = creationBlocked(context, 'authScape');
    if (blocked !== null) {
      const settled = await settleLeft(context, record.a);
      if (settled === null) return [skippedA(resolved, record.a.id, blocked)];
      return [{ authScapeId: record.a.id, crmId: null, result: settled }];
    }
    const full = record.a.complete
      ? record.a
      : await context.authScape.get(resolved.mapping.authScapeEntity, record.a.id, resolved.keys);
    if (full === undefined) return [];
    const result = await createInDynamics(context, full);
    return [{ authScapeId: full.id, crmId: null, result }];
  }
  if (record.d === undefined) return [];
  const blocked = creationBlocked(context, 'dynamics');
  if (blocked !== null) return [skippedD(resolved, record.d.id, blocked)];
  return [{ authScapeId: null, crmId: record.d.id, result: await createInAuthScape(context, record.d) }];
}
