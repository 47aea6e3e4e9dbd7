import { randomUUID } from 'node:crypto';
import type { TableSchema } from '../../src/domain/schema.js';
import type { FieldValue, FieldValues } from '../../src/domain/values.js';
import { LIFE, MERGED, type ValueChange, type World } from './memory-systems-world.js';

export interface MemoryRow {
  readonly id: string;
  readonly values: Record<string, FieldValue>;
  version: number;
  modifiedAt: number;
  /** The row itself, where the surviving row is gone with the reference to it. */
  mergedInto: string | null;
}

export interface MemoryTable {
  schema: TableSchema;
  readonly rows: Map<string, MemoryRow>;
  readonly deleted: Map<string, { version: number; row: MemoryRow }>;
}

/** What people (and plug-ins) do in Dynamics; nothing of it passes the hooks. */
export interface DynamicsPeople {
  insert(table: string, values: FieldValues, id?: string): string;
  set(table: string, id: string, values: FieldValues): void;
  /** An account takes its contacts along. */
  remove(table: string, id: string): void;
  /** Brings a deleted row back under its id, as it was. */
  restore(table: string, id: string): void;
  merge(table: string, loserId: string, masterId: string): void;
}

export interface RowStore {
  insert(table: MemoryTable, id: string, values: FieldValues, by: ValueChange['by']): MemoryRow;
  write(table: MemoryTable, row: MemoryRow, values: FieldValues, by: ValueChange['by']): void;
  remove(table: MemoryTable, row: MemoryRow, by: ValueChange['by']): void;
  touch(row: MemoryRow): void;
  revive(table: MemoryTable, row: MemoryRow): void;
  noteMerge(table: MemoryTable, row: MemoryRow): void;
}

function noteLife(
  world: World,
  table: MemoryTable,
  id: string,
  to: 'there' | null,
  by: ValueChange['by'],
): void {
  const from = to === null ? 'there' : null;
  world.note({ side: 'dynamics', entity: table.schema.logicalName, id, field: LIFE, from, to, by });
}

export function createRowStore(
  world: World,
  tables: ReadonlyMap<string, MemoryTable>,
  state: { version: number; forgetsMasters: boolean },
  formed: (column: string, value: FieldValue) => FieldValue,
): RowStore {
  const store: RowStore = {
    insert(table, id, values, by) {
      const row: MemoryRow = { id, values: {}, version: 0, modifiedAt: 0, mergedInto: null };
      for (const column of table.schema.columns) row.values[column.name] = null;
      row.values.statecode = 0;
      table.rows.set(id, row);
      table.deleted.delete(id);
      noteLife(world, table, id, 'there', by);
      store.write(table, row, values, by);
      return row;
    },
    write(table, row, values, by) {
      for (const [field, value] of Object.entries(values)) {
        const from = row.values[field] ?? null;
        const to = formed(field, value);
        if (from === to) continue;
        row.values[field] = to;
        world.note({ side: 'dynamics', entity: table.schema.logicalName, id: row.id, field, from, to, by });
      }
      store.touch(row);
    },
    revive(table, row) {
      noteLife(world, table, row.id, 'there', 'person');
      store.touch(row);
    },
    noteMerge({ schema }, { id, mergedInto }) {
      const merge = { field: MERGED, from: null, to: mergedInto, by: 'server' } as const;
      world.note({ side: 'dynamics', entity: schema.logicalName, id, ...merge });
    },
    touch(row) {
      state.version += 1;
      row.version = state.version;
      row.modifiedAt = world.clock.now();
    },
    remove(table, row, by) {
      state.version += 1;
      table.rows.delete(row.id);
      noteLife(world, table, row.id, null, by);
      table.deleted.set(row.id, { version: state.version, row });
      const losers = [...table.rows.values()].filter(({ mergedInto }) => mergedInto === row.id);
      for (const loser of state.forgetsMasters ? losers : []) {
        loser.mergedInto = loser.id;
        store.touch(loser);
      }
      if (table.schema.logicalName !== 'account') return;
      const contacts = tables.get('contact');
      for (const contact of [...(contacts?.rows.values() ?? [])]) {
        if (contacts !== undefined && contact.values.parentcustomerid === `account:${row.id}`) {
          store.remove(contacts, contact, 'server');
        }
      }
      for (const child of [...table.rows.values()]) {
        if (child.values.parentaccountid === `account:${row.id}`)
          store.write(table, child, { parentaccountid: null }, 'server');
      }
    },
  };
  return store;
}

export function peopleOf(store: RowStore, tableOf: (name: string) => MemoryTable): DynamicsPeople {
  const rowOf = (table: string, id: string): MemoryRow => {
    const row = tableOf(table).rows.get(id);
    if (row === undefined) throw new Error(`no row ${id} in ${table}`);
    return row;
  };
  return {
    insert(table, values, id = randomUUID()) {
      return store.insert(tableOf(table), id, values, 'person').id;
    },
    set: (table, id, values) => store.write(tableOf(table), rowOf(table, id), values, 'person'),
    remove: (table, id) => store.remove(tableOf(table), rowOf(table, id), 'person'),
    restore(table, id) {
      const gone = tableOf(table).deleted.get(id);
      if (gone === undefined) throw new Error(`no deleted row ${id} in ${table}`);
      tableOf(table).deleted.delete(id);
      tableOf(table).rows.set(id, gone.row);
      store.revive(tableOf(table), gone.row);
    },
    merge(table, loserId, masterId) {
      const loser = rowOf(table, loserId);
      loser.mergedInto = rowOf(table, masterId).id;
      store.noteMerge(tableOf(table), loser);
      store.write(tableOf(table), loser, { statecode: 1 }, 'server');
      store.touch(rowOf(table, masterId));
    },
  };
}
