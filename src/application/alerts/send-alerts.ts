import {
  alertBody,
  compareConditions,
  conditionsOfRun,
  conditionsOfState,
  GIVE_UP_MS,
  pauseAfter,
} from '../../domain/alerts.js';
import { BridgeError } from '../../domain/errors.js';
import type { Connection } from '../../domain/model.js';
import type { Run } from '../../domain/run.js';
import { mapConcurrent } from '../../lib/map-concurrent.js';
import { credentialExpiry } from '../connections/resolve-credentials.js';
import type { AlertStore, AlertTarget, AlertWatch, PostAlert } from '../ports/alerts.js';
import type { Clock, Ids, Logger } from '../ports/runtime.js';
import type { SecretStore } from '../ports/secret-store.js';
import type { BacklogStore } from '../ports/staging.js';
import type { ConnectionStore, RunStore, Stored } from '../ports/stores.js';
import { pagesOf } from '../shared/pages.js';
import { noteDisabled } from './manage-alerts.js';

export interface SendAlertDeps {
  readonly connections: ConnectionStore;
  readonly alerts: AlertStore;
  readonly runs: Pick<RunStore, 'list'>;
  readonly backlog: Pick<BacklogStore, 'scanHeld'>;
  readonly secrets: Pick<SecretStore, 'get' | 'latest'>;
  readonly postAlert: PostAlert;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly logger: Logger;
}

const PAGE = 100;
/** Addresses that do not answer must not hold up the timer. */
const SIDE_BY_SIDE = 8;
const NEWEST_RUNS = 20;
/** More than this wait only where the address is down; the oldest go. */
const MOST_PENDING = 100;

/**
 * One tick of the timer: looks at each connection that has alerts set, and posts what is due. An alert is posted until it
 * is taken, so it may come twice, with the same id. One connection's trouble does not keep the others from theirs.
 */
export const sendAlerts = (deps: SendAlertDeps) => async (): Promise<void> => {
  for await (const page of pagesOf((cursor) => deps.alerts.list(PAGE, cursor))) {
    await mapConcurrent(page.items, SIDE_BY_SIDE, async (stored) => {
      try {
        await tick(deps, stored);
      } catch (error) {
        deps.logger.error('Alerts of a connection could not be looked after.', {
          connectionId: stored.value.connectionId,
          error,
        });
      }
    });
  }
};

async function tick(deps: SendAlertDeps, stored: Stored<AlertWatch>): Promise<void> {
  if (stored.value.disabledAt !== null) return;
  const connection = (await deps.connections.get(stored.value.connectionId))?.value;
  if (connection === undefined) return;
  const looked = await look(deps, connection, stored.value);
  // Stored before it is sent: an alert that was posted keeps its id when the process dies here.
  const { etag } = looked === stored.value ? stored : await deps.alerts.replace(looked, stored.etag);
  if (looked.pending.length === 0 || looked.nextAt > deps.clock.now()) return;
  const sent = await deliver(deps, looked);
  await deps.alerts.replace(sent, etag);
  if (sent.disabledAt !== null) await noteDisabled(deps, connection.id, sent.disabledAt);
}

/** The watch with what is new; the same object when nothing is. */
async function look(deps: SendAlertDeps, connection: Connection, watch: AlertWatch): Promise<AlertWatch> {
  const now = deps.clock.now();
  const moment = {
    connectionId: connection.id,
    at: new Date(now).toISOString(),
    newId: () => `al_${deps.ids.random(12)}`,
  };
  const [state, ended, held, expiresAt] = await Promise.all([
    deps.connections.getState(connection.id),
    endedSince(deps, connection.id, watch.lookedUntil),
    deps.backlog.scanHeld(connection.id, 1),
    knownExpiry(deps, connection, watch),
  ]);
  const { afterIntervals } = watch;
  const isHolding = held.items.length > 0;
  const looks = [
    ...ended.map((run) => [conditionsOfRun(run), 'runs'] as const),
    [conditionsOfState({ connection, expiresAt, state, isHolding, afterIntervals, now }), 'state'] as const,
  ];
  let { open, pending } = watch;
  for (const [conditions, scope] of looks) {
    const step = compareConditions(open, conditions, scope, moment);
    open = step.open;
    pending = [...pending, ...step.alerts];
  }
  if (pending.length === watch.pending.length && ended.length === 0) return watch;
  const lookedUntil = ended.at(-1)?.finishedAt ?? watch.lookedUntil;
  return { ...watch, open, pending: pending.slice(-MOST_PENDING), lookedUntil };
}

/** As it was last told where the vault cannot say it now: a run that needs it fails, and tells. */
async function knownExpiry(deps: SendAlertDeps, connection: Connection, { open }: AlertWatch) {
  try {
    return await credentialExpiry(deps)(connection);
  } catch (error) {
    if (error instanceof BridgeError) return open.secretExpires?.expiresAt ?? null;
    throw error;
  }
}

/** Runs that wrote and ended after that time, oldest first; cancelled ones say nothing. */
async function endedSince(deps: SendAlertDeps, connectionId: string, since: string): Promise<readonly Run[]> {
  const { items } = await deps.runs.list(connectionId, NEWEST_RUNS);
  return items
    .filter(({ dryRun, finishedAt, status }) => {
      return !dryRun && status !== 'cancelled' && finishedAt !== null && finishedAt > since;
    })
    .sort((one, other) => ((one.finishedAt ?? '') < (other.finishedAt ?? '') ? -1 : 1));
}

/** Posts what waits, in order, until one is refused. */
async function deliver(deps: SendAlertDeps, watch: AlertWatch): Promise<AlertWatch> {
  const pending = [...watch.pending];
  try {
    const target = JSON.parse(await deps.secrets.get(watch.target)) as AlertTarget;
    for (const alert of watch.pending) {
      await deps.postAlert(target, alert.id, alertBody(alert, watch.format), deps.clock.now());
      pending.shift();
    }
  } catch (error) {
    return afterFailure(deps, { ...watch, pending }, error);
  }
  return { ...watch, pending, attempts: 0, failingSince: null, nextAt: 0 };
}

function afterFailure(deps: SendAlertDeps, watch: AlertWatch, error: unknown): AlertWatch {
  const now = deps.clock.now();
  const { connectionId, origin } = watch;
  const attempts = watch.attempts + 1;
  const failingSince = watch.failingSince ?? new Date(now).toISOString();
  if (now - Date.parse(failingSince) >= GIVE_UP_MS) {
    deps.logger.error('Alerts are switched off: their address took none for 72 hours.', {
      ...{ connectionId, origin, error },
    });
    return { ...watch, attempts, failingSince, pending: [], disabledAt: new Date(now).toISOString() };
  }
  deps.logger.warn('An alert was not taken and is sent again later.', {
    ...{ connectionId, origin, attempts, error },
  });
  return { ...watch, attempts, failingSince, nextAt: now + pauseAfter(attempts) };
}
