import { BridgeError, type ErrorCode } from '../../domain/errors.js';
import { isCustomFieldKey } from '../../domain/field-names.js';
import type {
  Direction,
  EntityMapping,
  FieldMapping,
  RelationshipMapping,
  Transform,
} from '../../domain/model.js';
import type { SaveOptions } from './manage-mappings.js';
import {
  type MappingDeps,
  type MappingView,
  requireMapping,
  rewriteMapping,
  showMapping,
} from './save-mapping.js';

/** Field mappings and relationships: parts of a mapping that have ids of their own and share its ETag. */

export interface FieldInput {
  /** Of a field that is to stay the same one when all are replaced. */
  readonly id?: string | undefined;
  readonly authScapeField: string;
  readonly crmField: string;
  readonly direction?: Direction | undefined;
  readonly enabled?: boolean | undefined;
  readonly required?: boolean | undefined;
  readonly syncNullValues?: boolean | undefined;
  readonly transform?: Transform | null | undefined;
}

export interface RelationshipInput {
  readonly authScapeField: RelationshipMapping['authScapeField'];
  readonly relatedEntity: RelationshipMapping['relatedEntity'];
  readonly crmLookupField: string;
  readonly crmRelatedEntity: string;
  readonly direction?: Direction | undefined;
  readonly enabled?: boolean | undefined;
  readonly syncNullValues?: boolean | undefined;
  readonly autoCreateRelated?: boolean | undefined;
}

/** Members that a patch leaves out are `undefined`. */
export type Patch<T> = { readonly [K in keyof T]?: T[K] | undefined };

/** Which mapping is meant. */
export interface MappingPath {
  readonly connectionId: string;
  readonly mappingId: string;
}

/** One part together with the version of its mapping. */
export interface PartView<T> {
  readonly part: T;
  readonly etag: string;
}

export const viewMapping =
  (deps: MappingDeps) =>
  async (path: MappingPath): Promise<MappingView> =>
    showMapping(deps, await requireMapping(deps, path.connectionId, path.mappingId));

export const addField =
  (deps: MappingDeps) =>
  (path: MappingPath, input: FieldInput, options: SaveOptions): Promise<PartView<FieldMapping>> => {
    const field = newField(deps, input);
    return save(deps, path, options, { kind: FIELDS, id: field.id, change: (fields) => [...fields, field] });
  };

/** Throws `field_not_found`. */
export const patchField =
  (deps: MappingDeps) =>
  (
    path: MappingPath,
    fieldId: string,
    patch: Patch<FieldInput>,
    options: SaveOptions,
  ): Promise<PartView<FieldMapping>> =>
    save(deps, path, options, {
      kind: FIELDS,
      id: fieldId,
      change: replacing(FIELDS, fieldId, (field) => ({
        ...field,
        ...given(patch),
        id: field.id,
        crmField: columnName(patch.crmField ?? field.crmField),
      })),
    });

/**
 * Replaces all field mappings in one step. One that comes with its id, or that joins the same field and column as
 * before, stays the same one: what was agreed on under it still counts.
 */
export const replaceFields =
  (deps: MappingDeps) =>
  (path: MappingPath, inputs: readonly FieldInput[], options: SaveOptions): Promise<MappingView> =>
    rewriteMapping(deps, {
      ...path,
      change: (mapping) => ({ ...mapping, fields: keepIds(deps, mapping, inputs) }),
      validate: options.validate,
      precondition: options.precondition,
    });

export const addRelationship =
  (deps: MappingDeps) =>
  (
    path: MappingPath,
    input: RelationshipInput,
    options: SaveOptions,
  ): Promise<PartView<RelationshipMapping>> => {
    const relationship = newRelationship(deps, input);
    return save(deps, path, options, {
      kind: RELATIONSHIPS,
      id: relationship.id,
      change: (all) => [...all, relationship],
    });
  };

/** Throws `relationship_not_found`. */
export const patchRelationship =
  (deps: MappingDeps) =>
  (
    path: MappingPath,
    relationshipId: string,
    patch: Patch<RelationshipInput>,
    options: SaveOptions,
  ): Promise<PartView<RelationshipMapping>> =>
    save(deps, path, options, {
      kind: RELATIONSHIPS,
      id: relationshipId,
      change: replacing(RELATIONSHIPS, relationshipId, (relationship) => ({
        ...relationship,
        ...given(patch),
        crmLookupField: columnName(patch.crmLookupField ?? relationship.crmLookupField),
        crmRelatedEntity: columnName(patch.crmRelatedEntity ?? relationship.crmRelatedEntity),
      })),
    });

/** Taking a part away never makes a mapping wrong, so it is not checked again. */
export const removePart =
  (deps: MappingDeps) =>
  async (
    path: MappingPath,
    kind: 'fields' | 'relationships',
    partId: string,
    precondition: SaveOptions['precondition'],
  ): Promise<void> => {
    await rewriteMapping(deps, {
      ...path,
      change: (mapping) => {
        if (kind === 'fields') requireField(mapping, partId);
        else requireRelationship(mapping, partId);
        return {
          ...mapping,
          fields: mapping.fields.filter((part) => part.id !== partId),
          relationships: mapping.relationships.filter((part) => part.id !== partId),
        };
      },
      validate: false,
      precondition,
    });
  };

/** Throws `field_not_found`. */
export function requireField(mapping: EntityMapping, id: string): FieldMapping {
  return requirePart(FIELDS, mapping.fields, id);
}

/** Throws `relationship_not_found`. */
export function requireRelationship(mapping: EntityMapping, id: string): RelationshipMapping {
  return requirePart(RELATIONSHIPS, mapping.relationships, id);
}

interface Kind<T> {
  readonly noun: string;
  readonly missing: ErrorCode;
  readonly of: (mapping: EntityMapping) => readonly T[];
  readonly put: (mapping: EntityMapping, parts: readonly T[]) => EntityMapping;
}

const FIELDS: Kind<FieldMapping> = {
  noun: 'field mapping',
  missing: 'field_not_found',
  of: (mapping) => mapping.fields,
  put: (mapping, fields) => ({ ...mapping, fields }),
};

const RELATIONSHIPS: Kind<RelationshipMapping> = {
  noun: 'relationship',
  missing: 'relationship_not_found',
  of: (mapping) => mapping.relationships,
  put: (mapping, relationships) => ({ ...mapping, relationships }),
};

function requirePart<T extends { readonly id: string }>(kind: Kind<T>, parts: readonly T[], id: string): T {
  const part = parts.find((candidate) => candidate.id === id);
  if (!part) throw new BridgeError(kind.missing, `The mapping has no ${kind.noun} "${id}".`);
  return part;
}

async function save<T extends { readonly id: string }>(
  deps: MappingDeps,
  path: MappingPath,
  options: SaveOptions,
  { kind, id, change }: { kind: Kind<T>; id: string; change: (parts: readonly T[]) => readonly T[] },
): Promise<PartView<T>> {
  const { mapping, etag } = await rewriteMapping(deps, {
    ...path,
    change: (before) => kind.put(before, change(kind.of(before))),
    validate: options.validate,
    precondition: options.precondition,
  });
  return { part: requirePart(kind, kind.of(mapping), id), etag };
}

function replacing<T extends { readonly id: string }>(
  kind: Kind<T>,
  id: string,
  change: (part: T) => T,
): (parts: readonly T[]) => readonly T[] {
  return (parts) => {
    requirePart(kind, parts, id);
    return parts.map((part) => (part.id === id ? change(part) : part));
  };
}

function keepIds(
  deps: MappingDeps,
  mapping: EntityMapping,
  inputs: readonly FieldInput[],
): readonly FieldMapping[] {
  const free = [...mapping.fields];
  const take = (matches: (field: FieldMapping) => boolean): string | undefined => {
    const index = free.findIndex(matches);
    return index < 0 ? undefined : free.splice(index, 1)[0]?.id;
  };
  const named = inputs.map((input) => take((field) => field.id === input.id));
  return inputs.map((input, index) => {
    const id = named[index] ?? take((field) => joinsTheSame(field, input));
    const field = newField(deps, input);
    return id === undefined ? field : { ...field, id };
  });
}

function joinsTheSame(field: FieldMapping, input: FieldInput): boolean {
  if (field.crmField !== columnName(input.crmField)) return false;
  // A custom field is stored by id and may come by name: its column tells it well enough.
  if (isCustomFieldKey(field.authScapeField)) return isCustomFieldKey(input.authScapeField);
  return field.authScapeField.toLowerCase() === input.authScapeField.trim().toLowerCase();
}

function newField(deps: Pick<MappingDeps, 'ids'>, input: FieldInput): FieldMapping {
  return {
    id: `f_${deps.ids.random(10)}`,
    authScapeField: input.authScapeField.trim(),
    crmField: columnName(input.crmField),
    direction: input.direction ?? 'Bidirectional',
    enabled: input.enabled ?? true,
    required: input.required ?? false,
    syncNullValues: input.syncNullValues ?? true,
    transform: input.transform ?? null,
  };
}

function newRelationship(deps: Pick<MappingDeps, 'ids'>, input: RelationshipInput): RelationshipMapping {
  return {
    id: `rel_${deps.ids.random(10)}`,
    authScapeField: input.authScapeField,
    relatedEntity: input.relatedEntity,
    crmLookupField: columnName(input.crmLookupField),
    crmRelatedEntity: columnName(input.crmRelatedEntity),
    direction: input.direction ?? 'Bidirectional',
    enabled: input.enabled ?? true,
    syncNullValues: input.syncNullValues ?? true,
    autoCreateRelated: input.autoCreateRelated ?? false,
  };
}

/** Logical names are lower case; people often paste the schema name. */
function columnName(text: string): string {
  return text.trim().toLowerCase();
}

type Given<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

function given<T extends object>(patch: T): Given<T> {
  return Object.fromEntries(Object.entries(patch).filter(([, value]) => value !== undefined)) as Given<T>;
}
