import type { Transform } from './model.js';
import type { Column, EntityField } from './schema.js';
import type { Comparison } from './values.js';

/**
 * How the values of a field are compared on each side. What is joined from several fields is compared as the text that
 * it is, not as the field it is named after.
 */
export function comparisonsOf(
  transform: Transform | null,
  field: EntityField,
  column: Column,
): { readonly aComparison: Comparison; readonly dComparison: Comparison } {
  return transform?.type === 'concatenate'
    ? { aComparison: { kind: 'text' }, dComparison: { kind: 'text' } }
    : { aComparison: aComparison(field, column), dComparison: dComparison(column, field) };
}

function aComparison(field: EntityField, column: Column): Comparison {
  if (field.name === 'email') return { kind: 'email' };
  switch (field.type) {
    case 'number':
      return { kind: 'number' };
    case 'boolean':
      return { kind: 'boolean' };
    case 'date':
      return { kind: 'dateOnly' };
    case 'reference':
      return { kind: 'lookup' };
    case 'string':
    case 'memo':
    case 'choice':
    case 'image':
      return { kind: column.type === 'choices' ? 'choices' : 'text' };
  }
}

function dComparison(column: Column, field: EntityField): Comparison {
  if (column.format === 'email' || field.name === 'email') return { kind: 'email' };
  switch (column.type) {
    case 'integer':
      return { kind: 'number', precision: 0 };
    case 'decimal':
    case 'money':
      return { kind: 'number', precision: column.precision ?? undefined };
    case 'boolean':
      return { kind: 'boolean' };
    case 'choice':
    case 'state':
    case 'status':
      return { kind: 'choice' };
    case 'choices':
      return { kind: 'choices' };
    case 'dateOnly':
      return { kind: 'dateOnly' };
    case 'dateTime':
      return { kind: 'dateTime' };
    case 'lookup':
    case 'uniqueIdentifier':
      return { kind: 'lookup' };
    case 'string':
    case 'memo':
    case 'other':
      return { kind: 'text' };
  }
}
