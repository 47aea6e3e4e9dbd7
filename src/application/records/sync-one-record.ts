import type { Change } from '../../domain/change.js';
import { BridgeError, RecordRejectedError } from '../../domain/errors.js';
import type { AuthScapeEntity, Connection } from '../../domain/model.js';
import type { Outcome } from '../../domain/run.js';
import { addStats, NO_STATS, statsOfResult } from '../../domain/stats.js';
import { requireConnection } from '../connections/manage-connections.js';
import { requireMapping } from '../mappings/save-mapping.js';
import { createStatsCounter } from '../shared/count-stats.js';
import type { EngineDeps } from '../shared/engine-deps.js';
import { pagesOf } from '../shared/pages.js';
import { stoppedAfter } from '../shared/time-limit.js';
import { openContext } from '../sync/context/open-context.js';
import { MappingChangedError } from '../sync/context/present-mappings.js';
import { settleProblems } from '../sync/context/record-problems.js';
import { type SyncContext, withEarlier } from '../sync/context/sync-context.js';
import { EventGuard } from '../sync/guard/event-delete-guard.js';
import { type RecordResult, syncAuthScapeRecord, syncDynamicsRow } from '../sync/sync-record.js';

/** What a sync of one record did (or would do) under one mapping. */
export interface OneRecordResult {
  readonly connectionId: string;
  readonly mappingId: string;
  readonly outcome: Outcome;
  readonly authScapeId: string | null;
  readonly crmId: string | null;
  readonly changes: readonly Change[];
  readonly error: { readonly code: string; readonly message: string } | null;
}

/** A caller waits so long for another worker to be done with the record. */
const PATIENCE_MS = 5_000;
const LOOK_AGAIN_MS = 500;
/** The platform cuts a request off at 230 s. */
const DEADLINE_MS = 200_000;

const BY_HAND = { runId: null, trigger: 'record', fullRun: false } as const;

/**
 * Syncs one AuthScape record now, over every enabled connection that maps it. A connection whose other side fails is
 * reported as failed and keeps none of the others. Throws `record_not_found`, `record_busy` after some seconds of
 * waiting, `connection_timeout`.
 */
export const syncAuthScapeRecordNow = (deps: EngineDeps) => {
  const guard = new EventGuard(deps);
  const tracked = keepTrack(deps);
  const sync = async (entity: AuthScapeEntity, authScapeId: string): Promise<readonly OneRecordResult[]> => {
    const results: OneRecordResult[] = [];
    for (const { connection, mappingIds } of await connectionsOf(deps, entity)) {
      try {
        const found = await underPresentMappings(deps, connection.id, (context) =>
          tracked(context, () =>
            syncAuthScapeRecord(context, guard, { entity, id: authScapeId, eventAt: null }),
          ),
        );
        results.push(...found.map((one) => resultOf(deps, connection.id, one)));
      } catch (error) {
        const told = reasonOf(error);
        if (told === null || told.code === 'record_busy') throw error;
        results.push(...mappingIds.map((mappingId) => failed(connection.id, mappingId, authScapeId, told)));
      }
    }
    if (results.length === 0) await refuseUnknown(deps, entity, authScapeId);
    return results;
  };
  return (entity: AuthScapeEntity, authScapeId: string) => inTime(deps, () => sync(entity, authScapeId));
};

/** The same from the Dynamics side. Throws `record_not_found`, `record_busy`, `connection_disabled`, `not_found`. */
export const syncDynamicsRowNow = (deps: EngineDeps) => {
  const guard = new EventGuard(deps);
  const tracked = keepTrack(deps);
  const sync = async (
    connectionId: string,
    table: string,
    crmId: string,
  ): Promise<readonly OneRecordResult[]> => {
    const { value: connection } = await requireConnection(deps, connectionId);
    if (!connection.enabled) throw new BridgeError('connection_disabled', 'The connection is switched off.');
    const name = table.toLowerCase();
    const id = crmId.toLowerCase();
    const found = await underPresentMappings(deps, connectionId, async (context) => {
      if (!context.mappings.some(({ mapping }) => mapping.crmEntity === name)) {
        throw new BridgeError('not_found', `No enabled mapping of the connection has the table "${name}".`);
      }
      const results = await tracked(context, () => syncDynamicsRow(context, guard, name, id));
      if (results.length === 0) await refuseUnknownRow(context, name, id);
      return results;
    });
    return found.map((one) => resultOf(deps, connectionId, one));
  };
  return (connectionId: string, table: string, crmId: string) =>
    inTime(deps, () => sync(connectionId, table, crmId));
};

const CHANGES = 3;

/** Does the work under the mappings as they are stored; anew where one is changed meanwhile. */
async function underPresentMappings(
  deps: EngineDeps,
  connectionId: string,
  work: (context: SyncContext) => Promise<readonly RecordResult[]>,
): Promise<readonly RecordResult[]> {
  for (let attempt = 1; attempt <= CHANGES; attempt += 1) {
    try {
      return await work(await openContext(deps, connectionId, { ...BY_HAND, dryRun: false }));
    } catch (error) {
      if (!(error instanceof MappingChangedError)) throw error;
    }
  }
  throw new BridgeError('record_busy', 'The mappings are being changed.', { retryAfterSeconds: 5 });
}

/**
 * The work; throws `connection_timeout` when it takes longer than a caller may wait. It stops before its next request then; what it
 * has done is in the log.
 */
export function inTime<T>(deps: EngineDeps, work: () => Promise<T>): Promise<T> {
  return stoppedAfter(deps, DEADLINE_MS, work, () => {
    throw new BridgeError('connection_timeout', 'The record could not be synced in time.', {
      hint: 'Dynamics or AuthScape answers slowly. The log of the connection says what was done.',
    });
  });
}

/**
 * Syncs again while another worker has the record in hand, for a few seconds; and once more where something waits: a
 * creation whose worker died is taken back by the first look.
 */
async function whileBusy(
  deps: EngineDeps,
  sync: () => Promise<readonly RecordResult[]>,
): Promise<readonly RecordResult[]> {
  const until = deps.clock.now() + PATIENCE_MS;
  let results = await sync();
  if (results.some(({ result }) => result.waiting)) results = joined(results, await sync());
  while (results.some(({ result }) => result.busyUntil !== null) && deps.clock.now() < until) {
    await deps.clock.sleep(LOOK_AGAIN_MS);
    results = joined(results, await sync());
  }
  return results;
}

/** What was done under each mapping in both goes. */
function joined(before: readonly RecordResult[], after: readonly RecordResult[]): readonly RecordResult[] {
  return after.map((one) => {
    const first = before.find(
      ({ mappingId, result }) => mappingId === one.mappingId && result.changes.length > 0,
    );
    // What fails again is told once.
    if (first === undefined || one.result.outcome === 'failed') return one;
    return { ...one, result: withEarlier(first.result, one.result) };
  });
}

/** Syncs, settles what is among the problems, and counts what was done and what it cost. */
function keepTrack(deps: EngineDeps) {
  const count = createStatsCounter(deps);
  return async (
    context: SyncContext,
    sync: () => Promise<readonly RecordResult[]>,
  ): Promise<readonly RecordResult[]> => {
    const { result: found, requests } = await deps.meter.measure(() => whileBusy(deps, sync));
    await settleProblems(context, found);
    const { dynamics, authScape } = requests();
    const cost = { ...NO_STATS, requests: { dynamics, authScape } };
    await count(
      context.connection.id,
      found.reduce((sum, { result }) => addStats(sum, statsOfResult(result)), cost),
    );
    return found;
  };
}

export type PreviewTarget = { readonly authScapeId: string } | { readonly crmId: string };

/** What a sync of one record would write under one mapping. Writes nothing, not even a log entry. Throws `record_not_found`. */
export const previewRecord = (deps: EngineDeps) => {
  const guard = new EventGuard(deps);
  const preview = async (
    connectionId: string,
    mappingId: string,
    target: PreviewTarget,
  ): Promise<readonly OneRecordResult[]> => {
    const { value: mapping } = await requireMapping(deps, connectionId, mappingId);
    const context = await openContext(deps, connectionId, { ...BY_HAND, dryRun: true });
    const found =
      'authScapeId' in target
        ? await syncAuthScapeRecord(context, guard, {
            entity: mapping.authScapeEntity,
            id: target.authScapeId,
            eventAt: null,
          })
        : await syncDynamicsRow(context, guard, mapping.crmEntity, target.crmId.toLowerCase());
    if (found.length === 0) {
      if ('authScapeId' in target) await refuseUnknown(deps, mapping.authScapeEntity, target.authScapeId);
      else await refuseUnknownRow(context, mapping.crmEntity, target.crmId.toLowerCase());
    }
    return found.filter((one) => one.mappingId === mappingId).map((one) => resultOf(deps, connectionId, one));
  };
  return (connectionId: string, mappingId: string, target: PreviewTarget) =>
    inTime(deps, () => preview(connectionId, mappingId, target));
};

const PAGE = 100;

async function connectionsOf(
  deps: EngineDeps,
  entity: AuthScapeEntity,
): Promise<readonly { connection: Connection; mappingIds: readonly string[] }[]> {
  const found: { connection: Connection; mappingIds: readonly string[] }[] = [];
  for await (const page of pagesOf((cursor) => deps.connections.list(PAGE, cursor))) {
    for (const { value: connection } of page.items) {
      if (!connection.enabled) continue;
      const mappingIds = (await deps.mappings.list(connection.id))
        .filter(({ value }) => value.enabled && value.authScapeEntity === entity)
        .map(({ value }) => value.id);
      if (mappingIds.length > 0) found.push({ connection, mappingIds });
    }
  }
  return found;
}

async function refuseUnknown(deps: EngineDeps, entity: AuthScapeEntity, id: string): Promise<void> {
  const authScape = await deps.systems.authScape();
  if ((await authScape.get(entity, id, [])) !== undefined) return;
  throw new BridgeError('record_not_found', `AuthScape has no ${entity} with the id "${id}".`);
}

async function refuseUnknownRow(context: SyncContext, table: string, id: string): Promise<void> {
  if ((await context.dynamics.get(table, id, [])) !== undefined) return;
  throw new BridgeError('record_not_found', `Dynamics has no row "${id}" in ${table}.`);
}

/** What a caller is told of one record; throws `record_busy` while another worker has it. */
export function resultOf(deps: EngineDeps, connectionId: string, one: RecordResult): OneRecordResult {
  const { outcome, changes, busyUntil } = one.result;
  if (busyUntil !== null) throw recordBusy(busyUntil - deps.clock.now());
  return {
    connectionId,
    mappingId: one.mappingId,
    outcome,
    // A record that was created just now is known from its change.
    authScapeId: one.authScapeId ?? first(changes.map((change) => change.authScapeId)),
    crmId: one.crmId ?? first(changes.map((change) => change.crmId)),
    changes,
    error: changes.find((change) => change.error !== undefined)?.error ?? null,
  };
}

/** Another worker has the record for so many milliseconds. */
export function recordBusy(ms: number): BridgeError {
  return new BridgeError('record_busy', 'The record is being synced by another worker.', {
    retryAfterSeconds: Math.max(1, Math.ceil(ms / 1000)),
  });
}

/** Null for what is a fault of our own. */
function reasonOf(error: unknown): OneRecordResult['error'] {
  if (error instanceof BridgeError) return { code: error.code, message: error.message };
  return error instanceof RecordRejectedError ? { code: error.reason, message: error.message } : null;
}

function first(ids: readonly (string | null)[]): string | null {
  return ids.find((id) => id !== null) ?? null;
}

function failed(
  connectionId: string,
  mappingId: string,
  authScapeId: string,
  error: NonNullable<OneRecordResult['error']>,
): OneRecordResult {
  return {
    connectionId,
    mappingId,
    outcome: 'failed',
    authScapeId,
    crmId: null,
    changes: [],
    error,
  };
}
