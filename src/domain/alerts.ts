import type { ErrorCode } from './errors.js';
import type { Connection, ConnectionState } from './model.js';
import { isLoopback, isPublicName } from './public-address.js';
import type { Run } from './run.js';

/** What is told of a connection while it lasts. Alerts hold ids only: no names, no values. */
export type Condition =
  | 'runFailed'
  | 'runPartiallySucceeded'
  | 'changesHeld'
  | 'credentialsFailing'
  | 'secretExpires'
  | 'nothingSynced';
export type AlertKind = Condition | 'recovered';
export type AlertFormat = 'json' | 'teamsWorkflow';

export interface Alert {
  /** Equal in every attempt to deliver it. */
  readonly id: string;
  readonly kind: AlertKind;
  readonly connectionId: string;
  /** ISO time at which it was found. */
  readonly at: string;
  /** With `recovered`: what is over. */
  readonly of?: Condition | undefined;
  /** With `recovered`: since when it had been. */
  readonly since?: string | undefined;
  readonly runId?: string | undefined;
  /** Error code of the run. */
  readonly code?: string | undefined;
  readonly expiresAt?: string | undefined;
}

export type Detail = Pick<Alert, 'runId' | 'code' | 'expiresAt'>;
export type OpenCondition = Detail & { readonly since: string };
export type Conditions = Readonly<Partial<Record<Condition, Detail>>>;
export type OpenConditions = Readonly<Partial<Record<Condition, OpenCondition>>>;

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
export const EXPIRY_NOTICE_MS = 14 * DAY;
/** A run itself takes time. */
const PATIENCE_MS = 10 * MINUTE;
/** An address that takes nothing for so long gets no more alerts. */
export const GIVE_UP_MS = 72 * HOUR;
const PAUSES_MINUTES = [1, 2, 5, 15, 30, 60];

const CREDENTIAL_CODES: readonly string[] = [
  'invalid_client_credentials',
  'access_denied',
  'tenant_not_found',
  'application_user_missing',
  'authscape_unauthorized',
  'secret_missing',
] satisfies readonly ErrorCode[];

/** At most one of these holds: the newest run decides. */
const OF_RUNS = ['runFailed', 'runPartiallySucceeded', 'credentialsFailing'] as const;
const OF_STATE = ['changesHeld', 'secretExpires', 'nothingSynced'] as const;

/** What an ended run says; nothing when it went well. */
export function conditionsOfRun({ error, id, status }: Run): Conditions {
  const detail = { runId: id, ...(error === null ? {} : { code: error.code }) };
  if (status === 'partiallySucceeded') return { runPartiallySucceeded: detail };
  if (status !== 'failed') return {};
  return CREDENTIAL_CODES.includes(error?.code ?? '')
    ? { credentialsFailing: detail }
    : { runFailed: detail };
}

/** What the connection says at a time (milliseconds), also where its runs said something else. */
export function conditionsOfState(facts: {
  readonly connection: Connection;
  /** ISO time; null: not known, or never. */
  readonly expiresAt: string | null;
  readonly state: ConnectionState;
  readonly isHolding: boolean;
  readonly afterIntervals: number;
  readonly now: number;
}): Conditions {
  const { afterIntervals, connection, expiresAt, isHolding, now, state } = facts;
  const { enabled, syncIntervalMinutes } = connection;
  const last = state.lastSuccessAt ?? state.firstFullSyncAt;
  const isOverdue =
    enabled &&
    state.firstFullSyncAt !== null &&
    last !== null &&
    now - Date.parse(last) > afterIntervals * syncIntervalMinutes * MINUTE + PATIENCE_MS;
  return {
    ...(isHolding ? { changesHeld: {} } : {}),
    ...(expiresAt && Date.parse(expiresAt) - now < EXPIRY_NOTICE_MS ? { secretExpires: { expiresAt } } : {}),
    ...(isOverdue ? { nothingSynced: {} } : {}),
  };
}

interface Step {
  readonly open: OpenConditions;
  readonly alerts: readonly Alert[];
}

interface Moment {
  readonly connectionId: string;
  /** ISO time. */
  readonly at: string;
  readonly newId: () => string;
}

/**
 * What is open after a look, and what has to be told of the difference: a condition once when it begins (a run that fails
 * for another reason begins a new one), and its end. A run that fails in another way than the one before has not recovered.
 */
export function compareConditions(
  before: OpenConditions,
  now: Conditions,
  scope: 'runs' | 'state',
  moment: Moment,
): Step {
  const kinds: readonly Condition[] = scope === 'runs' ? OF_RUNS : OF_STATE;
  const open: Partial<Record<Condition, OpenCondition>> = { ...before };
  const alerts: Alert[] = [];
  const { at, connectionId, newId } = moment;
  const isReplaced = scope === 'runs' && kinds.some((kind) => now[kind] !== undefined);
  for (const kind of kinds) {
    const [was, is] = [before[kind], now[kind]];
    if (is !== undefined && (was === undefined || was.code !== is.code || was.expiresAt !== is.expiresAt)) {
      open[kind] = { ...is, since: at };
      alerts.push({ id: newId(), kind, connectionId, at, ...is });
    } else if (is === undefined && was !== undefined) {
      delete open[kind];
      if (!isReplaced) {
        alerts.push({ id: newId(), kind: 'recovered', connectionId, at, of: kind, since: was.since });
      }
    }
  }
  return { open, alerts };
}

/** Milliseconds until the next attempt, after so many that failed. */
export function pauseAfter(attempts: number): number {
  return (PAUSES_MINUTES[Math.min(attempts, PAUSES_MINUTES.length) - 1] ?? 1) * MINUTE;
}

/**
 * Reads the address that alerts go to: https at a public name. `allowLoopback`: also http on the machine itself (local
 * runs).
 */
export function readAlertUrl(
  text: string,
  allowLoopback: boolean,
): { ok: true; url: string; origin: string } | { ok: false; message: string } {
  const given = text.trim();
  if (!URL.canParse(given)) return { ok: false, message: 'This is no absolute URL.' };
  const url = new URL(given);
  const isLocal = allowLoopback && url.protocol === 'http:' && isLoopback(url.hostname);
  if (url.protocol !== 'https:' && !isLocal) return { ok: false, message: 'It must start with https://.' };
  if (url.username !== '' || url.password !== '') {
    return { ok: false, message: 'It must not contain a user name.' };
  }
  if (!isLocal && !isPublicName(url.hostname)) {
    return { ok: false, message: 'It must be a public host name: no IP address and no internal name.' };
  }
  return { ok: true, url: url.href, origin: url.origin };
}

const TITLES: Readonly<Record<AlertKind, string>> = {
  runFailed: 'A sync failed',
  runPartiallySucceeded: 'A sync left out records that failed',
  changesHeld: 'Deletions wait for approval',
  credentialsFailing: 'The sign-in fails',
  secretExpires: 'A credential expires within 14 days',
  nothingSynced: 'Nothing was synced for several intervals',
  recovered: 'Recovered',
};

/** The body that is posted: the alert as it is, or a message that a Teams workflow puts into a channel. */
export function alertBody(alert: Alert, format: AlertFormat): string {
  return JSON.stringify(format === 'json' ? alert : teamsMessage(alert));
}

/** As "Post to a channel when a webhook request is received" takes it: an adaptive card. */
function teamsMessage({ id: _, kind, ...rest }: Alert) {
  const facts = Object.entries(rest).map(([title, value]) => ({ title, value: String(value) }));
  return {
    type: 'message',
    attachments: [
      {
        contentType: 'application/vnd.microsoft.card.adaptive',
        contentUrl: null,
        content: {
          $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
          type: 'AdaptiveCard',
          version: '1.4',
          body: [
            { type: 'TextBlock', text: TITLES[kind], weight: 'Bolder', size: 'Medium', wrap: true },
            { type: 'FactSet', facts: [{ title: 'kind', value: kind }, ...facts] },
          ],
        },
      },
    ],
  };
}
