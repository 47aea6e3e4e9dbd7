import { requireColumnAccess } from '../access.js';
import type { Call } from '../call.js';
import type { Environment } from '../environment.js';
import { badRequest, DataverseError, noSuchRow, payloadError, unsupported } from '../errors.js';
import { idAt } from '../tables/keys.js';
import type { Column, Navigation, Scalar, TableDefinition } from '../tables/schema.js';
import type { TableStore } from '../tables/table-store.js';
import { storedValue } from './column-values.js';
import { alterChange } from './plug-ins.js';

/** What a request wants to write, checked, by property name. */
export interface Change {
  /** The primary key, where the body has it. */
  id: string | undefined;
  values: Map<string, Scalar>;
  /** The table of each lookup in `values` that is set. */
  lookups: Map<string, string>;
}

const BIND = '@odata.bind';

/** Checks a body against the table; read-only columns are dropped without a word, as Dataverse does. */
export function parsePayload(
  { environment, user }: Pick<Call, 'environment' | 'user'>,
  store: TableStore,
  payload: Record<string, unknown>,
  purpose: 'create' | 'update',
): Change {
  const table = store.definition;
  const change: Change = { id: undefined, values: new Map(), lookups: new Map() };
  for (const [name, value] of Object.entries(payload)) {
    if (name.endsWith(BIND)) {
      setLookup(environment, table, change, name.slice(0, -BIND.length), value, purpose);
    } else if (!name.includes('@')) {
      setProperty(environment, table, change, name, value, purpose);
    }
  }
  requireColumnAccess(user, table, change.values.keys());
  alterChange(environment, table, change);
  return change;
}

function isWritable(column: Column, purpose: 'create' | 'update'): boolean {
  return purpose === 'create' ? column.canCreate : column.canUpdate;
}

function setProperty(
  environment: Environment,
  table: TableDefinition,
  change: Change,
  name: string,
  value: unknown,
  purpose: 'create' | 'update',
): void {
  if (table.navigations.has(name)) {
    if (value !== null) {
      throw unsupported(`nested objects in a body (${name})`);
    }
    setLookup(environment, table, change, name, null, purpose);
    return;
  }
  const column = table.columns.get(name);
  if (column === undefined || column.type === 'lookup' || column.type === 'partylist') {
    throw unknownProperty(table, name);
  }
  if (name === table.primaryId) {
    const id = storedValue(column, value, { table, emptyTextIsNull: true });
    change.id = typeof id === 'string' ? id : undefined;
    return;
  }
  if (isWritable(column, purpose)) {
    const { emptyTextIsNull } = environment.behaviour;
    change.values.set(name, storedValue(column, value, { table, emptyTextIsNull }));
  }
}

function unknownProperty(table: TableDefinition, name: string): DataverseError {
  if (table.byProperty.get(name)?.type === 'lookup') {
    return payloadError(
      table.setName,
      `CRM do not support direct update of Entity Reference properties, Use Navigation properties instead ('${name}').`,
    );
  }
  return payloadError(
    table.setName,
    `Microsoft.OData.ODataException: Invalid property '${name}' was found in entity 'Microsoft.Dynamics.CRM.${table.name}'.`,
  );
}

function setLookup(
  environment: Environment,
  table: TableDefinition,
  change: Change,
  nav: string,
  value: unknown,
  purpose: 'create' | 'update',
): void {
  const navigation = table.navigations.get(nav);
  if (navigation === undefined) {
    throw payloadError(
      table.setName,
      `An undeclared property '${nav}' which only has property annotations in the payload but no property value was found in the payload.`,
    );
  }
  const { column } = navigation;
  if (!isWritable(column, purpose)) {
    return;
  }
  if (value === null) {
    change.values.set(column.property, storedValue(column, null, { table, emptyTextIsNull: true }));
    change.lookups.delete(column.property);
    return;
  }
  if (typeof value !== 'string') {
    throw payloadError(table.setName, `The value of '${nav}${BIND}' has to be the address of a row.`);
  }
  const target = boundRow(environment, table, navigation, value);
  change.values.set(column.property, target.id);
  change.lookups.set(column.property, target.table);
}

/** The row that an address in a body stands for: relative, root-relative or absolute. */
export function boundRow(
  environment: Environment,
  table: TableDefinition,
  navigation: Navigation,
  address: string,
): { table: string; id: string } {
  const path = address.replace(/^https?:\/\/[^/]+/i, '').replace(/^\/(?:api\/data\/v9\.\d+\/)?/, '');
  const match = /^(\w+)\((.+)\)$/.exec(decodeURI(path));
  const store = match === null ? undefined : environment.bySet.get(match[1] ?? '');
  if (store === undefined || match === null) {
    throw payloadError(table.setName, `The address '${address}' does not lead to a row.`);
  }
  const { definition } = store;
  if (!navigation.tables.includes(definition.name)) {
    throw badRequest(
      `The address '${address}' is not one of ${navigation.tables.join(' or ')}.`,
      '0x80048d19',
    );
  }
  const id = idAt(environment, store, match[2] ?? '');
  if (store.get(id) === undefined) {
    const missing = noSuchRow(definition.name, id);
    throw new DataverseError(environment.behaviour.bindToMissing, missing.code, missing.message);
  }
  return { table: definition.name, id };
}
