import type { AuthScapeEntity, EntityMapping } from '../../domain/model.js';
import { addStats, dayOf, NO_STATS, type StatsPart } from '../../domain/stats.js';
import { requireConnection } from '../connections/manage-connections.js';
import type { LinkStore } from '../ports/links.js';
import type { Clock } from '../ports/runtime.js';
import type { StatsStore } from '../ports/stats.js';
import type { ConnectionStore, MappingStore } from '../ports/stores.js';

export interface StatsViewDeps {
  readonly connections: ConnectionStore;
  readonly mappings: MappingStore;
  readonly links: Pick<LinkStore, 'count'>;
  readonly stats: StatsStore;
  readonly clock: Clock;
}

export interface StatsView {
  readonly from: string;
  readonly to: string;
  readonly lastSyncAt: string | null;
  readonly lastSuccessAt: string | null;
  readonly links: Readonly<Record<AuthScapeEntity, number>>;
  readonly total: StatsPart;
  /** The newest first; days without counts are there with zeros. */
  readonly byDay: readonly { readonly day: string; readonly part: StatsPart }[];
}

const DAY_MS = 86_400_000;
/** Up to this many links are counted while the caller waits; of more, the count of the last run is shown. */
const COUNTED_LIVE = 5_000;

/** What the last `days` UTC days brought, today included. Reads counts only, never the log. */
export const viewStats =
  (deps: StatsViewDeps) =>
  async (connectionId: string, days: number): Promise<StatsView> => {
    await requireConnection(deps, connectionId);
    const now = deps.clock.now();
    const names = Array.from({ length: days }, (_, back) => dayOf(now - back * DAY_MS));
    const first = names.at(-1) ?? dayOf(now);
    const [state, counted, links] = await Promise.all([
      deps.connections.getState(connectionId),
      deps.stats.days(connectionId, first, dayOf(now)),
      linksByEntity(deps, connectionId),
    ]);
    const byDay = names.map((day) => ({ day, part: counted.get(day) ?? NO_STATS }));
    return {
      from: `${first}T00:00:00.000Z`,
      to: new Date(now).toISOString(),
      lastSyncAt: state.lastSyncAt,
      lastSuccessAt: state.lastSuccessAt,
      links,
      total: byDay.reduce((total, { part }) => addStats(total, part), NO_STATS),
      byDay,
    };
  };

async function linksByEntity(
  deps: StatsViewDeps,
  connectionId: string,
): Promise<Readonly<Record<AuthScapeEntity, number>>> {
  const [mappings, counted] = await Promise.all([
    deps.mappings.list(connectionId),
    deps.stats.links(connectionId),
  ]);
  const known = new Map(counted.map(({ mappingId, linked }) => [mappingId, linked]));
  const countOf = async ({ id }: EntityMapping) => {
    const last = known.get(id);
    return last !== undefined && last > COUNTED_LIVE ? last : deps.links.count(connectionId, id);
  };
  const byEntity: Record<AuthScapeEntity, number> = { User: 0, Company: 0, Location: 0 };
  await Promise.all(
    mappings.map(async ({ value: mapping }) => {
      const count = await countOf(mapping);
      byEntity[mapping.authScapeEntity] += count;
    }),
  );
  return byEntity;
}
