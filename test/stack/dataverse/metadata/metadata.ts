import type { SimReply } from '../../control.js';
import { type Call, jsonReply, parseQuery } from '../call.js';
import {
  badRequest,
  DataverseError,
  methodNotAllowed,
  noSuchProperty,
  noSuchSegment,
  unsupported,
} from '../errors.js';
import { type Accessor, compileFilter, type FilterScope } from '../reading/filter.js';
import { parseFilter } from '../reading/filter-parser.js';
import { type Segment, splitOutside } from '../resource-path.js';
import { alternateKeysOf } from '../tables/keys.js';
import type { Column, Scalar, TableDefinition } from '../tables/schema.js';
import {
  CAST_NAMES,
  COMMON_NAMES,
  castName,
  columnJson,
  type Json,
  optionSetJson,
  tableJson,
} from './metadata-model.js';
import { keyJson, manyToOneJson } from './relationship-model.js';

const NAMESPACE = 'Microsoft.Dynamics.CRM.';

/** A list of metadata objects with what may be expanded on each. */
interface Source {
  /** Type name for error texts. */
  type: string;
  items: { json: Json; parts: Record<string, () => unknown> }[];
  /** Properties that may be named; all that occur when undefined. */
  names?: ReadonlySet<string>;
}

type Options = ReadonlyMap<string, string>;

/** GET below `EntityDefinitions`. */
export function readMetadata(call: Call): SimReply {
  if (call.method !== 'GET') {
    throw methodNotAllowed(call.method);
  }
  for (const name of call.query.keys()) {
    if (name.startsWith('$') && !['$select', '$filter', '$expand'].includes(name)) {
      throw unsupported(`${name} on table definitions`);
    }
  }
  const [definitions, part, detail, ...rest] = call.segments;
  if (rest.length > 0 || definitions === undefined) {
    throw unsupported('this path below EntityDefinitions');
  }
  const context = `${call.root}/$metadata#${call.segments.map((segment) => segment.name).join('/')}`;
  if (definitions.key === undefined) {
    const tables = [...call.environment.tables.values()].map((store) => store.definition);
    return list(call, context, tableSource(call, tables));
  }
  const table = tableOf(call, definitions.key);
  if (part === undefined) {
    return single(call, context, tableSource(call, [table]));
  }
  if (part.name !== 'Attributes') {
    if (part.key !== undefined || detail !== undefined) {
      throw unsupported('single relationships and keys');
    }
    return list(call, context, partSource(call, table, part.name));
  }
  return attributes(call, context, table, part, detail);
}

function attributes(
  call: Call,
  context: string,
  table: TableDefinition,
  part: Segment,
  detail: Segment | undefined,
): SimReply {
  const cast = detail === undefined ? undefined : castOf(detail.name);
  let columns = [...table.columns.values()];
  if (cast !== undefined) {
    columns = columns.filter((column) => castName(column) === cast);
  }
  if (part.key === undefined) {
    return list(call, context, columnSource(call, table, columns, cast));
  }
  const name = keyValue(part.key, 'LogicalName');
  const column = columns.find((item) => item.name === name);
  if (column === undefined) {
    throw new DataverseError(
      404,
      '0x80040217',
      `Could not find an attribute with specified name: ${name} on entity ${table.name}.`,
    );
  }
  return single(call, context, columnSource(call, table, [column], cast));
}

function castOf(name: string): string {
  const short = name.startsWith(NAMESPACE) ? name.slice(NAMESPACE.length) : '';
  if (!CAST_NAMES.has(short)) {
    throw noSuchSegment(name);
  }
  return short;
}

function keyValue(key: string, property: string): string {
  const match = new RegExp(`^${property}='([^']*)'$`).exec(key);
  if (match === null) {
    throw unsupported(`the key (${key}) in metadata`);
  }
  return match[1] ?? '';
}

function tableOf(call: Call, key: string): TableDefinition {
  const tables = [...call.environment.tables.values()].map((store) => store.definition);
  const byId = tables.find((table) => tableJson(call.environment, table).MetadataId === key.toLowerCase());
  if (byId !== undefined) {
    return byId;
  }
  const name = keyValue(key, 'LogicalName');
  const table = tables.find((item) => item.name === name);
  if (table === undefined) {
    throw new DataverseError(404, '0x80040217', `Could not find an entity with specified name: ${name}.`);
  }
  return table;
}

function tableSource(call: Call, tables: readonly TableDefinition[]): Source {
  const nested = (source: () => Source, options: Options) => select(source(), options);
  return {
    type: 'EntityMetadata',
    items: tables.map((table) => {
      const parts: Record<string, () => unknown> = {};
      for (const name of ['Attributes', 'ManyToOneRelationships', 'Keys']) {
        parts[name] = () => nested(() => partSource(call, table, name), new Map());
      }
      return { json: tableJson(call.environment, table), parts };
    }),
  };
}

function partSource(call: Call, table: TableDefinition, name: string): Source {
  switch (name) {
    case 'Attributes':
      return columnSource(call, table, [...table.columns.values()], undefined);
    case 'ManyToOneRelationships':
      return {
        type: 'OneToManyRelationshipMetadata',
        items: manyToOneJson(table).map((json) => ({ json, parts: {} })),
      };
    case 'Keys':
      return {
        type: 'EntityKeyMetadata',
        items: alternateKeysOf(call.environment, table).map((key) => ({ json: keyJson(key), parts: {} })),
      };
    case 'OneToManyRelationships':
    case 'ManyToManyRelationships':
      throw unsupported(name);
    default:
      throw noSuchSegment(name);
  }
}

function columnSource(
  { environment }: Call,
  table: TableDefinition,
  columns: readonly Column[],
  cast: string | undefined,
): Source {
  const isSecured = ({ name }: Column) =>
    environment.users.some(({ securedColumns }) => securedColumns.has(`${table.name}.${name}`));
  return {
    type: cast ?? 'AttributeMetadata',
    ...(cast === undefined ? { names: COMMON_NAMES } : {}),
    items: columns.map((column) => ({
      json: { ...columnJson(table, column), IsSecured: isSecured(column) },
      parts: cast === undefined ? {} : optionParts(table, column),
    })),
  };
}

function optionParts(table: TableDefinition, column: Column): Record<string, () => unknown> {
  return Object.fromEntries([
    ['OptionSet', () => optionSetJson(table, column) ?? null],
    ['GlobalOptionSet', () => null],
  ]);
}

function list(call: Call, context: string, source: Source): SimReply {
  return jsonReply(200, { '@odata.context': context, value: select(source, call.query) });
}

function single(call: Call, context: string, source: Source): SimReply {
  const [json] = select(source, call.query);
  return jsonReply(200, { '@odata.context': `${context}/$entity`, ...json });
}

/** Applies `$filter`, `$select` and `$expand`. */
function select(source: Source, options: Options): Json[] {
  const names = source.names ?? new Set(source.items.flatMap(({ json }) => Object.keys(json)));
  const filter = options.get('$filter');
  const test =
    filter === undefined ? () => true : compileFilter(parseFilter(filter, options), jsonScope(source, names));
  const selected = selectedNames(source, names, options.get('$select'));
  const expansions = splitOutside(options.get('$expand') ?? '', ',').filter((item) => item.trim() !== '');
  return source.items
    .filter(({ json }) => test(json))
    .map(({ json, parts }) => {
      const result = selected === undefined ? { ...json } : pickNames(json, selected);
      for (const expansion of expansions) {
        expand(source, parts, expansion.trim(), result);
      }
      return result;
    });
}

function selectedNames(
  source: Source,
  names: ReadonlySet<string>,
  text: string | undefined,
): string[] | undefined {
  if (text === undefined || text.trim() === '') {
    return undefined;
  }
  const selected = text.split(',').map((name) => name.trim());
  for (const name of selected) {
    if (!names.has(name) && source.items.length > 0) {
      throw noSuchProperty(name, source.type);
    }
  }
  return ['@odata.type', ...selected, 'MetadataId'];
}

function pickNames(json: Json, names: readonly string[]): Json {
  return Object.fromEntries(
    names.filter((name) => Object.hasOwn(json, name)).map((name) => [name, json[name]]),
  );
}

function expand(source: Source, parts: Record<string, () => unknown>, expansion: string, result: Json): void {
  const match = /^(\w+)(?:\((.*)\))?$/s.exec(expansion);
  const name = match?.[1] ?? expansion;
  const part = Object.hasOwn(parts, name) ? parts[name] : undefined;
  if (part === undefined) {
    throw noSuchProperty(name, source.type);
  }
  const options = parseQuery(splitOutside(match?.[2] ?? '', ';').join('&'));
  const wanted = options
    .get('$select')
    ?.split(',')
    .map((item) => item.trim());
  const shaped = (value: unknown) =>
    wanted === undefined || typeof value !== 'object' || value === null
      ? value
      : pickNames(value as Json, [...wanted, 'MetadataId']);
  const value = part();
  result[name] = Array.isArray(value) ? value.map(shaped) : shaped(value);
}

function jsonScope(source: Source, names: ReadonlySet<string>): FilterScope<Json> {
  const resolve = (segments: readonly string[]): Accessor<Json> => {
    const [first = ''] = segments;
    if (!names.has(first)) {
      throw noSuchProperty(first, source.type);
    }
    if (first === 'DisplayName' || first === 'Description') {
      throw badRequest('Labels cannot be filtered.', '0x80060888');
    }
    return { kind: 'any', get: (json) => valueAt(json, segments) };
  };
  return {
    resolve,
    resolveName: (name) => resolve([name]),
    now: () => new Date(0),
    callerId: '',
    collation: plainCollation,
  };
}

const plainCollation = { key: lowerCase, pattern: lowerCase };

function lowerCase(text: string): string {
  return text.toLowerCase();
}

function valueAt(json: unknown, segments: readonly string[]): Scalar {
  let value = json;
  for (const segment of segments) {
    value = typeof value === 'object' && value !== null ? (value as Json)[segment] : undefined;
  }
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : null;
}
