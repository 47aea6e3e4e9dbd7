import type { Environment } from '../environment.js';
import { badRequest, DataverseError, unsupported } from '../errors.js';
import type { Scalar, TableDefinition } from '../tables/schema.js';
import type { Row } from '../tables/table-store.js';
import type { Change } from '../writing/payload.js';
import { parseSettings, secretKey } from './webhook-secret.js';
import { BULK_MESSAGES } from './webhook-tables.js';

const WEBHOOK = 8;
const KEY_TYPES = [4, 5, 6];
const LOOPBACK = /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/;

type Values = Record<string, Scalar>;
type Rule = (environment: Environment, values: Values, change: Change) => void;

const RULES: Partial<Record<string, Rule>> = {
  serviceendpoint: checkEndpoint,
  sdkmessageprocessingstep: checkStep,
  sdkmessageprocessingstepimage: checkImage,
};

/**
 * What Dataverse asks of endpoints, steps and images beyond their columns; other tables pass. Takes the secret of an
 * endpoint out of the columns that can be read.
 */
export function checkRegistration(
  environment: Environment,
  table: TableDefinition,
  row: Row | undefined,
  change: Change,
): void {
  const values = { ...row?.values, ...Object.fromEntries(change.values) };
  RULES[table.name]?.(environment, values, change);
}

/** An endpoint that is in use stays, unless the environment is set to take its steps along. */
export function checkUnregistration(environment: Environment, table: TableDefinition, row: Row): void {
  const steps = environment.table('sdkmessageprocessingstep');
  const isUsed = table.name === 'serviceendpoint' && steps.idsWith('_eventhandler_value', row.id).size > 0;
  if (isUsed && environment.behaviour.endpointWithSteps === 'fail') {
    throw badRequest(
      `The ServiceEndpoint(${row.id}) component cannot be deleted because it is referenced by 1 other components.`,
      '0x8004f01f',
    );
  }
}

function checkEndpoint(_environment: Environment, values: Values, change: Change): void {
  if ((values.contract ?? WEBHOOK) !== WEBHOOK) {
    throw unsupported('service endpoints that are no webhooks');
  }
  requireValues(values, ['name', 'url', 'contract', 'authtype']);
  if (!KEY_TYPES.includes(Number(values.authtype))) {
    throw badRequest(`The authtype ${values.authtype} is not one of a webhook (4, 5, 6).`, '0x80040203');
  }
  checkUrl(String(values.url));
  const fresh = change.values.get('authvalue');
  const secret = fresh === undefined ? (values[secretKey] ?? null) : fresh;
  checkSecret(Number(values.authtype), secret);
  if (fresh !== undefined) {
    change.values
      .set('authvalue', null)
      .set(secretKey, fresh)
      .set('isauthvalueset', fresh !== null);
  }
}

function checkUrl(text: string): void {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !['http:', 'https:'].includes(url.protocol)) {
    throw badRequest(`The url '${text}' is not an absolute http or https address.`, '0x80040203');
  }
  if (!['', '80', '443'].includes(url.port) && !LOOPBACK.test(url.hostname)) {
    throw badRequest(`The port ${url.port} is not allowed, only 80 and 443 are.`, '0x80040203');
  }
}

function checkSecret(authType: number, secret: Scalar): void {
  if (authType === 4 ? secret === null : parseSettings(String(secret ?? '')) === undefined) {
    const code = authType === 6 ? '0x80050204' : '0x80050203';
    throw badRequest('The authvalue does not suit the authtype.', code);
  }
}

function checkStep(environment: Environment, values: Values): void {
  const references = ['_eventhandler_value', '_sdkmessageid_value'];
  requireValues(values, ['name', 'mode', 'stage', ...references]);
  if (values.mode === 1 && values.stage !== 40) {
    throw badRequest(
      'An asynchronous step has to be registered in the stage PostOperation (40).',
      '0x80040203',
    );
  }
  if (values.mode === 0 || (values.supporteddeployment !== undefined && values.supporteddeployment !== 0)) {
    throw unsupported('steps that are synchronous or run on clients');
  }
  const message = environment.table('sdkmessage').get(String(values._sdkmessageid_value))?.values.name;
  if (BULK_MESSAGES.some((name) => name === message)) {
    throw unsupported(`steps of the message ${message}`);
  }
  const filterId = values._sdkmessagefilterid_value;
  if (typeof filterId === 'string') {
    const filter = environment.table('sdkmessagefilter').get(filterId);
    if (filter?.values._sdkmessageid_value !== values._sdkmessageid_value) {
      throw badRequest('The message filter belongs to another message than the step.', '0x80040203');
    }
    if (filter?.values.iscustomprocessingstepallowed !== true) {
      throw badRequest('Custom SdkMessageProcessingStep is not allowed on the specified message and entity.');
    }
  }
}

function checkImage(environment: Environment, values: Values): void {
  requireValues(values, [
    'entityalias',
    'imagetype',
    'messagepropertyname',
    '_sdkmessageprocessingstepid_value',
  ]);
  const step = environment
    .table('sdkmessageprocessingstep')
    .get(String(values._sdkmessageprocessingstepid_value));
  const message = environment.table('sdkmessage').get(String(step?.values._sdkmessageid_value))?.values.name;
  const impossible = message === 'Create' ? [0, 2] : message === 'Delete' ? [1, 2] : [];
  if (impossible.includes(Number(values.imagetype))) {
    throw badRequest(`The message ${message} has no such image.`, '0x80040203');
  }
  const names = message === 'Create' ? ['Target', 'Id'] : ['Target'];
  if (!names.includes(String(values.messagepropertyname))) {
    throw badRequest(`The message ${message} has no property '${values.messagepropertyname}'.`, '0x80040203');
  }
}

function requireValues(values: Values, properties: readonly string[]): void {
  for (const property of properties) {
    if ((values[property] ?? null) === null) {
      const name = property.replace(/^_(\w+)_value$/, '$1');
      throw new DataverseError(400, '0x80040203', `The required attribute '${name}' is missing.`);
    }
  }
}
