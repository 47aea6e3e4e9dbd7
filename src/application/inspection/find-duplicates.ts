import {
  type LookupTarget,
  type ResolvedLookups,
  type ResolvedMapping,
  resolveMapping,
  withLookups,
} from '../../domain/fields.js';
import { evaluate, filterColumns } from '../../domain/filter.js';
import { type LinkWatch, watchLink } from '../../domain/link-circle.js';
import { isKeyRead, isOwnUser, matchKey } from '../../domain/match.js';
import {
  type AuthScapeEntity,
  type Connection,
  dependencyOrder,
  type EntityMapping,
} from '../../domain/model.js';
import type { AuthScapeRecord, DynamicsRow } from '../../domain/records.js';
import { requireConnection } from '../connections/manage-connections.js';
import type { LinkStore } from '../ports/links.js';
import type { Clock } from '../ports/runtime.js';
import type { ConnectionStore, MappingStore } from '../ports/stores.js';
import type { AuthScapeSystem, DynamicsSystem, Systems } from '../ports/systems.js';
import { leftBehind, type MergedRow } from './left-behind.js';

export interface DuplicateDeps {
  readonly connections: ConnectionStore;
  readonly mappings: MappingStore;
  readonly links: LinkStore;
  readonly systems: Systems;
  readonly clock: Clock;
}

/**
 * Records that one key names: several on a side, or one on each side that are not linked yet. `merged`: a row that was
 * merged into another one, and the records that both may belong to.
 */
export interface DuplicateGroup {
  readonly kind: 'authScape' | 'dynamics' | 'both' | 'unlinkedPair' | 'merged';
  readonly mappingId: string;
  readonly entity: AuthScapeEntity;
  readonly crmEntity: string;
  /** Values of the match fields, in their order. */
  readonly key: readonly (string | null)[];
  readonly authScapeIds: readonly string[];
  readonly crmIds: readonly string[];
}

export interface DuplicateReport {
  readonly items: readonly DuplicateGroup[];
  /** Not everything was read in the time there was, or there is more than is shown. */
  readonly truncated: boolean;
}

/** A caller waits for the answer: reading stops after this, and the report says so. */
const READ_MS = 120_000;
const MOST_GROUPS = 1000;
/** Ids shown of one group. */
const MOST_IDS = 50;

interface Group {
  readonly authScape: string[];
  readonly dynamics: string[];
}

interface Reading {
  readonly deps: DuplicateDeps;
  readonly connection: Connection;
  readonly mappings: readonly EntityMapping[];
  readonly authScape: AuthScapeSystem;
  readonly ownUserId: string | null;
  readonly dynamics: DynamicsSystem;
  readonly deadline: number;
}

/** Reads both sides of every enabled mapping and groups them by match key. Writes nothing. */
export const findDuplicates =
  (deps: DuplicateDeps) =>
  async (connectionId: string): Promise<DuplicateReport> => {
    const { value: connection } = await requireConnection(deps, connectionId);
    const stored = await deps.mappings.list(connectionId);
    const mappings = stored.map(({ value }) => value).sort(dependencyOrder);
    const authScape = await deps.systems.authScape();
    const reading: Reading = {
      deps,
      connection,
      mappings,
      authScape,
      ownUserId: (await authScape.identity()).userId,
      dynamics: await deps.systems.dynamics(connection),
      deadline: deps.clock.now() + READ_MS,
    };
    const items: DuplicateGroup[] = [];
    let truncated = false;
    for (const mapping of mappings.filter((one) => one.enabled)) {
      const part = await ofMapping(reading, mapping);
      truncated ||= part.truncated;
      items.push(...part.items);
    }
    return { items: items.slice(0, MOST_GROUPS), truncated: truncated || items.length > MOST_GROUPS };
  };

async function ofMapping(reading: Reading, mapping: EntityMapping): Promise<DuplicateReport> {
  const entity = await reading.authScape.schema(mapping.authScapeEntity);
  const table = await reading.dynamics.table(mapping.crmEntity);
  if (!table) return { items: [], truncated: false };
  const resolved = resolveMapping(reading.connection, mapping, entity, table);
  if (resolved.matchFields.length === 0) return { items: [], truncated: false };
  const groups = new Map<string, Group>();
  const mergedRows: MergedRow[] = [];
  const complete = [
    await readAuthScape(reading, resolved, groups),
    await readDynamics(reading, resolved, groups, mergedRows),
  ].every(Boolean);
  const doubled: DuplicateGroup[] = [];
  const pairs: DuplicateGroup[] = [];
  for (const [key, group] of groups) {
    const found = describe(mapping, key, group);
    if (found) (found.kind === 'unlinkedPair' ? pairs : doubled).push(found);
  }
  const unlinked = await withoutLinks(reading, mapping, pairs);
  const left = await leftBehind(
    { ...reading, resolved, recordsOf: (key) => [...new Set(groups.get(key)?.authScape ?? [])] },
    mergedRows,
  );
  const items = left.map(({ key, authScapeIds, crmIds }) =>
    groupOf(mapping, key, { kind: 'merged', authScapeIds, crmIds }),
  );
  return {
    items: [...items.slice(0, MOST_GROUPS), ...doubled.slice(0, MOST_GROUPS), ...unlinked.items],
    truncated: !complete || unlinked.truncated || doubled.length > MOST_GROUPS || items.length > MOST_GROUPS,
  };
}

async function readAuthScape(
  reading: Reading,
  resolved: ResolvedMapping,
  groups: Map<string, Group>,
): Promise<boolean> {
  const { mapping, matchFields } = resolved;
  const keys = matchFields.flatMap((field) => [field.aKey, ...field.sources]);
  let position: string | null = null;
  do {
    if (reading.deps.clock.now() > reading.deadline) return false;
    const page: Awaited<ReturnType<AuthScapeSystem['scan']>> = await reading.authScape.scan(
      mapping.authScapeEntity,
      { keys, detail: !resolved.listsSuffice },
      position,
    );
    const records = page.records.filter(
      (record) => isKeyRead(matchFields, record) && !isOwnUser(reading, resolved, record.id),
    );
    const fields = await lookedUp(reading, resolved, records);
    for (const record of records) {
      const key = matchKey(fields, { side: 'authScape', values: record.values });
      if (key !== null) join(groups, key).authScape.push(record.id);
    }
    position = page.next;
  } while (position !== null);
  return true;
}

/** The match fields with the lookups of these records resolved through the links of the related mappings. */
async function lookedUp(reading: Reading, resolved: ResolvedMapping, records: readonly AuthScapeRecord[]) {
  const lookups: Record<string, ResolvedLookups> = {};
  for (const field of resolved.matchFields) {
    if (field.lookup === null) continue;
    const values = new Set(records.map((record) => record.values[field.aKey] ?? null));
    const ids = [...values].flatMap((id) => (id === null ? [] : [String(id)]));
    lookups[field.id] = {
      toDynamics: await linkedRows(reading, field.lookup, ids),
      toAuthScape: new Map(),
    };
  }
  return withLookups(resolved.matchFields, lookups);
}

async function linkedRows(
  reading: Reading,
  target: LookupTarget,
  ids: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const rows = new Map<string, string>();
  const related = reading.mappings.filter(
    ({ authScapeEntity, crmEntity }) =>
      authScapeEntity === target.relatedEntity && crmEntity === target.relatedTable,
  );
  for (const mapping of related) {
    const links = await reading.deps.links.getMany(reading.connection.id, mapping.id, ids);
    for (const [id, { value: link }] of links) {
      if (link.state === 'linked') rows.set(id.toLowerCase(), `${link.table}:${link.crmId}`);
    }
  }
  return rows;
}

async function readDynamics(
  reading: Reading,
  resolved: ResolvedMapping,
  groups: Map<string, Group>,
  mergedRows: MergedRow[],
): Promise<boolean> {
  const { filter, matchFields } = resolved;
  const matched = matchFields.map((field) => field.column);
  const columns = [...new Set([...matched, ...(filter === null ? [] : filterColumns(filter))])];
  const passes = (row: DynamicsRow) => filter === null || evaluate(filter, row.values);
  let from: Parameters<DynamicsSystem['changes']>[2] = { kind: 'start', tracked: false };
  let watch: LinkWatch | undefined;
  for (;;) {
    if (reading.deps.clock.now() > reading.deadline) return false;
    const page = await reading.dynamics.changes(resolved.mapping.crmEntity, columns, from);
    for (const row of page.rows) {
      const key = matchKey(matchFields, { side: 'dynamics', values: row.values });
      if (row.mergedInto !== null) mergedRows.push({ id: row.id, masterId: row.mergedInto, key });
      else if (key !== null && passes(row)) join(groups, key).dynamics.push(row.id);
    }
    if (page.next === null) return true;
    watch = watchLink(watch, page.next);
    from = { kind: 'page', link: page.next };
  }
}

function join(groups: Map<string, Group>, key: string): Group {
  const group = groups.get(key) ?? { authScape: [], dynamics: [] };
  groups.set(key, group);
  return group;
}

/** Pairs asked for their links at once. */
const BATCH = 500;

/** Of records that are alone on their sides under one key: those that nothing links yet. */
async function withoutLinks(
  reading: Reading,
  mapping: EntityMapping,
  pairs: readonly DuplicateGroup[],
): Promise<DuplicateReport> {
  const { deps, connection, deadline } = reading;
  const items: DuplicateGroup[] = [];
  for (let start = 0; start < pairs.length; start += BATCH) {
    if (items.length >= MOST_GROUPS || deps.clock.now() > deadline) return { items, truncated: true };
    const batch = pairs.slice(start, start + BATCH);
    const aIds = batch.flatMap((pair) => pair.authScapeIds);
    const dIds = batch.flatMap((pair) => pair.crmIds);
    const linked = await deps.links.getMany(connection.id, mapping.id, aIds);
    const claimed = await deps.links.rowOwnersOf(connection.id, mapping.crmEntity, dIds);
    items.push(
      ...batch.filter(
        ({ authScapeIds, crmIds }) =>
          !authScapeIds.some((id) => linked.has(id)) && !crmIds.some((id) => claimed.has(id)),
      ),
    );
  }
  return { items, truncated: false };
}

/** Undefined for a record that has its key to itself and no candidate on the other side. */
function describe(mapping: EntityMapping, key: string, group: Group): DuplicateGroup | undefined {
  // A list whose order is not stable may show one record twice.
  const authScapeIds = [...new Set(group.authScape)];
  const crmIds = [...new Set(group.dynamics)];
  const kind = kindOf(authScapeIds.length, crmIds.length);
  return kind === undefined ? undefined : groupOf(mapping, key, { kind, authScapeIds, crmIds });
}

function groupOf(
  mapping: EntityMapping,
  key: string | null,
  found: Pick<DuplicateGroup, 'kind' | 'authScapeIds' | 'crmIds'>,
): DuplicateGroup {
  const parts: unknown = key === null ? [] : JSON.parse(key);
  return {
    kind: found.kind,
    mappingId: mapping.id,
    entity: mapping.authScapeEntity,
    crmEntity: mapping.crmEntity,
    key: Array.isArray(parts) ? parts.map((part) => (part === null ? null : String(part))) : [],
    authScapeIds: found.authScapeIds.slice(0, MOST_IDS),
    crmIds: found.crmIds.slice(0, MOST_IDS),
  };
}

function kindOf(authScape: number, dynamics: number): DuplicateGroup['kind'] | undefined {
  if (authScape > 1) return dynamics > 1 ? 'both' : 'authScape';
  if (dynamics > 1) return 'dynamics';
  return authScape === 1 && dynamics === 1 ? 'unlinkedPair' : undefined;
}
