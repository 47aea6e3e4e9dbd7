import type { EntityField, EntitySchema } from './schema.js';

/** How a person names an AuthScape field, and what a mapping stores of it. */

export type FieldLookup =
  | { readonly kind: 'found'; readonly field: EntityField }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'ambiguous'; readonly candidates: readonly string[] };

/**
 * Finds a field by name, without case, or by its stored key. Two custom fields may bear one name: then only the key
 * tells them apart.
 */
export function findField(schema: EntitySchema, text: string): FieldLookup {
  const wanted = text.trim();
  const folded = wanted.toLowerCase();
  const named = schema.fields.filter((field) => field.name.toLowerCase() === folded);
  if (named.length > 1) {
    const exact = named.filter((field) => field.name === wanted);
    const [only] = exact;
    if (only && exact.length === 1) return { kind: 'found', field: only };
    return { kind: 'ambiguous', candidates: named.map((field) => field.key) };
  }
  const found = named[0] ?? schema.fields.find((field) => field.key.toLowerCase() === folded);
  return found ? { kind: 'found', field: found } : { kind: 'unknown' };
}

/** The stored form of a name: the key when exactly one field is meant, else the text as it came. */
export function storedFieldName(schema: EntitySchema, text: string): string {
  const lookup = findField(schema, text);
  return lookup.kind === 'found' ? lookup.field.key : text.trim();
}

/** The form that people see: a custom field by its name; the key when its definition is gone or not unique. */
export function shownFieldName(schema: EntitySchema, key: string): string {
  const field = schema.fields.find((candidate) => candidate.key === key);
  if (!field) return key;
  const lookup = findField(schema, field.name);
  return lookup.kind === 'found' && lookup.field.key === key ? field.name : key;
}

/** Does any name need AuthScape's list of custom fields to be shown? */
export function isCustomFieldKey(name: string): boolean {
  return name.toLowerCase().startsWith('customfields.');
}
