import { EXPIRY_NOTICE_MS } from './alerts.js';
import { missedEventsMessage, missedEventsSince } from './missed-events.js';
import type { AuthScapeEntity, Connection, ConnectionState } from './model.js';
import { secondWriterMessage, secondWriters } from './second-writer.js';

/** What a person should do about a connection; see `GET /api/connections/{id}/diagnostics`. */
export type RecommendationCode =
  | 'connection_disabled'
  | 'connection_failing'
  | 'change_tracking_off'
  | 'privilege_missing'
  | 'no_match_key'
  | 'field_unreadable'
  | 'duplicates'
  | 'webhook_missing'
  | 'webhook_drift'
  | 'webhook_silent'
  | 'own_crm_connection_on'
  | 'records_failing'
  | 'changes_held'
  | 'never_synced'
  | 'schedule_late'
  | 'entitlement_near'
  | 'clock_skew'
  | 'alerts_disabled'
  | 'secret_expires';

export type Severity = 'error' | 'warning' | 'info';

export interface Recommendation {
  readonly code: RecommendationCode;
  /** `error`: data does not flow. */
  readonly severity: Severity;
  readonly mappingId?: string;
  readonly message: string;
  readonly action: string;
  /** Where the API shows more of it, or mends it. */
  readonly link: string;
}

/** How the records of one side stand in a mapping. */
export interface SideNumbers {
  readonly total: number;
  readonly active: number;
  readonly linked: number;
  readonly unlinked: number;
  readonly withoutMatchKey: number;
}

export interface MappingNumbers {
  readonly mappingId: string;
  readonly entity: AuthScapeEntity;
  readonly crmEntity: string;
  readonly authScape: SideNumbers;
  readonly dynamics: SideNumbers & { readonly totalIsEstimate: boolean };
  readonly failed: number;
  readonly waiting: number;
  readonly held: number;
}

/** What was found out; null where it could not be. */
export interface Findings {
  readonly connection: Connection;
  /** ISO time; null: not known, or never. */
  readonly credentialExpiresAt: string | null;
  readonly state: ConnectionState;
  readonly now: number;
  readonly mappings: readonly MappingFindings[];
  readonly failedSteps: readonly { readonly name: string; readonly code: string; readonly detail: string }[];
  readonly webhook: { readonly registered: boolean; readonly drift: number } | null;
  /** Our clock minus that of each side, milliseconds; null where it was not asked. */
  readonly clockOffsets: { readonly authScape: number | null; readonly dynamics: number | null };
  /** Requests of the newest whole day. */
  readonly dynamicsRequestsPerDay: number;
  readonly problems: {
    readonly failed: number;
    readonly deadLetter: number;
    readonly ambiguous: number;
    readonly held: number;
  };
}

export interface MappingFindings {
  readonly mappingId: string;
  readonly entity: AuthScapeEntity;
  readonly crmEntity: string;
  readonly changeTracking: boolean;
  readonly hasMatchKey: boolean;
  readonly resting: readonly string[];
}

const MINUTE = 60_000;
/** A clock that is off by more makes the later edit lose now and then. */
const SKEW_MS = 5 * MINUTE;
/** Requests that a tenant has a day before anything is bought for users; a sync shares them with other programs. */
const DAILY_POOL = 500_000;

/** The recommendations that follow from the findings, the gravest first. */
export function recommend(findings: Findings): readonly Recommendation[] {
  const all = [
    ...ofConnection(findings),
    ...findings.mappings.flatMap((mapping) => ofMapping(findings, mapping)),
    ...ofRecords(findings),
    ...ofWebhook(findings),
    ...ofSecondWriter(findings),
    ...ofLoad(findings),
  ];
  const rank = ({ severity }: Recommendation) => ['error', 'warning', 'info'].indexOf(severity);
  return all.sort((one, other) => rank(one) - rank(other));
}

function ofConnection({
  connection,
  credentialExpiresAt,
  failedSteps,
  now,
  state,
}: Findings): readonly Recommendation[] {
  const link = `/api/connections/${connection.id}`;
  const found: Recommendation[] = [];
  if (!connection.enabled) {
    found.push({
      ...{ code: 'connection_disabled', severity: 'error', link },
      message: 'The connection is switched off: nothing is synced.',
      action: 'Set "enabled" to true.',
    });
  }
  if (credentialExpiresAt && Date.parse(credentialExpiresAt) - now < EXPIRY_NOTICE_MS) {
    const isOver = Date.parse(credentialExpiresAt) <= now;
    found.push({
      ...{ code: 'secret_expires', severity: isOver ? 'error' : 'warning', link },
      message: `What the connection signs in with ${isOver ? 'has expired' : 'expires'} at ${credentialExpiresAt}.`,
      action:
        'Make a new one in Microsoft Entra ID (a certificate in Key Vault) and set it on the connection.',
    });
  }
  for (const { code, detail, name } of failedSteps) {
    found.push({
      ...{ code: code === 'access_denied' ? 'privilege_missing' : 'connection_failing', severity: 'error' },
      message: `The step "${name}" of the connection test fails (${code}): ${detail}`,
      action: 'Run the connection test and follow its hint.',
      link: `${link}/test`,
    });
  }
  if (state.alertsDisabledAt) {
    found.push({
      ...{ code: 'alerts_disabled', severity: 'warning', link: `${link}/alerts` },
      message: `Alerts were switched off at ${state.alertsDisabledAt}: their address had taken none for 72 hours.`,
      action: 'Repair the address that alerts go to, and set them again.',
    });
  }
  if (state.firstFullSyncAt === null) {
    found.push({
      ...{ code: 'never_synced', severity: 'warning', link: `${link}/sync` },
      message: 'No first full sync has ended well: neither the schedule nor events act.',
      action: 'Start a full sync by hand, with a dry run before it.',
    });
  } else if (connection.enabled && isLate(connection, state, now)) {
    found.push({
      ...{ code: 'schedule_late', severity: 'error', link: `${link}/runs` },
      message: 'The last three scheduled runs have not started in time.',
      action: 'Look at the newest run, and whether the timer of the function app runs.',
    });
  }
  return found;
}

function isLate(
  { syncIntervalMinutes }: Connection,
  { lastFullStartedAt, lastIncrementalStartedAt, firstFullSyncAt }: ConnectionState,
  now: number,
): boolean {
  const times = [lastFullStartedAt, lastIncrementalStartedAt, firstFullSyncAt].map((at) =>
    Date.parse(at ?? ''),
  );
  const last = Math.max(0, ...times.filter((time) => !Number.isNaN(time)));
  return now - last > 3 * syncIntervalMinutes * MINUTE + 10 * MINUTE;
}

function ofMapping({ connection }: Findings, mapping: MappingFindings): readonly Recommendation[] {
  const { crmEntity, entity, mappingId } = mapping;
  const link = `/api/connections/${connection.id}/mappings/${mappingId}`;
  const found: Recommendation[] = [];
  if (!mapping.changeTracking) {
    found.push({
      ...{ code: 'change_tracking_off', severity: 'warning', mappingId, link },
      message: `The table ${crmEntity} does not track changes: deletes are found by full syncs only.`,
      action: 'Switch on "Track changes" for the table in Power Apps.',
    });
  }
  if (!mapping.hasMatchKey) {
    found.push({
      ...{ code: 'no_match_key', severity: 'error', mappingId, link },
      message: `Records of ${entity} and ${crmEntity} cannot be matched: a field of "matchBy" is not mapped.`,
      action: 'Map the fields that "matchBy" names, or change "matchBy".',
    });
  }
  if (mapping.resting.length > 0) {
    found.push({
      ...{ code: 'field_unreadable', severity: 'warning', mappingId, link },
      message: `These fields rest, since their definition is gone or may not be read: ${mapping.resting.join(', ')}.`,
      action: 'Restore the field, grant the right to read it, or remove it from the mapping.',
    });
  }
  return found;
}

function ofRecords({ connection, problems }: Findings): readonly Recommendation[] {
  const link = `/api/connections/${connection.id}/problems`;
  const { ambiguous, deadLetter, failed, held } = problems;
  const found: Recommendation[] = [];
  if (failed + deadLetter > 0) {
    found.push({
      ...{ code: 'records_failing', severity: 'warning', link: `${link}?kind=failed` },
      message: `Records that fail: ${failed}; events that were given up: ${deadLetter}.`,
      action: 'Look at the problems, repair the values and retry.',
    });
  }
  if (ambiguous > 0) {
    found.push({
      ...{ code: 'duplicates', severity: 'warning', link: `/api/connections/${connection.id}/duplicates` },
      message: `Records that share their match key with others and are left alone: ${ambiguous}.`,
      action: 'Merge the duplicates, or link the ones that belong together by hand.',
    });
  }
  if (held > 0) {
    found.push({
      ...{ code: 'changes_held', severity: 'warning', link: `${link}?kind=held` },
      message: `Changes that the mass-delete guard holds: ${held}.`,
      action: 'Approve or reject them.',
    });
  }
  return found;
}

function ofWebhook({ connection, state, webhook }: Findings): readonly Recommendation[] {
  const link = `/api/connections/${connection.id}/webhook`;
  const found: Recommendation[] = [];
  if (webhook?.registered === false) {
    found.push({
      ...{ code: 'webhook_missing', severity: 'info', link },
      message: 'No webhook is registered: changes in Dynamics arrive with the next run.',
      action: 'Register the webhook, or set up the Power Automate flow.',
    });
  } else if (webhook !== null && webhook.drift > 0) {
    found.push({
      ...{ code: 'webhook_drift', severity: 'warning', link },
      message: `What is registered in Dynamics differs from the mappings in ${webhook.drift} places.`,
      action: 'Register the webhook again: that mends it.',
    });
  }
  const since = missedEventsSince(state);
  if (since !== null) {
    found.push({
      ...{ code: 'webhook_silent', severity: 'warning', link },
      message: missedEventsMessage(since),
      action: 'Look at the webhook and register it again.',
    });
  }
  return found;
}

function ofSecondWriter({ connection, mappings, state }: Findings): readonly Recommendation[] {
  const present = secondWriters(state).filter(({ mappingId }) =>
    mappings.some((mapping) => mapping.mappingId === mappingId),
  );
  return present.map(({ mappingId, since }) => ({
    ...{ code: 'own_crm_connection_on', severity: 'warning', mappingId },
    message: secondWriterMessage(since),
    action: "Switch AuthScape's own CRM connection to this environment off, then merge the duplicates.",
    link: `/api/connections/${connection.id}/duplicates`,
  }));
}

function ofLoad({ clockOffsets, connection, dynamicsRequestsPerDay }: Findings): readonly Recommendation[] {
  const found: Recommendation[] = [];
  for (const [side, offset] of Object.entries(clockOffsets)) {
    if (offset === null || Math.abs(offset) < SKEW_MS) continue;
    found.push({
      ...{ code: 'clock_skew', severity: 'warning', link: `/api/connections/${connection.id}/test` },
      message: `The clock of ${side === 'dynamics' ? 'Dynamics' : 'AuthScape'} differs from ours by ${Math.round(Math.abs(offset) / MINUTE)} minutes.`,
      action: 'Set the clocks by a time server: the later of two edits is told by them.',
    });
  }
  if (dynamicsRequestsPerDay > DAILY_POOL * 0.5) {
    found.push({
      ...{ code: 'entitlement_near', severity: 'warning', link: `/api/connections/${connection.id}/stats` },
      message: `The sync sends about ${dynamicsRequestsPerDay} requests a day; Dynamics includes ${DAILY_POOL} a day for all programs of a tenant without further licences.`,
      action: 'Sync less often, map fewer records, or buy capacity.',
    });
  }
  return found;
}
