import { z } from 'zod';
import type { WebhookRegistry } from '../../application/ports/webhooks.js';
import {
  type RegisteredEndpoint,
  type RegisteredStep,
  type WantedStep,
  WEBHOOK_HEADER,
  WEBHOOK_MESSAGES,
  type WebhookMessage,
} from '../../domain/webhook.js';
import { type HttpAnswer, parseJson } from '../http/client.js';
import { HttpFailure } from '../http/failure.js';
import type { ApiRequest, DataverseApi } from './api.js';
import { faultOf } from './error-body.js';
import { bridgeError, systemError } from './faults.js';
import { anyOf, query, rowPath, textLiteral } from './odata.js';
import { parse } from './wire.js';

/** *Register a WebHook*: numbers of the choices that are used here. */
const CONTRACT_WEBHOOK = 8;
const AUTH_HTTP_HEADER = 5;
const ASYNCHRONOUS = 1;
const POST_OPERATION = 40;
const SERVER = 0;
const ENABLED = { statecode: 0, statuscode: 1 };
const NO_SUCH_ROW = '0x80040217';

const listOf = <T>(item: z.ZodType<T>) => z.object({ value: z.array(item) });

const endpointRow = z.object({
  serviceendpointid: z.guid(),
  url: z.string().nullish(),
  authtype: z.number().nullish(),
  isauthvalueset: z.boolean().nullish(),
});

const stepRow = z.object({
  sdkmessageprocessingstepid: z.guid(),
  name: z.string().nullish(),
  mode: z.number().nullish(),
  stage: z.number().nullish(),
  asyncautodelete: z.boolean().nullish(),
  filteringattributes: z.string().nullish(),
  statecode: z.number().nullish(),
  _sdkmessagefilterid_value: z.string().nullish(),
});

const messageRow = z.object({ sdkmessageid: z.guid(), name: z.string() });
const filterRow = z.object({
  sdkmessagefilterid: z.guid(),
  iscustomprocessingstepallowed: z.boolean().nullish(),
  _sdkmessageid_value: z.string().nullish(),
  primaryobjecttypecode: z.string().nullish(),
});

const STEP_COLUMNS =
  'sdkmessageprocessingstepid,name,mode,stage,asyncautodelete,filteringattributes,statecode,_sdkmessagefilterid_value';

/** What a step can be about: ids differ between environments and are looked up each time. */
interface Subject {
  readonly table: string;
  readonly message: WebhookMessage;
  readonly messageId: string;
  readonly filterId: string;
  /** False: Dynamics takes no steps for it. */
  readonly isOpen: boolean;
}

/** Webhooks of one environment (*Use WebHooks to create external handlers for server events*). */
export function createWebhookRegistry(api: DataverseApi): WebhookRegistry {
  const read = async <T>(path: string, item: z.ZodType<T>, what: string): Promise<readonly T[]> => {
    const answer = await call(api, { method: 'GET', path, safe: true }, parseJson);
    return parse(listOf(item), answer, what).value;
  };

  async function subjects(tables: readonly string[]): Promise<readonly Subject[]> {
    if (tables.length === 0) return [];
    const names = anyOf(WEBHOOK_MESSAGES, 0, (name) => `name eq ${textLiteral(name)}`)[0]?.filter;
    const messages = await read(
      `sdkmessages${query({ $select: 'sdkmessageid,name', $filter: names })}`,
      messageRow,
      'its messages',
    );
    const nameOf = new Map(messages.map(({ name, sdkmessageid }) => [sdkmessageid.toLowerCase(), name]));
    const found = await Promise.all(
      tables.map(async (table) => {
        const $filter = `primaryobjecttypecode eq ${textLiteral(table)}`;
        const $select =
          'sdkmessagefilterid,_sdkmessageid_value,primaryobjecttypecode,iscustomprocessingstepallowed';
        const rows = await read(`sdkmessagefilters${query({ $select, $filter })}`, filterRow, 'its filters');
        return rows.flatMap((row) => subjectOf(row, table, nameOf));
      }),
    );
    return found.flat();
  }

  async function subjectFor({ table, message }: WantedStep): Promise<Subject> {
    const found = (await subjects([table])).find((subject) => subject.message === message);
    if (found?.isOpen === true) return found;
    throw bridgeError('dynamics_error', `Dynamics offers no event ${message} for the table \`${table}\`.`);
  }

  return {
    async findEndpoints(name) {
      const $select = 'serviceendpointid,url,authtype,isauthvalueset';
      const $filter = `name eq ${textLiteral(name)}`;
      const $orderby = 'createdon asc';
      const path = `serviceendpoints${query({ $select, $filter, $orderby })}`;
      return (await read(path, endpointRow, 'its service endpoints')).map(toEndpoint);
    },
    async createEndpoint(name, url, secret) {
      const body = { name, url, contract: CONTRACT_WEBHOOK, ...authentication(secret) };
      const path = `serviceendpoints${query({ $select: 'serviceendpointid' })}`;
      const prefer = ['return=representation'];
      return call(api, { method: 'POST', path, prefer, body, safe: false }, madeId);
    },
    updateEndpoint: (id, url, secret) =>
      patch(api, rowPath('serviceendpoints', id), { url, ...authentication(secret) }),
    removeEndpoint: (id) => remove(api, rowPath('serviceendpoints', id)),
    async steps(endpointId, tables) {
      const path = `${rowPath('serviceendpoints', endpointId)}/serviceendpoint_sdkmessageprocessingstep`;
      const rows = await read(`${path}${query({ $select: STEP_COLUMNS })}`, stepRow, 'its steps');
      const byFilter = new Map((await subjects(tables)).map((subject) => [subject.filterId, subject]));
      return rows
        .map((row) => toStep(row, byFilter.get(row._sdkmessagefilterid_value?.toLowerCase() ?? '')))
        .sort((a, b) => (a.name < b.name ? -1 : 1));
    },
    async withoutEvent(steps) {
      const offered = (await subjects([...new Set(steps.map(({ table }) => table))]))
        .filter(({ isOpen }) => isOpen)
        .map(({ message, table }) => `${message} ${table}`);
      return steps.filter(({ message, table }) => !offered.includes(`${message} ${table}`));
    },
    async createStep(endpointId, step) {
      const { filterId, messageId } = await subjectFor(step);
      await call(
        api,
        {
          method: 'POST',
          path: 'sdkmessageprocessingsteps',
          body: {
            ...settingsOf(step),
            'eventhandler_serviceendpoint@odata.bind': `/serviceendpoints(${endpointId})`,
            'sdkmessageid@odata.bind': `/sdkmessages(${messageId})`,
            'sdkmessagefilterid@odata.bind': `/sdkmessagefilters(${filterId})`,
          },
          safe: false,
        },
        nothing,
      );
    },
    repairStep: (id, step) =>
      patch(api, rowPath('sdkmessageprocessingsteps', id), { ...settingsOf(step), ...ENABLED }),
    removeStep: (id) => remove(api, rowPath('sdkmessageprocessingsteps', id)),
  };
}

function settingsOf(step: WantedStep): Record<string, string | number | boolean | null> {
  return {
    name: step.name,
    mode: ASYNCHRONOUS,
    stage: POST_OPERATION,
    rank: 1,
    supporteddeployment: SERVER,
    asyncautodelete: true,
    filteringattributes: step.columns.length === 0 ? null : step.columns.join(','),
  };
}

/** The pairs of an HttpHeader endpoint are stored as XML. */
function authentication(secret: string): { authtype: number; authvalue: string } {
  const value = secret
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
  return {
    authtype: AUTH_HTTP_HEADER,
    authvalue: `<settings><setting name="${WEBHOOK_HEADER}" value="${value}" /></settings>`,
  };
}

function toEndpoint(row: z.infer<typeof endpointRow>): RegisteredEndpoint {
  return {
    id: row.serviceendpointid.toLowerCase(),
    url: row.url ?? '',
    usesHeader: row.authtype === AUTH_HTTP_HEADER,
    hasSecret: row.isauthvalueset !== false,
  };
}

function toStep(row: z.infer<typeof stepRow>, subject: Subject | undefined): RegisteredStep {
  const columns = (row.filteringattributes ?? '').split(',').flatMap((name) => name.trim() || []);
  return {
    id: row.sdkmessageprocessingstepid.toLowerCase(),
    name: row.name ?? '',
    table: subject?.table ?? null,
    message: subject?.message ?? null,
    columns: columns.map((name) => name.toLowerCase()),
    enabled: row.statecode === 0,
    isBackground: row.mode === ASYNCHRONOUS && row.stage === POST_OPERATION && row.asyncautodelete === true,
  };
}

function subjectOf(
  row: z.infer<typeof filterRow>,
  table: string,
  nameOf: ReadonlyMap<string, string>,
): readonly Subject[] {
  const messageId = row._sdkmessageid_value?.toLowerCase() ?? '';
  const name = nameOf.get(messageId);
  const message = WEBHOOK_MESSAGES.find((known) => known === name);
  if (message === undefined) return [];
  const isOpen = row.iscustomprocessingstepallowed !== false;
  return [{ table, message, messageId, filterId: row.sdkmessagefilterid.toLowerCase(), isOpen }];
}

async function patch(api: DataverseApi, path: string, body: ApiRequest['body']): Promise<void> {
  await call(api, { method: 'PATCH', path, body, headers: { 'If-Match': '*' }, safe: true }, nothing);
}

async function remove(api: DataverseApi, path: string): Promise<void> {
  try {
    await api.send({ method: 'DELETE', path, safe: true });
  } catch (error) {
    if (!(error instanceof HttpFailure)) throw error;
    const fault = faultOf(error.failure);
    if (fault?.status === 404 && fault.code === NO_SUCH_ROW) return;
    throw registrationError(error);
  }
}

/** The id of a new endpoint: of its representation, or of its address where that was left out. */
function madeId(answer: HttpAnswer): string {
  const id = /\(([0-9a-f-]{36})\)$/i.exec(answer.headers['odata-entityid'] ?? '')?.[1];
  if (answer.text === '' && id !== undefined) return id.toLowerCase();
  const made = z.object({ serviceendpointid: z.guid() });
  return parse(made, parseJson(answer), 'a service endpoint').serviceendpointid.toLowerCase();
}

const nothing = () => undefined;

/** `read` takes from the answer what it is about. */
async function call<T>(api: DataverseApi, request: ApiRequest, read: (answer: HttpAnswer) => T): Promise<T> {
  try {
    return read(await api.send(request));
  } catch (error) {
    throw error instanceof HttpFailure ? registrationError(error) : error;
  }
}

function registrationError(failure: HttpFailure) {
  const general = systemError(failure);
  if (general.code !== 'access_denied') return general;
  return bridgeError('access_denied', `Webhooks may not be registered: ${general.message}`, {
    hint: 'Registering needs more than syncing does: give the application user the role System Customizer (or System Administrator), at least until the webhook is registered.',
  });
}
