/**
 * Connections. One partition `all`, as there are few and a name's reservation has to move in one transaction with its
 * connection:
 *   `c|{id}`             the connection, JSON in `data`
 *   `n|{hash of name}`   reservation of a name (compared without case), `connectionId`
 *   `s|{id}`             what runs learn about it, JSON in `data`
 * A reservation whose connection is gone or has another name by now (a crash between two removals) is taken over.
 */
import type { ConnectionStore, Stored } from '../../application/ports/stores.js';
import { BridgeError, ConflictError } from '../../domain/errors.js';
import type { Connection, ConnectionState } from '../../domain/model.js';
import { succeeds, unlessConflict } from './faults.js';
import { checkVersion, fromJsonColumns, jsonColumns, textColumn } from './json-columns.js';
import { hashOf, joinKey } from './keys.js';
import { demandKnown } from './known-rows.js';
import type { Operation, Row, RowKeys, StoredRow, Table, Tables } from './table.js';

const PARTITION = 'all';
const ATTEMPTS = 50;

const UNKNOWN_STATE: ConnectionState = {
  organizationId: null,
  authScapeAddress: null,
  lastSyncAt: null,
  lastSyncError: null,
  lastSuccessAt: null,
  firstFullSyncAt: null,
  lastIncrementalStartedAt: null,
  lastFullStartedAt: null,
  droppedEvents: 0,
  ignoredEvents: 0,
  echoes: 0,
  lastEventAt: null,
  webhookSilence: null,
  guardedEvents: {},
};

export function createConnectionStore(tables: Tables): ConnectionStore {
  const table = tables.table('Connections');
  const get = async (id: string): Promise<Stored<Connection> | undefined> => {
    const row = await table.get(PARTITION, joinKey('c', id));
    return row && fromRow(row);
  };
  return {
    get,
    create: (connection) => writeNamed(table, connection, undefined),
    async replace(connection, etag) {
      const before = await get(connection.id);
      if (before === undefined || before.etag !== etag) throw stale();
      if (nameKey(before.value.name) !== nameKey(connection.name)) {
        return await writeNamed(table, connection, before);
      }
      return { value: connection, etag: await table.replace(toRow(connection), etag) };
    },
    async list(limit, cursor) {
      const page = await table.query({ partition: PARTITION, from: 'c|', below: 'c}' }, limit, cursor);
      return { items: page.rows.map(fromRow), nextCursor: page.next };
    },
    async remove(connection, etag) {
      const before = await get(connection.id);
      const { name } = before?.value ?? connection;
      // All or nothing: what a newer worker has made of one of the rows is not for this one to end.
      await demandKnown(table, [nameKeys(name), stateKeys(connection.id)]);
      await table.remove(PARTITION, joinKey('c', connection.id), etag);
      await table.remove(PARTITION, joinKey('s', connection.id));
      await releaseName(table, name, connection.id);
    },
    async getState(id) {
      return stateOf(await table.get(PARTITION, joinKey('s', id)));
    },
    async updateState(id, change) {
      for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
        const row = await table.get(PARTITION, joinKey('s', id));
        const state = change(stateOf(row));
        if (await writeState(table, id, state, row?.etag)) return state;
      }
      throw stale();
    },
  };
}

/** Inserts (or, with `before`, replaces) a connection together with the reservation of its name. */
async function writeNamed(
  table: Table,
  connection: Connection,
  before: Stored<Connection> | undefined,
): Promise<Stored<Connection>> {
  if (before !== undefined) await demandKnown(table, [nameKeys(before.value.name)]);
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    const reserved = await table.get(PARTITION, nameKey(connection.name));
    if (reserved !== undefined && (await isHeld(table, reserved, connection))) throw nameTaken();
    const etags = await unlessConflict(table.transact(namedWrites(connection, before, reserved)));
    if (etags?.[0] !== undefined) return { value: connection, etag: etags[0] };
    const row = await table.get(PARTITION, joinKey('c', connection.id));
    if (row?.etag === before?.etag) continue;
    // A request whose answer was lost is repeated and then meets what it has written itself.
    if (row !== undefined && JSON.stringify(fromRow(row).value) === JSON.stringify(connection))
      return fromRow(row);
    break;
  }
  throw stale();
}

/** The connection's row, the reservation of its name and the end of that of its former name. */
function namedWrites(
  connection: Connection,
  before: Stored<Connection> | undefined,
  reserved: StoredRow | undefined,
): Operation[] {
  const row = toRow(connection);
  const name = nameRow(connection);
  const reserve: Operation =
    reserved === undefined
      ? { kind: 'insert', row: name }
      : { kind: 'replace', row: name, etag: reserved.etag };
  if (before === undefined) return [{ kind: 'insert', row }, reserve];
  const former = nameKey(before.value.name);
  return [
    { kind: 'replace', row, etag: before.etag },
    reserve,
    { kind: 'remove', partitionKey: PARTITION, rowKey: former },
  ];
}

/** Does another living connection go by the reserved name? */
async function isHeld(table: Table, reservation: StoredRow, connection: Connection): Promise<boolean> {
  checkVersion(reservation);
  const holder = textColumn(reservation, 'connectionId');
  if (holder === connection.id) return false;
  const row = await table.get(PARTITION, joinKey('c', holder));
  return row !== undefined && nameKey(fromRow(row).value.name) === reservation.rowKey;
}

async function releaseName(table: Table, name: string, connectionId: string): Promise<void> {
  const row = await table.get(PARTITION, nameKey(name));
  if (row === undefined || textColumn(row, 'connectionId') !== connectionId) return;
  // Lost when another connection has taken the free name.
  await succeeds(table.remove(PARTITION, row.rowKey, row.etag));
}

async function writeState(
  table: Table,
  id: string,
  state: ConnectionState,
  etag: string | undefined,
): Promise<boolean> {
  const row: Row = {
    ...stateKeys(id),
    v: 1,
    ...jsonColumns('data', state),
  };
  if (etag === undefined) return (await table.insert(row)) !== undefined;
  return await succeeds(table.replace(row, etag));
}

function nameKey(name: string): string {
  return joinKey('n', hashOf(name.normalize('NFC').trim().toLowerCase().normalize('NFC')));
}

function nameKeys(name: string): RowKeys {
  return { partitionKey: PARTITION, rowKey: nameKey(name) };
}

function stateKeys(id: string): RowKeys {
  return { partitionKey: PARTITION, rowKey: joinKey('s', id) };
}

function nameRow(connection: Connection): Row {
  return {
    ...nameKeys(connection.name),
    v: 1,
    connectionId: connection.id,
  };
}

function toRow(connection: Connection): Row {
  return {
    partitionKey: PARTITION,
    rowKey: joinKey('c', connection.id),
    v: 1,
    ...jsonColumns('data', connection),
  };
}

/** What rows of earlier versions lack. */
type Later = 'logValues' | 'previousWebhookSecret';

function fromRow(row: StoredRow): Stored<Connection> {
  checkVersion(row);
  const stored = fromJsonColumns<Omit<Connection, Later> & Partial<Pick<Connection, Later>>>(row, 'data');
  const { logValues = 'all', previousWebhookSecret = null } = stored;
  return { value: { ...stored, logValues, previousWebhookSecret }, etag: row.etag };
}

function stateOf(row: StoredRow | undefined): ConnectionState {
  if (row === undefined) return UNKNOWN_STATE;
  checkVersion(row);
  return { ...UNKNOWN_STATE, ...fromJsonColumns<Partial<ConnectionState>>(row, 'data') };
}

function nameTaken(): BridgeError {
  return new BridgeError('connection_name_taken', 'Another connection has this name.', {
    hint: 'Names are compared without case: choose another one.',
  });
}

function stale(): ConflictError {
  return new ConflictError('The connection was changed by another writer.');
}
