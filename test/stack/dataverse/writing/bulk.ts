import type { SimReply } from '../../control.js';
import { requireAccess, requirePrivilege, type Verb } from '../access.js';
import { bodyObject, type Call, jsonReply } from '../call.js';
import type { Environment } from '../environment.js';
import { badRequest, DataverseError, methodNotAllowed, payloadError, unsupported } from '../errors.js';
import { idAt } from '../tables/keys.js';
import type { Row, TableStore } from '../tables/table-store.js';
import { BULK_MESSAGES } from '../webhooks/webhook-tables.js';
import { parsePayload } from './payload.js';
import { applyCreate, applyUpdate, requireWritable } from './write-handlers.js';

interface Target {
  /** The row that it names. */
  id: string | undefined;
  body: Record<string, unknown>;
}

const NAMESPACE = 'Microsoft.Dynamics.CRM.';

/**
 * An action bound to an entity set, all rows of it or none (*Use bulk operation messages*); undefined when it is none of
 * the bulk messages.
 */
export function handleBulk(call: Call, store: TableStore, action: string): SimReply | undefined {
  const message = BULK_MESSAGES.find((name) => action === NAMESPACE + name);
  if (action === `${NAMESPACE}DeleteMultiple`) {
    throw unsupported('DeleteMultiple, which has not yet been implemented for standard tables');
  }
  if (message === undefined) {
    return undefined;
  }
  if (call.method === 'GET') {
    throw new DataverseError(404, '', `No HTTP resource was found that matches the request URI '${action}'.`);
  }
  if (call.method !== 'POST') {
    throw methodNotAllowed(call.method);
  }
  requireWritable(store);
  const targets = readTargets(call, store);
  const rows = call.environment.atomically(() => workers[message](call, store, targets));
  if (message !== 'CreateMultiple') {
    return { status: 204 };
  }
  return jsonReply(200, {
    '@odata.context': `${call.root}/$metadata#${NAMESPACE}CreateMultipleResponse`,
    Ids: rows.map((row) => row.id),
  });
}

type Worker = (call: Call, store: TableStore, targets: readonly Target[]) => Row[];

const workers: Readonly<Record<(typeof BULK_MESSAGES)[number], Worker>> = {
  CreateMultiple: (call, store, targets) => {
    allow(call, store, 'Create');
    return targets.map((target) => create(call, store, target));
  },
  /** Of several targets with one id the later ones are dropped without a word. */
  UpdateMultiple: (call, store, targets) => {
    allow(call, store, 'Write');
    const first = new Map<string, Target>();
    for (const target of targets) {
      if (target.id === undefined) {
        throw badRequest(`Every target of UpdateMultiple needs ${store.definition.primaryId}.`, '0x80040203');
      }
      if (!first.has(target.id)) {
        first.set(target.id, target);
      }
    }
    const missing = [...first.keys()].filter((id) => store.get(id) === undefined);
    if (missing.length > 0) {
      const message = `${store.definition.schemaName} With Ids = ${missing.join(', ')} Do Not Exist`;
      throw new DataverseError(404, '0x80040217', message);
    }
    return [...first.values()].map((target) => update(call, store, target));
  },
  UpsertMultiple: (call, store, targets) => {
    allow(call, store, 'Create');
    allow(call, store, 'Write');
    const ids = targets.flatMap(({ id }) => id ?? []);
    if (new Set(ids).size < ids.length) {
      throw badRequest('UpsertMultiple has several targets with the same key.', '0x80040237');
    }
    return targets.map((target) =>
      rowOf(store, target) === undefined ? create(call, store, target) : update(call, store, target),
    );
  },
};

function allow(call: Call, store: TableStore, verb: Verb): void {
  requirePrivilege(call.user, verb, store.definition);
}

function rowOf(store: TableStore, { id }: Target): Row | undefined {
  return id === undefined ? undefined : store.get(id);
}

function create(call: Call, store: TableStore, target: Target): Row {
  return applyCreate(call, store, {
    ...parsePayload(call, store, target.body, 'create'),
    id: target.id,
  });
}

function update(call: Call, store: TableStore, target: Target): Row {
  const row = rowOf(store, target);
  if (row === undefined) {
    throw new Error('An update without a row.');
  }
  requireAccess(call.user, store.definition, row.id, 'Write');
  return applyUpdate(call, store, row, parsePayload(call, store, target.body, 'update'));
}

function readTargets(call: Call, store: TableStore): Target[] {
  const { Targets: list } = bodyObject(call);
  if (!Array.isArray(list)) {
    throw badRequest("The parameter 'Targets' has to be a list of rows.", '0x80048d19');
  }
  return list.map((item: unknown) => readTarget(call.environment, store, item));
}

function readTarget(environment: Environment, store: TableStore, item: unknown): Target {
  const { definition } = store;
  const body: Record<string, unknown> =
    typeof item === 'object' && item !== null ? { ...item } : { '@odata.type': undefined };
  const type = body['@odata.type'];
  if (typeof type !== 'string' || type.replace(/^#/, '') !== NAMESPACE + definition.name) {
    const message = `Each target needs the property '@odata.type' with '${NAMESPACE}${definition.name}'.`;
    throw payloadError(definition.setName, message);
  }
  const address = body['@odata.id'];
  const named = body[definition.primaryId];
  if (typeof address === 'string') {
    const [, setName, key] = /^(?:.*\/)?(\w+)\((.+)\)$/.exec(address) ?? [];
    if (setName !== definition.setName || key === undefined) {
      throw payloadError(definition.setName, `The address '${address}' is no row of this table.`);
    }
    return { id: idAt(environment, store, key), body };
  }
  return { id: typeof named === 'string' ? idAt(environment, store, named) : undefined, body };
}
