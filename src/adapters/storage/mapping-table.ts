/**
 * Mappings, each stored as a whole:
 *   `{connectionId}` / `{mappingId}`      the mapping, JSON in `data`
 *   `!table|{environment}` / `{table}`    reservation of an environment's table, `connectionId`
 */
import type { MappingStore, MappingWrite, Stored } from '../../application/ports/stores.js';
import { BridgeError, ConflictError } from '../../domain/errors.js';
import type { EntityMapping } from '../../domain/model.js';
import { allRows } from './bulk.js';
import { succeeds, unlessConflict } from './faults.js';
import { checkVersion, fromJsonColumns, jsonColumns, textColumn } from './json-columns.js';
import { encodeKey } from './keys.js';
import type { Operation, Row, StoredRow, Tables } from './table.js';

export const RESERVATIONS = '!table|';
const ATTEMPTS = 5;
/** Characters of a mapping's columns, of the half million that a row takes: the rest is left for keys and names. */
const MOST_CHARACTERS = 450_000;

export function createMappingStore(tables: Tables): MappingStore {
  const table = tables.table('Mappings');
  return {
    async create(mapping) {
      const etag = await table.insert(toRow(mapping));
      if (etag !== undefined) return { value: mapping, etag };
      const row = await table.get(encodeKey(mapping.connectionId), encodeKey(mapping.id));
      const existing = row && fromRow(row);
      // The same mapping from a request whose answer was lost; any other one is a clash of ids.
      if (existing !== undefined && JSON.stringify(existing.value) === JSON.stringify(mapping))
        return existing;
      throw new ConflictError('A mapping with this id exists.');
    },
    async get(connectionId, mappingId) {
      const row = await table.get(encodeKey(connectionId), encodeKey(mappingId));
      return row && fromRow(row);
    },
    async list(connectionId) {
      return (await allRows(table, { partition: encodeKey(connectionId) })).map(fromRow);
    },
    async replace(mapping, etag) {
      return { value: mapping, etag: await table.replace(toRow(mapping), etag) };
    },
    async remove(mapping, etag) {
      await table.remove(encodeKey(mapping.connectionId), encodeKey(mapping.id), etag);
    },
    async change(writes) {
      const etags = await unlessConflict(table.transact(writes.map(toOperation)));
      if (etags !== undefined) {
        return writes.flatMap(({ mapping }, index) => {
          const etag = etags[index];
          return etag === undefined ? [] : [{ value: mapping, etag }];
        });
      }
      // A request whose answer was lost is repeated and then meets what it has written itself.
      const [first] = writes;
      const rows = first === undefined ? [] : await this.list(first.mapping.connectionId);
      const wanted = writes.filter(({ remove }) => !remove).map(({ mapping }) => JSON.stringify(mapping));
      const present = rows.filter(({ value }) => wanted.includes(JSON.stringify(value)));
      const gone = writes.filter(({ remove }) => remove).map(({ mapping }) => mapping.id);
      if (present.length === wanted.length && !rows.some(({ value }) => gone.includes(value.id)))
        return present;
      throw new ConflictError('One of the mappings was changed by another writer.');
    },
    async reserveTable(environment, name, connectionId) {
      const keys = reservationKeys(environment, name);
      for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
        const inserted = await table.insert({ ...keys, v: 1, connectionId });
        if (inserted !== undefined) return undefined;
        const row = await table.get(keys.partitionKey, keys.rowKey);
        if (row !== undefined) {
          checkVersion(row);
          const holder = textColumn(row, 'connectionId');
          return holder === connectionId ? undefined : holder;
        }
      }
      throw new ConflictError('The reservation of the table keeps changing.');
    },
    async releaseTable(environment, name, connectionId) {
      const keys = reservationKeys(environment, name);
      const row = await table.get(keys.partitionKey, keys.rowKey);
      if (row === undefined) return;
      checkVersion(row);
      if (textColumn(row, 'connectionId') !== connectionId) return;
      // Lost when another request has released it meanwhile.
      await succeeds(table.remove(keys.partitionKey, keys.rowKey, row.etag));
    },
  };
}

function toOperation({ mapping, etag, remove }: MappingWrite): Operation {
  const row = toRow(mapping);
  if (remove) return { kind: 'remove', partitionKey: row.partitionKey, rowKey: row.rowKey };
  return etag === undefined ? { kind: 'insert', row } : { kind: 'replace', row, etag };
}

function reservationKeys(environment: string, name: string): { partitionKey: string; rowKey: string } {
  return {
    partitionKey: RESERVATIONS + encodeKey(environment.toLowerCase()),
    rowKey: encodeKey(name.toLowerCase()),
  };
}

/** Throws `mapping_invalid` for a mapping that no row can hold. */
function toRow(mapping: EntityMapping): Row {
  const data = jsonColumns('data', mapping);
  const length = Object.values(data).reduce((sum, column) => sum + column.length, 0);
  if (length > MOST_CHARACTERS) {
    throw new BridgeError(
      'mapping_invalid',
      `The mapping is too large: its JSON, packed, may have ${MOST_CHARACTERS} characters.`,
      {
        hint: 'Shorten its value maps, or split it.',
        errors: [{ path: 'fields', message: `All fields together take ${length} characters.` }],
      },
    );
  }
  return {
    partitionKey: encodeKey(mapping.connectionId),
    rowKey: encodeKey(mapping.id),
    v: 1,
    ...data,
  };
}

function fromRow(row: StoredRow): Stored<EntityMapping> {
  checkVersion(row);
  return { value: fromJsonColumns<EntityMapping>(row, 'data'), etag: row.etag };
}
