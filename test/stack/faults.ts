import { z } from 'zod';
import type { SimReply } from './wire.js';

type Value = string | number | boolean | null;

/**
 * One injected fault. Without `status`, `delayMs` and `dropConnection` it answers 503.
 * `commit` does the work first and then answers `status`, as a server does that fails late.
 */
export interface Fault {
  match: string;
  /** Only requests about the record of this id. */
  row?: string;
  /** Only requests about a record, or with a body, that holds these values. */
  where?: Record<string, Value>;
  status?: number;
  code?: string;
  message?: string;
  /** Sent as it is instead of the service's own error body. */
  body?: string;
  contentType?: string;
  /** Seconds. */
  retryAfter?: number;
  times?: number;
  probability?: number;
  delayMs?: number;
  dropConnection?: 'before' | 'afterCommit';
  commit?: boolean;
  /** The work is done, and its answer ends after so many characters as if it were whole. */
  cutAfter?: number;
  /** False spares the parts of a batch. */
  part?: boolean;
}

/** What a request is about; a fault of one record asks. */
export interface FaultTarget {
  isRow(id: string): boolean;
  /** The values of the stored record and of the body, each where there is one. */
  values(): readonly Readonly<Record<string, unknown>>[];
}

/** The faults waiting to happen, oldest first. */
export class FaultList {
  #faults: Fault[] = [];

  get size(): number {
    return this.#faults.length;
  }

  add(faults: readonly Fault[]): void {
    this.#faults.push(...faults.map((fault) => ({ ...fault })));
  }

  clear(): void {
    this.#faults = [];
  }

  /** The first fault that matches and whose dice fall; one with `times` is used up by this. */
  take(label: string, target?: FaultTarget, isPart = false): Fault | undefined {
    for (const fault of this.#faults) {
      if (!concerns(fault, label, target, isPart) || Math.random() >= (fault.probability ?? 1)) {
        continue;
      }
      if (fault.times !== undefined) {
        fault.times -= 1;
        this.#faults = this.#faults.filter((other) => other.times !== 0);
      }
      return fault;
    }
    return undefined;
  }
}

function concerns(fault: Fault, label: string, target: FaultTarget | undefined, isPart: boolean): boolean {
  if (!matches(fault.match, label) || (isPart && fault.part === false)) {
    return false;
  }
  if (fault.row !== undefined && target?.isRow(fault.row) !== true) {
    return false;
  }
  const { where } = fault;
  return where === undefined || target?.values().some((values) => holdsAll(values, where)) === true;
}

function matches(pattern: string, label: string): boolean {
  const [method = '', segment = '*'] = pattern.toLowerCase().split(/\s+(.*)/s);
  const [labelMethod, labelSegment = ''] = label.toLowerCase().split(/\s+(.*)/s);
  if (method !== '*' && method !== labelMethod) {
    return false;
  }
  return segment.endsWith('*') ? labelSegment.startsWith(segment.slice(0, -1)) : labelSegment === segment;
}

function holdsAll(values: Readonly<Record<string, unknown>>, where: Record<string, Value>): boolean {
  return Object.entries(where).every(
    ([name, wanted]) => Object.hasOwn(values, name) && isSame(values[name], wanted),
  );
}

/** Letter case does not count, nor whether a number came as text. */
function isSame(value: unknown, wanted: Value): boolean {
  return wanted === null || value === null || value === undefined
    ? (value ?? null) === wanted
    : String(value).toLowerCase() === String(wanted).toLowerCase();
}

const value = z.union([z.string(), z.number(), z.boolean(), z.null()]);

/** Body of `POST /_sim/faults`. */
export const faultsSchema = z.array(
  z.strictObject({
    match: z.string().min(1),
    row: z.union([z.string().min(1), z.number().transform(String)]).exactOptional(),
    where: z.record(z.string(), value).exactOptional(),
    status: z.int().min(200).max(599).exactOptional(),
    code: z.string().exactOptional(),
    message: z.string().exactOptional(),
    body: z.union([z.string(), z.looseObject({}).transform((body) => JSON.stringify(body))]).exactOptional(),
    contentType: z.string().min(1).exactOptional(),
    retryAfter: z.number().nonnegative().exactOptional(),
    times: z.int().positive().exactOptional(),
    probability: z.number().min(0).max(1).exactOptional(),
    delayMs: z.number().nonnegative().exactOptional(),
    dropConnection: z.enum(['before', 'afterCommit']).exactOptional(),
    commit: z.boolean().exactOptional(),
    cutAfter: z.int().nonnegative().exactOptional(),
    part: z.boolean().exactOptional(),
  }),
);

/** What a fault lets happen to a request. */
export interface FaultCourse {
  doesWork: boolean;
  isCut: boolean;
  /** The fault's answer takes the place of the work's. */
  isReplaced: boolean;
}

export function courseOf(fault: Fault | undefined): FaultCourse {
  if (fault === undefined) {
    return { doesWork: true, isCut: false, isReplaced: false };
  }
  if (fault.dropConnection !== undefined) {
    return { doesWork: fault.dropConnection === 'afterCommit', isCut: true, isReplaced: false };
  }
  const isAnswered = fault.status !== undefined || fault.body !== undefined;
  const keepsAnswer = !isAnswered && (fault.delayMs !== undefined || fault.cutAfter !== undefined);
  const doesWork = fault.commit === true || keepsAnswer;
  return { doesWork, isCut: false, isReplaced: isAnswered || !doesWork };
}

/** @param word how the service words an error of its own */
export function faultAnswer(fault: Fault, word: (fault: Fault) => SimReply): SimReply {
  const status = fault.status ?? (fault.body === undefined ? 503 : 200);
  const { body } = fault;
  const reply = body === undefined ? word({ ...fault, status }) : { status, body, headers: typeOf(fault) };
  const wait = fault.retryAfter === undefined ? {} : { 'Retry-After': String(fault.retryAfter) };
  return { ...reply, headers: { ...reply.headers, ...wait } };
}

function typeOf({ body = '', contentType }: Fault): Record<string, string> {
  const guess = body.trimStart().startsWith('<') ? 'text/html' : 'application/json';
  return { 'Content-Type': contentType ?? guess };
}
