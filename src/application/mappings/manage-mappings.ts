import { defaultFields, defaultMatchBy } from '../../domain/default-mappings.js';
import { BridgeError } from '../../domain/errors.js';
import {
  type AuthScapeEntity,
  type Direction,
  dependencyOrder,
  type EntityMapping,
} from '../../domain/model.js';
import { NO_FEED, refuseDuringRun, releaseTable, reserveTable } from '../connections/change-environment.js';
import { requireConnection } from '../connections/manage-connections.js';
import type { LinkStore } from '../ports/links.js';
import type { ProblemStore } from '../ports/problems.js';
import type { BacklogStore } from '../ports/staging.js';
import type { FeedStore, LogStore, RunStore } from '../ports/stores.js';
import { pagesOf } from '../shared/pages.js';
import { type Precondition, rewrite } from '../shared/precondition.js';
import { logAbandonedPlans } from '../sync/links/abandoned-plan.js';
import {
  invalid,
  type MappingDeps,
  type MappingView,
  requireMapping,
  rewriteMapping,
  showMapping,
  validateMapping,
} from './save-mapping.js';

export interface MappingInput {
  readonly authScapeEntity: AuthScapeEntity;
  readonly crmEntity: string;
  readonly direction?: Direction | undefined;
  readonly enabled?: boolean | undefined;
  readonly filter?: string | null | undefined;
  readonly matchBy?: readonly string[] | undefined;
  readonly createDefaultFields?: boolean | undefined;
}

export type MappingPatch = Pick<MappingInput, 'direction' | 'enabled' | 'filter' | 'matchBy'>;

/** `validate: false` stores without a check against the schemas. */
export interface SaveOptions {
  readonly validate: boolean;
  readonly precondition?: Precondition;
}

/** Throws `connection_not_found`, `table_already_mapped`, `mapping_invalid`. */
export const createMapping =
  (deps: MappingDeps) =>
  async (
    connectionId: string,
    input: MappingInput,
    options: Pick<SaveOptions, 'validate'>,
  ): Promise<MappingView> => {
    const { value: connection } = await requireConnection(deps, connectionId);
    const draft = newMapping(deps, connectionId, input);
    await refuseSamePair(deps, draft);
    const mapping = await validateMapping(deps, connection, draft, options.validate);
    await reserveTable(deps, connection.environment, mapping.crmEntity, connectionId);
    const stored = await deps.mappings.create(mapping);
    try {
      // Of two requests at once both may have got this far: the one that sees the other steps back, at worst both.
      await refuseSamePair(deps, mapping);
    } catch (error) {
      await deps.mappings.remove(mapping, stored.etag);
      throw error;
    }
    return showMapping(deps, stored);
  };

/** A pair of entities is mapped once per connection: a record must not get two partners in one table. */
async function refuseSamePair(deps: Pick<MappingDeps, 'mappings'>, mapping: EntityMapping): Promise<void> {
  const { id, connectionId, authScapeEntity, crmEntity } = mapping;
  const others = (await deps.mappings.list(connectionId)).map((stored) => stored.value);
  const same = others.find(
    (other) => other.id !== id && other.authScapeEntity === authScapeEntity && other.crmEntity === crmEntity,
  );
  if (!same) return;
  throw invalid([
    { path: 'crmEntity', message: `The mapping ${same.id} maps ${authScapeEntity} to it already.` },
  ]);
}

function newMapping(deps: MappingDeps, connectionId: string, input: MappingInput): EntityMapping {
  const now = new Date(deps.clock.now()).toISOString();
  const crmEntity = input.crmEntity.trim().toLowerCase();
  const fields = input.createDefaultFields === false ? [] : defaultFields(input.authScapeEntity, crmEntity);
  return {
    id: `m_${deps.ids.random(10)}`,
    connectionId,
    authScapeEntity: input.authScapeEntity,
    crmEntity,
    direction: input.direction ?? 'Bidirectional',
    enabled: input.enabled ?? true,
    filter: input.filter ?? null,
    matchBy: input.matchBy ?? defaultMatchBy(input.authScapeEntity),
    fields: fields.map((field) => ({ id: `f_${deps.ids.random(10)}`, ...field })),
    relationships: [],
    version: 1,
    createdAt: now,
    updatedAt: now,
  };
}

/** In the order in which runs work on them. */
export const listMappings =
  (deps: MappingDeps) =>
  async (connectionId: string): Promise<readonly MappingView[]> => {
    await requireConnection(deps, connectionId);
    const stored = await deps.mappings.list(connectionId);
    const ordered = [...stored].sort((a, b) => dependencyOrder(a.value, b.value));
    return Promise.all(ordered.map((one) => showMapping(deps, one)));
  };

export const getMapping =
  (deps: MappingDeps) =>
  async (connectionId: string, mappingId: string): Promise<MappingView> =>
    showMapping(deps, await requireMapping(deps, connectionId, mappingId));

/** Changes the mapping itself; its fields and relationships have their own use cases. */
export const patchMapping =
  (deps: MappingDeps) =>
  (
    connectionId: string,
    mappingId: string,
    patch: MappingPatch,
    options: SaveOptions,
  ): Promise<MappingView> =>
    rewriteMapping(deps, {
      connectionId,
      mappingId,
      change: (mapping) => ({
        ...mapping,
        direction: patch.direction ?? mapping.direction,
        enabled: patch.enabled ?? mapping.enabled,
        filter: patch.filter === undefined ? mapping.filter : patch.filter,
        matchBy: patch.matchBy ?? mapping.matchBy,
      }),
      validate: options.validate,
      precondition: options.precondition,
    });

export interface DeleteMappingDeps extends MappingDeps {
  readonly links: LinkStore;
  readonly logs: LogStore;
  readonly problems: ProblemStore;
  readonly feeds: FeedStore;
  readonly runs: RunStore;
  readonly backlog: BacklogStore;
}

/** How long one call clears links before it asks to be repeated. */
const CLEAR_MS = 120_000;

/**
 * Deletes a mapping with its links and claims; what a worker that died may have written is logged before. It is switched
 * off first and its row goes last: a failure on the way can be repeated. Throws `mapping_not_found`, `precondition_failed`, `run_in_progress`, `storage_unavailable`.
 */
export const deleteMapping =
  (deps: DeleteMappingDeps) =>
  async (connectionId: string, mappingId: string, precondition?: Precondition): Promise<void> => {
    await requireMapping(deps, connectionId, mappingId);
    await refuseDuringRun(deps, connectionId);
    const { value: mapping } = await rewrite({
      read: () => requireMapping(deps, connectionId, mappingId),
      change: (present) => ({ ...present, enabled: false, version: present.version + 1 }),
      write: (present, etag) => deps.mappings.replace(present, etag),
      precondition,
    });
    const deadline = deps.clock.now() + CLEAR_MS;
    const { value: connection } = await requireConnection(deps, connectionId);
    await logAbandonedPlans({ ...deps, connection, runId: null, trigger: 'record', dryRun: false }, mapping);
    if (!(await deps.links.removeAll(connectionId, mappingId, mapping.crmEntity, deadline))) {
      throw new BridgeError('storage_unavailable', 'Not all links of the mapping could be removed in time.', {
        hint: 'Repeat the request: it goes on where it stopped.',
        retryAfterSeconds: 1,
      });
    }
    await clearBacklog(deps, connectionId, mappingId);
    await deps.feeds.put(connectionId, mappingId, NO_FEED);
    const last = await deps.mappings.get(connectionId, mappingId);
    if (last) await deps.mappings.remove(last.value, last.etag);
    await releaseUnused(deps, connectionId, mapping.crmEntity);
  };

async function clearBacklog(
  deps: Pick<DeleteMappingDeps, 'backlog'>,
  connectionId: string,
  mappingId: string,
): Promise<void> {
  for await (const page of pagesOf((cursor) =>
    deps.backlog.scanMarks(connectionId, mappingId, 500, cursor),
  )) {
    await deps.backlog.removeMarks(connectionId, page.items);
  }
  for await (const page of pagesOf((cursor) => deps.backlog.scanHeld(connectionId, 500, cursor))) {
    await deps.backlog.removeHeld(
      connectionId,
      page.items.filter((held) => held.mappingId === mappingId),
    );
  }
}

async function releaseUnused(deps: DeleteMappingDeps, connectionId: string, table: string): Promise<void> {
  const { value: connection } = await requireConnection(deps, connectionId);
  const others = await deps.mappings.list(connectionId);
  if (others.some(({ value }) => value.crmEntity === table)) return;
  await releaseTable(deps, connection.environment, table, connectionId);
}
