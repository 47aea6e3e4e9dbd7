import type { Call } from '../call.js';
import type { ApplicationUser, Environment } from '../environment.js';
import { badRequest, noSuchProperty, unsupported } from '../errors.js';
import { splitOutside } from '../resource-path.js';
import { findRelated } from '../tables/relationships.js';
import type { Column, Navigation, Scalar, TableDefinition } from '../tables/schema.js';
import type { Row } from '../tables/table-store.js';
import { type AnnotationFilter, annotationFilter } from './preferences.js';

const FORMATTED = 'OData.Community.Display.V1.FormattedValue';
const LOOKUP_NAME = 'Microsoft.Dynamics.CRM.lookuplogicalname';
const NAVIGATION = 'Microsoft.Dynamics.CRM.associatednavigationproperty';

/** The columns asked for; `names` repeats the selection as sent, for the context address. */
export interface Selection {
  columns: Column[];
  names: string[];
}

export interface Expansion {
  nav: string;
  navigation: Navigation;
  select: string | undefined;
}

/** `$select`; everything when it is missing. The key is always there, money brings its currency along. */
export function parseSelect(table: TableDefinition, select: string | undefined): Selection {
  if (select === undefined || select.trim() === '' || select.trim() === '*') {
    return { columns: [...table.byProperty.values()], names: [] };
  }
  const names = select.split(',').map((name) => name.trim());
  const columns = new Set<Column>();
  for (const name of names) {
    const column = table.byProperty.get(name);
    if (column === undefined) {
      throw noSuchProperty(name, table.name);
    }
    columns.add(column);
    for (const extra of companions(column, table)) {
      columns.add(extra);
    }
  }
  const key = table.columns.get(table.primaryId);
  if (key !== undefined) {
    columns.add(key);
  }
  return { columns: [...columns], names };
}

/** Columns that come with another without being asked for. */
function companions(column: Column, table: TableDefinition): Column[] {
  const address = /^(address\d)_(?:line\d|city|stateorprovince|postalcode|country)$/.exec(column.name)?.[1];
  const name = column.type === 'money' ? 'transactioncurrencyid' : `${address ?? ''}_composite`;
  const found = table.columns.get(name);
  return found === undefined ? [] : [found];
}

/** `$expand` of lookups, with `$select` inside. */
export function parseExpand(
  environment: Environment,
  table: TableDefinition,
  expand: string | undefined,
): Expansion[] {
  if (expand === undefined || expand.trim() === '') {
    return [];
  }
  return splitOutside(expand, ',').map((item) => {
    const match = /^\s*([\w]+)\s*(?:\((.*)\))?\s*$/s.exec(item);
    const nav = match?.[1] ?? item;
    const navigation = table.navigations.get(nav);
    if (navigation === undefined) {
      if (findRelated(environment, table, nav) !== undefined) {
        throw unsupported(`$expand of the related rows ${nav}`);
      }
      throw badRequest(
        `Could not find a property named '${nav}' on type 'Microsoft.Dynamics.CRM.${table.name}'.`,
        '0x80060888',
      );
    }
    let select: string | undefined;
    for (const option of splitOutside(match?.[2] ?? '', ';').filter((text) => text.trim() !== '')) {
      const [name = '', value = ''] = option.trim().split(/=(.*)/s);
      if (name !== '$select') {
        throw unsupported(`${name} inside $expand`);
      }
      select = value;
    }
    return { nav, navigation, select };
  });
}

/** The user for which rows are shown, and with which annotations. */
export interface View {
  environment: Environment;
  user: ApplicationUser;
  isWanted: AnnotationFilter;
}

export function viewOf({ environment, user, preferences }: Call): View {
  return { environment, user, isWanted: annotationFilter(preferences.annotations) };
}

export function etagOf(row: Row): string {
  return `W/"${row.version}"`;
}

/** One row as JSON; what column security hides looks empty. */
export function renderRow(
  view: View,
  table: TableDefinition,
  row: Row,
  columns: readonly Column[],
): Record<string, unknown> {
  const { securedColumns } = view.user;
  const json: Record<string, unknown> = { '@odata.etag': etagOf(row) };
  for (const column of columns) {
    const isHidden = securedColumns.size > 0 && securedColumns.has(`${table.name}.${column.name}`);
    const value = isHidden ? null : (row.values[column.property] ?? null);
    if (value !== null) {
      annotate(view, json, row, column, value);
    }
    json[column.property] = value;
  }
  return json;
}

function annotate(
  { environment, isWanted }: View,
  json: Record<string, unknown>,
  row: Row,
  column: Column,
  value: Scalar,
): void {
  const { property } = column;
  if (isWanted(FORMATTED)) {
    const formatted = formattedValue(environment, row, column, value);
    if (formatted !== undefined) {
      json[`${property}@${FORMATTED}`] = formatted;
    }
  }
  const target = row.lookups[property];
  if (column.type !== 'lookup' || target === undefined) {
    return;
  }
  const nav = column.targets?.find((item) => item.table === target)?.nav ?? '';
  if (isWanted(NAVIGATION) && nav !== '') {
    json[`${property}@${NAVIGATION}`] = nav;
  }
  if (isWanted(LOOKUP_NAME)) {
    json[`${property}@${LOOKUP_NAME}`] = target;
  }
}

function formattedValue(
  environment: Environment,
  row: Row,
  column: Column,
  value: Scalar,
): string | undefined {
  switch (column.type) {
    case 'picklist':
    case 'state':
    case 'status':
      return column.choices?.find((choice) => choice.value === value)?.label;
    case 'multiselect':
      return String(value)
        .split(',')
        .map((part) => column.choices?.find((choice) => choice.value === Number(part))?.label ?? part)
        .join('; ');
    case 'boolean':
      return value === true ? 'Yes' : 'No';
    case 'money':
      return `$${Number(value).toLocaleString('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 })}`;
    case 'integer':
    case 'bigint':
    case 'decimal':
    case 'double':
      return Number(value).toLocaleString('en-US');
    case 'datetime':
      return displayTime(String(value));
    case 'dateonly':
      return displayDay(String(value));
    case 'lookup':
      return nameOf(environment, row.lookups[column.property], String(value));
    case 'string':
    case 'memo':
    case 'guid':
    case 'file':
    case 'image':
    case 'partylist':
      return undefined;
  }
}

function displayDay(day: string): string {
  const [year = '', month, date] = day.slice(0, 10).split('-');
  return `${Number(month)}/${Number(date)}/${year}`;
}

function displayTime(moment: string): string {
  const hour = Number(moment.slice(11, 13));
  const half = hour < 12 ? 'AM' : 'PM';
  return `${displayDay(moment)} ${hour % 12 === 0 ? 12 : hour % 12}:${moment.slice(14, 16)} ${half}`;
}

function nameOf(environment: Environment, table: string | undefined, id: string): string | undefined {
  const store = table === undefined ? undefined : environment.tables.get(table);
  const name = store === undefined ? undefined : store.get(id)?.values[store.definition.primaryName];
  return typeof name === 'string' ? name : undefined;
}

/** Adds the expanded rows; a lookup that is empty or points to another table gives null. */
export function renderExpansions(
  view: View,
  row: Row,
  expansions: readonly Expansion[],
  json: Record<string, unknown>,
): void {
  for (const { nav, navigation, select } of expansions) {
    const { property } = navigation.column;
    const target = row.lookups[property];
    const id = row.values[property];
    const store = target === undefined ? undefined : view.environment.tables.get(target);
    const isFollowed = target !== undefined && navigation.tables.includes(target);
    const related = isFollowed && typeof id === 'string' ? store?.get(id) : undefined;
    if (store === undefined || related === undefined) {
      json[nav] = null;
      continue;
    }
    json[nav] = renderRow(view, store.definition, related, parseSelect(store.definition, select).columns);
  }
}
