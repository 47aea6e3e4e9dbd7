import type { SimReply } from '../control.js';
import { requireBypass, requirePrivilege } from './access.js';
import { type Call, jsonReply, storeOfSet } from './call.js';
import {
  badRequest,
  DataverseError,
  errorReply,
  methodNotAllowed,
  noSuchProperty,
  noSuchSegment,
  unsupported,
} from './errors.js';
import { readMetadata } from './metadata/metadata.js';
import { checkOptions, countReply, filteredRows, maxPageSize, readCollection } from './reading/collection.js';
import { readProperty, readRow } from './reading/read-row.js';
import { readRelated } from './reading/related-rows.js';
import { countChanges, isTrackingRead, readChanges } from './reading/tracking.js';
import type { Segment } from './resource-path.js';
import { locate, noRowOfKey } from './tables/keys.js';
import { findRelated } from './tables/relationships.js';
import type { TableStore } from './tables/table-store.js';
import { handleBulk } from './writing/bulk.js';
import { handleMerge } from './writing/merge.js';
import {
  handleColumnWrite,
  handleCreate,
  handleDelete,
  handlePatch,
  handleReference,
} from './writing/write-handlers.js';

const LATER = new Set(['$metadata', 'GlobalOptionSetDefinitions', 'RelationshipDefinitions']);

/** Answers one operation; errors become their reply. */
export function answer(call: Call): SimReply {
  try {
    return dispatch(call);
  } catch (error) {
    return failure(call, error);
  }
}

/** The reply of anything thrown while answering. */
export function failure(call: Pick<Call, 'environment' | 'preferences'>, error: unknown): SimReply {
  const isAnnotated = call.preferences.annotations === '*';
  if (error instanceof DataverseError) {
    const code = call.environment.behaviour.emptyCodes ? '' : error.code;
    return errorReply(error.status, code, error.message, isAnnotated);
  }
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return errorReply(500, '0x80040216', `An unexpected error occurred in the simulator: ${text}`);
}

function dispatch(call: Call): SimReply {
  for (const header of ['mscrmcallerid', 'callerobjectid']) {
    if (call.headers[header] !== undefined) {
      throw unsupported(`impersonation (${header})`);
    }
  }
  requireBypass(call);
  call.environment.outbox.begin(call);
  const [first, ...rest] = call.segments;
  if (first === undefined) {
    return serviceDocument(call);
  }
  switch (first.name) {
    case 'WhoAmI':
      return whoAmI(call);
    case 'EntityDefinitions':
      return readMetadata(call);
    case 'Merge':
      return call.method === 'POST' ? handleMerge(call) : noAction(call);
    case 'RetrieveTotalRecordCount':
      return totalRecordCount(call, first);
  }
  if (LATER.has(first.name)) {
    throw unsupported(first.name);
  }
  const store = storeOfSet(call.environment, first.name);
  if (first.key === undefined) {
    return onSet(call, store, rest);
  }
  const located = locate(call.environment, store, first.key);
  if (call.method === 'PATCH' && rest.length === 0) {
    return handlePatch(call, store, located);
  }
  if (located.id === undefined) {
    throw noRowOfKey(store.definition);
  }
  return onRow(call, store, located.id, rest);
}

function serviceDocument(call: Call): SimReply {
  const sets = [...call.environment.bySet.keys()];
  const value = sets.map((name) => ({ name, kind: 'EntitySet', url: name }));
  return jsonReply(200, { '@odata.context': `${call.root}/$metadata`, value });
}

function noAction(call: Call): never {
  const path = call.segments.map((segment) => segment.name).join('/');
  const message = `No HTTP resource was found that matches the request URI '${call.root}/${path}'.`;
  throw new DataverseError(404, '', message);
}

function whoAmI(call: Call): SimReply {
  if (call.method !== 'GET') {
    return noAction(call);
  }
  return jsonReply(200, {
    '@odata.context': `${call.root}/$metadata#Microsoft.Dynamics.CRM.WhoAmIResponse`,
    BusinessUnitId: call.environment.businessUnitId,
    UserId: call.user.userId,
    OrganizationId: call.environment.organizationId,
  });
}

function totalRecordCount(call: Call, segment: Segment): SimReply {
  const list = /^EntityNames=(.+)$/.exec(segment.key ?? '')?.[1] ?? '';
  const text = list.startsWith('@') ? (call.query.get(list) ?? '') : list;
  const names = [...text.matchAll(/['"]([^'"]+)['"]/g)].map((match) => match[1] ?? '');
  if (names.length === 0) {
    throw badRequest("The parameter 'EntityNames' is missing.");
  }
  const counts = names.map((name) => {
    const store = call.environment.tables.get(name);
    if (store === undefined) {
      throw badRequest(`The entity with a name = '${name}' was not found.`, '0x80041102');
    }
    return store.size;
  });
  return jsonReply(200, {
    '@odata.context': `${call.root}/$metadata#Microsoft.Dynamics.CRM.RetrieveTotalRecordCountResponse`,
    EntityRecordCountCollection: { Count: names.length, IsReadOnly: false, Keys: names, Values: counts },
  });
}

const COUNT_OPTIONS = new Set(['$filter', '$deltatoken']);

function onSet(call: Call, store: TableStore, rest: readonly Segment[]): SimReply {
  const [second] = rest;
  if (second !== undefined) {
    if (second.name.startsWith('Microsoft.Dynamics.CRM.')) {
      return handleBulk(call, store, second.name) ?? unsupportedMessage(second.name);
    }
    if (second.name !== '$count' || rest.length > 1) {
      throw noSuchSegment(second.name);
    }
    requirePrivilege(call.user, 'Read', store.definition);
    if (call.query.has('$deltatoken')) {
      return countChanges(call, store);
    }
    checkOptions(call, COUNT_OPTIONS);
    const count = call.query.has('$filter') ? filteredRows(call, store).length : store.size;
    return countReply(Math.min(count, maxPageSize));
  }
  switch (call.method) {
    case 'GET':
      requirePrivilege(call.user, 'Read', store.definition);
      return isTrackingRead(call) ? readChanges(call, store) : readCollection(call, store);
    case 'POST':
      return handleCreate(call, store);
    default:
      throw methodNotAllowed(call.method);
  }
}

function unsupportedMessage(name: string): never {
  throw unsupported(`the message ${name}`);
}

function onRow(call: Call, store: TableStore, id: string, rest: readonly Segment[]): SimReply {
  const [second, third, ...more] = rest;
  if (second !== undefined) {
    if (more.length > 0 || second.key !== undefined) {
      throw unsupported('this path below a row');
    }
    return onRowPart(call, store, id, second.name, third?.name);
  }
  switch (call.method) {
    case 'GET':
      requirePrivilege(call.user, 'Read', store.definition);
      return readRow(call, store, id);
    case 'DELETE':
      return handleDelete(call, store, id);
    default:
      throw methodNotAllowed(call.method);
  }
}

function onRowPart(
  call: Call,
  store: TableStore,
  id: string,
  name: string,
  suffix: string | undefined,
): SimReply {
  const { definition } = store;
  if (name.startsWith('Microsoft.Dynamics.CRM.')) {
    return unsupportedMessage(name);
  }
  const navigation = definition.navigations.get(name);
  if (suffix === '$ref') {
    if (navigation === undefined) {
      throw unsupported(`$ref of ${name}`);
    }
    if (call.method === 'PUT' || call.method === 'DELETE') {
      return handleReference(call, store, id, name, navigation);
    }
    throw methodNotAllowed(call.method);
  }
  if (call.method === 'GET') {
    requirePrivilege(call.user, 'Read', definition);
    const related = findRelated(call.environment, definition, name);
    if (related === undefined) {
      return readProperty(call, store, id, name, suffix === '$value');
    }
    if (suffix !== undefined) {
      throw unsupported(`${suffix} of the related rows ${name}`);
    }
    return readRelated(call, store, id, related);
  }
  if (suffix !== undefined || (call.method !== 'PUT' && call.method !== 'DELETE')) {
    throw methodNotAllowed(call.method);
  }
  if (!definition.columns.has(name)) {
    throw noSuchProperty(name, definition.name);
  }
  return handleColumnWrite(call, store, id, name);
}
