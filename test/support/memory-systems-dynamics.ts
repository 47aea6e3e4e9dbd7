import type { ChangePage, DynamicsSystem } from '../../src/application/ports/systems.js';
import { BridgeError, RecordRejectedError } from '../../src/domain/errors.js';
import type { DynamicsRow } from '../../src/domain/records.js';
import { type FieldValue, type FieldValues, matchForm } from '../../src/domain/values.js';
import { aContactTable, anAccountTable } from './builders.js';
import {
  createRowStore,
  type DynamicsPeople,
  type MemoryRow,
  type MemoryTable,
  peopleOf,
  type RowStore,
} from './memory-systems-rows.js';
import { meets } from './memory-systems-search.js';
import type { World } from './memory-systems-world.js';

export interface MemoryDynamics {
  readonly system: DynamicsSystem;
  readonly people: DynamicsPeople;
  readonly tables: ReadonlyMap<string, MemoryTable>;
  organizationId: string;
  /** The form that the server gives to values of a column, in every write. */
  readonly forms: Map<string, (value: FieldValue) => FieldValue>;
  /** Columns whose writes by us are taken and ignored. */
  readonly ignored: Set<string>;
  /** Rows that lists and feeds show and that cannot be read by id. */
  readonly unreadable: Set<string>;
  /** Says why a write of ours is refused, a delete with no values; null: it is taken. */
  refuses: ((id: string, values: FieldValues) => Error | null) | undefined;
  /** Columns that we may not see: they look empty until their definitions are read past the cache, then unknown. */
  readonly secured: Map<string, 'hidden' | 'known'>;
  /** Our clock minus that of Dynamics, milliseconds. */
  clockOffset: number;
  pageSize: number;
  /** Delta links given out so far are no longer taken. */
  expireDeltaLinks(): void;
  /** From now on a row that others were merged into takes their references to it along when it is removed. */
  forgetMasters(): void;
}

export function createMemoryDynamics(world: World): MemoryDynamics {
  const tables = new Map<string, MemoryTable>();
  for (const schema of [aContactTable(), anAccountTable()]) {
    tables.set(schema.logicalName, { schema, rows: new Map(), deleted: new Map() });
  }
  const state = { version: 1_000, expiredBefore: 0, forgetsMasters: false };
  const tableOf = (name: string): MemoryTable => {
    const table = tables.get(name);
    if (table === undefined) throw new BridgeError('schema_changed', `Dynamics has no table "${name}".`);
    return table;
  };
  const store = createRowStore(world, tables, state, (column, value) => {
    const form = memory.forms.get(column);
    return form === undefined ? value : form(value);
  });
  const memory: MemoryDynamics = {
    tables,
    organizationId: '0f6a0c3e-2222-4000-8000-000000000001',
    forms: new Map(),
    ignored: new Set(),
    unreadable: new Set(),
    refuses: undefined,
    secured: new Map(),
    clockOffset: 0,
    pageSize: 4,
    expireDeltaLinks() {
      state.expiredBefore = state.version + 1;
    },
    forgetMasters() {
      state.forgetsMasters = true;
    },
    people: peopleOf(store, tableOf),
    system: undefined as never,
  };
  return Object.assign(memory, { system: systemOf(world, memory, store, tableOf, state) });
}

interface Position {
  readonly since: number;
  readonly until: number;
  readonly after: string;
  readonly tracked: boolean;
  readonly modifiedFrom?: number;
}

function systemOf(
  world: World,
  memory: MemoryDynamics,
  store: RowStore,
  tableOf: (name: string) => MemoryTable,
  state: { version: number; expiredBefore: number },
): DynamicsSystem {
  const call = <T>(name: string, entity: string, id: string | null, effect: boolean, work: () => T) =>
    world.call({ side: 'dynamics', name, entity, id, effect }, work);
  const shown = (
    table: MemoryTable,
    row: MemoryRow,
    columns: readonly string[],
    readAt: number,
  ): DynamicsRow => ({
    id: row.id,
    values: Object.fromEntries(columns.flatMap((column) => shownValue(memory, row, column))),
    active: row.values.statecode === 0,
    etag: table.schema.optimisticConcurrency ? `W/"${row.version}"` : null,
    modifiedOn: secondOf(row.modifiedAt - memory.clockOffset),
    // As the adapter reads a merged row: an active one stands for itself again.
    mergedInto: row.values.statecode === 0 ? null : row.mergedInto,
    readAt,
  });
  const matches = (row: MemoryRow, etag: string | null) => etag === null || etag === `W/"${row.version}"`;
  return {
    identity: () =>
      call('identity', '', null, false, () => ({
        organizationId: memory.organizationId,
        userId: 'd0000000-0000-4000-8000-00000000cafe',
      })),
    listTables: async () => [...memory.tables.values()].map(({ schema }) => schema),
    table: async (name, options) => {
      if (options?.fresh === true)
        for (const column of memory.secured.keys()) memory.secured.set(column, 'known');
      return memory.tables.get(name)?.schema;
    },
    changes: (name, columns, from) => {
      const readAt = world.clock.now();
      return call('changes', name, null, false, (): ChangePage => {
        const table = tableOf(name);
        const at = startOf(from, state);
        const rows = [...table.rows.values()]
          .filter((row) => row.version > at.since && row.id > at.after)
          .filter((row) => row.modifiedAt - memory.clockOffset >= (at.modifiedFrom ?? 0))
          .sort((a, b) => (a.id < b.id ? -1 : 1));
        const part = rows.slice(0, memory.pageSize);
        const last = rows.length > part.length ? part.at(-1) : undefined;
        const ended = last === undefined;
        const gone = [...table.deleted].filter(([, entry]) => entry.version > at.since && at.since > 0);
        return {
          rows: part.map((row) => shown(table, row, columns, readAt)),
          deletedIds: ended ? gone.map(([id]) => id) : [],
          next: ended ? null : JSON.stringify({ ...at, after: last.id }),
          deltaLink: ended && at.tracked ? `delta ${at.until}` : null,
        };
      });
    },
    get: (name, id, columns) => {
      const readAt = world.clock.now();
      return call('get', name, id, false, () => {
        const table = tableOf(name);
        const row = table.rows.get(id);
        if (row === undefined) return undefined;
        if (memory.unreadable.has(id))
          throw new RecordRejectedError('access_denied', 'The row may not be read.');
        return shown(table, row, columns, readAt);
      });
    },
    getMany: (name, ids, columns) => {
      const readAt = world.clock.now();
      return call('getMany', name, null, false, () => {
        const table = tableOf(name);
        const rows = ids.flatMap((id) => table.rows.get(id) ?? []);
        return new Map(rows.map((row) => [row.id, shown(table, row, columns, readAt)]));
      });
    },
    findBy: (name, criteria, columns, spelling) => {
      const readAt = world.clock.now();
      return call('findBy', name, null, false, () => {
        const table = tableOf(name);
        const named = [...new Set([...columns, ...criteria.flatMap((each) => Object.keys(each))])];
        return [...table.rows.values()]
          .filter((row) => criteria.some((each) => meets(table, row, each, spelling)))
          .map((row) => shown(table, row, named, readAt));
      });
    },
    search: (name, text, options) => {
      const readAt = world.clock.now();
      return call('search', name, null, false, () => {
        const table = tableOf(name);
        const wanted = matchForm(text) ?? '';
        const holds = (row: MemoryRow) =>
          row.id === wanted ||
          options.in.some((column) => matchForm(row.values[column])?.includes(wanted) === true);
        return [...table.rows.values()]
          .filter(holds)
          .slice(0, options.limit)
          .map((row) => shown(table, row, [...options.columns, ...options.in], readAt));
      });
    },
    create: (name, id, values, columns, latest = Number.POSITIVE_INFINITY) => {
      const send = (): ReturnType<DynamicsSystem['create']> => {
        const readAt = world.clock.now();
        if (readAt > latest) return Promise.resolve({ kind: 'late' });
        return call('create', name, id, true, () => {
          const table = tableOf(name);
          if (table.rows.has(id)) return { kind: 'exists' };
          checkValues(memory, table, id, values);
          const row = store.insert(table, id, taken(memory, values), 'bridge');
          return { kind: 'written', row: shown(table, row, columns, readAt) };
        });
      };
      return world.turn === undefined ? send() : world.turn().then(send);
    },
    update: (name, id, etag, values, columns) => {
      const readAt = world.clock.now();
      return call('update', name, id, true, () => {
        const table = tableOf(name);
        const row = table.rows.get(id);
        if (row === undefined) return { kind: 'gone' };
        if (!matches(row, etag)) return { kind: 'stale' };
        checkValues(memory, table, id, values);
        store.write(table, row, taken(memory, values), 'bridge');
        return { kind: 'written', row: shown(table, row, columns, readAt) };
      });
    },
    remove: (name, id, etag) =>
      call('remove', name, id, true, () => {
        const table = tableOf(name);
        const row = table.rows.get(id);
        if (row === undefined) return 'gone';
        if (!matches(row, etag)) return 'stale';
        const refusal = memory.refuses?.(id, {}) ?? null;
        if (refusal !== null) throw refusal;
        store.remove(table, row, 'bridge');
        return 'removed';
      }),
    alone: (work) => work(),
    hasDependents: (name, id) =>
      call('hasDependents', name, id, false, () =>
        [...tableOf('contact').rows.values()].some(
          (row) => row.values.parentcustomerid === `${name}:${id}` && name === 'account',
        ),
      ),
    clockOffset: () => memory.clockOffset,
  };
}

function shownValue(
  { secured }: MemoryDynamics,
  row: MemoryRow,
  column: string,
): readonly (readonly [string, FieldValue])[] {
  const state = secured.get(column);
  if (state === 'known') return [];
  return [[column, state === 'hidden' ? null : (row.values[column] ?? null)]];
}

function startOf(
  from: Parameters<DynamicsSystem['changes']>[2],
  state: { version: number; expiredBefore: number },
): Position {
  if (from.kind === 'start') return { since: 0, until: state.version, after: '', tracked: from.tracked };
  if (from.kind === 'since') {
    return { since: 0, until: 0, after: '', tracked: false, modifiedFrom: Date.parse(from.time) };
  }
  if (from.kind === 'page') {
    const position = JSON.parse(from.link) as Position;
    if (position.since > 0) checkVersion(position.since, state);
    return position;
  }
  const since = Number(from.link.slice('delta '.length));
  checkVersion(since, state);
  return { since, until: state.version, after: '', tracked: true };
}

function checkVersion(since: number, { expiredBefore }: { expiredBefore: number }): void {
  if (since < expiredBefore)
    throw new BridgeError('delta_link_expired', 'The delta link is no longer taken.');
}

function secondOf(ms: number): string {
  return new Date(Math.floor(ms / 1000) * 1000).toISOString().replace('.000Z', 'Z');
}

function taken(memory: MemoryDynamics, values: FieldValues): FieldValues {
  return Object.fromEntries(Object.entries(values).filter(([name]) => !memory.ignored.has(name)));
}

function checkValues(
  { refuses, tables }: MemoryDynamics,
  table: MemoryTable,
  id: string,
  values: FieldValues,
): void {
  const refusal = refuses?.(id, values) ?? null;
  if (refusal !== null) throw refusal;
  for (const [name, value] of Object.entries(values)) {
    const column = table.schema.columns.find((each) => each.name === name);
    if (column === undefined) throw new BridgeError('schema_changed', `There is no column ${name}.`);
    if (typeof value === 'string' && column.maxLength !== null && value.length > column.maxLength) {
      throw new RecordRejectedError('value_too_long', `${name} is too long.`, { field: name });
    }
    if (column.type !== 'lookup' || value === null) continue;
    const [target, id] = String(value).split(':');
    if (tables.get(target ?? '')?.rows.has(id ?? '') !== true) {
      throw new RecordRejectedError('lookup_target_missing', `${name} points to nothing.`, { field: name });
    }
  }
}
