import { ControlError } from '../../control.js';
import type { Environment } from '../environment.js';
import type { Column } from '../tables/schema.js';
import type { TableStore } from '../tables/table-store.js';

/** The table of this logical name; a control route that names no table is refused. */
export function requireTable(environment: Environment, name: string): TableStore {
  const store = environment.tables.get(name);
  if (store === undefined) {
    throw new ControlError(400, `There is no table '${name}'.`);
  }
  return store;
}

export function requireColumn({ definition }: TableStore, name: string): Column {
  const column = definition.columns.get(name);
  if (column === undefined) {
    throw new ControlError(400, `The table '${definition.name}' has no column '${name}'.`);
  }
  return column;
}
