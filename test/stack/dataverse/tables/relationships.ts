import type { Environment } from '../environment.js';
import type { Column, TableDefinition } from './schema.js';
import type { TableStore } from './table-store.js';

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
