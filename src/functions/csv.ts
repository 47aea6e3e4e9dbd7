import type { LogEntry } from '../domain/change.js';
import type { FieldValue } from '../domain/values.js';

const COLUMNS = [
  'id',
  'at',
  'entity',
  'authScapeId',
  'crmEntity',
  'crmId',
  'side',
  'action',
  'outcome',
  'field',
  'from',
  'to',
  'rule',
  'winner',
  'errorCode',
  'errorMessage',
] as const;

type Line = Readonly<Record<(typeof COLUMNS)[number], FieldValue | undefined>>;

/** Lines of CSV (RFC 4180) are gathered to pieces of about this many characters. */
const PIECE = 32_768;

/** Changes as CSV, one line per field; a change without fields has one line. */
export async function* changesCsv(entries: AsyncIterable<LogEntry>): AsyncGenerator<string, void> {
  let piece = lineOf(COLUMNS);
  for await (const entry of entries) {
    for (const line of linesOf(entry)) piece += lineOf(COLUMNS.map((column) => line[column]));
    if (piece.length < PIECE) continue;
    yield piece;
    piece = '';
  }
  yield piece;
}

function linesOf(entry: LogEntry): readonly Line[] {
  const { action, at, authScapeId, crmEntity, crmId, entity, error, fields, id, side } = entry;
  const change = { ...{ id, at, entity, authScapeId, crmEntity, crmId, side, action }, ...errorOf(error) };
  const outcome = entry.status === 'held' ? 'held' : entry.outcome;
  if (fields.length === 0) {
    const none = { from: null, to: null, rule: null, winner: null };
    return [{ ...change, outcome, field: error?.field, ...none }];
  }
  return fields.map(({ field, from, to, rule, winner }) => ({
    ...{ ...change, outcome, field, from, to, rule, winner },
  }));
}

function errorOf(error: LogEntry['error']): Pick<Line, 'errorCode' | 'errorMessage'> {
  return { errorCode: error?.code, errorMessage: error?.message };
}

function lineOf(cells: readonly (FieldValue | undefined)[]): string {
  return `${cells.map(cellOf).join(',')}\r\n`;
}

/** Text that a spreadsheet would take for a formula is marked as text. */
function cellOf(value: FieldValue | undefined): string {
  if (value === undefined || value === null) return '';
  if (typeof value !== 'string') return String(value);
  const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
