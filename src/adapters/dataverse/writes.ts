import { UnknownOutcomeError, type WriteResult } from '../../application/ports/systems.js';
import { RecordRejectedError } from '../../domain/errors.js';
import type { DynamicsRow } from '../../domain/records.js';
import type { FieldValues } from '../../domain/values.js';
import type { CallAnswer } from '../http/caller.js';
import { HttpFailure, hasUnknownOutcome, jsonOf } from '../http/failure.js';
import type { ApiRequest, DataverseApi } from './api.js';
import type { DataverseTable } from './columns.js';
import { type DataverseFault, faultOf, isProtection } from './error-body.js';
import { isUnknownName, systemError } from './faults.js';
import { query, rowPath } from './odata.js';
import { bindName, type Payload, toPayload } from './payload.js';
import { missingTarget, refusalOf } from './refusals.js';
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

const NO_SUCH_ROW = '0x80040217';
const SAME_ID = '0x80040237';
/** 412s that are about a value and not about the version or the id. */
const VALUE_TAKEN = new Set(['0x80060892', '0x80040333']);

/**
 * Inserts with our own id: safe to repeat, since a second insert finds the first. What an insert does not take (the
 * state) follows as an update.
 */
export async function createRow(
  scope: WriteScope,
  values: FieldValues,
): Promise<{ kind: 'written'; row: DynamicsRow } | { kind: 'exists' }> {
  const { columns, id, schema } = scope;
  const payload = await toPayload(schema, values, { operation: 'create', entitySet: scope.entitySet });
  const body = { [schema.primaryId]: id, ...payload.body };
  const inserted = await insert(scope, payload, body);
  if (inserted === undefined) return { kind: 'exists' };
  const leftover = remaining(schema, payload.left, inserted);
  if (leftover === undefined) return { kind: 'written', row: inserted };
  const shown = { ...scope, columns: [...new Set([...columns, ...Object.keys(leftover)])] };
  const updated = await updateRow(shown, inserted.etag, leftover);
  return { kind: 'written', row: updated.kind === 'written' ? updated.row : inserted };
}

/** Undefined when a row with the id was there before. */
async function insert(
  scope: WriteScope,
  payload: Payload,
  body: Record<string, unknown>,
): Promise<DynamicsRow | undefined> {
  const path = scope.schema.entitySetName;
  try {
    return await write(scope, { method: 'POST', path, body, safe: true });
  } catch (error) {
    if (!(error instanceof HttpFailure)) throw error;
    const fault = faultOf(error.failure);
    if (fault !== undefined && isExisting(fault)) {
      // After a lost answer this is probably our own row.
      return error.afterUnknownFate ? getRow(scope.api, scope.schema, scope.id, scope.columns) : undefined;
    }
    if (hasUnknownOutcome(error.failure)) {
      const row = await getRow(scope.api, scope.schema, scope.id, scope.columns);
      if (row !== undefined) return row;
    }
    throw writeError(error, payload, Object.keys(body));
  }
}

function isExisting(fault: DataverseFault): boolean {
  return fault.code === SAME_ID || (fault.status === 412 && !VALUE_TAKEN.has(fault.code));
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

/** The second part of an update, whose first part stands whatever becomes of it. */
async function patchAgain(scope: WriteScope, row: DynamicsRow, payload: Payload): Promise<WriteResult> {
  try {
    const result = await patch(scope, row.etag, payload);
    if (result.kind !== 'stale') return result;
  } catch (error) {
    // The row shows what the first part wrote, and that the lookup was not cleared.
    if (error instanceof RecordRejectedError) return { kind: 'written', row };
    throw error;
  }
  throw new UnknownOutcomeError('Somebody changed the row between the two parts of an update.');
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
    const fault = faultOf(error.failure);
    if (fault?.status === 412 && !VALUE_TAKEN.has(fault.code)) {
      // After a lost answer the newer version may be our own.
      if (error.afterUnknownFate) throw new UnknownOutcomeError('The answer to a write was lost.');
      return { kind: 'stale' };
    }
    if (fault?.code === NO_SUCH_ROW && (await isGone(scope, payload))) return { kind: 'gone' };
    throw writeError(error, payload, Object.keys(payload.body));
  }
}

/** The same code also means that the target of a lookup is missing: only reading tells. */
async function isGone(scope: WriteScope, payload: Payload): Promise<boolean> {
  if (payload.bound.length === 0) return true;
  return (await getRow(scope.api, scope.schema, scope.id, [])) === undefined;
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
  return Object.keys(body).length === 0 ? undefined : { body, bound: [], left: {} };
}

/** `gone` counts as done for the caller; after a lost answer it is our own doing. */
export async function removeRow(
  scope: Pick<WriteScope, 'api' | 'schema' | 'id'>,
  etag: string | null,
): Promise<'removed' | 'stale' | 'gone'> {
  const path = rowPath(scope.schema.entitySetName, scope.id);
  const headers: Record<string, string> = etag === null ? {} : { 'If-Match': etag };
  try {
    await scope.api.send({ method: 'DELETE', path, headers, safe: true });
    return 'removed';
  } catch (error) {
    if (!(error instanceof HttpFailure)) throw error;
    const fault = faultOf(error.failure);
    if (fault?.code === NO_SUCH_ROW) return error.afterUnknownFate ? 'removed' : 'gone';
    if (fault?.status === 412) return 'stale';
    throw writeError(error, undefined, []);
  }
}

async function write(scope: WriteScope, request: ApiRequest): Promise<DynamicsRow> {
  const format = rowFormat(scope.schema, scope.columns);
  const answer = await scope.api.send({
    ...request,
    path: `${request.path}${query({ $select: format.select })}`,
    prefer: ['return=representation', ...format.prefer],
  });
  const row = await shownRow(scope, answer);
  if (row === undefined) throw new UnknownOutcomeError('The row cannot be read after it was written.');
  return row;
}

/** The row of the answer; read on its own when the representation was left out. */
async function shownRow(scope: WriteScope, answer: CallAnswer): Promise<DynamicsRow | undefined> {
  const parsed = rowSchema.safeParse(jsonOf(answer.text));
  const row = parsed.success
    ? rowFormat(scope.schema, scope.columns).toRow(parsed.data, answer.sentAt)
    : undefined;
  return row ?? getRow(scope.api, scope.schema, scope.id, scope.columns);
}

/** What a failed write means: unknown fate, the system as a whole, or this one record. */
function writeError(error: HttpFailure, payload: Payload | undefined, sent: readonly string[]): Error {
  const { failure } = error;
  const isLost = hasUnknownOutcome(failure) || (failure.kind === 'unreachable' && error.afterUnknownFate);
  if (isLost) return new UnknownOutcomeError('The answer to a write was lost.');
  const fault = faultOf(failure);
  if (fault === undefined || isProtection(fault) || isUnknownName(fault)) return systemError(error);
  if (fault.code === NO_SUCH_ROW && payload !== undefined && payload.bound.length > 0) {
    return missingTarget(fault, payload.bound);
  }
  return refusalOf(fault, sent) ?? systemError(error);
}
