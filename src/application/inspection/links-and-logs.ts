import type { LogEntry } from '../../domain/change.js';
import { BridgeError, ConflictError } from '../../domain/errors.js';
import { type Link, parseLinkId } from '../../domain/link.js';
import { type AuthScapeEntity, dependencyOrder, type EntityMapping } from '../../domain/model.js';
import { requireConnection } from '../connections/manage-connections.js';
import type { LinkStore } from '../ports/links.js';
import type { Clock } from '../ports/runtime.js';
import type { ConnectionStore, LogFilter, LogStore, MappingStore, Page, Stored } from '../ports/stores.js';

/** Looking at what syncing has left: links and logs. Unlinking is the one change that a person makes here. */
export interface InspectDeps {
  readonly connections: ConnectionStore;
  readonly mappings: MappingStore;
  readonly links: LinkStore;
  readonly logs: LogStore;
  readonly clock: Clock;
}

export interface LinkFilter {
  readonly entity?: AuthScapeEntity | undefined;
  readonly authScapeId?: string | undefined;
  readonly crmId?: string | undefined;
  readonly state: Link['state'];
}

/** Links in the order of mappings and store; a page may be shorter than asked for and still have a successor. */
export const listLinks =
  (deps: InspectDeps) =>
  async (connectionId: string, filter: LinkFilter, limit: number, cursor?: string): Promise<Page<Link>> => {
    await requireConnection(deps, connectionId);
    const stored = await deps.mappings.list(connectionId);
    const mappings = stored
      .map(({ value }) => value)
      .filter((mapping) => filter.entity === undefined || mapping.authScapeEntity === filter.entity)
      .sort(dependencyOrder);
    if (filter.authScapeId !== undefined || filter.crmId !== undefined) {
      const found = await Promise.all(mappings.map((mapping) => findLink(deps, mapping, filter)));
      return { items: found.flatMap((link) => (link?.state === filter.state ? [link] : [])) };
    }
    return scanMappings(deps, connectionId, mappings, { filter, limit, cursor });
  };

async function findLink(
  deps: InspectDeps,
  mapping: EntityMapping,
  filter: LinkFilter,
): Promise<Link | undefined> {
  const { connectionId, id: mappingId } = mapping;
  const crmId = filter.crmId?.toLowerCase();
  let authScapeId = filter.authScapeId;
  if (authScapeId === undefined && crmId !== undefined) {
    const claim = (await deps.links.rowOwnersOf(connectionId, mapping.crmEntity, [crmId])).get(crmId);
    if (claim?.mappingId !== mappingId) return undefined;
    authScapeId = claim.authScapeId;
  }
  if (authScapeId === undefined) return undefined;
  const stored = await deps.links.get(connectionId, mappingId, authScapeId);
  return crmId === undefined || stored?.value.crmId.toLowerCase() === crmId ? stored?.value : undefined;
}

/** Bounds the work of one page when nearly all links are in the other state. */
const SCANS_PER_PAGE = 20;

interface Position {
  readonly mappingId: string;
  readonly cursor: string | undefined;
}

async function scanMappings(
  deps: InspectDeps,
  connectionId: string,
  mappings: readonly EntityMapping[],
  { filter, limit, cursor }: { filter: LinkFilter; limit: number; cursor: string | undefined },
): Promise<Page<Link>> {
  let position = startAt(mappings, cursor);
  const items: Link[] = [];
  for (let scans = 0; position && items.length < limit && scans < SCANS_PER_PAGE; scans += 1) {
    const page: Page<Stored<Link>> = await deps.links.scan(
      connectionId,
      position.mappingId,
      limit - items.length,
      position.cursor,
    );
    items.push(...page.items.map(({ value }) => value).filter((link) => link.state === filter.state));
    position =
      page.nextCursor === undefined
        ? after(mappings, position.mappingId)
        : { ...position, cursor: page.nextCursor };
  }
  return { items, nextCursor: position && writePosition(position) };
}

function startAt(mappings: readonly EntityMapping[], cursor: string | undefined): Position | undefined {
  if (cursor === undefined) return mappings[0] && { mappingId: mappings[0].id, cursor: undefined };
  const position = readPosition(cursor);
  if (!position || !mappings.some((mapping) => mapping.id === position.mappingId)) {
    throw new BridgeError('invalid_request', 'The cursor is not valid here.', {
      errors: [{ path: 'cursor', message: 'Must come from the answer before, with the same filter.' }],
    });
  }
  return position;
}

function after(mappings: readonly EntityMapping[], mappingId: string): Position | undefined {
  const next = mappings[mappings.findIndex((mapping) => mapping.id === mappingId) + 1];
  return next && { mappingId: next.id, cursor: undefined };
}

function writePosition(position: Position): string {
  return Buffer.from(`${position.mappingId} ${position.cursor ?? ''}`, 'utf8').toString('base64url');
}

function readPosition(text: string): Position | undefined {
  const [, mappingId, cursor] = /^(\S+) (.*)$/s.exec(Buffer.from(text, 'base64url').toString('utf8')) ?? [];
  return mappingId === undefined ? undefined : { mappingId, cursor: cursor === '' ? undefined : cursor };
}

const ATTEMPTS = 5;

/**
 * Parts a linked pair: a tombstone keeps both from being matched again. Deleting the tombstone lets them be matched
 * anew. Throws `link_not_found`, `record_busy` while a worker holds the pair.
 */
export const unlink =
  (deps: Pick<InspectDeps, 'connections' | 'links' | 'clock'>) =>
  async (connectionId: string, linkId: string): Promise<void> => {
    await requireConnection(deps, connectionId);
    const ids = parseLinkId(linkId);
    for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
      const stored = ids && (await deps.links.get(connectionId, ids.mappingId, ids.authScapeId));
      if (!stored) throw new BridgeError('link_not_found', `The connection has no link "${linkId}".`);
      if (await unlinkOrForget(deps, stored)) return;
    }
    throw new BridgeError('record_busy', 'The pair is being synced.', { retryAfterSeconds: 2 });
  };

async function unlinkOrForget(
  deps: Pick<InspectDeps, 'links' | 'clock'>,
  { value: link, etag }: Stored<Link>,
): Promise<boolean> {
  const now = deps.clock.now();
  if (link.claim && link.claim.until > now) {
    throw new BridgeError('record_busy', 'The pair is being synced.', {
      retryAfterSeconds: Math.ceil((link.claim.until - now) / 1000),
    });
  }
  try {
    if (link.state === 'tombstone') await deps.links.remove(link, etag);
    else await deps.links.replace(parted(link, now), etag);
    return true;
  } catch (error) {
    if (error instanceof ConflictError) return false;
    throw error;
  }
}

function parted(link: Link, now: number): Link {
  return {
    ...link,
    state: 'tombstone',
    tombstone: { reason: 'parted', act: 'none', at: new Date(now).toISOString(), runId: null },
    clean: false,
    claim: null,
    changedAt: now,
  };
}

/** Newest first. */
export const listLogs =
  (deps: Pick<InspectDeps, 'connections' | 'logs'>) =>
  async (
    connectionId: string,
    filter: LogFilter,
    limit: number,
    cursor?: string,
  ): Promise<Page<LogEntry>> => {
    await requireConnection(deps, connectionId);
    return deps.logs.list(connectionId, filter, limit, cursor);
  };

/** Returns how many entries were removed. */
export const removeLogs =
  (deps: Pick<InspectDeps, 'connections' | 'logs'>) =>
  async (connectionId: string, olderThan: string): Promise<number> => {
    await requireConnection(deps, connectionId);
    return deps.logs.removeOlderThan(connectionId, olderThan);
  };
