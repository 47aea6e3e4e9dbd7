import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { courseOf, type Fault, FaultList, type FaultTarget, faultAnswer, faultsSchema } from './faults.js';
import { abandon, json, listen, readRequest, type SimReply, type SimRequest, send, stop } from './wire.js';

export type { Fault, FaultTarget } from './faults.js';
export type { SimReply, SimRequest } from './wire.js';

export interface Latency {
  perRequestMs: number;
  perOperationMs: number;
}

/** A control route; what it returns is sent as JSON with 200, nothing becomes 204. */
export type ControlRoute = (body: unknown) => Promise<unknown> | unknown;

export interface SimShellOptions {
  /** 0 picks a free port. */
  port: number;
  /** PEM texts: with them the shell speaks https. */
  tls?: { key: string; cert: string };
  /** Label used for counting and for matching faults, such as "GET contacts". */
  routeOf(request: SimRequest): string;
  /** Undefined cuts the connection. */
  handle(request: SimRequest): Promise<SimReply | undefined> | SimReply | undefined;
  /** Runs around everything that a request costs, latency and faults too; may answer without doing the work. */
  around?(
    request: SimRequest,
    work: () => Promise<SimReply | undefined>,
  ): Promise<SimReply | undefined> | SimReply | undefined;
  /** Further routes by "METHOD /_sim/name". */
  control: Record<string, ControlRoute>;
  faultReply?(fault: Fault): SimReply;
  /** The record that a request is about, for faults of one record. */
  targetOf?(request: SimRequest): FaultTarget;
}

export interface SimShell {
  url: string;
  port: number;
  counters: RequestCounters;
  faults: FaultList;
  latency: Latency;
  close(): Promise<void>;
}

/** Thrown by a control route to answer with a status of its own and a sentence. */
export class ControlError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** What the emulated API has been asked so far; control routes do not count. */
export class RequestCounters {
  total = 0;
  batchOperations = 0;
  bytesIn = 0;
  bytesOut = 0;
  readonly #byRoute = new Map<string, number>();
  readonly #byPart = new Map<string, number>();

  count(label: string, bytesIn: number): void {
    this.total += 1;
    this.bytesIn += bytesIn;
    this.#byRoute.set(label, (this.#byRoute.get(label) ?? 0) + 1);
  }

  /** An operation within a batch. */
  countPart(label: string): void {
    this.batchOperations += 1;
    this.#byPart.set(label, (this.#byPart.get(label) ?? 0) + 1);
  }

  snapshot() {
    const { total, batchOperations, bytesIn, bytesOut } = this;
    const [byRoute, byPart] = [Object.fromEntries(this.#byRoute), Object.fromEntries(this.#byPart)];
    return { total, byRoute, byPart, batchOperations, bytesIn, bytesOut };
  }

  reset(): void {
    this.total = 0;
    this.batchOperations = 0;
    this.#byPart.clear();
    this.bytesIn = 0;
    this.bytesOut = 0;
    this.#byRoute.clear();
  }
}

/** Long addresses are legal: a GET of Dataverse may have 32,768 characters, and the limit counts all header lines. */
const maxHeaderSize = 131_072;

const latencySchema = z.strictObject({
  perRequestMs: z.number().nonnegative().exactOptional(),
  perOperationMs: z.number().nonnegative().exactOptional(),
});

/**
 * Starts the HTTP server both simulators share, on the loopback address only: counting, faults, latency and
 * the `/_sim` control routes in front of the emulated API. A request pays `perRequestMs` and one
 * `perOperationMs`; a "$batch" pays only the former here, its operations are the simulator's to delay.
 */
export async function startSimShell(options: SimShellOptions): Promise<SimShell> {
  const counters = new RequestCounters();
  const faults = new FaultList();
  const latency: Latency = { perRequestMs: 0, perOperationMs: 0 };
  const word = options.faultReply ?? (({ status = 503 }: Fault) => ({ status }));
  const control = { ...sharedRoutes(counters, faults, latency), ...options.control };
  const listener: RequestListener = (message, response) => {
    serve(message, response).catch((error: unknown) => abandon(response, error));
  };
  const server =
    options.tls === undefined
      ? createServer({ maxHeaderSize }, listener)
      : createTlsServer({ ...options.tls, maxHeaderSize }, listener);

  async function serve(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const request = await readRequest(message);
    if (request.url.pathname === '/_sim' || request.url.pathname.startsWith('/_sim/')) {
      send(request, response, await runControl(control, request));
      return;
    }
    const label = options.routeOf(request);
    counters.count(label, request.body.length);
    const work = () => emulate(request, label);
    const reply = await (options.around?.(request, work) ?? work());
    if (reply === undefined) {
      response.destroy();
    } else {
      counters.bytesOut += send(request, response, reply);
    }
  }

  /** Undefined: the connection is to be cut. */
  async function emulate(request: SimRequest, label: string): Promise<SimReply | undefined> {
    const fault = faults.take(label, options.targetOf?.(request));
    const operationMs = label.endsWith(' $batch') ? 0 : latency.perOperationMs;
    await pause(latency.perRequestMs + operationMs + (fault?.delayMs ?? 0));
    const { doesWork, isCut, isReplaced } = courseOf(fault);
    const reply = doesWork ? await options.handle(request) : undefined;
    if (fault !== undefined && isReplaced) {
      return faultAnswer(fault, word);
    }
    return isCut ? undefined : shortened(reply, fault?.cutAfter);
  }

  const port = await listen(server, options.port);
  const scheme = options.tls === undefined ? 'http' : 'https';
  return { url: `${scheme}://127.0.0.1:${port}`, port, counters, faults, latency, close: () => stop(server) };
}

function shortened(reply: SimReply | undefined, length: number | undefined): SimReply | undefined {
  return reply === undefined || length === undefined
    ? reply
    : { ...reply, body: String(reply.body ?? '').slice(0, length) };
}

function sharedRoutes(
  counters: RequestCounters,
  faults: FaultList,
  latency: Latency,
): Record<string, ControlRoute> {
  return {
    'GET /_sim/requests': () => counters.snapshot(),
    'DELETE /_sim/requests': () => {
      counters.reset();
      return counters.snapshot();
    },
    'POST /_sim/faults': (body) => {
      faults.add(faultsSchema.parse(body));
      return { active: faults.size };
    },
    'DELETE /_sim/faults': () => {
      faults.clear();
      return { active: 0 };
    },
    'POST /_sim/latency': (body) => Object.assign(latency, latencySchema.parse(body)),
  };
}

async function runControl(control: Record<string, ControlRoute>, request: SimRequest): Promise<SimReply> {
  const name = `${request.method} ${request.url.pathname}`;
  const route = Object.hasOwn(control, name) ? control[name] : undefined;
  if (route === undefined) {
    return json(404, { error: `There is no control route ${name}.` });
  }
  try {
    const text = request.body.toString();
    const value = await route(text === '' ? undefined : JSON.parse(text));
    return value === undefined ? { status: 204 } : json(200, value);
  } catch (error) {
    return controlFailure(name, error);
  }
}

function controlFailure(name: string, error: unknown): SimReply {
  if (error instanceof ControlError) {
    return json(error.status, { error: error.message });
  }
  if (error instanceof z.ZodError) {
    const problems = error.issues.map((issue) => `${issue.path.join('.') || 'body'}: ${issue.message}`);
    return json(400, { error: `${name} cannot use this body: ${problems.join('; ')}.` });
  }
  if (error instanceof SyntaxError) {
    return json(400, { error: `${name} needs a JSON body: ${error.message}.` });
  }
  return json(500, { error: `${name} failed: ${error instanceof Error ? error.stack : String(error)}` });
}

async function pause(milliseconds: number): Promise<void> {
  if (milliseconds > 0) {
    await sleep(milliseconds, undefined, { ref: false });
  }
}
