import { badRequest, DataverseError } from '../errors.js';

/** Most operations of one batch, those of change sets included. */
const maxOperations = 1000;

export interface Operation {
  method: string;
  /** As sent: absolute, root-relative, or beginning with `$<content id>`. */
  url: string;
  /** Lower-case names. */
  headers: Record<string, string>;
  body: string;
  contentId: string | undefined;
}

export type BatchItem =
  | { kind: 'operation'; operation: Operation }
  | { kind: 'changeSet'; operations: Operation[] };

interface Part {
  headers: Record<string, string>;
  content: string;
}

/** Reads a whole `$batch` body before anything runs; one malformed part refuses all of it. */
export function parseBatch(contentType: string, body: string): BatchItem[] {
  const boundary = boundaryOf(contentType);
  if (boundary === undefined) {
    throw badRequest('A batch needs the content type multipart/mixed with a boundary.', '0x80048d19');
  }
  const items = splitParts(body, boundary).map(parseItem);
  const count = items.reduce(
    (sum, item) => sum + (item.kind === 'changeSet' ? item.operations.length : 1),
    0,
  );
  if (count > maxOperations) {
    throw badRequest(
      `The batch has ${count} operations, more than the allowed ${maxOperations}.`,
      '0x80048d19',
    );
  }
  return items;
}

function boundaryOf(contentType: string): string | undefined {
  const match = /^multipart\/mixed\s*;.*?\bboundary=(?:"([^"]+)"|([^\s;"]+))/i.exec(contentType);
  return match?.[1] ?? match?.[2];
}

function unreadable(): DataverseError {
  return new DataverseError(
    400,
    '0x80048d19',
    "Error identified in Payload provided by the user for Entity :'', InnerException : System.ArgumentException: Stream was not readable.",
  );
}

/** Lines end with CR LF; a boundary line or header that ends otherwise makes the stream unreadable. */
function splitParts(text: string, boundary: string): Part[] {
  const marker = `--${boundary}`;
  const parts: Part[] = [];
  let start: number | undefined;
  let from = 0;
  for (;;) {
    const at = nextMarker(text, marker, from);
    if (at === undefined) {
      throw unreadable();
    }
    if (start !== undefined) {
      parts.push(parsePart(text.slice(start, at === start ? at : at - 2)));
    }
    const after = at + marker.length;
    if (text.startsWith('--', after)) {
      return parts;
    }
    start = after + 2;
    from = start;
  }
}

/** Start of the next boundary line at or behind `from`. */
function nextMarker(text: string, marker: string, from: number): number | undefined {
  for (let at = text.indexOf(marker, from); at >= 0; at = text.indexOf(marker, at + 1)) {
    const isLineStart = at === 0 || text.charAt(at - 1) === '\n';
    const after = text.slice(at + marker.length, at + marker.length + 2);
    if (isLineStart && (after.startsWith('\n') || (at > 0 && text.charAt(at - 2) !== '\r'))) {
      throw unreadable();
    }
    if (isLineStart && (after === '\r\n' || after === '--')) {
      return at;
    }
  }
  return undefined;
}

function parsePart(text: string): Part {
  const { lines, rest } = splitHead(text);
  return { headers: parseHeaders(lines), content: rest };
}

/** Header lines up to the blank line. Directly before a boundary that blank line may be the boundary's own line end. */
function splitHead(text: string): { lines: string[]; rest: string } {
  const blank = text.indexOf('\r\n\r\n');
  const isShort = blank < 0 && text.endsWith('\r\n');
  if (blank < 0 && !isShort) {
    throw unreadable();
  }
  const head = text.slice(0, isShort ? -2 : blank);
  const lines = head.split('\r\n').filter((line) => line !== '');
  if (lines.some((line) => line.includes('\n'))) {
    throw unreadable();
  }
  return { lines, rest: isShort ? '' : text.slice(blank + 4) };
}

function parseHeaders(lines: readonly string[]): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const line of lines) {
    const at = line.indexOf(':');
    if (at < 0) {
      throw unreadable();
    }
    headers[line.slice(0, at).trim().toLowerCase()] = line.slice(at + 1).trim();
  }
  return headers;
}

function parseItem(part: Part): BatchItem {
  const boundary = boundaryOf(part.headers['content-type'] ?? '');
  if (boundary === undefined) {
    return { kind: 'operation', operation: parseOperation(part) };
  }
  const operations = splitParts(part.content, boundary).map(parseOperation);
  for (const operation of operations) {
    if (operation.method === 'GET') {
      throw badRequest('A change set cannot contain GET requests.', '0x80048d19');
    }
    if (operation.contentId === undefined) {
      throw badRequest('Every operation of a change set needs a Content-ID.', '0x80048d19');
    }
  }
  return { kind: 'changeSet', operations };
}

function parseOperation(part: Part): Operation {
  const type = part.headers['content-type'] ?? '';
  const encoding = part.headers['content-transfer-encoding'] ?? '';
  if (!/^application\/http\b/i.test(type) || encoding.toLowerCase() !== 'binary') {
    throw badRequest(
      'Every part of a batch has to be application/http with the transfer encoding binary.',
      '0x80048d19',
    );
  }
  const { lines, rest } = splitHead(part.content);
  const request = /^([A-Z]+) (.+) HTTP\/1\.1$/.exec(lines[0] ?? '');
  if (request === null) {
    throw unreadable();
  }
  return {
    method: request[1] ?? '',
    url: request[2] ?? '',
    headers: parseHeaders(lines.slice(1)),
    body: rest,
    contentId: part.headers['content-id'],
  };
}
