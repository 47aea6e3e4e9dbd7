import type { Fault } from './errors.js';
import { findField } from './field-names.js';
import { checkFilter, unknownColumn } from './filter-checks.js';
import type { Direction, EntityMapping, FieldMapping, RelationshipMapping } from './model.js';
import { flowsFrom, narrowest } from './model.js';
import type { Column, EntityField, EntitySchema, TableSchema } from './schema.js';
import { wayBack } from './transform.js';
import { transformFault, typeFault } from './type-compatibility.js';

/** What a mapping is checked against: both schemas and the cap that the connection sets. */
export interface CheckContext {
  readonly connectionDirection: Direction;
  readonly table: TableSchema;
  readonly entity: EntitySchema;
}

type Part = Pick<EntityMapping, 'direction' | 'filter' | 'matchBy' | 'fields' | 'relationships'>;

/**
 * Every fault of a mapping against the schemas of both sides, with its path (`fields[2].crmField`). Parts that are
 * switched off are not checked, so that a mapping whose column was deleted can be switched off one by one.
 */
export function checkMapping(mapping: Part, context: CheckContext): readonly Fault[] {
  return [
    ...checkFilter(mapping.filter, context.table),
    ...mapping.matchBy.flatMap((name, index) => checkName(name, `matchBy[${index}]`, context.entity)),
    ...mapping.fields.flatMap((field, index) =>
      field.enabled ? checkField(field, `fields[${index}]`, mapping, context) : [],
    ),
    ...mapping.relationships.flatMap((relationship, index) =>
      relationship.enabled
        ? checkRelationship(relationship, `relationships[${index}]`, mapping, context)
        : [],
    ),
    ...checkWriters(mapping, context),
  ];
}

function checkName(name: string, path: string, entity: EntitySchema): readonly Fault[] {
  const lookup = findField(entity, name);
  switch (lookup.kind) {
    case 'found':
      return [];
    case 'unknown':
      return [{ path, message: `${entity.entity} has no field "${name}".` }];
    case 'ambiguous':
      return [
        {
          path,
          message: `Several fields are called "${name}". Name one by its id: ${lookup.candidates.join(', ')}.`,
        },
      ];
  }
}

function checkField(
  mapped: FieldMapping,
  path: string,
  mapping: Part,
  context: CheckContext,
): readonly Fault[] {
  const { entity, table } = context;
  const lookup = findField(entity, mapped.authScapeField);
  const column = table.columns.find((candidate) => candidate.name === mapped.crmField);
  const faults: Fault[] = [...checkName(mapped.authScapeField, `${path}.authScapeField`, entity)];
  if (!column) faults.push({ path: `${path}.crmField`, message: unknownColumn(mapped.crmField, table) });
  if (lookup.kind !== 'found' || !column) return [...faults, ...checkSources(mapped, path, entity)];
  const { field } = lookup;
  return [
    ...faults,
    ...checkKinds(mapped, field, column, path),
    ...checkFlow({ ...mapped, field, column, path }, mapping, context),
    ...checkWayBack(mapped, path, mapping, context),
    ...checkSources(mapped, path, entity),
  ];
}

function checkKinds(
  mapped: FieldMapping,
  field: EntityField,
  column: Column,
  path: string,
): readonly Fault[] {
  if (column.type === 'lookup') {
    return [{ path: `${path}.crmField`, message: `${column.name} is a lookup: map it under relationships.` }];
  }
  if (field.type === 'reference') {
    return [
      {
        path: `${path}.authScapeField`,
        message: `${field.name} points to another record: map it under relationships.`,
      },
    ];
  }
  const type = typeFault(field, column, mapped.transform);
  if (type !== undefined) return [{ path, message: `${field.name} and ${column.name}: ${type}` }];
  const settings = transformFault(mapped.transform, field, column);
  return settings !== undefined ? [{ path: `${path}.transform`, message: settings }] : [];
}

/** Can the values flow as the narrowest of all limits says? */
function checkFlow(
  {
    direction,
    field,
    column,
    path,
  }: { direction: Direction; field: EntityField; column: Column; path: string },
  mapping: Part,
  context: CheckContext,
): readonly Fault[] {
  const effective = narrowest(context.connectionDirection, mapping.direction, direction);
  const faults: Fault[] = [];
  const add = (message: string) => faults.push({ path: `${path}.direction`, message });
  const { name } = column;
  if (flowsFrom('authScape', effective)) {
    if (!column.updatable) add(`The column ${name} is read-only in Dynamics: only Inbound is possible.`);
    if (!field.readable) add(`AuthScape does not show ${field.name}: only Inbound is possible.`);
  }
  if (flowsFrom('dynamics', effective)) {
    const owner = context.entity.entity;
    if (!field.writable)
      add(`${field.name} of a ${owner} cannot be written in AuthScape: only Outbound is possible.`);
    if (!column.readable) add(`The column ${name} cannot be read from Dynamics: only Outbound is possible.`);
  }
  return faults;
}

function checkWayBack(
  mapped: FieldMapping,
  path: string,
  mapping: Part,
  context: CheckContext,
): readonly Fault[] {
  const effective = narrowest(context.connectionDirection, mapping.direction, mapped.direction);
  if (mapped.transform === null || wayBack(mapped.transform) !== 'none') return [];
  if (!flowsFrom('dynamics', effective)) return [];
  return [
    {
      path: `${path}.direction`,
      message: `The transform ${mapped.transform.type} has no way back: the direction must be Outbound.`,
    },
  ];
}

function checkSources(mapped: FieldMapping, path: string, entity: EntitySchema): readonly Fault[] {
  if (mapped.transform?.type !== 'concatenate') return [];
  return mapped.transform.fields.flatMap((name, index) =>
    checkName(name, `${path}.transform.fields[${index}]`, entity),
  );
}

const RELATED = { companyId: 'Company', locationId: 'Location' } as const;

function checkRelationship(
  mapped: RelationshipMapping,
  path: string,
  mapping: Part,
  context: CheckContext,
): readonly Fault[] {
  const { entity, table } = context;
  const faults: Fault[] = [...checkName(mapped.authScapeField, `${path}.authScapeField`, entity)];
  const add = (part: string, message: string) => faults.push({ path: `${path}.${part}`, message });
  const expected = RELATED[mapped.authScapeField];
  if (mapped.relatedEntity !== expected) {
    add(
      'relatedEntity',
      `${mapped.authScapeField} points to a ${expected}, not to a ${mapped.relatedEntity}.`,
    );
  }
  const column = table.columns.find((candidate) => candidate.name === mapped.crmLookupField);
  if (!column) {
    add('crmLookupField', unknownColumn(mapped.crmLookupField, table));
    return faults;
  }
  if (column.type !== 'lookup') {
    add('crmLookupField', `${column.name} is no lookup: map it under fields.`);
    return faults;
  }
  const targets = column.targets ?? [];
  if (!targets.includes(mapped.crmRelatedEntity)) {
    const known = targets.join(', ');
    add('crmRelatedEntity', `${column.name} cannot point to ${mapped.crmRelatedEntity}, only to: ${known}.`);
  }
  const lookup = findField(entity, mapped.authScapeField);
  if (lookup.kind === 'found') {
    faults.push(...checkFlow({ ...mapped, field: lookup.field, column, path }, mapping, context));
  }
  return faults;
}

interface Writer {
  readonly path: string;
  readonly target: string;
}

/** No column and no AuthScape field is written by two parts of one mapping. */
function checkWriters(mapping: Part, context: CheckContext): readonly Fault[] {
  const parts = [
    ...mapping.fields.map((field, index) => ({
      ...field,
      path: `fields[${index}]`,
      column: field.crmField,
      columnPath: 'crmField',
    })),
    ...mapping.relationships.map((relationship, index) => ({
      ...relationship,
      path: `relationships[${index}]`,
      column: relationship.crmLookupField,
      columnPath: 'crmLookupField',
    })),
  ].filter((part) => part.enabled);
  const flowing = (side: 'authScape' | 'dynamics') =>
    parts.filter((part) =>
      flowsFrom(side, narrowest(context.connectionDirection, mapping.direction, part.direction)),
    );
  const columns = flowing('authScape').map((part) => ({
    path: `${part.path}.${part.columnPath}`,
    target: part.column,
  }));
  const fields = flowing('dynamics').map((part) => ({
    path: `${part.path}.authScapeField`,
    target: part.authScapeField,
  }));
  return [
    ...repeated(columns, (first) => `This column is written by ${first} already.`),
    ...repeated(fields, (first) => `This AuthScape field is written by ${first} already.`),
  ];
}

function repeated(writers: readonly Writer[], message: (first: string) => string): readonly Fault[] {
  const first = new Map<string, string>();
  return writers.flatMap(({ path, target }) => {
    const key = target.toLowerCase();
    const earlier = first.get(key);
    if (earlier === undefined) {
      first.set(key, path.replace(/\.[^.]*$/, ''));
      return [];
    }
    return [{ path, message: message(earlier) }];
  });
}
