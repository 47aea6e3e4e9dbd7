import { z } from 'zod';
import { BridgeError, type Fault } from '../domain/errors.js';

/** Names of messages in either body form, any case; all mean: the row may have changed. */
const MESSAGES = [
  'create',
  'created',
  'added',
  'update',
  'updated',
  'modify',
  'modified',
  'delete',
  'deleted',
  'setstate',
  'setstatedynamicentity',
  'merge',
];

const reference = z.looseObject({ Id: z.unknown().optional(), LogicalName: z.unknown().optional() });

/**
 * The parts of Dataverse's RemoteExecutionContext and of the body that the Power Automate guide has users build. Values of
 * columns are ignored on purpose: they may be old, cut or empty by accident, so the row is read instead.
 */
const body = z.looseObject({
  MessageName: z.unknown(),
  PrimaryEntityName: z.unknown().optional(),
  PrimaryEntityId: z.unknown().optional(),
  InputParameters: z.unknown().optional(),
});

const GUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const TABLE = /^[a-z][a-z0-9_]{0,127}$/;

/** Reads a notification. Throws `invalid_json`, or `invalid_request` with every fault. Source: "Use WebHooks to create external handlers for server events". */
export function parseDynamicsEvent(text: string): { table: string; id: string } {
  const parsed = body.safeParse(parseJson(text));
  if (!parsed.success) throw invalid([{ path: '', message: 'The body is not a JSON object.' }]);
  const target = targetOf(parsed.data.InputParameters);
  const message = String(parsed.data.MessageName ?? '')
    .trim()
    .toLowerCase();
  const table = String(parsed.data.PrimaryEntityName ?? target?.LogicalName ?? '')
    .trim()
    .toLowerCase();
  const id = guidOf(parsed.data.PrimaryEntityId) ?? guidOf(target?.Id);
  const faults: Fault[] = [];
  if (!MESSAGES.includes(message)) {
    faults.push({
      path: 'MessageName',
      message: 'Must be Create, Update or Delete (or one of their other forms).',
    });
  }
  if (!TABLE.test(table)) {
    faults.push({
      path: 'PrimaryEntityName',
      message: 'Must be the logical name of a table, such as contact.',
    });
  }
  if (id === undefined) {
    faults.push({ path: 'PrimaryEntityId', message: 'Must be the id of the row (a GUID).' });
  }
  if (faults.length > 0 || id === undefined) throw invalid(faults);
  return { table, id };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new BridgeError('invalid_json', 'The body is not valid JSON.', {
      hint: 'In Power Automate, build the body with the expression editor so that quotes and line ends are escaped.',
      cause,
    });
  }
}

function invalid(errors: readonly Fault[]): BridgeError {
  return new BridgeError('invalid_request', 'The notification cannot be understood.', { errors });
}

function targetOf(parameters: unknown): z.infer<typeof reference> | undefined {
  const list = z.array(z.looseObject({ key: z.unknown(), value: z.unknown() })).safeParse(parameters);
  if (!list.success) return undefined;
  const value = list.data.find((entry) => entry.key === 'Target')?.value;
  const target = reference.safeParse(value);
  return target.success ? target.data : undefined;
}

/** A GUID in any of the forms that senders use: braces, quotes, upper case. */
function guidOf(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined;
  const id = value
    .trim()
    .replace(/^["'{(]+|["'})]+$/g, '')
    .toLowerCase();
  return GUID.test(id) && !/^[0-]+$/.test(id) ? id : undefined;
}
