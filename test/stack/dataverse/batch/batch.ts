import { randomUUID } from 'node:crypto';
import { STATUS_CODES } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Fault, SimReply, SimShell } from '../../control.js';
import { courseOf, faultAnswer } from '../../faults.js';
import { type Call, parseQuery } from '../call.js';
import { RowTarget } from '../control/row-target.js';
import { answer, failure } from '../dispatch.js';
import { badRequest, unsupported } from '../errors.js';
import { parsePreferences } from '../reading/preferences.js';
import { parsePath } from '../resource-path.js';
import { type BatchItem, type Operation, parseBatch } from './batch-parser.js';

/** GET addresses inside a batch may be twice as long as elsewhere. */
const maxUrlLength = 65_536;

export type BatchShell = Pick<SimShell, 'counters' | 'faults' | 'latency'>;

export interface BatchOptions {
  shell: BatchShell;
  faultReply(fault: Fault): SimReply;
}

/** The work of one item: its replies, and whether the connection is to be cut instead of answering. */
interface Outcome {
  text: string;
  status: number;
  isCut: boolean;
}

/** Runs a `$batch`, one item after the other. Undefined: the connection is to be cut. */
export async function runBatch(call: Call, options: BatchOptions): Promise<SimReply | undefined> {
  let items: BatchItem[];
  try {
    items = parseBatch(call.headers['content-type'] ?? '', call.body);
  } catch (error) {
    return failure(call, error);
  }
  const boundary = `batchresponse_${randomUUID()}`;
  const parts: string[] = [];
  const goesOn = call.preferences.continueOnError && !call.environment.behaviour.batchStops;
  let status = 200;
  for (const item of items) {
    const outcome =
      item.kind === 'operation'
        ? await runSingle(call, item.operation, options)
        : await runChangeSet(call, item.operations, options);
    if (outcome.isCut) {
      return undefined;
    }
    parts.push(`--${boundary}\r\n${outcome.text}`);
    if (outcome.status >= 400 && !goesOn) {
      status = outcome.status;
      break;
    }
  }
  const applied = goesOn ? { 'Preference-Applied': 'odata.continue-on-error' } : {};
  return {
    status,
    headers: { 'Content-Type': `multipart/mixed; boundary=${boundary}`, ...applied },
    body: `${parts.join('')}--${boundary}--\r\n`,
  };
}

async function runSingle(call: Call, operation: Operation, options: BatchOptions): Promise<Outcome> {
  const { latency, counters } = options.shell;
  counters.countPart(labelOf(operation));
  const fault = takeFault(call, operation, options);
  await pause(latency.perOperationMs + (fault?.delayMs ?? 0));
  const { reply, isCut } = withFault(fault, options, () => runOperation(call, operation, new Map()));
  return { text: partText(reply, operation.contentId), status: reply.status, isCut };
}

function withFault(
  fault: Fault | undefined,
  options: BatchOptions,
  work: () => SimReply,
): { reply: SimReply; isCut: boolean } {
  const { doesWork, isCut, isReplaced } = courseOf(fault);
  const reply = doesWork ? work() : { status: 503 };
  return {
    reply: fault !== undefined && isReplaced ? faultAnswer(fault, options.faultReply) : reply,
    isCut,
  };
}

/** Ends a change set whose operation failed, so that everything before it is undone. */
class ChangeSetFailure extends Error {
  readonly reply: SimReply;

  constructor(reply: SimReply) {
    super('An operation of the change set failed');
    this.reply = reply;
  }
}

async function runChangeSet(
  call: Call,
  operations: readonly Operation[],
  options: BatchOptions,
): Promise<Outcome> {
  const { latency, counters } = options.shell;
  for (const operation of operations) {
    counters.countPart(labelOf(operation));
  }
  const planned = operations.map((operation) => ({ operation, fault: takeFault(call, operation, options) }));
  const delays = planned.reduce((sum, { fault }) => sum + (fault?.delayMs ?? 0), 0);
  await pause(latency.perOperationMs * operations.length + delays);
  const boundary = `changesetresponse_${randomUUID()}`;
  const references = new Map<string, string>();
  let isCut = false;
  try {
    const texts = call.environment.atomically(() =>
      planned.map(({ operation, fault }) => {
        const result = withFault(fault, options, () => runOperation(call, operation, references));
        isCut ||= result.isCut;
        if (result.reply.status >= 400) {
          throw new ChangeSetFailure(result.reply);
        }
        remember(call, references, operation, result.reply);
        return `--${boundary}\r\n${partText(result.reply, operation.contentId)}`;
      }),
    );
    const head = `Content-Type: multipart/mixed; boundary=${boundary}\r\n\r\n`;
    return { text: `${head}${texts.join('')}--${boundary}--\r\n`, status: 200, isCut };
  } catch (error) {
    if (!(error instanceof ChangeSetFailure)) {
      throw error;
    }
    return { text: partText(error.reply, undefined), status: error.reply.status, isCut };
  }
}

function takeFault(call: Call, operation: Operation, options: BatchOptions): Fault | undefined {
  const path = operation.url.replace(/^https?:\/\/[^/]+/i, '').split('?')[0] ?? '';
  const pathname = path.startsWith('/') ? path : `/api/data/v9.2/${path}`;
  const target = new RowTarget(call.environment, pathname, operation.body);
  return options.shell.faults.take(labelOf(operation), target, true);
}

function labelOf(operation: Operation): string {
  const path = operation.url
    .replace(/^https?:\/\/[^/]+/i, '')
    .replace(/^\/api\/data\/v9\.\d+\//, '')
    .split(/[(/?]/)[0];
  return `${operation.method} ${path}`;
}

function runOperation(call: Call, operation: Operation, references: ReadonlyMap<string, string>): SimReply {
  const preferences = parsePreferences(operation.headers.prefer);
  try {
    if (operation.url.length > maxUrlLength) {
      throw badRequest('The URL is too long.');
    }
    const url = resolveUrl(operation.url, references);
    const [pathname = '', search = ''] = url.split(/\?(.*)/s);
    const segments = parsePath(pathname);
    if (segments === undefined) {
      throw badRequest(`'${operation.url}' is not an address of the Web API.`, '0x80048d19');
    }
    if (segments[0]?.name === '$batch') {
      throw unsupported('a batch inside a batch');
    }
    return answer({
      ...call,
      method: operation.method,
      segments,
      search,
      query: parseQuery(search),
      headers: operation.headers,
      body: resolveBody(operation.body, references),
      preferences,
    });
  } catch (error) {
    return failure({ environment: call.environment, preferences }, error);
  }
}

/** The part's address as a path, with a leading `$<content id>` replaced by the row it stands for. */
function resolveUrl(url: string, references: ReadonlyMap<string, string>): string {
  const path = url.replace(/^https?:\/\/[^/]+/i, '');
  const below = path.replace(/^\/api\/data\/v9\.\d+\//, '');
  const reference = /^\$(?!batch|metadata)([\w.-]+)/.exec(below);
  if (reference === null) {
    return path.startsWith('/') ? path : `/api/data/v9.2/${path}`;
  }
  return `/api/data/v9.2/${referenced(reference[1] ?? '', references)}${below.slice(reference[0].length)}`;
}

function referenced(id: string, references: ReadonlyMap<string, string>): string {
  const path = references.get(id);
  if (path === undefined) {
    throw badRequest(`Content-ID Reference: '$${id}' does not exist in the batch context.`);
  }
  return path;
}

/** Replaces `$<content id>` where a body holds the address of a row. */
function resolveBody(body: string, references: ReadonlyMap<string, string>): string {
  if (!/"\$[\w.-]+"/.test(body)) {
    return body;
  }
  return body.replace(
    /("[^"]*@odata\.(?:bind|id)"\s*:\s*")\$([\w.-]+)"/g,
    (_all, start: string, id: string) => {
      return `${start}/${referenced(id, references)}"`;
    },
  );
}

/** Keeps the path of the row that an operation wrote for later references to it. */
function remember(call: Call, references: Map<string, string>, operation: Operation, reply: SimReply): void {
  if (operation.contentId === undefined) {
    return;
  }
  const address = reply.headers?.['OData-EntityId'];
  if (address !== undefined) {
    references.set(operation.contentId, address.slice(call.root.length + 1));
    return;
  }
  const body: Record<string, unknown> = typeof reply.body === 'string' ? JSON.parse(reply.body) : {};
  const setName = /#(\w+)/.exec(String(body['@odata.context']))?.[1] ?? '';
  const key = call.environment.bySet.get(setName)?.definition.primaryId;
  if (key !== undefined) {
    references.set(operation.contentId, `${setName}(${String(body[key])})`);
  }
}

function partText(reply: SimReply, contentId: string | undefined): string {
  const mime = ['Content-Type: application/http', 'Content-Transfer-Encoding: binary'];
  if (contentId !== undefined) {
    mime.push(`Content-ID: ${contentId}`);
  }
  const isRead =
    reply.status === 200 && reply.headers?.['Content-Type']?.includes('application/json') === true;
  const headers = {
    ...(reply.status >= 400 ? { REQ_ID: randomUUID() } : {}),
    ...reply.headers,
    ...(isRead ? { 'Content-Type': 'application/json; odata.metadata=minimal; odata.streaming=true' } : {}),
    'OData-Version': '4.0',
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  const status = `HTTP/1.1 ${reply.status} ${STATUS_CODES[reply.status] ?? ''}`;
  const body = reply.body === undefined ? '' : String(reply.body);
  return `${mime.join('\r\n')}\r\n\r\n${[status, ...lines].join('\r\n')}\r\n\r\n${body}\r\n`;
}

async function pause(milliseconds: number): Promise<void> {
  if (milliseconds > 0) {
    await sleep(milliseconds, undefined, { ref: false });
  }
}
