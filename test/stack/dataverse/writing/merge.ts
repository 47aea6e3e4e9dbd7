import type { SimReply } from '../../control.js';
import { requirePrivilege } from '../access.js';
import { bodyObject, type Call } from '../call.js';
import { badRequest } from '../errors.js';
import type { Scalar } from '../tables/schema.js';
import type { Row, TableStore } from '../tables/table-store.js';
import { parsePayload } from './payload.js';
import { updateRow } from './row-writer.js';
import { requireRow } from './write-handlers.js';

/** POST Merge: the target takes the given values, the subordinate becomes inactive and points to it. */
export function handleMerge(call: Call): SimReply {
  const { environment, user } = call;
  const { Target, Subordinate, UpdateContent } = bodyObject(call);
  const target = mergeParty(call, Target, 'Target');
  const subordinate = mergeParty(call, Subordinate, 'Subordinate');
  const { store } = target;
  if (subordinate.store !== store || subordinate.row.id === target.row.id) {
    throw badRequest('Two different rows of one table can be merged.', '0x80040203');
  }
  requirePrivilege(user, 'Write', store.definition);
  const content = asObject(UpdateContent) ?? {};
  environment.atomically(() => {
    updateRow(environment, user, store, target.row, parsePayload(call, store, content, 'update'));
    updateRow(environment, user, store, subordinate.row, {
      id: undefined,
      values: new Map<string, Scalar>([
        ['statecode', 1],
        ['merged', true],
        ['_masterid_value', target.row.id],
      ]),
      lookups: new Map([['_masterid_value', store.definition.name]]),
    });
    reparent(call, store, subordinate.row.id, target.row.id);
  });
  return { status: 204 };
}

/** What belonged to the subordinate belongs to the target. */
function reparent({ environment, user }: Call, merged: TableStore, from: string, to: string): void {
  const { name } = merged.definition;
  for (const store of environment.tables.values()) {
    for (const { indexed, property, targets, name: column } of store.definition.columns.values()) {
      const isParent = targets?.some(({ table }) => table === name) === true && column !== 'masterid';
      if (indexed !== true || !isParent) {
        continue;
      }
      for (const id of [...store.idsWith(property, from)]) {
        const child = store.get(id);
        if (child !== undefined) {
          const values = new Map<string, Scalar>([[property, to]]);
          updateRow(environment, user, store, child, {
            id: undefined,
            values,
            lookups: new Map([[property, name]]),
          });
        }
      }
    }
  }
}

function asObject(value: unknown): Record<string, unknown> | undefined {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
}

function mergeParty(call: Call, value: unknown, name: string): { store: TableStore; row: Row } {
  const reference = asObject(value);
  const type = String(reference?.['@odata.type'] ?? '').replace(/^#?Microsoft\.Dynamics\.CRM\./, '');
  const store = call.environment.tables.get(type);
  const id = store === undefined ? undefined : reference?.[store.definition.primaryId];
  if (store?.definition.columns.has('masterid') !== true || typeof id !== 'string') {
    throw badRequest(
      `'${name}' has to be a contact or an account with @odata.type and its id.`,
      '0x80048d19',
    );
  }
  return { store, row: requireRow(call, store, id.toLowerCase()) };
}
