import type { Environment } from '../environment.js';
import { badRequest, DataverseError } from '../errors.js';
import { isGuid, splitOutside } from '../resource-path.js';
import type { Scalar, TableDefinition } from './schema.js';
import type { Row, TableStore } from './table-store.js';

/** Values that no two rows of a table may share; each kind has its own answer. */
export interface UniqueKey {
  name: string;
  table: string;
  /** Logical names. */
  columns: readonly string[];
  kind: 'alternateKey' | 'constraint' | 'uniqueIndex' | 'duplicateRule';
  /** Of the index behind an alternate key: only an active one identifies rows. */
  indexStatus: 'Active' | 'Pending' | 'InProgress' | 'Failed';
  status?: number;
}

/** Where an address leads: to an id, of which a row need not exist, or by alternate key. */
export interface Located {
  id: string | undefined;
  /** By property name, where the address has an alternate key. */
  keyValues?: Map<string, Scalar>;
}

export function alternateKeysOf(environment: Environment, table: TableDefinition): UniqueKey[] {
  return environment.keys.filter((key) => key.kind === 'alternateKey' && key.table === table.name);
}

/** Another row with the same values; a row with an empty column has no equal. */
export function findEqual(
  environment: Environment,
  store: TableStore,
  key: UniqueKey,
  row: Row,
): Row | undefined {
  const properties = key.columns.map((name) => store.definition.columns.get(name)?.property ?? name);
  const wanted = new Map(properties.map((property) => [property, row.values[property] ?? null]));
  return findRow(environment, store, wanted, row.id);
}

function findRow(
  environment: Environment,
  store: TableStore,
  wanted: ReadonlyMap<string, Scalar>,
  except?: string,
): Row | undefined {
  const { key: keyOf } = environment.collation;
  const comparable = (value: Scalar) => (typeof value === 'string' ? keyOf(value) : value);
  const parts = [...wanted].map(([property, value]) => [property, comparable(value)] as const);
  if (parts.some(([, value]) => value === null)) {
    return undefined;
  }
  const holds = (row: Row) =>
    row.id !== except &&
    parts.every(([property, value]) => comparable(row.values[property] ?? null) === value);
  for (const row of candidates(store, wanted)) {
    if (holds(row)) {
      return row;
    }
  }
  return undefined;
}

function* candidates(store: TableStore, wanted: ReadonlyMap<string, Scalar>): Generator<Row> {
  for (const [property, value] of wanted) {
    if (typeof value === 'string') {
      store.index(property);
      for (const id of store.idsWith(property, value)) {
        const row = store.get(id);
        if (row !== undefined) {
          yield row;
        }
      }
      return;
    }
  }
  yield* store.rows();
}

/** Reads the key of an address; one that the table does not have is a 400. */
export function locate(environment: Environment, store: TableStore, key: string): Located {
  const { definition } = store;
  const text = key.startsWith(`${definition.primaryId}=`) ? key.slice(definition.primaryId.length + 1) : key;
  if (isGuid(text)) {
    return { id: text.toLowerCase() };
  }
  if (!/^\w+=/.test(key) || key.startsWith(`${definition.primaryId}=`)) {
    throw badRequest(`Bad Request - Error in query syntax: '${key}' is not a key.`, '0x80060888');
  }
  const keyValues = new Map(splitOutside(key, ',').map((part) => keyPart(part)));
  const names = [...keyValues.keys()].map((property) => definition.byProperty.get(property)?.name).sort();
  const isDefined = alternateKeysOf(environment, definition).some(
    ({ columns, indexStatus }) =>
      indexStatus === 'Active' && JSON.stringify([...columns].sort()) === JSON.stringify(names),
  );
  if (!isDefined || [...keyValues.values()].some(hasUnaddressable)) {
    const type = `Microsoft.Dynamics.CRM.${definition.name}`;
    throw badRequest(
      `The key in the request URI is not valid for resource '${type}'. Ensure that the names and number of key properties match the declared or alternate key properties for the resource '${type}'.`,
      '0x80060888',
    );
  }
  return { id: findRow(environment, store, keyValues)?.id, keyValues };
}

/** The id that an address leads to; 404 for an alternate key that no row has. */
export function idAt(environment: Environment, store: TableStore, key: string): string {
  const { id } = locate(environment, store, key);
  if (id === undefined) {
    throw noRowOfKey(store.definition);
  }
  return id;
}

export function noRowOfKey({ name }: TableDefinition): DataverseError {
  return new DataverseError(
    404,
    '0x80060891',
    `A record with the specified key values does not exist in ${name} entity`,
  );
}

function keyPart(part: string): [property: string, value: Scalar] {
  const [name = '', text = ''] = part.trim().split(/=(.*)/s);
  if (text.startsWith("'") && text.endsWith("'") && text.length > 1) {
    return [name, text.slice(1, -1).replaceAll("''", "'")];
  }
  return [name, /^-?\d+(?:\.\d+)?$/.test(text) ? Number(text) : text.toLowerCase()];
}

/** Such characters make an address by key fail, even when they are encoded. */
function hasUnaddressable(value: Scalar): boolean {
  return typeof value === 'string' && /[/<>*%&:\\?+]/.test(value);
}
