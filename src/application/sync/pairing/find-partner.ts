import type { ResolvedField, ResolvedMapping } from '../../../domain/fields.js';
import { evaluate, excludeEachOther } from '../../../domain/filter.js';
import {
  authScapeCriteria,
  type Candidate,
  decideGroup,
  dynamicsCriteria,
  isOwnUser,
  matchKey,
  type SkipReason,
} from '../../../domain/match.js';
import { flowsFrom } from '../../../domain/model.js';
import type { AuthScapeRecord, DynamicsRow } from '../../../domain/records.js';
import type { FieldValue } from '../../../domain/values.js';
import type { SyncContext } from '../context/sync-context.js';
import { type MatchEligibility, matchEligibility } from '../links/match-eligibility.js';
import { standsForNobody } from '../pair/follow-merged-row.js';
import { matchFieldsFor } from '../pair/resolve-lookups.js';
import { createInAuthScape } from './create-authscape-record.js';
import { createInDynamics } from './create-dynamics-row.js';
import { linkPair } from './link-pair.js';
import { settleLeft } from './pending-creation.js';
import { keyless, orRefused, skippedA, skippedD, type UnlinkedResult } from './unlinked-result.js';

/** Why no partner may be made on the other side for a record of `side`; null when one may. */
export function creationBlocked(
  context: SyncContext,
  resolved: ResolvedMapping,
  side: 'authScape' | 'dynamics',
): SkipReason | null {
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

interface Group {
  readonly key: string;
  readonly aCriteria: Readonly<Record<string, FieldValue>> | null;
  readonly dCriteria: Readonly<Record<string, FieldValue>> | null;
  readonly a: Map<string, AuthScapeRecord>;
  readonly d: Map<string, DynamicsRow>;
}

/**
 * Finds partners for records without a link by asking both sides by key directly, then links, creates or reports. Used
 * wherever the whole of both sides has not just been read: incremental runs, events and single records.
 */
export async function resolveUnlinked(
  context: SyncContext,
  resolved: ResolvedMapping,
  aRecords: readonly AuthScapeRecord[],
  dRows: readonly DynamicsRow[],
): Promise<readonly UnlinkedResult[]> {
  const results: UnlinkedResult[] = [];
  const fields = await matchFieldsFor(context, resolved, aRecords, dRows);
  const groups = new Map<string, Group>();
  for (const record of aRecords) {
    const key = matchKey(fields, { side: 'authScape', values: record.values });
    if (key === null) results.push(await keyless(context, resolved, fields, record));
    else {
      const group = groupOf(groups, key);
      group.a.set(record.id, record);
      groups.set(key, { ...group, dCriteria: dynamicsCriteria(resolved, fields, record.values) });
    }
  }
  for (const row of dRows) {
    const key = matchKey(fields, { side: 'dynamics', values: row.values });
    if (key === null) results.push(skippedD(resolved, row.id, 'no_match_key'));
    else {
      const group = groupOf(groups, key);
      group.d.set(row.id, row);
      groups.set(key, { ...group, aCriteria: authScapeCriteria(fields, row.values) });
    }
  }
  const ids = (group?: Group) => ({
    a: aRecords.filter(({ id }) => group === undefined || group.a.has(id)).map(({ id }) => id),
    d: dRows.filter(({ id }) => group === undefined || group.d.has(id)).map(({ id }) => id),
  });
  const settled = await orRefused(context, resolved, ids(), async () => {
    await askDynamics(context, resolved, fields, groups);
    const found: UnlinkedResult[] = [];
    for (const group of groups.values()) {
      const work = async () => {
        await askAuthScape(context, resolved, group);
        return resolveGroup(context, resolved, group);
      };
      found.push(...(await orRefused(context, resolved, ids(group), work)));
    }
    return found;
  });
  return [...results, ...settled];
}

function groupOf(groups: Map<string, Group>, key: string): Group {
  return groups.get(key) ?? { key, aCriteria: null, dCriteria: null, a: new Map(), d: new Map() };
}

async function askDynamics(
  context: SyncContext,
  resolved: ResolvedMapping,
  fields: readonly ResolvedField[],
  groups: Map<string, Group>,
): Promise<void> {
  const criteria: Readonly<Record<string, FieldValue>>[] = [];
  for (const group of groups.values()) {
    const wanted = group.dCriteria ?? columnsOfKey(fields, group);
    if (wanted !== undefined) criteria.push(wanted);
  }
  if (criteria.length === 0) return;
  const rows = await context.dynamics.findBy(resolved.mapping.crmEntity, criteria, resolved.columns);
  for (const row of rows) {
    const key = matchKey(fields, { side: 'dynamics', values: row.values });
    const passes = resolved.filter === null || evaluate(resolved.filter, row.values);
    if (key !== null && passes) groups.get(key)?.d.set(row.id, row);
  }
}

/** Criteria taken from a D row itself, where no A record of the group gave them. */
function columnsOfKey(
  fields: readonly ResolvedField[],
  group: Group,
): Readonly<Record<string, FieldValue>> | undefined {
  const row = [...group.d.values()][0];
  if (row === undefined) return undefined;
  return Object.fromEntries(fields.map((field) => [field.column, row.values[field.column] ?? null]));
}

async function askAuthScape(context: SyncContext, resolved: ResolvedMapping, group: Group): Promise<void> {
  const { authScapeEntity } = resolved.mapping;
  const sample = [...group.a.values()][0];
  const criteria =
    group.aCriteria ??
    (sample === undefined
      ? null
      : Object.fromEntries(
          resolved.matchFields.map((field) => [field.aKey, sample.values[field.aKey] ?? null]),
        ));
  // Nobody else in A can have the same login.
  const unique = group.a.size > 0 && resolved.matchFields.some((field) => field.isLogin);
  if (criteria === null || unique) return;
  const found = await context.authScape.findBy(authScapeEntity, criteria, resolved.keys);
  for (const record of found) {
    if (!isOwnUser(context, resolved, record.id) && !group.a.has(record.id)) group.a.set(record.id, record);
  }
}

async function resolveGroup(
  context: SyncContext,
  resolved: ResolvedMapping,
  group: Group,
): Promise<readonly UnlinkedResult[]> {
  const { decision, skipped: left } = decideGroup(await candidatesOf(context, resolved, group));
  const results = left.map(({ candidate, reason }) =>
    candidate.side === 'authScape'
      ? skippedA(resolved, candidate.id, reason)
      : skippedD(resolved, candidate.id, reason),
  );
  if (decision.kind === 'link') {
    const a = group.a.get(decision.a.id);
    const d = group.d.get(decision.d.id);
    if (a === undefined || d === undefined) return results;
    if (await standsForNobody(context, resolved, d)) {
      group.d.delete(d.id);
      return resolveGroup(context, resolved, group);
    }
    return [...results, { authScapeId: a.id, crmId: d.id, result: await linkPair(context, resolved, a, d) }];
  }
  if (decision.kind === 'create') {
    const made = await createPartner(context, resolved, {
      a: group.a.get(decision.from.id),
      d: group.d.get(decision.from.id),
    });
    return [...results, ...made];
  }
  return results;
}

async function candidatesOf(
  context: SyncContext,
  resolved: ResolvedMapping,
  group: Group,
): Promise<readonly Candidate[]> {
  const { connection, links } = context;
  const { mapping } = resolved;
  const own = await links.getMany(connection.id, mapping.id, [...group.a.keys()]);
  const claims = await links.rowOwnersOf(connection.id, mapping.crmEntity, [...group.d.keys()]);
  const candidates: Candidate[] = [];
  for (const record of group.a.values()) {
    const eligibility = matchEligibility(own.get(record.id)?.value, 'authScape', record);
    candidates.push(candidate('authScape', record, eligibility));
  }
  for (const row of group.d.values()) {
    const claim = claims.get(row.id);
    const holder = claim && (await links.get(connection.id, claim.mappingId, claim.authScapeId));
    const eligibility = claim === undefined ? 'free' : matchEligibility(holder?.value, 'dynamics', row);
    candidates.push(candidate('dynamics', row, eligibility));
  }
  return candidates;
}

function candidate(
  side: Candidate['side'],
  record: { id: string; active: boolean },
  eligibility: MatchEligibility,
): Candidate {
  return {
    side,
    id: record.id,
    active: record.active,
    linked: eligibility === 'linked',
    tombstone: eligibility === 'tombstone',
  };
}

/** Makes the missing partner of one record, where the mapping allows it. */
export async function createPartner(
  context: SyncContext,
  resolved: ResolvedMapping,
  record: { a?: AuthScapeRecord | undefined; d?: DynamicsRow | undefined },
): Promise<readonly UnlinkedResult[]> {
  if (record.a !== undefined) {
    const blocked = creationBlocked(context, resolved, 'authScape');
    if (blocked !== null) {
      const settled = await settleLeft(context, resolved, record.a);
      if (settled === 'nothing') return [skippedA(resolved, record.a.id, blocked)];
      return [{ authScapeId: record.a.id, crmId: null, result: settled }];
    }
    const full = record.a.complete
      ? record.a
      : await context.authScape.get(resolved.mapping.authScapeEntity, record.a.id, resolved.keys);
    if (full === undefined) return [];
    const result = await createInDynamics(context, resolved, full);
    return [{ authScapeId: full.id, crmId: null, result }];
  }
  if (record.d === undefined) return [];
  const blocked = creationBlocked(context, resolved, 'dynamics');
  if (blocked !== null) return [skippedD(resolved, record.d.id, blocked)];
  return [
    { authScapeId: null, crmId: record.d.id, result: await createInAuthScape(context, resolved, record.d) },
  ];
}
