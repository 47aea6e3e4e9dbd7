import { randomUUID } from 'node:crypto';
import type { ApplicationUser, Environment } from '../environment.js';
import { DataverseError, duplicateRow } from '../errors.js';
import type { Column, LookupTarget, Scalar, TableDefinition } from '../tables/schema.js';
import type { Row, TableStore } from '../tables/table-store.js';
import { derive } from './derived.js';
import type { Change } from './payload.js';

/** Stores a new row: active, with defaults, owner and time stamps. */
export function createRow(
  environment: Environment,
  user: ApplicationUser,
  store: TableStore,
  change: Change,
  id = change.id ?? randomUUID(),
): Row {
  if (store.get(id) !== undefined) {
    throw duplicateRow();
  }
  const table = store.definition;
  const now = environment.timestamp();
  const values: Record<string, Scalar> = {};
  const lookups: Record<string, string> = {};
  for (const column of table.columns.values()) {
    if (column.initial !== undefined) {
      values[column.property] = column.initial;
    }
  }
  point(table, values, lookups, 'ownerid', 'systemuser', user.userId);
  point(table, values, lookups, 'createdby', 'systemuser', user.userId);
  point(table, values, lookups, 'owningbusinessunit', 'businessunit', environment.businessUnitId);
  applyChange(values, lookups, change);
  fillNumbers(environment, table, values);
  checkStatus(table, values, change, id);
  const backdated = values.overriddencreatedon ?? null;
  values.createdon = backdated ?? now;
  values.overriddencreatedon = backdated === null ? null : now;
  const after = keepRow(environment, user, store, { id, values, lookups });
  environment.outbox.announce('Create', { table, id, before: undefined, after, user }, change.values.keys());
  return after;
}

/** Stores the changed row; every write is one, also with equal values. */
export function updateRow(
  environment: Environment,
  user: ApplicationUser,
  store: TableStore,
  row: Row,
  change: Change,
): Row {
  const table = store.definition;
  const values = { ...row.values };
  const lookups = { ...row.lookups };
  applyChange(values, lookups, change);
  if (change.values.has('statecode') && !change.values.has('statuscode')) {
    values.statuscode = defaultStatus(table, values.statecode ?? null);
  }
  checkStatus(table, values, change, row.id);
  const after = keepRow(environment, user, store, { id: row.id, values, lookups });
  environment.outbox.announce(
    'Update',
    { table, id: row.id, before: row, after, user },
    change.values.keys(),
  );
  return after;
}

/** Removes the row; rows below it go with it or lose the link, as the relationship says. */
export function deleteRow(
  environment: Environment,
  user: ApplicationUser,
  store: TableStore,
  row: Row,
): void {
  store.remove(row.id, environment.nextVersion(), environment.undo);
  const change = { table: store.definition, id: row.id, before: row, after: undefined, user };
  environment.outbox.announce('Delete', change);
  for (const other of environment.tables.values()) {
    for (const column of other.definition.columns.values()) {
      const target = column.indexed
        ? column.targets?.find((item) => item.table === store.definition.name)
        : undefined;
      if (target !== undefined) {
        releaseReferences(environment, user, other, column, row.id, target.onDelete);
      }
    }
  }
}

function releaseReferences(
  environment: Environment,
  user: ApplicationUser,
  store: TableStore,
  column: Column,
  id: string,
  onDelete: LookupTarget['onDelete'],
): void {
  for (const childId of [...store.idsWith(column.property, id)]) {
    const child = store.get(childId);
    if (child === undefined) {
      continue;
    }
    if (onDelete === 'restrict') {
      throw new DataverseError(
        405,
        '0x80040227',
        'The object you tried to delete is associated with another object and cannot be deleted.',
      );
    }
    if (onDelete === 'cascade') {
      deleteRow(environment, user, store, child);
    } else {
      const values = new Map<string, Scalar>([[column.property, null]]);
      updateRow(environment, user, store, child, { id: undefined, values, lookups: new Map() });
    }
  }
}

function applyChange(values: Record<string, Scalar>, lookups: Record<string, string>, change: Change): void {
  for (const [property, value] of change.values) {
    values[property] = value;
    const target = change.lookups.get(property);
    if (target === undefined) {
      delete lookups[property];
    } else {
      lookups[property] = target;
    }
  }
}

function point(
  table: TableDefinition,
  values: Record<string, Scalar>,
  lookups: Record<string, string>,
  name: string,
  target: string,
  id: string,
): void {
  const column = table.columns.get(name);
  if (column !== undefined) {
    values[column.property] = id;
    lookups[column.property] = target;
  }
}

function defaultStatus(table: TableDefinition, state: Scalar): Scalar {
  const choices = table.columns.get('statuscode')?.choices ?? [];
  return choices.find((choice) => choice.state === state)?.value ?? null;
}

function checkStatus(
  table: TableDefinition,
  values: Record<string, Scalar>,
  change: Change,
  id: string,
): void {
  const status = change.values.get('statuscode');
  if (status === undefined) {
    return;
  }
  if (status === null) {
    values.statuscode = defaultStatus(table, values.statecode ?? null);
    return;
  }
  const choices = table.columns.get('statuscode')?.choices ?? [];
  if (choices.find((choice) => choice.value === status)?.state !== values.statecode) {
    const state = table.columns
      .get('statecode')
      ?.choices?.find((choice) => choice.value === values.statecode);
    throw new DataverseError(
      400,
      '0x80048408',
      `${status} is not a valid status code for state code ${table.name}State.${state?.label} on ${table.name} with Id ${id}.`,
    );
  }
}

function keepRow(
  environment: Environment,
  user: ApplicationUser,
  store: TableStore,
  { id, values, lookups }: Omit<Row, 'version'>,
): Row {
  const table = store.definition;
  const version = environment.nextVersion();
  point(table, values, lookups, 'modifiedby', 'systemuser', user.userId);
  const owner = lookups._ownerid_value;
  for (const [name, target] of [
    ['owninguser', 'systemuser'],
    ['owningteam', 'team'],
  ] as const) {
    if (owner === target && typeof values._ownerid_value === 'string') {
      point(table, values, lookups, name, target, values._ownerid_value);
    } else {
      values[`_${name}_value`] = null;
      delete lookups[`_${name}_value`];
    }
  }
  fillCurrency(environment, table, values, lookups);
  derive(table, values, lookups);
  values.modifiedon = environment.timestamp();
  values.versionnumber = version;
  values[table.primaryId] = id;
  const row: Row = { id, version, values, lookups };
  store.put(row, environment.undo);
  return row;
}

/** Numbers that a table gives to its new rows, where the request brings none. */
function fillNumbers(environment: Environment, table: TableDefinition, values: Record<string, Scalar>): void {
  for (const { name, autoNumber } of table.columns.values()) {
    if (autoNumber !== undefined && (values[name] ?? null) === null) {
      values[name] = environment.nextNumber(`${table.name}.${name}`, autoNumber);
    }
  }
}

/** An amount is never without a currency, which has a rate and, for most amounts, a precision. */
function fillCurrency(
  environment: Environment,
  table: TableDefinition,
  values: Record<string, Scalar>,
  lookups: Record<string, string>,
): void {
  const amounts = table.amounts.filter(({ name }) => (values[name] ?? null) !== null);
  if (amounts.length === 0) {
    return;
  }
  if ((values._transactioncurrencyid_value ?? null) === null) {
    point(table, values, lookups, 'transactioncurrencyid', 'transactioncurrency', environment.currencyId);
  }
  const currency = environment.table('transactioncurrency').get(String(values._transactioncurrencyid_value));
  values.exchangerate = currency?.values.exchangerate ?? 1;
  for (const { name, precision, precisionSource = 2 } of amounts) {
    const ofCurrency = precisionSource === 2 ? currency?.values.currencyprecision : 2;
    const digits = precisionSource === 0 ? (precision ?? 2) : Number(ofCurrency ?? 2);
    values[name] = Number(Number(values[name]).toFixed(digits));
  }
}
