import type { Fault } from './errors.js';
import type { Connection } from './model.js';

/** What a connection starts with when nothing else is said. */
export const defaultSettings = {
  provider: 'Dynamics365',
  tenantId: null,
  clientId: null,
  direction: 'Bidirectional',
  enabled: true,
  syncIntervalMinutes: 15,
  fullSyncSchedule: '0 0 2 * * *',
  conflictPolicy: 'lastWriteWins',
  deletePolicy: 'deactivate',
  massDeleteGuard: { count: 50, percent: 5 },
  logValues: 'all',
} as const satisfies Partial<Connection>;

/**
 * Host names under which environments live: the numbered regions of the public cloud and the sovereign clouds, each
 * also with `api.` in front (Microsoft Learn, "Datacenter regions").
 */
const ENVIRONMENT =
  /^([a-z0-9][a-z0-9-]{0,62})\.(?:api\.)?(?:crm\d*\.dynamics\.com|crm\.microsoftdynamics\.us|crm\.appsplatform\.us|crm\.dynamics\.cn|crm\.microsoftdynamics\.de)$/;

const RIGHT_FORM = 'Write the bare domain, as in "yourorg.crm.dynamics.com"';

/**
 * Reads what a person typed as environment: a bare domain below a known Dynamics suffix, or a host that this deployment
 * maps by itself (local runs). Anything else is refused with the form that would be right.
 */
export function readEnvironment(
  text: string,
  mappedHosts: readonly string[],
): { ok: true; environment: string } | { ok: false; message: string } {
  const host = text.trim().toLowerCase();
  const refused = (reason: string) => ({ ok: false as const, message: `${reason} ${suggestion(host)}` });
  if (host === '') return refused('The environment is empty.');
  if (/^[a-z][a-z0-9+.-]*:\/\//.test(host)) return refused('This is a URL, not a domain.');
  if (/[/?#\\]/.test(host)) return refused('The environment must not contain a path.');
  if (host.includes('@')) return refused('The environment must not contain a user name.');
  if (host.includes(':')) return refused('The environment must not contain a port.');
  if (mappedHosts.some((mapped) => mapped.toLowerCase() === host) || ENVIRONMENT.test(host)) {
    return { ok: true, environment: host };
  }
  return refused('This is no host of a Dynamics 365 environment.');
}

/** One organization answers below two names, with and without `api.`: this is the one to compare by. */
export function organizationKey(environment: string): string {
  return environment.toLowerCase().replace(/^([^.]+)\.api\./, '$1.');
}

function suggestion(host: string): string {
  const bare = host
    .replace(/^[a-z][a-z0-9+.-]*:\/\//, '')
    .replace(/^[^@/]*@/, '')
    .replace(/[:/?#\\].*$/, '');
  return ENVIRONMENT.test(bare)
    ? `${RIGHT_FORM.replace('yourorg.crm.dynamics.com', bare)}.`
    : `${RIGHT_FORM}.`;
}

/** How much of a connection's guard and interval is accepted; minutes, counts, percent. */
export function checkLimits(input: {
  syncIntervalMinutes?: number | undefined;
  massDeleteGuard?: { count: number; percent: number } | null | undefined;
}): readonly Fault[] {
  const faults: Fault[] = [];
  const { syncIntervalMinutes: minutes, massDeleteGuard: guard } = input;
  if (minutes !== undefined && !(Number.isInteger(minutes) && minutes >= 1 && minutes <= 1440)) {
    faults.push({ path: 'syncIntervalMinutes', message: 'Must be a whole number from 1 to 1440 (one day).' });
  }
  if (guard && !(Number.isInteger(guard.count) && guard.count >= 0 && guard.count <= 1_000_000)) {
    faults.push({ path: 'massDeleteGuard.count', message: 'Must be a whole number from 0 to 1000000.' });
  }
  if (guard && !(guard.percent >= 0 && guard.percent <= 100)) {
    faults.push({ path: 'massDeleteGuard.percent', message: 'Must be a number from 0 to 100.' });
  }
  return faults;
}
