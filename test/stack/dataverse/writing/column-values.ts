import { DataverseError, payloadError } from '../errors.js';
import { isGuid } from '../resource-path.js';
import type { Column, Scalar, TableDefinition } from '../tables/schema.js';

/** Type names as they stand in error texts. */
function edmType(column: Column): string {
  switch (column.type) {
    case 'string':
    case 'memo':
    case 'multiselect':
      return 'Edm.String';
    case 'boolean':
      return 'Edm.Boolean';
    case 'integer':
    case 'picklist':
    case 'state':
    case 'status':
      return 'Edm.Int32';
    case 'bigint':
      return 'Edm.Int64';
    case 'decimal':
    case 'money':
      return 'Edm.Decimal';
    case 'double':
      return 'Edm.Double';
    case 'datetime':
      return 'Edm.DateTimeOffset';
    case 'dateonly':
      return 'Edm.Date';
    case 'guid':
    case 'lookup':
    case 'file':
      return 'Edm.Guid';
    case 'image':
      return 'Edm.Binary';
    case 'partylist':
      return 'Collection(mscrm.activityparty)';
  }
}

export interface ValueContext {
  table: TableDefinition;
  emptyTextIsNull: boolean;
}

/** The value as it is stored; throws what Dataverse answers to a value that the column cannot take. */
export function storedValue(column: Column, value: unknown, context: ValueContext): Scalar {
  if (value === null) {
    return cleared(column, context.table);
  }
  switch (column.type) {
    case 'string':
    case 'memo':
      return storedText(column, value, context);
    case 'boolean':
      return typeof value === 'boolean' ? value : wrongType(column, value, context.table);
    case 'picklist':
    case 'state':
    case 'status':
      return storedChoice(column, value, context.table);
    case 'multiselect':
      return storedChoices(column, value, context.table);
    case 'integer':
    case 'bigint':
    case 'decimal':
    case 'double':
    case 'money':
      return storedNumber(column, value, context.table);
    case 'datetime':
      return storedMoment(column, value, context.table);
    case 'dateonly':
      return storedDay(column, value, context.table);
    case 'image':
      return typeof value === 'string' ? value : wrongType(column, value, context.table);
    case 'partylist':
      return wrongType(column, value, context.table);
    case 'guid':
    case 'lookup':
    case 'file':
      return typeof value === 'string' && isGuid(value)
        ? value.toLowerCase()
        : wrongType(column, value, context.table);
  }
}

function cleared(column: Column, table: TableDefinition): null {
  if (column.required === 'SystemRequired') {
    throw new DataverseError(
      400,
      '0x80040200',
      `The attribute '${column.name}' of entity '${table.name}' cannot be null.`,
    );
  }
  return null;
}

function wrongType(column: Column, value: unknown, table: TableDefinition): never {
  throw payloadError(
    table.setName,
    `Microsoft.OData.ODataException: Cannot convert the literal '${String(value)}' to the expected type '${edmType(column)}'.`,
  );
}

function storedText(column: Column, value: unknown, context: ValueContext): string | null {
  if (typeof value !== 'string') {
    return wrongType(column, value, context.table);
  }
  if (value.length > (column.maxLength ?? Number.POSITIVE_INFINITY)) {
    throw new DataverseError(
      400,
      '0x80044331',
      `A validation error occurred. The length of the '${column.name}' attribute of the '${context.table.name}' entity exceeded the maximum allowed length of '${column.maxLength}'.`,
    );
  }
  requireXml(value);
  return value === '' && context.emptyTextIsNull ? cleared(column, context.table) : value;
}

/** Characters that XML cannot carry; the text of the refusal names the first of them, but no column. */
function requireXml(text: string): void {
  for (const char of text) {
    const point = char.codePointAt(0) ?? 0;
    const isControl = point < 0x20 && !'\t\n\r'.includes(char);
    if (isControl || (point >= 0xd800 && point <= 0xdfff) || point === 0xfffe || point === 0xffff) {
      const hex = point.toString(16).toUpperCase().padStart(2, '0');
      throw new DataverseError(
        400,
        '0x80040278',
        `'${char}', hexadecimal value 0x${hex}, is an invalid character.`,
      );
    }
  }
}

function storedChoice(column: Column, value: unknown, table: TableDefinition): number {
  if (typeof value !== 'number' || !Number.isInteger(value)) {
    return wrongType(column, value, table);
  }
  requireChoice(column, value, table);
  return value;
}

function requireChoice(column: Column, value: number, table: TableDefinition): void {
  const values = (column.choices ?? []).map((choice) => choice.value);
  if (!values.includes(value)) {
    throw new DataverseError(
      400,
      '0x8004431a',
      `A validation error occurred. The value ${value} of '${column.name}' on record of type '${table.name}' is outside the valid range. Accepted Values: ${values.join(',')}`,
    );
  }
}

function storedChoices(column: Column, value: unknown, table: TableDefinition): string | null {
  if (typeof value !== 'string') {
    return wrongType(column, value, table);
  }
  if (value === '') {
    return null;
  }
  if (!/^-?\d+(?:,-?\d+)*$/.test(value)) {
    return wrongType(column, value, table);
  }
  const numbers = [...new Set(value.split(',').map(Number))].sort((a, b) => a - b);
  for (const number of numbers) {
    requireChoice(column, number, table);
  }
  return numbers.join(',');
}

function storedNumber(column: Column, value: unknown, table: TableDefinition): number {
  const isWhole = column.type === 'integer' || column.type === 'bigint';
  if (typeof value !== 'number' || (isWhole && !Number.isInteger(value))) {
    return wrongType(column, value, table);
  }
  const { min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY } = column;
  if (value < min || value > max) {
    throw new DataverseError(
      400,
      isWhole ? '0x8004432f' : '0x80044330',
      `A validation error occurred. The value of '${column.name}' on record of type '${table.name}' is outside the valid range (${min} to ${max}).`,
    );
  }
  if (isWhole || column.precision === undefined) {
    return value;
  }
  if (column.type === 'money' && column.precisionSource !== 0) {
    // Rounded with its row, whose currency decides.
    return value;
  }
  return Number(value.toFixed(column.precision));
}

const MOMENT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:\d{2})$/i;

function storedMoment(column: Column, value: unknown, table: TableDefinition): string {
  const time = typeof value === 'string' && MOMENT.test(value) ? Date.parse(value) : Number.NaN;
  if (Number.isNaN(time)) {
    return wrongType(column, value, table);
  }
  requireLateEnough(time);
  return `${new Date(time).toISOString().slice(0, 19)}Z`;
}

function storedDay(column: Column, value: unknown, table: TableDefinition): string {
  const isDay = typeof value === 'string' && /^\d{4}-\d{2}-\d{2}$/.test(value);
  const time = isDay ? Date.parse(value) : Number.NaN;
  if (!isDay || Number.isNaN(time) || new Date(time).toISOString().slice(0, 10) !== value) {
    return wrongType(column, value, table);
  }
  requireLateEnough(time);
  return value;
}

function requireLateEnough(time: number): void {
  if (time < Date.UTC(1753, 0, 1)) {
    throw new DataverseError(
      400,
      '0x80040239',
      `DateTime is less than minumum value supported by CrmDateTime. Actual value: ${netTime(time)}, Minimum value supported: 01/01/1753 00:00:00`,
    );
  }
}

/** MM/dd/yyyy HH:mm:ss, in UTC. */
function netTime(time: number): string {
  const [day = '', clock = ''] = new Date(time).toISOString().slice(0, 19).split('T');
  const [year, month, date] = day.split('-');
  return `${month}/${date}/${year} ${clock}`;
}
