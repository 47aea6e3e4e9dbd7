/**
 * The text of a `$batch` without change set (*Execute batch operations using the Web API*): requests into one body, and
 * the answers out of another.
 */
import { randomUUID } from 'node:crypto';
import type { HttpAnswer, HttpRequest } from '../http/client.js';
import type { HttpHeaders } from '../http/failure.js';

const PART_HEAD = 'Content-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n\r\n';
/** What stands around a request in a batch, its address and its headers: a rough measure. */
const PART_FRAME_BYTES = 1_000;

/** A value with a line end could be read as something else of the batch. */
const HEADER_VALUE = /^[\t\x20-\x7e]*$/;

/** Can the request be written as a part? */
export function isPart({ headers, url }: HttpRequest): boolean {
  return URL.canParse(url) && Object.values(headers ?? {}).every((value) => HEADER_VALUE.test(value));
}

export function sizeOfPart({ body }: HttpRequest): number {
  return PART_FRAME_BYTES + Buffer.byteLength(body ?? '');
}

/**
 * One request for all of these, each of which has its own headers but for the token. Lines end with CR LF: Dataverse reads
 * no others.
 */
export function batchRequest(url: string, requests: readonly HttpRequest[]): HttpRequest {
  const parts = requests.map(partText);
  const { Authorization } = requests[0]?.headers ?? {};
  const boundary = boundaryFor(parts);
  return {
    method: 'POST',
    url,
    headers: {
      Accept: 'application/json',
      'OData-Version': '4.0',
      'OData-MaxVersion': '4.0',
      Prefer: 'odata.continue-on-error',
      'Content-Type': `multipart/mixed; boundary="${boundary}"`,
      ...(Authorization === undefined ? {} : { Authorization }),
    },
    body: `${parts.map((part) => `--${boundary}\r\n${part}\r\n`).join('')}--${boundary}--\r\n`,
    timeoutMs: Math.max(...requests.map((each) => each.timeoutMs)),
  };
}

/** The address as a request of its own would send it, so that it has no line end either. */
function partText({ body, headers = {}, method, url }: HttpRequest): string {
  const { pathname, search } = new URL(url);
  const lines = Object.entries(headers)
    .filter(([name]) => name !== 'Authorization')
    .map(([name, value]) => `${name}: ${value}\r\n`);
  return `${PART_HEAD}${method} ${pathname}${search} HTTP/1.1\r\n${lines.join('')}\r\n${body ?? ''}`;
}

function boundaryFor(parts: readonly string[]): string {
  for (;;) {
    const boundary = `batch_${randomUUID()}`;
    if (!parts.some((part) => part.includes(boundary))) return boundary;
  }
}

export interface BatchAnswer {
  /** In the order of the requests; undefined for one that cannot be read. What is not whole is left out. */
  readonly parts: readonly (HttpAnswer | undefined)[];
  /** Has it been read to its end? */
  readonly isWhole: boolean;
}

/** Undefined when it is no answer of a batch at all, but one to the request as a whole. */
export function parseBatchAnswer({ headers, text }: Omit<HttpAnswer, 'status'>): BatchAnswer | undefined {
  const type = headers['content-type'] ?? '';
  if (!/^\s*multipart\/mixed\b/i.test(type)) return undefined;
  const [, quoted, plain] = /;\s*boundary=(?:"([^"]+)"|([^\s;"]+))/i.exec(type) ?? [];
  const boundary = quoted ?? plain;
  if (boundary === undefined) return { parts: [], isWhole: false };
  const parts: (HttpAnswer | undefined)[] = [];
  let from: number | undefined;
  for (const { index, isLast, end } of delimiters(text, boundary)) {
    if (from !== undefined) parts.push(parsePart(text.slice(from, index)));
    if (isLast) return { parts, isWhole: true };
    from = end;
  }
  return { parts, isWhole: false };
}

function* delimiters(
  text: string,
  boundary: string,
): Generator<{ index: number; isLast: boolean; end: number }> {
  const plain = boundary.replace(/[^\w]/g, String.raw`\$&`);
  for (const match of text.matchAll(new RegExp(`(?:^|\\r?\\n)--${plain}(--)?[ \\t]*(?=\\r?\\n|$)`, 'g'))) {
    yield { index: match.index, isLast: match[1] !== undefined, end: match.index + match[0].length };
  }
}

const STATUS_LINE = /^HTTP\/\d(?:\.\d)? +(\d{3})\b.*$/m;

/** What stands before the status line is about the part as such. */
function parsePart(text: string): HttpAnswer | undefined {
  const found = STATUS_LINE.exec(text);
  if (found === null || /^content-type: *multipart/im.test(text.slice(0, found.index))) return undefined;
  const rest = text.slice(found.index + found[0].length).replace(/^\r?\n/, '');
  const blank = /^\r?\n|\r?\n\r?\n/.exec(rest);
  const headers = parseHeaders(blank === null ? rest : rest.slice(0, blank.index));
  if (headers === undefined) return undefined;
  const body = blank === null ? '' : rest.slice(blank.index + blank[0].length);
  return { status: Number(found[1]), headers, text: body.trim() === '' ? '' : body };
}

/** Undefined when a line is no header. */
function parseHeaders(text: string): HttpHeaders | undefined {
  const headers: Record<string, string> = {};
  for (const line of text.split(/\r?\n/).filter((each) => each.trim() !== '')) {
    const [, name, value] = /^([^\s:]+)\s*:(.*)$/.exec(line) ?? [];
    if (name === undefined || value === undefined) return undefined;
    const key = name.toLowerCase();
    headers[key] = headers[key] === undefined ? value.trim() : `${headers[key]}, ${value.trim()}`;
  }
  return headers;
}
