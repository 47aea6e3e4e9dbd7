import { UnknownOutcomeError, type WriteResult } from '../../application/ports/systems.js';
import { RecordRejectedError } from '../../domain/errors.js';
import type { DynamicsRow } from '../../domain/records.js';
import type { FieldValues } from '../../domain/values.js';
import { HttpFailure, hasUnknownOutcome, jsonOf } from '../http/failure.js';
import type { CallAnswer } from '../http/transport.js';
import type { ApiRequest, DataverseApi } from './api.js';
import type { DataverseTable } from './columns.js';
import { faultOf, NO_SUCH_ROW } from './error-body.js';
import { concernsAll, systemError } from './faults.js';
import { query, rowPath } from './odata.js';
import { bindName, type Payload, toPayload } from './payload.js';
import { refusalOf } from './refusals.js';
import { parseLookup, rowFormat } from './row-format.js';
import { getRow } from './rows.js';
import { rowSchema } from './wire.js';

/** What one write works on. */
export interface WriteScope {
  readonly api: DataverseApi;
  readonly schema: DataverseTable;
  readonly id: string;
  /** Columns that the answer has to show. */
  readonly columns: readonly string[];
  entitySet(table: string): Promise<string | undefined>;
}

/** 412s that are about a value and not about the version or the id. */
const VALUE_TAKEN = new Set(['0x80060892', '0x80040333', '0x80073002']);
const NOTHING_SENT: Payload = { body: {}, columns: [], bound: new Map(), left: {} };
/** A key is taken: that of the row itself, an alternate key, or a unique index. Only reading tells which. */
const KEY_TAKEN = new Set(['0x80040237', ...VALUE_TAKEN]);

/**
 * Inserts with our own id: safe to repeat, since a second insert finds the first. What an insert does not take (the
 * state) follows as an update. `latest` as in `DynamicsSystem.create`.
 */
export async function createRow(
  scope: WriteScope,
  values: FieldValues,
  latest?: number,
): Promise<{ kind: 'written'; row: DynamicsRow } | { kind: 'exists' } | { kind: 'late' }> {
  const { columns, id, schema } = scope;
  const payload = await toPayload(schema, values, { operation: 'create', entitySet: scope.entitySet });
  const body = { [schema.primaryId]: id, ...payload.body };
  const inserted = await insert(scope, payload, { path: schema.entitySetName, body, latest });
  if (inserted === 'exists' || inserted === 'late') return { kind: inserted };
  const leftover = remaining(schema, payload.left, inserted);
  if (leftover === undefined) return { kind: 'written', row: inserted };
  const shown = { ...scope, columns: [...new Set([...columns, ...Object.keys(leftover)])] };
  const updated = await updateRow(shown, inserted.etag, leftover);
  return { kind: 'written', row: updated.kind === 'written' ? updated.row : inserted };
}

/** `exists`: a row with the id was there before; a read says so, not the answer to the insert. */
async function insert(
  scope: WriteScope,
  payload: Payload,
  request: Pick<ApiRequest, 'path' | 'body' | 'latest'>,
): Promise<DynamicsRow | 'exists' | 'late'> {
  try {
    return await write(scope, { ...request, method: 'POST', safe: true });
  } catch (error) {
    if (!(error instanceof HttpFailure)) throw error;
    if (error.failure.kind === 'late' && !error.afterUnknownFate) return 'late';
    const found = await afterInsert(scope, error);
    if (found.kind === 'nothing') throw writeError(error, payload);
    return found.kind === 'another' ? 'exists' : found.row;
  }
}

/** What an insert that failed has left under the id: our row, one that was there before, or nothing. */
async function afterInsert(
  scope: WriteScope,
  { afterUnknownFate, failure }: HttpFailure,
): Promise<{ kind: 'own'; row: DynamicsRow } | { kind: 'another' } | { kind: 'nothing' }> {
  const fault = faultOf(failure);
  const saysTaken = fault !== undefined && (fault.status === 412 || KEY_TAKEN.has(fault.code));
  const isOpen = hasUnknownOutcome(failure) || (failure.kind === 'late' && afterUnknownFate);
  if (!saysTaken && !isOpen) return { kind: 'nothing' };
  const read = await readNow(scope, scope.columns);
  if (read === null || (read.row === undefined && afterUnknownFate)) throw lost();
  if (read.row === undefined) return { kind: 'nothing' };
  return saysTaken && !afterUnknownFate ? { kind: 'another' } : { kind: 'own', row: read.row };
}

/** Values that the insert left out, the table takes on update, and the new row does not have by itself. */
function remaining(schema: DataverseTable, left: FieldValues, row: DynamicsRow): FieldValues | undefined {
  const entries = Object.entries(left).filter(([name, value]) => {
    const column = schema.columns.find((each) => each.name === name);
    if (column?.updatable !== true || value === null) return false;
    if (name === 'statecode') return row.active !== (value === 0);
    return row.values[name] !== value;
  });
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}

/** Always conditional: an unconditional PATCH would bring a deleted row back with nothing but these columns. */
export async function updateRow(
  scope: WriteScope,
  etag: string | null,
  values: FieldValues,
): Promise<WriteResult> {
  const payload = await toPayload(scope.schema, values, { operation: 'update', entitySet: scope.entitySet });
  if (Object.keys(payload.body).length === 0) {
    const row = await getRow(scope.api, scope.schema, scope.id, scope.columns);
    return row === undefined ? { kind: 'gone' } : { kind: 'written', row };
  }
  const cleared = Object.keys(values).filter((name) => values[name] === null);
  const result = await patch(scope, etag, payload);
  const again = result.kind === 'written' ? stillBound(scope, result.row, cleared) : undefined;
  if (result.kind !== 'written' || again === undefined) return result;
  return patchAgain(scope, result.row, again);
}

/** The second part of an update, whose first part stands even if this one fails. */
async function patchAgain(scope: WriteScope, row: DynamicsRow, payload: Payload): Promise<WriteResult> {
  try {
    const result = await patch(scope, row.etag, payload);
    if (result.kind !== 'stale') return result;
  } catch (error) {
    // The row shows what the first part wrote, and that the lookup was not cleared.
    if (error instanceof RecordRejectedError) return { kind: 'written', row };
    throw error;
  }
  throw new UnknownOutcomeError('Another writer changed the row between the two parts of an update.');
}

async function patch(scope: WriteScope, etag: string | null, payload: Payload): Promise<WriteResult> {
  const { id, schema } = scope;
  const headers = { 'If-Match': etag ?? '*' };
  const path = rowPath(schema.entitySetName, id);
  try {
    const row = await write(scope, { method: 'PATCH', path, headers, body: payload.body, safe: true });
    return { kind: 'written', row };
  } catch (error) {
    if (!(error instanceof HttpFailure)) throw error;
    const found = await afterRefusal(scope, etag, error);
    if (found === 'refused') throw writeError(error, payload);
    // After a lost answer the newer version may be our own.
    if (found === 'stale' && error.afterUnknownFate) throw lost();
    return { kind: found };
  }
}

/**
 * A write of a row that was not taken: is the row gone, is it another version, or was the write refused? The answer says
 * none of it for sure (a plug-in may have looked for another row), so the row is read.
 */
async function afterRefusal(
  scope: Pick<WriteScope, 'api' | 'schema' | 'id'>,
  etag: string | null,
  { failure }: HttpFailure,
): Promise<'gone' | 'stale' | 'refused'> {
  const fault = faultOf(failure);
  if (fault === undefined) return 'refused';
  const saysStale = fault.status === 412 && !VALUE_TAKEN.has(fault.code);
  if (!saysStale && fault.status !== 404 && fault.code !== NO_SUCH_ROW) return 'refused';
  const read = await readNow(scope, []);
  if (read === null) return 'refused';
  if (read.row === undefined) return 'gone';
  return saysStale && etag !== null && read.row.etag !== etag ? 'stale' : 'refused';
}

/** The row as it is, undefined when it is gone; null: it may not be read, which proves nothing. */
async function readNow(
  { api, id, schema }: Pick<WriteScope, 'api' | 'schema' | 'id'>,
  columns: readonly string[],
): Promise<{ row: DynamicsRow | undefined } | null> {
  try {
    return { row: await getRow(api, schema, id, columns) };
  } catch (error) {
    if (error instanceof RecordRejectedError) return null;
    throw error;
  }
}

function lost(timedOut = false): UnknownOutcomeError {
  return new UnknownOutcomeError('The answer to a write was lost.', { timedOut });
}

/**
 * A lookup with several targets may survive being cleared through the name of another target; the answer tells to which
 * table it still points.
 */
function stillBound(scope: WriteScope, row: DynamicsRow, cleared: readonly string[]): Payload | undefined {
  const body: Record<string, unknown> = {};
  for (const name of cleared) {
    const column = scope.schema.columns.find((each) => each.name === name);
    const lookup = column?.type === 'lookup' ? parseLookup(row.values[name] ?? null) : undefined;
    if (column !== undefined && lookup !== undefined)
      body[bindName(scope.schema, column, lookup.table)] = null;
  }
  return Object.keys(body).length === 0 ? undefined : { ...NOTHING_SENT, body, columns: cleared };
}

/** `gone` counts as done for the caller; after a lost answer it is our own doing. */
export async function removeRow(
  scope: Pick<WriteScope, 'api' | 'schema' | 'id'>,
  etag: string | null,
): Promise<'removed' | 'stale' | 'gone'> {
  const path = rowPath(scope.schema.entitySetName, scope.id);
  const headers: Record<string, string> = etag === null ? {} : { 'If-Match': etag };
  try {
    const { status } = await scope.api.send({
      method: 'DELETE',
      path,
      headers,
      safe: true,
      record: scope.id,
    });
    if (status === 204) return 'removed';
    // Another status is no answer of Dynamics: the row is read.
    const read = await readNow(scope, []);
    if (read !== null && read.row === undefined) return 'removed';
    throw lost();
  } catch (error) {
    if (!(error instanceof HttpFailure)) throw error;
    const found = await afterRefusal(scope, etag, error);
    if (found === 'refused') throw writeError(error, NOTHING_SENT);
    return found === 'gone' && error.afterUnknownFate ? 'removed' : found;
  }
}

async function write(scope: WriteScope, request: ApiRequest): Promise<DynamicsRow> {
  const format = rowFormat(scope.schema, scope.columns);
  const answer = await scope.api.send({
    ...request,
    record: scope.id,
    path: `${request.path}${query({ $select: format.select })}`,
    prefer: ['return=representation', ...format.prefer],
  });
  const row = shownRow(scope, answer) ?? (await readNow(scope, scope.columns))?.row;
  if (row !== undefined) return row;
  throw new UnknownOutcomeError('The row cannot be read after it was written.');
}

/** The row of the answer; undefined when the representation was left out. */
function shownRow(scope: WriteScope, answer: CallAnswer): DynamicsRow | undefined {
  const parsed = rowSchema.safeParse(jsonOf(answer.text));
  const row = parsed.success
    ? rowFormat(scope.schema, scope.columns).toRow(parsed.data, answer.sentAt)
    : undefined;
  return row?.id === scope.id.toLowerCase() ? row : undefined;
}

/** Statuses by which a gateway gives up on work that may go on behind it. */
const GIVEN_UP = new Set([408, 502, 504]);

/** What a failed write means: unknown outcome, the system as a whole, or, where neither is proven, this one record. */
function writeError(error: HttpFailure, payload: Payload): Error {
  const { failure } = error;
  const fault = faultOf(failure);
  const gaveUp = fault !== undefined && fault.code === '' && GIVEN_UP.has(fault.status);
  const isLost = hasUnknownOutcome(failure) || (failure.kind === 'unreachable' && error.afterUnknownFate);
  if (isLost || gaveUp) return lost(gaveUp || failure.kind === 'timeout');
  if (fault === undefined || concernsAll(fault)) return systemError(error);
  return refusalOf(fault, payload);
}
