import { auditedSettings, differences } from '../../domain/audit.js';
import type { Actor } from '../../domain/roles.js';
import type { AlertStore, AlertWatch } from '../ports/alerts.js';
import type { AuditStore } from '../ports/audit.js';
import type { Clock, Ids } from '../ports/runtime.js';
import type { ConnectionStore, MappingStore } from '../ports/stores.js';

export interface AuditDeps {
  readonly audit: AuditStore;
  readonly connections: Pick<ConnectionStore, 'get'>;
  readonly mappings: Pick<MappingStore, 'list'>;
  readonly alerts: Pick<AlertStore, 'get'>;
  readonly clock: Clock;
  readonly ids: Ids;
}

/** An act while it is under way. */
export interface Act {
  readonly actor: Actor;
  readonly action: string;
  /** Known before the act when it is about something that exists. */
  readonly connectionId: string | undefined;
}

/** What is known once the act is done. */
export interface Done {
  readonly target: string;
  readonly connectionId: string | undefined;
  /** Something was made: what is there now is the difference. */
  readonly isMade: boolean;
}

/**
 * Runs an act of a person and writes down who did it and how the settings of the connection differ since. An act that
 * fails, or of which `done` says that nothing was done, leaves no entry. One whose entry cannot be stored is answered as failed: nothing happens unseen.
 */
export const recordAct =
  (deps: AuditDeps) =>
  async <T>(act: Act, run: () => Promise<T>, done: (result: T) => Done | undefined): Promise<T> => {
    const before = await settingsOf(deps, act.connectionId);
    const result = await run();
    const outcome = done(result);
    if (outcome === undefined) return result;
    const { connectionId, target, isMade } = outcome;
    // Decisions on a run name their connection only afterwards; they change none of its settings.
    const isComparable = act.connectionId !== undefined || isMade;
    const after = isComparable ? await settingsOf(deps, connectionId) : before;
    await deps.audit.append({
      id: `a_${deps.ids.random(12)}`,
      at: new Date(deps.clock.now()).toISOString(),
      actor: act.actor,
      action: act.action,
      target,
      ...(connectionId === undefined ? {} : { connectionId }),
      changes: differences(before, after),
    });
    return result;
  };

async function settingsOf(deps: AuditDeps, connectionId: string | undefined): Promise<unknown> {
  if (connectionId === undefined) return undefined;
  const stored = await deps.connections.get(connectionId);
  if (stored === undefined) return undefined;
  const [mappings, alerts] = await Promise.all([
    deps.mappings.list(connectionId),
    deps.alerts.get(connectionId),
  ]);
  return {
    ...auditedSettings(
      stored.value,
      mappings.map(({ value }) => value),
    ),
    ...(alerts === undefined ? {} : { alerts: alertSettings(alerts.value) }),
  };
}

/** Where alerts go; the address itself lies in the vault with the secret, and a new one is told by its version. */
function alertSettings({ afterIntervals, format, isSigned, origin, target }: AlertWatch) {
  return { origin, format, isSigned, afterIntervals, secret: target };
}
