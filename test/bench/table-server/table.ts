import { type Filter, isBehind, lowest, meets } from './filter.js';
import { SortedMap } from './sorted-map.js';
import { changed, entityExists, noEntity } from './table-error.js';

export interface Keys {
  readonly partitionKey: string;
  readonly rowKey: string;
}

export interface Write extends Keys {
  readonly kind: 'insert' | 'replace' | 'merge' | 'delete';
  /** Left out: a missing row is fine and is made. */
  readonly ifMatch: string | undefined;
  /** Columns as they came, types included. */
  readonly columns: Readonly<Record<string, unknown>>;
}

export interface Query {
  readonly filter: Filter;
  readonly select: readonly string[] | undefined;
  readonly top: number;
  readonly from: Keys | undefined;
}

export interface Page {
  /** JSON of each entity. */
  readonly entities: readonly string[];
  readonly next: Keys | undefined;
}

/**
 * All columns but the keys as JSON texts: an object for each of millions would take several times as much. Long ones stand
 * apart, so that a query which leaves them out does not read them.
 */
interface Entity {
  /** Microseconds, unlike those of any other write. */
  readonly writtenAt: number;
  readonly columns: string;
  readonly long: string;
}

const LONG = 200;
const NONE = '{}';

let lastWrite = 0;

/** The rows of one table, in the order of both keys. */
export class Table {
  readonly #partitions = new SortedMap<SortedMap<Entity>>();

  get({ partitionKey, rowKey }: Keys): { readonly json: string; readonly etag: string } {
    const entity = this.#partitions.get(partitionKey)?.get(rowKey);
    if (entity === undefined) throw noEntity();
    return {
      json: entityJson({ partitionKey, rowKey }, entity, undefined),
      etag: etagOf(entity),
    };
  }

  /** Throws when the write cannot be made as things are. */
  check({ ifMatch, kind, partitionKey, rowKey }: Write): void {
    const entity = this.#partitions.get(partitionKey)?.get(rowKey);
    if (kind === 'insert') {
      if (entity !== undefined) throw entityExists();
      return;
    }
    if (ifMatch === undefined) return;
    if (entity === undefined) throw noEntity();
    if (ifMatch !== '*' && ifMatch !== etagOf(entity)) throw changed();
  }

  /** To be checked before; the new ETag, of what is not deleted. */
  write({ columns, kind, partitionKey, rowKey }: Write): string | undefined {
    const partition = this.#partitions.get(partitionKey) ?? new SortedMap<Entity>();
    if (kind === 'delete') {
      partition.delete(rowKey);
      if (partition.isEmpty) this.#partitions.delete(partitionKey);
      return undefined;
    }
    if (partition.isEmpty) this.#partitions.set(partitionKey, partition);
    const before = kind === 'merge' ? columnsOf(partition.get(rowKey)) : {};
    lastWrite = Math.max(Date.now() * 1000, lastWrite + 1);
    const entity = { writtenAt: lastWrite, ...textsOf({ ...before, ...columns }) };
    partition.set(rowKey, entity);
    return etagOf(entity);
  }

  query({ filter, from, select, top }: Query): Page {
    const entities: string[] = [];
    for (const [keys, entity] of this.#between(filter, from)) {
      if (entities.length === top) return { entities, next: keys };
      const columns = filter.columns.length === 0 ? {} : columnsOf(entity);
      if (filter.columns.every((one) => meets(columns[one.column], one))) {
        entities.push(entityJson(keys, entity, select));
      }
    }
    return { entities, next: undefined };
  }

  /** Those whose keys meet the filter, found without a look at the others. */
  *#between({ keys: { PartitionKey, RowKey } }: Filter, from: Keys | undefined): Generator<[Keys, Entity]> {
    const first = later(lowest(PartitionKey), from?.partitionKey);
    for (const [partitionKey, rows] of this.#partitions.from(first)) {
      if (isBehind(partitionKey, PartitionKey)) return;
      if (!PartitionKey.every((one) => meets(partitionKey, one))) continue;
      const goesOn = from?.partitionKey === partitionKey ? from.rowKey : undefined;
      for (const [rowKey, entity] of rows.from(later(lowest(RowKey), goesOn))) {
        if (isBehind(rowKey, RowKey)) break;
        if (RowKey.every((one) => meets(rowKey, one))) yield [{ partitionKey, rowKey }, entity];
      }
    }
  }
}

const later = (key: string, other: string | undefined) => (other !== undefined && other > key ? other : key);

function textsOf(columns: Readonly<Record<string, unknown>>): Pick<Entity, 'columns' | 'long'> {
  const all = Object.entries(columns);
  const isLong = ([, value]: (typeof all)[number]) => typeof value === 'string' && value.length > LONG;
  const text = (some: typeof all) => JSON.stringify(Object.fromEntries(some));
  return { columns: text(all.filter((one) => !isLong(one))), long: text(all.filter(isLong)) };
}

function columnsOf(entity: Entity | undefined): Record<string, unknown> {
  return entity === undefined ? {} : { ...parsed(entity.columns), ...parsed(entity.long) };
}

const parsed = (text: string) => JSON.parse(text) as Record<string, unknown>;

function entityJson(
  { partitionKey, rowKey }: Keys,
  entity: Entity,
  select: readonly string[] | undefined,
): string {
  const keys = { 'odata.etag': etagOf(entity), PartitionKey: partitionKey, RowKey: rowKey };
  if (select === undefined) {
    const head = JSON.stringify({ ...keys, Timestamp: timeOf(entity) });
    const texts = [head, entity.columns, entity.long].filter((text) => text !== NONE);
    return `{${texts.map((text) => text.slice(1, -1)).join(',')}}`;
  }
  const isInLong = select.some((column) => entity.long.includes(`"${column}`));
  const all: Record<string, unknown> = {
    ...(isInLong ? columnsOf(entity) : parsed(entity.columns)),
    ...keys,
  };
  if (select.includes('Timestamp')) all.Timestamp = timeOf(entity);
  const chosen: Record<string, unknown> = { 'odata.etag': all['odata.etag'] };
  for (const column of select) {
    for (const name of [`${column}@odata.type`, column]) if (name in all) chosen[name] = all[name];
  }
  return JSON.stringify(chosen);
}

function timeOf({ writtenAt }: Entity): string {
  const micros = String(writtenAt % 1000).padStart(3, '0');
  return `${new Date(Math.floor(writtenAt / 1000)).toISOString().slice(0, -1)}${micros}0Z`;
}

function etagOf({ writtenAt }: Entity): string {
  return `W/"datetime'${writtenAt}'"`;
}
