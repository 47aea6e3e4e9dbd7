import type { SimReply } from '../../control.js';
import { requireAccess, requirePrivilege } from '../access.js';
import { bodyObject, type Call, jsonReply } from '../call.js';
import {
  badRequest,
  DataverseError,
  duplicateRow,
  noSuchRow,
  payloadError,
  staleVersion,
} from '../errors.js';
import { annotationsApplied, appliedHeader } from '../reading/preferences.js';
import { etagOf, parseSelect, renderRow, viewOf } from '../reading/render.js';
import { type Located, noRowOfKey } from '../tables/keys.js';
import type { Navigation } from '../tables/schema.js';
import type { Row, TableStore } from '../tables/table-store.js';
import { checkRegistration, checkUnregistration } from '../webhooks/registration.js';
import { boundRow, type Change, parsePayload } from './payload.js';
import { runPlugIns } from './plug-ins.js';
import { createRow, deleteRow, updateRow } from './row-writer.js';
import { requireUnique } from './uniqueness.js';

/** POST of an entity set. */
export function handleCreate(call: Call, store: TableStore): SimReply {
  requireWritable(store);
  requirePrivilege(call.user, 'Create', store.definition);
  const change = parsePayload(call, store, bodyObject(call), 'create');
  return written(call, store, applyCreate(call, store, change), 'created');
}

/** PATCH of a row: update or creation, as the two condition headers decide. */
export function handlePatch(call: Call, store: TableStore, { id, keyValues }: Located): SimReply {
  requireWritable(store);
  const row = id === undefined ? undefined : store.get(id);
  const payload = bodyObject(call);
  const address = keyValues === undefined ? undefined : (call.segments[0]?.key ?? '');
  if (row === undefined) {
    checkMayCreate(call, store, id);
    const change = parsePayload(call, store, payload, 'create');
    const values = new Map([...(keyValues ?? []), ...change.values]);
    const created = applyCreate(call, store, { ...change, values, id: id ?? change.id });
    return written(call, store, created, 'created', address);
  }
  if (call.headers['if-none-match'] === '*') {
    throw duplicateRow();
  }
  checkVersion(call, store, row);
  requirePrivilege(call.user, 'Write', store.definition);
  requireAccess(call.user, store.definition, row.id, 'Write');
  const change = parsePayload(call, store, payload, 'update');
  for (const property of keyValues?.keys() ?? []) {
    change.values.delete(property);
  }
  return written(call, store, applyUpdate(call, store, row, change), 'updated', address);
}

function checkMayCreate(call: Call, store: TableStore, id: string | undefined): void {
  const condition = call.headers['if-match'];
  requirePrivilege(call.user, condition === undefined ? 'Create' : 'Write', store.definition);
  if (condition !== undefined && condition !== '*' && call.environment.behaviour.goneWithEtag === 412) {
    throw staleVersion();
  }
  if (condition !== undefined) {
    throw id === undefined ? noRowOfKey(store.definition) : noSuchRow(store.definition.name, id);
  }
}

function checkVersion(call: Call, store: TableStore, row: Row): void {
  const condition = call.headers['if-match'];
  if (condition === undefined || condition === '*') {
    return;
  }
  if (!store.definition.hasRowVersions) {
    const message = `Optimistic concurrency isn't enabled for entity type ${store.definition.name}.`;
    throw badRequest(message, '0x8006088d');
  }
  if (condition !== etagOf(row)) {
    throw staleVersion();
  }
}

export function applyCreate(call: Call, store: TableStore, change: Change): Row {
  const { environment, user } = call;
  checkRegistration(environment, store.definition, undefined, change);
  return environment.atomically(() => {
    const row = createRow(environment, user, store, change);
    requireUnique(call, store, row, new Set(change.values.keys()));
    return runPlugIns(call, { message: 'Create', store, row, sent: change.values.keys() });
  });
}

export function applyUpdate(call: Call, store: TableStore, row: Row, change: Change): Row {
  const { environment, user } = call;
  checkRegistration(environment, store.definition, row, change);
  return environment.atomically(() => {
    const after = updateRow(environment, user, store, row, change);
    requireUnique(call, store, after, new Set(change.values.keys()));
    return runPlugIns(call, { message: 'Update', store, row: after, sent: change.values.keys() });
  });
}

/** Most system tables of the simulator are for reading. */
export function requireWritable(store: TableStore, what: 'write' | 'delete' = 'write'): void {
  const { columns, writing } = store.definition;
  const isTidied = writing === 'deleteOnly' && what === 'delete';
  if (!columns.has('ownerid') && writing !== 'customizer' && !isTidied) {
    throw new DataverseError(
      501,
      '0x80004001',
      `The simulator does not support writing to ${store.definition.setName}.`,
    );
  }
}

/** @param key the alternate key by which the row was addressed: the answer repeats it. */
function written(
  call: Call,
  store: TableStore,
  row: Row,
  what: 'created' | 'updated',
  key: string = row.id,
): SimReply {
  const { definition } = store;
  const address = `${call.root}/${definition.setName}(${key})`;
  if (!call.preferences.representation) {
    return {
      status: 204,
      headers: { 'OData-EntityId': address, ...(what === 'created' ? { Location: address } : {}) },
    };
  }
  const selection = parseSelect(definition, call.query.get('$select'));
  const names = selection.names.length === 0 ? '' : `(${selection.names.join(',')})`;
  const body = {
    '@odata.context': `${call.root}/$metadata#${definition.setName}${names}/$entity`,
    ...renderRow(viewOf(call), definition, row, selection.columns),
  };
  const applied = appliedHeader(['return=representation', ...annotationsApplied(call.preferences)]);
  return jsonReply(what === 'created' ? 201 : 200, body, { ETag: etagOf(row), ...applied });
}

/** DELETE of a row. */
export function handleDelete(call: Call, store: TableStore, id: string): SimReply {
  requireWritable(store, 'delete');
  requirePrivilege(call.user, 'Delete', store.definition);
  const row = requireRow(call, store, id);
  checkVersion(call, store, row);
  checkUnregistration(call.environment, store.definition, row);
  call.environment.atomically(() => {
    deleteRow(call.environment, call.user, store, row);
    runPlugIns(call, { message: 'Delete', store, row, sent: [] });
  });
  return { status: 204 };
}

/** The row, if it is there and shared with the caller. */
export function requireRow(call: Call, store: TableStore, id: string): Row {
  const row = store.get(id);
  if (row === undefined) {
    throw noSuchRow(store.definition.name, id);
  }
  requireAccess(call.user, store.definition, id, call.method === 'GET' ? 'Read' : 'Write');
  return row;
}

/** PUT or DELETE of one column: `{"value": …}` or null. */
export function handleColumnWrite(call: Call, store: TableStore, id: string, name: string): SimReply {
  requireWritable(store);
  requirePrivilege(call.user, 'Write', store.definition);
  const row = requireRow(call, store, id);
  checkVersion(call, store, row);
  const body = call.method === 'DELETE' ? { value: null } : bodyObject(call);
  if (!Object.hasOwn(body, 'value')) {
    throw payloadError(store.definition.setName, "The body needs the property 'value'.");
  }
  const change = parsePayload(call, store, { [name]: body.value }, 'update');
  applyUpdate(call, store, row, change);
  return { status: 204 };
}

/** PUT or DELETE of `<row>/<nav>/$ref`: sets or clears the lookup. */
export function handleReference(
  call: Call,
  store: TableStore,
  id: string,
  nav: string,
  navigation: Navigation,
): SimReply {
  requireWritable(store);
  requirePrivilege(call.user, 'Write', store.definition);
  const row = requireRow(call, store, id);
  let value: string | null = null;
  if (call.method === 'PUT') {
    const address = bodyObject(call)['@odata.id'];
    if (typeof address !== 'string') {
      throw payloadError(store.definition.setName, "The body needs the property '@odata.id'.");
    }
    boundRow(call.environment, store.definition, navigation, address);
    value = address;
  }
  const change = parsePayload(call, store, { [`${nav}@odata.bind`]: value }, 'update');
  applyUpdate(call, store, row, change);
  return { status: 204 };
}
