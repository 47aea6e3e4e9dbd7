import { comparisonsOf } from './comparisons.js';
import { type Filter, filterColumns, filterConstants } from './filter.js';
import { parseFilter } from './filter-parser.js';
import type {
  Connection,
  EffectiveDirection,
  EntityMapping,
  FieldMapping,
  RelationshipMapping,
} from './model.js';
import { narrowest } from './model.js';
import type { Column, EntityField, EntitySchema, TableSchema } from './schema.js';
import { type Converter, converterOf, stateDirected, wayBack } from './transform.js';
import { type Comparison, canonical, type FieldValue, type FieldValues } from './values.js';

/** A lookup's resolution, prepared before the merge: both maps know the linked partners of the record at hand. */
export interface LookupTarget {
  readonly relatedEntity: 'Company' | 'Location';
  readonly relatedTable: string;
  readonly autoCreate: boolean;
}

/** A field mapping (or relationship) joined with both schemas and with every limit on its direction applied. */
export interface ResolvedField {
  readonly id: string;
  readonly aKey: string;
  /** The keys that a value made of several fields is joined from; otherwise `aKey` alone. */
  readonly sources: readonly string[];
  readonly aName: string;
  readonly column: string;
  readonly aComparison: Comparison;
  readonly dComparison: Comparison;
  readonly direction: EffectiveDirection;
  readonly syncNullValues: boolean;
  /** D must not be empty: the mapping or Dataverse says so. */
  readonly required: boolean;
  /** The record's active state on both sides. */
  readonly isState: boolean;
  /** The user's e-mail, which is the login in A. */
  readonly isLogin: boolean;
  readonly isMatchKey: boolean;
  readonly creatable: boolean;
  /** Do A's list answers carry it? */
  readonly inList: boolean;
  readonly signature: string;
  readonly converter: Converter;
  readonly lookup: LookupTarget | null;
}

export interface RestingField {
  readonly id: string;
  readonly name: string;
  readonly reason: string;
}

export interface ResolvedMapping {
  readonly mapping: EntityMapping;
  readonly schema: TableSchema;
  readonly fields: readonly ResolvedField[];
  /** Fields whose definition is gone or unreadable: nothing is read into them and nothing is written. */
  readonly resting: readonly RestingField[];
  readonly direction: EffectiveDirection;
  /** What to read of A and of D. */
  readonly keys: readonly string[];
  readonly columns: readonly string[];
  readonly matchFields: readonly ResolvedField[];
  /** Every wanted key is in A's list answers. */
  readonly listsSuffice: boolean;
  /** Parts of the mapping that rest or are switched off: their base entries wait for their return. */
  readonly restingIds: readonly string[];
  /** Which D rows may join; null: all. */
  readonly filter: Filter | null;
  /** What a row that we create gets so that it passes the filter. */
  readonly constants: FieldValues;
}

/** Joins a mapping with the schemas of both sides. Disabled fields are left out. */
export function resolveMapping(
  connection: Connection,
  mapping: EntityMapping,
  entity: EntitySchema,
  table: TableSchema,
): ResolvedMapping {
  const parsed = mapping.filter === null ? null : parseFilter(mapping.filter);
  const filter = parsed?.ok === true ? parsed.filter : null;
  const direction = narrowest(connection.direction, mapping.direction);
  const fields: ResolvedField[] = [];
  const resting: RestingField[] = [];
  for (const part of [...mapping.fields, ...mapping.relationships]) {
    if (!part.enabled) continue;
    const column = table.columns.find((candidate) => candidate.name === columnOf(part));
    const field = entity.fields.find((candidate) => candidate.key === part.authScapeField);
    const missing = missingPart(field, column);
    if (missing !== null || field === undefined || column === undefined) {
      resting.push({ id: part.id, name: part.authScapeField, reason: missing ?? 'definition_missing' });
      continue;
    }
    fields.push(resolveField(connection, mapping, part, { field, column, entity }));
  }
  const listsSuffice = fields.every((field) => field.inList);
  const wantedKeys = new Set(fields.flatMap((field) => [field.aKey, ...field.sources]));
  return {
    mapping,
    schema: table,
    fields,
    resting,
    direction,
    keys: [...wantedKeys],
    columns: [
      ...new Set([...fields.map((field) => field.column), ...(filter === null ? [] : filterColumns(filter))]),
    ],
    matchFields: matchFieldsOf(mapping, entity, fields),
    listsSuffice,
    restingIds: [...mapping.fields, ...mapping.relationships]
      .map((part) => part.id)
      .filter((id) => !fields.some((field) => field.id === id)),
    filter,
    constants: filter === null ? {} : writableConstants(filter, table),
  };
}

/** Lookups among the constants get the table that they point to; where it could be several, none is written. */
function writableConstants(filter: Filter, table: TableSchema): FieldValues {
  const constants: Record<string, FieldValue> = {};
  for (const [name, value] of Object.entries(filterConstants(filter))) {
    const column = table.columns.find((candidate) => candidate.name === name);
    if (column === undefined || !column.creatable || column.type === 'state') continue;
    if (column.type !== 'lookup') constants[name] = value;
    else if (column.targets?.length === 1) constants[name] = `${column.targets[0]}:${String(value)}`;
  }
  return constants;
}

function columnOf(part: FieldMapping | RelationshipMapping): string {
  return 'crmField' in part ? part.crmField : part.crmLookupField;
}

function missingPart(field: EntityField | undefined, column: Column | undefined): string | null {
  if (field === undefined) return 'authscape_field_missing';
  if (column === undefined) return 'column_missing';
  if (!field.readable || !column.readable) return 'unreadable';
  return null;
}

function resolveField(
  connection: Connection,
  mapping: EntityMapping,
  part: FieldMapping | RelationshipMapping,
  { field, column, entity }: { field: EntityField; column: Column; entity: EntitySchema },
): ResolvedField {
  const transform = 'crmField' in part ? stateDirected(part.transform, field) : null;
  const sources = transform?.type === 'concatenate' ? transform.fields : [field.key];
  const lookup: LookupTarget | null =
    'crmField' in part
      ? null
      : {
          relatedEntity: part.relatedEntity,
          relatedTable: part.crmRelatedEntity,
          autoCreate: part.autoCreateRelated,
        };
  const limits = [connection.direction, mapping.direction, part.direction];
  if (!field.writable || wayBack(transform) === 'none') limits.push('Outbound');
  if (!column.updatable && !column.creatable) limits.push('Inbound');
  return {
    id: part.id,
    aKey: field.key,
    aName: field.name,
    column: column.name,
    ...comparisonsOf(transform, field, column),
    direction: narrowest(...limits),
    syncNullValues: part.syncNullValues,
    required: ('required' in part && part.required) || column.required === 'system',
    isState: column.type === 'state' && (field.name === 'isActive' || field.name === 'isDeactivated'),
    isLogin: mapping.authScapeEntity === 'User' && field.name === 'email',
    isMatchKey: mapping.matchBy.includes(field.key),
    creatable: column.creatable,
    sources,
    inList: sources.every((key) => entity.fields.find((candidate) => candidate.key === key)?.inList === true),
    signature: JSON.stringify([field.key, column.name, transform, lookup?.relatedTable ?? null]),
    converter: lookup === null ? converterOf(transform, field, column, entity.fields) : unresolvedLookup,
    lookup,
  };
}

/** Placeholder until the lookups of the record at hand are resolved (`withLookups`). */
const unresolvedLookup: Converter = {
  back: 'inverse',
  toDynamics: (value) => (value === null ? { ok: true, value: null } : waiting()),
  toAuthScape: (value) => (value === null ? { ok: true, value: null } : waiting()),
};

function waiting() {
  return { ok: false, reason: 'waiting', message: 'The related record has no link yet.' } as const;
}

/** Does the value of the lookup's column name a row of another table than the one that the mapping is about? */
export function pointsElsewhere({ lookup }: Pick<ResolvedField, 'lookup'>, value: FieldValue): boolean {
  const table = /^([^:]+):/.exec(String(value ?? ''))?.[1];
  return lookup !== null && table !== undefined && table !== lookup.relatedTable;
}

function otherTable({ column, lookup, aName }: Pick<ResolvedField, 'column' | 'lookup' | 'aName'>) {
  const message = `${column} points to a row of another table than ${lookup?.relatedTable ?? ''}, which ${aName} in AuthScape cannot hold.`;
  return { ok: false, reason: 'other_table', message } as const;
}

export interface ResolvedLookups {
  /** A id of the related record -> "<table>:<row id>". */
  readonly toDynamics: ReadonlyMap<string, string>;
  /** "<table>:<row id>" -> A id. */
  readonly toAuthScape: ReadonlyMap<string, string>;
}

/** The fields of a mapping with the lookups of one record resolved. A target without a link waits; it is not empty. */
export function withLookups(
  fields: readonly ResolvedField[],
  lookups: Readonly<Record<string, ResolvedLookups>>,
) {
  return fields.map((field): ResolvedField => {
    const known = lookups[field.id];
    if (field.lookup === null || known === undefined) return field;
    const translate = (map: ReadonlyMap<string, string>) => (value: FieldValue) => {
      if (value === null) return { ok: true, value: null } as const;
      const target = map.get(String(value).toLowerCase());
      if (target !== undefined) return { ok: true, value: target } as const;
      return pointsElsewhere(field, value) ? otherTable(field) : waiting();
    };
    return {
      ...field,
      converter: {
        back: 'inverse',
        toDynamics: translate(known.toDynamics),
        toAuthScape: translate(known.toAuthScape),
      },
    };
  });
}

/**
 * The value that a field has in A: that of its key, or the text that several fields give together. Undefined when any
 * part of it was not read.
 */
export function valueInA(field: ResolvedField, values: FieldValues): FieldValue | undefined {
  if (field.sources.length === 1 && field.sources[0] === field.aKey) return values[field.aKey];
  if (field.sources.some((key) => values[key] === undefined)) return undefined;
  const joined = field.converter.toDynamics(null, values);
  return joined.ok ? joined.value : null;
}

/**
 * A lookup takes part in the match key only where it is mapped. Without any other part of the key the rest would match
 * records that differ in it: then nothing is matched.
 */
function matchFieldsOf(
  mapping: EntityMapping,
  entity: EntitySchema,
  fields: readonly ResolvedField[],
): readonly ResolvedField[] {
  const found: ResolvedField[] = [];
  for (const name of new Set(mapping.matchBy)) {
    const field = fields.find((candidate) => candidate.aKey === name);
    const reference = entity.fields.some((known) => known.key === name && known.type === 'reference');
    if (field !== undefined) found.push(field);
    else if (!reference) return [];
  }
  return found;
}

/** Do both sides hold the same value: does the transform of one give the other? */
export function holdSame(field: ResolvedField, a: FieldValue, d: FieldValue, record: FieldValues): boolean {
  const toD = field.converter.toDynamics(a, record);
  if (toD.ok && canonical(toD.value, field.dComparison) === canonical(d, field.dComparison)) return true;
  if (field.converter.back === 'none') return false;
  const toA = field.converter.toAuthScape(d);
  return toA.ok && canonical(toA.value, field.aComparison) === canonical(a, field.aComparison);
}
