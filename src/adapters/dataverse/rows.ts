import { RecordRejectedError } from '../../domain/errors.js';
import { type LinkWatch, watchLink } from '../../domain/link-circle.js';
import type { DynamicsRow } from '../../domain/records.js';
import type { Column } from '../../domain/schema.js';
import { textOf } from '../../domain/text-form.js';
import { type FieldValue, matchForm } from '../../domain/values.js';
import { parseJson } from '../http/client.js';
import { HttpFailure, hasUnknownOutcome } from '../http/failure.js';
import type { DataverseApi } from './api.js';
import type { DataverseTable } from './columns.js';
import { faultOf, NO_SUCH_ROW } from './error-body.js';
import { concernsAll, isUnknownName, systemError } from './faults.js';
import { allOf, anyOf, type Condition, isGuid, query, rowPath } from './odata.js';
import { refusalOfRead } from './refusals.js';
import { parseLookup, propertyOf, type RowFormat, rowFormat } from './row-format.js';
import { spellings } from './spellings.js';
import { pageSchema, parse, rowSchema } from './wire.js';

export type Criteria = Readonly<Record<string, FieldValue>>;

/**
 * One row; undefined only when Dataverse itself says that it does not exist (404 with 0x80040217, and not about another
 * row). What is not proven to concern every call is about this row: it cannot be read.
 */
export async function getRow(
  api: DataverseApi,
  schema: DataverseTable,
  id: string,
  columns: readonly string[],
): Promise<DynamicsRow | undefined> {
  const format = rowFormat(schema, columns);
  const path = `${rowPath(schema.entitySetName, id)}${query({ $select: format.select })}`;
  try {
    const answer = await api.send({ method: 'GET', path, prefer: format.prefer, safe: true, record: id });
    const raw = rowSchema.safeParse(parseJson(answer));
    const row = raw.success ? format.toRow(raw.data, answer.sentAt) : undefined;
    if (row?.id === id.toLowerCase()) return row;
    throw new RecordRejectedError(
      'record_unreadable',
      'Dynamics answered with something else than the row.',
      {
        unproven: 'read malformed',
      },
    );
  } catch (error) {
    if (!(error instanceof HttpFailure)) throw error;
    const fault = faultOf(error.failure);
    if (fault?.status === 404 && fault.code === NO_SUCH_ROW && !namesOther(fault.message, id))
      return undefined;
    throw unreadable(error);
  }
}

/** A plug-in that looks for another row passes that one's absence on. */
function namesOther(message: string, id: string): boolean {
  const ids: readonly string[] =
    message.toLowerCase().match(/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g) ?? [];
  return ids.length > 0 && !ids.includes(id.toLowerCase());
}

function unreadable(error: HttpFailure): Error {
  const { failure } = error;
  const fault = faultOf(failure);
  if (fault === undefined) {
    return hasUnknownOutcome(failure)
      ? new RecordRejectedError(
          'record_unreadable',
          'Dynamics gave no whole answer when it was asked for the row.',
          {
            unproven: `read ${failure.kind}`,
          },
        )
      : systemError(error);
  }
  return concernsAll(fault) || isUnknownName(fault) ? systemError(error) : refusalOfRead(fault);
}

/** The rows of these ids; one that is not there, or not visible, is left out. */
export async function getRows(
  api: DataverseApi,
  schema: DataverseTable,
  ids: readonly string[],
  columns: readonly string[],
): Promise<ReadonlyMap<string, DynamicsRow>> {
  const conditions = [...new Set(ids.map((id) => id.toLowerCase()))]
    .filter(isGuid)
    .map((value): Condition => ({ property: schema.primaryId, kind: 'bare', value }));
  const format = rowFormat(schema, columns);
  const found = await Promise.all(
    anyOf(conditions, fixedLength(schema, format), (condition) => allOf([condition])).map(({ filter }) =>
      readAll(api, schema, format, filter),
    ),
  );
  return new Map(found.flat().map((row) => [row.id, row]));
}

/** Rows that meet any of the criteria; texts are compared again here, as matching does. */
export async function findRows(
  api: DataverseApi,
  schema: DataverseTable,
  criteria: readonly Criteria[],
  columns: readonly string[],
  spelling: 'any' | 'usual',
): Promise<readonly DynamicsRow[]> {
  const named = criteria.flatMap((each) => Object.keys(each));
  const format = rowFormat(schema, [...new Set([...columns, ...named])]);
  const alternatives = criteria.flatMap((each) => {
    const conditions = conditionsOf(schema, each, spelling);
    return conditions === undefined ? [] : [{ criteria: each, conditions }];
  });
  const chunks = anyOf(alternatives, fixedLength(schema, format), ({ conditions }) => allOf(conditions));
  const found = await Promise.all(
    chunks.map(async ({ covers, filter }) => {
      const rows = await readAll(api, schema, format, filter);
      return rows.filter((row) => covers.some((each) => textsMatch(schema, row, each.criteria)));
    }),
  );
  return [...new Map(found.flat().map((row) => [row.id, row])).values()];
}

/** Is there any row under this filter? */
export async function anyRow(api: DataverseApi, path: string): Promise<boolean> {
  const { body } = await api.read(path);
  return parse(pageSchema, body, 'a page of rows').value.length > 0;
}

async function readAll(
  api: DataverseApi,
  schema: DataverseTable,
  format: RowFormat,
  filter: string,
): Promise<readonly DynamicsRow[]> {
  const rows: DynamicsRow[] = [];
  let path: string | undefined =
    `${schema.entitySetName}${query({ $select: format.select, $filter: filter, $orderby: `${schema.primaryId} asc` })}`;
  let watch: LinkWatch | undefined;
  while (path !== undefined) {
    const { body, readAt } = await api.read(path, { prefer: format.prefer });
    const page = parse(pageSchema, body, 'a page of rows');
    rows.push(...page.value.flatMap((raw) => format.toRow(raw, readAt) ?? []));
    const next: string | undefined = page['@odata.nextLink'];
    if (next === undefined) return rows;
    watch = watchLink(watch, next);
    path = api.follow(next);
  }
  return rows;
}

/** Characters of a list request without its filter, with room for the longest host name. */
function fixedLength(schema: DataverseTable, format: RowFormat): number {
  const parts = query({ $select: format.select, $filter: '-', $orderby: `${schema.primaryId} asc` });
  return 300 + schema.entitySetName.length + parts.length;
}

/** Undefined when no row can meet them: nothing asked for, or a value that the column cannot have. */
function conditionsOf(
  schema: DataverseTable,
  criteria: Criteria,
  spelling: 'any' | 'usual',
): readonly (readonly Condition[])[] | undefined {
  const conditions: (readonly Condition[])[] = [];
  for (const [name, value] of Object.entries(criteria)) {
    const column = schema.columns.find((each) => each.name === name);
    const condition = column === undefined ? undefined : conditionOf(column, value, spelling);
    if (condition === undefined) return undefined;
    conditions.push(condition);
  }
  return conditions.length === 0 ? undefined : conditions;
}

/** The conditions of which one must hold. */
function conditionOf(
  column: Column,
  value: FieldValue,
  spelling: 'any' | 'usual',
): readonly Condition[] | undefined {
  const property = propertyOf(column);
  if (value === null) return [{ property, kind: 'bare', value }];
  const bare = (fits: boolean, plain: FieldValue): readonly Condition[] | undefined =>
    fits ? [{ property, kind: 'bare', value: plain }] : undefined;
  switch (column.type) {
    case 'string':
    case 'memo':
      return spellings(textOf(value), spelling).map((each) => ({ property, ...each }));
    case 'lookup': {
      const lookup = parseLookup(value);
      return bare(lookup !== undefined, lookup?.id ?? null);
    }
    case 'uniqueIdentifier':
      return bare(isGuid(String(value)), value);
    case 'boolean':
      return bare(typeof value === 'boolean', value);
    case 'dateOnly':
    case 'dateTime':
      return bare(/^\d{4}-\d{2}-\d{2}(T[\d:.]+Z)?$/.test(String(value)), value);
    case 'integer':
    case 'decimal':
    case 'money':
    case 'choice':
    case 'state':
    case 'status':
      return bare(Number.isFinite(Number(value)) && String(value).trim() !== '', Number(value));
    case 'choices':
    case 'other':
      throw new RecordRejectedError('invalid_value', `Rows cannot be looked up by \`${column.name}\`.`, {
        field: column.name,
      });
  }
}

function textsMatch(schema: DataverseTable, row: DynamicsRow, criteria: Criteria): boolean {
  return Object.entries(criteria).every(([name, value]) => {
    const type = schema.columns.find((each) => each.name === name)?.type;
    if (type !== 'string' && type !== 'memo') return true;
    return matchForm(row.values[name]) === matchForm(value);
  });
}
