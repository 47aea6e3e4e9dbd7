import type { SimReply } from '../control.js';
import { requirePrivilege } from './access.js';
import type { Call } from './call.js';
import { readCollection } from './collection.js';
import type { Environment } from './environment.js';
import type { Column, TableDefinition } from './schema.js';
import type { TableStore } from './table-store.js';
import { requireRow } from './write-handlers.js';

/** The rows that point to a row by one of their lookups. */
export interface Related {
  store: TableStore;
  column: Column;
}

/** The table behind a collection-valued navigation property, which bears the name of the relationship. */
export function findRelated(
  environment: Environment,
  table: TableDefinition,
  name: string,
): Related | undefined {
  if (table.byProperty.has(name) || table.navigations.has(name)) {
    return undefined;
  }
  for (const store of environment.tables.values()) {
    for (const column of store.definition.columns.values()) {
      if (column.targets?.some((target) => target.relationship === name && target.table === table.name)) {
        return { store, column };
      }
    }
  }
  return undefined;
}

/** GET of `<row>/<relationship>`: the related set, filtered by its lookup; so are the links to its further pages. */
export function readRelated(
  call: Call,
  parents: TableStore,
  id: string,
  { store, column }: Related,
): SimReply {
  requireRow(call, parents, id);
  requirePrivilege(call.user, 'Read', store.definition);
  const own = `${column.property} eq ${id}`;
  const given = call.query.get('$filter');
  const query = new Map(call.query).set('$filter', given === undefined ? own : `${own} and (${given})`);
  const search = [...query].map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join('&');
  return readCollection({ ...call, query, search }, store);
}
