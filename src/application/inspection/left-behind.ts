import type { ResolvedMapping } from '../../domain/fields.js';
import type { Link } from '../../domain/link.js';
import { matchKey } from '../../domain/match.js';
import type { Connection } from '../../domain/model.js';
import type { LinkStore } from '../ports/links.js';
import type { DynamicsSystem } from '../ports/systems.js';

/** A row that was merged away. */
export interface MergedRow {
  readonly id: string;
  readonly masterId: string;
  readonly key: string | null;
}

interface Looking {
  readonly deps: { readonly links: LinkStore };
  readonly connection: Connection;
  readonly dynamics: DynamicsSystem;
  readonly resolved: ResolvedMapping;
  /** Ids of the AuthScape records that have a key. */
  readonly recordsOf: (key: string) => readonly string[];
}

interface LeftBehind {
  readonly key: string | null;
  /** Who was left behind, then who has, or may get, the surviving row. */
  readonly authScapeIds: readonly string[];
  /** The row that was merged away, then the surviving one. */
  readonly crmIds: readonly string[];
}

/** Rows asked for at once. */
const BATCH = 500;

/** Merged rows whose record waits for a person, since the surviving row has, or may get, a partner of its own. */
export async function leftBehind(
  looking: Looking,
  merged: readonly MergedRow[],
): Promise<readonly LeftBehind[]> {
  const found: LeftBehind[] = [];
  for (let start = 0; start < merged.length; start += BATCH)
    found.push(...(await ofBatch(looking, merged.slice(start, start + BATCH))));
  return found;
}

async function ofBatch(looking: Looking, merged: readonly MergedRow[]): Promise<readonly LeftBehind[]> {
  const { dynamics, resolved, recordsOf } = looking;
  const { crmEntity } = resolved.mapping;
  const columns = resolved.matchFields.map(({ column }) => column);
  const masterIds = [...new Set(merged.map(({ masterId }) => masterId))];
  const masters = await dynamics.getMany(crmEntity, masterIds, columns);
  const owners = await ownersOf(looking, [...merged.map(({ id }) => id), ...masterIds]);
  const byKey = merged.flatMap(({ key }) => (key === null ? [] : recordsOf(key)));
  const linked = await looking.deps.links.getMany(looking.connection.id, resolved.mapping.id, byKey);
  return merged.flatMap(({ id, masterId, key }) => {
    const master = masters.get(masterId);
    if (master === undefined || masterId === id) return [];
    const owner = owners.get(id);
    const waiting =
      owner?.tombstone?.reason === 'merged'
        ? [owner.authScapeId]
        : (key === null ? [] : recordsOf(key)).filter((each) => !linked.has(each));
    if (waiting.length === 0) return [];
    const masterKey = matchKey(resolved.matchFields, { side: 'dynamics', values: master.values });
    const holder = owners.get(masterId);
    const others =
      holder?.state === 'linked' ? [holder.authScapeId] : masterKey === null ? [] : recordsOf(masterKey);
    return [{ key, authScapeIds: [...new Set([...waiting, ...others])], crmIds: [id, masterId] }];
  });
}

/** The links and tombstones of this mapping that hold rows, by D id. */
async function ownersOf(
  { deps: { links }, connection, resolved: { mapping } }: Looking,
  rowIds: readonly string[],
): Promise<ReadonlyMap<string, Link>> {
  const claims = await links.rowOwnersOf(connection.id, mapping.crmEntity, rowIds);
  const own = [...claims.values()].filter(({ mappingId }) => mappingId === mapping.id);
  const ids = own.map(({ authScapeId }) => authScapeId);
  const found = await links.getMany(connection.id, mapping.id, ids);
  return new Map([...found.values()].map(({ value }) => [value.crmId.toLowerCase(), value]));
}
