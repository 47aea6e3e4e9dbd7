import { BridgeError, ConflictError } from '../../domain/errors.js';
import { withoutValues } from '../../domain/link.js';
import type { AuthScapeEntity, EntityMapping } from '../../domain/model.js';
import { refuseDuringRun } from '../connections/change-environment.js';
import { requireConnection } from '../connections/manage-connections.js';
import type { LinkStore } from '../ports/links.js';
import type { ErasedCounts, RecordEraser } from '../ports/retention.js';
import type { Clock } from '../ports/runtime.js';
import type { ConnectionStore, MappingStore, RunStore } from '../ports/stores.js';

export interface EraseDeps {
  readonly connections: ConnectionStore;
  readonly mappings: MappingStore;
  readonly links: LinkStore;
  readonly runs: RunStore;
  readonly recordEraser: RecordEraser;
  readonly clock: Clock;
}

/** A record by the id of either side, or by both. */
export interface RecordToErase {
  readonly entity: AuthScapeEntity;
  readonly authScapeId?: string | undefined;
  readonly crmId?: string | undefined;
}

export interface Erased {
  /** All ids that the record has, or has had, as far as this service knows. */
  readonly authScapeIds: readonly string[];
  readonly crmIds: readonly string[];
  readonly erased: ErasedCounts;
}

/**
 * Takes the values of a person (or another record) out of everything that this service has stored of one connection; the two
 * systems are not touched. Ids stay, and the pair stays linked. Throws `connection_not_found`, `run_in_progress`, since a
 * run holds what it has read, and `record_busy` while a worker holds the pair.
 */
export const eraseRecord =
  (deps: EraseDeps) =>
  async (connectionId: string, asked: RecordToErase): Promise<Erased> => {
    await requireConnection(deps, connectionId);
    await refuseDuringRun(deps, connectionId);
    const mappings = (await deps.mappings.list(connectionId))
      .map(({ value }) => value)
      .filter(({ authScapeEntity }) => authScapeEntity === asked.entity);
    const given = asked.crmId === undefined ? [] : [asked.crmId.toLowerCase()];
    const owners = await ownersOf(deps, mappings, given);
    const named = asked.authScapeId === undefined ? [] : [asked.authScapeId];
    const authScapeIds = [...new Set([...named, ...owners])];
    const linked = await eraseLinks(deps, mappings, authScapeIds);
    const logged = await Promise.all(
      authScapeIds.map((id) => deps.recordEraser.idsInLog(connectionId, asked.entity, id)),
    );
    const crmIds = [...new Set([...given, ...linked.map(({ crmId }) => crmId), ...logged.flat()])];
    const creations = await endCreations(deps, mappings, crmIds);
    const record = { connectionId, entity: asked.entity, mappings, authScapeIds, crmIds };
    const counts = await deps.recordEraser.erase(record);
    const links = linked.filter(({ hadValues }) => hadValues).length;
    return { authScapeIds, crmIds, erased: { ...counts, links, claims: counts.claims + creations } };
  };

async function ownersOf(
  deps: Pick<EraseDeps, 'links'>,
  mappings: readonly EntityMapping[],
  crmIds: readonly string[],
): Promise<readonly string[]> {
  const found: string[] = [];
  for (const { connectionId, crmEntity, id } of mappings) {
    for (const owner of (await deps.links.rowOwnersOf(connectionId, crmEntity, crmIds)).values()) {
      if (owner.mappingId === id) found.push(owner.authScapeId);
    }
  }
  return found;
}

const ATTEMPTS = 5;

interface ErasedLink {
  readonly crmId: string;
  readonly hadValues: boolean;
}

async function eraseLinks(
  deps: Pick<EraseDeps, 'links' | 'clock'>,
  mappings: readonly EntityMapping[],
  authScapeIds: readonly string[],
): Promise<readonly ErasedLink[]> {
  const found: ErasedLink[] = [];
  for (const mapping of mappings) {
    for (const id of authScapeIds) {
      const link = await eraseLink(deps, mapping, id);
      if (link !== undefined) found.push(link);
    }
  }
  return found;
}

async function eraseLink(
  deps: Pick<EraseDeps, 'links' | 'clock'>,
  { connectionId, id: mappingId }: EntityMapping,
  authScapeId: string,
): Promise<ErasedLink | undefined> {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    const stored = await deps.links.get(connectionId, mappingId, authScapeId);
    if (stored === undefined) return undefined;
    const { value: link, etag } = stored;
    const now = deps.clock.now();
    if (link.claim !== null && link.claim.until > now) throw busy(link.claim.until - now);
    const bare = withoutValues(link);
    const hadValues = JSON.stringify(bare) !== JSON.stringify(link);
    try {
      if (hadValues) await deps.links.replace({ ...bare, changedAt: now }, etag);
      return { crmId: link.crmId.toLowerCase(), hadValues };
    } catch (error) {
      if (!(error instanceof ConflictError)) throw error;
    }
  }
  throw busy(1_000);
}

/** Partners that were about to be made, by workers that are gone: what was sent is forgotten. */
async function endCreations(
  deps: Pick<EraseDeps, 'links' | 'clock'>,
  mappings: readonly EntityMapping[],
  crmIds: readonly string[],
): Promise<number> {
  let ended = 0;
  for (const { connectionId, crmEntity: table, id: mappingId } of mappings) {
    for (const crmId of crmIds) {
      const row = { table, crmId, mappingId };
      const pending = await deps.links.pendingCreationOf(connectionId, row);
      if (pending === undefined) continue;
      const now = deps.clock.now();
      if (pending.until > now) throw busy(pending.until - now);
      await deps.links.endPendingCreation(connectionId, row, pending);
      ended += 1;
    }
  }
  return ended;
}

function busy(ms: number): BridgeError {
  return new BridgeError('record_busy', 'The record is being synced.', {
    retryAfterSeconds: Math.max(1, Math.ceil(ms / 1000)),
  });
}
