import type { ApplicationUser, Environment } from '../environment.js';
import { noSuchProperty, unsupported } from '../errors.js';
import type { Column, TableDefinition } from '../tables/schema.js';
import type { Row, TableStore } from '../tables/table-store.js';
import type { Accessor, FilterScope } from './filter.js';
import { listOf, propertyName } from './filter-functions.js';
import type { Condition } from './filter-parser.js';
import { kindOf } from './filter-values.js';

/** Filters see the columns of one table and, through a lookup, those of the related row. */
export function rowScope(
  environment: Environment,
  table: TableDefinition,
  user: ApplicationUser,
): FilterScope<Row> {
  return {
    resolve: (segments) => accessor(environment, table, segments),
    resolveName: (name) => columnAccessor(table.columns.get(name) ?? columnOf(table, name)),
    now: () => environment.now(),
    callerId: user.userId,
    collation: environment.collation,
  };
}

function columnOf(table: TableDefinition, property: string): Column {
  const column = table.byProperty.get(property);
  if (column === undefined) {
    throw noSuchProperty(property, table.name);
  }
  return column;
}

function columnAccessor(column: Column): Accessor<Row> {
  const { property } = column;
  return { kind: kindOf(column), get: (row) => row.values[property] ?? null };
}

function accessor(
  environment: Environment,
  table: TableDefinition,
  segments: readonly string[],
): Accessor<Row> {
  const [first = '', second, ...more] = segments;
  if (second === undefined) {
    return columnAccessor(columnOf(table, first));
  }
  const navigation = table.navigations.get(first);
  const target = navigation?.tables[0];
  if (navigation === undefined || target === undefined) {
    throw noSuchProperty(first, table.name);
  }
  if (more.length > 0 || navigation.tables.length > 1) {
    throw unsupported(`the path ${segments.join('/')} in $filter`);
  }
  const store = environment.table(target);
  const inner = columnAccessor(columnOf(store.definition, second));
  const { property } = navigation.column;
  return {
    kind: inner.kind,
    get: (row) => {
      const id = row.lookups[property] === target ? row.values[property] : null;
      const related = typeof id === 'string' ? store.get(id) : undefined;
      return related === undefined ? null : inner.get(related);
    },
  };
}

/** Ids that include all rows the condition can match, found without a scan; undefined where only a scan helps. */
export function candidates(store: TableStore, condition: Condition): ReadonlySet<string> | undefined {
  switch (condition.kind) {
    case 'and': {
      const found = condition.operands.map((operand) => candidates(store, operand));
      return found.reduce(
        (best, ids) => (ids !== undefined && (best === undefined || ids.size < best.size) ? ids : best),
        undefined,
      );
    }
    case 'or': {
      const all = new Set<string>();
      for (const operand of condition.operands) {
        const ids = candidates(store, operand);
        if (ids === undefined) {
          return undefined;
        }
        addAll(all, ids);
      }
      return all;
    }
    case 'compare': {
      const { left, right, operator } = condition;
      const isSingle = operator === 'eq' && left.kind === 'path' && left.segments.length === 1;
      if (!isSingle || right.kind !== 'literal' || typeof right.value !== 'string') {
        return undefined;
      }
      return idsOf(store, left.segments[0] ?? '', [right.value]);
    }
    case 'function': {
      if (condition.name !== 'In') {
        return undefined;
      }
      const name = propertyName(condition.parameters);
      const column = store.definition.columns.get(name);
      return idsOf(store, column?.property ?? name, listOf(condition.parameters));
    }
    case 'not':
    case 'text':
      return undefined;
  }
}

function idsOf(store: TableStore, property: string, values: readonly string[]): Set<string> | undefined {
  const ids = new Set<string>();
  if (property === store.definition.primaryId) {
    addAll(
      ids,
      values.map((value) => value.toLowerCase()),
    );
    return ids;
  }
  if (!store.hasIndex(property)) {
    return undefined;
  }
  for (const value of values) {
    addAll(ids, store.idsWith(property, value));
  }
  return ids;
}

function addAll(target: Set<string>, ids: Iterable<string>): void {
  for (const id of ids) {
    target.add(id);
  }
}
