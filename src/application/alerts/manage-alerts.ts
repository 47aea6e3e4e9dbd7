import { type AlertFormat, readAlertUrl } from '../../domain/alerts.js';
import { BridgeError } from '../../domain/errors.js';
import { secretName } from '../../domain/secret-names.js';
import { requireConnection } from '../connections/manage-connections.js';
import type { AlertStore, AlertTarget, AlertWatch } from '../ports/alerts.js';
import type { Clock } from '../ports/runtime.js';
import type { SecretStore } from '../ports/secret-store.js';
import type { ConnectionStore } from '../ports/stores.js';

export interface AlertDeps {
  readonly connections: ConnectionStore;
  readonly alerts: AlertStore;
  readonly secrets: SecretStore;
  readonly clock: Clock;
  /** Local runs post to the machine itself. */
  readonly allowLoopback: boolean;
}

export interface AlertInput {
  readonly url: string;
  /** Signs what is posted. A Teams workflow does not look at it. */
  readonly secret?: string | undefined;
  readonly format: AlertFormat;
  readonly afterIntervals: number;
}

/**
 * Sets where alerts of a connection go, anew each time: what was open or waits is forgotten, and alerts that were switched
 * off are on again. Throws `connection_not_found`, `invalid_request`, `secret_store_unavailable`.
 */
export const setAlerts =
  (deps: AlertDeps) =>
  async (connectionId: string, { afterIntervals, format, secret, url }: AlertInput): Promise<AlertWatch> => {
    await requireConnection(deps, connectionId);
    const read = readAlertUrl(url, deps.allowLoopback);
    if (!read.ok) throw refused('url', read.message);
    if (format === 'json' && secret === undefined) throw refused('secret', 'Must be set: alerts are signed.');
    const target: AlertTarget = { url: read.url, secret: secret ?? null };
    const watch: AlertWatch = {
      connectionId,
      target: await deps.secrets.put(secretName(connectionId, 'alert-target'), JSON.stringify(target)),
      origin: read.origin,
      format,
      isSigned: secret !== undefined,
      afterIntervals,
      lookedUntil: new Date(deps.clock.now()).toISOString(),
      open: {},
      pending: [],
      attempts: 0,
      failingSince: null,
      nextAt: 0,
      disabledAt: null,
    };
    await deps.alerts.put(watch);
    await noteTarget(deps, connectionId, read.origin);
    return watch;
  };

/** Throws `connection_not_found`, and `not_found` when no alerts are set. */
export const getAlerts =
  (deps: Pick<AlertDeps, 'connections' | 'alerts'>) =>
  async (connectionId: string): Promise<AlertWatch> => {
    await requireConnection(deps, connectionId);
    const stored = await deps.alerts.get(connectionId);
    if (stored === undefined) {
      throw new BridgeError('not_found', 'No alerts are set for this connection.', {
        hint: 'PUT the address that they shall go to.',
      });
    }
    return stored.value;
  };

/** Ends alerts of a connection. None being set is fine. */
export const removeAlerts =
  (deps: AlertDeps) =>
  async (connectionId: string): Promise<void> => {
    await requireConnection(deps, connectionId);
    await deps.alerts.remove(connectionId);
    await deps.secrets.remove(secretName(connectionId, 'alert-target'));
    await noteTarget(deps, connectionId, null);
  };

async function noteTarget(
  deps: Pick<AlertDeps, 'connections'>,
  connectionId: string,
  alertsTo: string | null,
): Promise<void> {
  await deps.connections.updateState(connectionId, (state) => ({
    ...state,
    alertsTo,
    alertsDisabledAt: null,
  }));
}

/** What persons read with the connection. */
export async function noteDisabled(
  deps: Pick<AlertDeps, 'connections'>,
  connectionId: string,
  at: string | null,
): Promise<void> {
  const { alertsDisabledAt = null } = await deps.connections.getState(connectionId);
  if (alertsDisabledAt === at) return;
  await deps.connections.updateState(connectionId, (state) => ({ ...state, alertsDisabledAt: at }));
}

function refused(path: string, message: string): BridgeError {
  return new BridgeError('invalid_request', 'The alerts cannot be set like this.', {
    errors: [{ path, message }],
  });
}
