import { filterColumns } from './filter.js';
import { parseFilter } from './filter-parser.js';
import type { EntityMapping } from './model.js';
import { isLoopback, isPublicName } from './public-address.js';

/** What is registered in Dynamics so that it tells of changes, and how that differs from what should be. */

export const WEBHOOK_HEADER = 'x-authscape-webhook-secret';

export type WebhookMessage = 'Create' | 'Update' | 'Delete';
export const WEBHOOK_MESSAGES = ['Create', 'Update', 'Delete'] as const satisfies readonly WebhookMessage[];

/** A step as it should be. Columns count for updates only; they are sorted and each occurs once. */
export interface WantedStep {
  readonly name: string;
  readonly table: string;
  readonly message: WebhookMessage;
  readonly columns: readonly string[];
}

/** A step as Dynamics has it. */
export interface RegisteredStep {
  readonly id: string;
  readonly name: string;
  /** Null when the step is about something that this service does not register. */
  readonly table: string | null;
  readonly message: WebhookMessage | null;
  readonly columns: readonly string[];
  readonly enabled: boolean;
  /** Runs after the save, outside of the user's request, and leaves no jobs behind. */
  readonly isBackground: boolean;
}

export interface RegisteredEndpoint {
  readonly id: string;
  readonly url: string;
  readonly usesHeader: boolean;
  readonly hasSecret: boolean;
}

/** The name by which a connection finds its own endpoint again after others touched it. */
export function endpointName(connectionId: string): string {
  return `AuthScape sync ${connectionId}`;
}

export function receiverPath(connectionId: string): string {
  return `/api/crm/webhook/dynamics/${encodeURIComponent(connectionId)}`;
}

/**
 * Reads where this service can be reached from outside: an https origin on port 443, as Dataverse posts to no other
 * ports. `allowLoopback`: also http on the machine itself, any port (local runs).
 */
export function readBaseUrl(
  text: string,
  allowLoopback: boolean,
): { ok: true; origin: string } | { ok: false; message: string } {
  const refused = (reason: string) => ({
    ok: false as const,
    message: `${reason} Write the origin only, as in "https://yourapp.azurewebsites.net".`,
  });
  const given = text.trim();
  if (!URL.canParse(given)) return refused('This is no absolute URL.');
  const url = new URL(given);
  const isLocal = allowLoopback && url.protocol === 'http:' && isLoopback(url.hostname);
  if (url.protocol !== 'https:' && !isLocal) return refused('It must start with https://.');
  if (url.username !== '' || url.password !== '') return refused('It must not contain a user name.');
  if (url.pathname !== '/' || url.search !== '' || url.hash !== '' || /[?#]/.test(given)) {
    return refused('It must not contain a path or a query.');
  }
  if (url.port !== '' && !isLocal) return refused('The port must be 443.');
  if (!isLocal && !isPublicName(url.hostname)) {
    return refused('It must be a host name that Dynamics can reach: no IP address and no internal name.');
  }
  return { ok: true, origin: url.origin };
}

/** The columns of each mapped table whose change can matter: mapped ones, and those that decide which rows join. */
export function watchedColumns(mappings: readonly EntityMapping[]): ReadonlyMap<string, readonly string[]> {
  const tables = new Map<string, Set<string>>();
  for (const mapping of mappings.filter(({ enabled }) => enabled)) {
    const columns = tables.get(mapping.crmEntity) ?? new Set();
    tables.set(mapping.crmEntity, columns);
    for (const column of columnsOf(mapping)) columns.add(column.toLowerCase());
  }
  return new Map([...tables].map(([table, columns]) => [table, [...columns].sort()]));
}

function columnsOf(mapping: EntityMapping): readonly string[] {
  const parsed = mapping.filter === null ? undefined : parseFilter(mapping.filter);
  return [
    ...mapping.fields.filter(({ enabled }) => enabled).map(({ crmField }) => crmField),
    ...mapping.relationships.filter(({ enabled }) => enabled).map(({ crmLookupField }) => crmLookupField),
    ...(parsed?.ok === true ? filterColumns(parsed.filter) : []),
  ];
}

/** Three steps per mapped table. A table without mapped columns has no step for updates: an empty filter means all. */
export function wantedSteps(connectionId: string, mappings: readonly EntityMapping[]): readonly WantedStep[] {
  const wanted: WantedStep[] = [];
  for (const [table, columns] of watchedColumns(mappings)) {
    for (const message of WEBHOOK_MESSAGES) {
      if (message === 'Update' && columns.length === 0) continue;
      wanted.push({
        name: `${endpointName(connectionId)}: ${message} of ${table}`,
        table,
        message,
        columns: message === 'Update' ? columns : [],
      });
    }
  }
  return wanted;
}

export interface StepPlan {
  readonly create: readonly WantedStep[];
  readonly repair: readonly { readonly step: RegisteredStep; readonly wanted: WantedStep }[];
  readonly remove: readonly RegisteredStep[];
}

/** What has to be done so that exactly the wanted steps are there, each once. */
export function planSteps(wanted: readonly WantedStep[], present: readonly RegisteredStep[]): StepPlan {
  const left = [...present];
  const create: WantedStep[] = [];
  const repair: { step: RegisteredStep; wanted: WantedStep }[] = [];
  for (const want of wanted) {
    const index = left.findIndex((step) => step.table === want.table && step.message === want.message);
    const [step] = index < 0 ? [] : left.splice(index, 1);
    if (step === undefined) create.push(want);
    else if (!isAsWanted(step, want)) repair.push({ step, wanted: want });
  }
  return { create, repair, remove: left };
}

function isAsWanted(step: RegisteredStep, wanted: WantedStep): boolean {
  return step.enabled && step.isBackground && [...step.columns].sort().join() === wanted.columns.join();
}

export type DriftCode =
  | 'endpoint_missing'
  | 'endpoint_doubled'
  | 'url_differs'
  | 'secret_differs'
  | 'step_missing'
  | 'step_disabled'
  | 'step_differs'
  | 'step_surplus';

/** One difference between what Dynamics has and what it should have. */
export interface Drift {
  readonly code: DriftCode;
  readonly message: string;
}

export function driftOf(state: {
  readonly url: string;
  readonly secretIsCurrent: boolean;
  readonly endpoints: readonly RegisteredEndpoint[];
  readonly wanted: readonly WantedStep[];
  readonly present: readonly RegisteredStep[];
}): readonly Drift[] {
  const [endpoint, ...others] = state.endpoints;
  if (endpoint === undefined) {
    return [{ code: 'endpoint_missing', message: 'Dynamics has no service endpoint for this connection.' }];
  }
  const found: Drift[] = [];
  if (others.length > 0) {
    found.push({ code: 'endpoint_doubled', message: `Dynamics has ${others.length} surplus endpoints.` });
  }
  if (endpoint.url !== state.url) {
    found.push({ code: 'url_differs', message: `The endpoint posts to ${shownUrl(endpoint.url)}.` });
  }
  if (!state.secretIsCurrent || !endpoint.usesHeader || !endpoint.hasSecret) {
    found.push({ code: 'secret_differs', message: 'The endpoint does not carry the present secret.' });
  }
  return [...found, ...stepDrift(planSteps(state.wanted, state.present))];
}

function stepDrift(plan: StepPlan): readonly Drift[] {
  return [
    ...plan.create.map(
      ({ message, table }): Drift => ({
        code: 'step_missing',
        message: `There is no step for ${message} of ${table}.`,
      }),
    ),
    ...plan.repair.map(
      ({ step, wanted }): Drift =>
        step.enabled
          ? {
              code: 'step_differs',
              message: `The step for ${wanted.message} of ${wanted.table} is set up otherwise.`,
            }
          : {
              code: 'step_disabled',
              message: `The step for ${wanted.message} of ${wanted.table} is switched off.`,
            },
    ),
    ...plan.remove.map(
      ({ name }): Drift => ({ code: 'step_surplus', message: `The step "${name}" is not needed.` }),
    ),
  ];
}

/** Without a query: it may hold a key. */
function shownUrl(url: string): string {
  return url.replace(/[?#].*$/, '');
}
