import type {
  ChoiceOption,
  Column,
  ColumnType,
  LookupNavigation,
  Table,
  TableSchema,
} from '../../domain/schema.js';
import { labelText, type RawAttribute, type RawDetail, type RawNavigation, type RawTable } from './wire.js';

/** Metadata answers into the schema of the domain; pure. */

/** With what only this adapter needs to know. */
export interface DataverseTable extends TableSchema {
  /** Columns under column security: who may not read one is shown null without a word. */
  readonly secured: ReadonlySet<string>;
}

/** By `AttributeTypeName`: the older `AttributeType` says `Virtual` for multi-select choices and images. */
const TYPES: Readonly<Record<string, ColumnType>> = {
  StringType: 'string',
  MemoType: 'memo',
  IntegerType: 'integer',
  BigIntType: 'integer',
  DecimalType: 'decimal',
  DoubleType: 'decimal',
  MoneyType: 'money',
  BooleanType: 'boolean',
  DateTimeType: 'dateTime',
  PicklistType: 'choice',
  MultiSelectPicklistType: 'choices',
  StateType: 'state',
  StatusType: 'status',
  LookupType: 'lookup',
  CustomerType: 'lookup',
  OwnerType: 'lookup',
  UniqueidentifierType: 'uniqueIdentifier',
};

/** Types whose columns have more to tell, and the read that tells it. */
const DETAILS: Readonly<Record<string, { readonly cast: string; readonly options: string }>> = {
  StringType: { cast: 'String', options: '?$select=LogicalName,MaxLength,FormatName' },
  MemoType: { cast: 'Memo', options: '?$select=LogicalName,MaxLength' },
  IntegerType: { cast: 'Integer', options: '?$select=LogicalName,MinValue,MaxValue' },
  DecimalType: { cast: 'Decimal', options: '?$select=LogicalName,MinValue,MaxValue,Precision' },
  DoubleType: { cast: 'Double', options: '?$select=LogicalName,MinValue,MaxValue,Precision' },
  MoneyType: { cast: 'Money', options: '?$select=LogicalName,MinValue,MaxValue,Precision' },
  DateTimeType: { cast: 'DateTime', options: '?$select=LogicalName,Format,DateTimeBehavior' },
  PicklistType: { cast: 'Picklist', options: choiceOptions('OptionSet', 'GlobalOptionSet') },
  MultiSelectPicklistType: {
    cast: 'MultiSelectPicklist',
    options: choiceOptions('OptionSet', 'GlobalOptionSet'),
  },
  StateType: { cast: 'State', options: choiceOptions('OptionSet') },
  StatusType: { cast: 'Status', options: choiceOptions('OptionSet') },
  LookupType: { cast: 'Lookup', options: '?$select=LogicalName,Targets' },
  CustomerType: { cast: 'Lookup', options: '?$select=LogicalName,Targets' },
  OwnerType: { cast: 'Lookup', options: '?$select=LogicalName,Targets' },
};

function choiceOptions(...sets: readonly string[]): string {
  return `?$select=LogicalName&$expand=${sets.map((set) => `${set}($select=Options)`).join(',')}`;
}

/** The typed reads that these columns need, as paths below `Attributes/`. */
export function detailPaths(attributes: readonly RawAttribute[]): readonly string[] {
  const paths = new Set<string>();
  for (const attribute of attributes) {
    const detail = DETAILS[typeName(attribute)];
    if (detail !== undefined)
      paths.add(`Microsoft.Dynamics.CRM.${detail.cast}AttributeMetadata${detail.options}`);
  }
  return [...paths];
}

/** Undefined for tables that the Web API does not serve. */
export function toTable(raw: RawTable): Table | undefined {
  if (!raw.EntitySetName || !raw.PrimaryIdAttribute) return undefined;
  if (![raw.LogicalName, raw.EntitySetName, raw.PrimaryIdAttribute].every(isIdentifier)) return undefined;
  return {
    logicalName: raw.LogicalName,
    entitySetName: raw.EntitySetName,
    displayName: labelText(raw.DisplayName),
    primaryId: raw.PrimaryIdAttribute,
    primaryName: raw.PrimaryNameAttribute ?? null,
    changeTracking: raw.ChangeTrackingEnabled === true,
    optimisticConcurrency: raw.IsOptimisticConcurrencyEnabled === true,
  };
}

/** What may stand in an address: a set with another name would lead to another place. */
function isIdentifier(name: string): boolean {
  return /^[A-Za-z_][A-Za-z0-9_]{0,127}$/.test(name);
}

export function toColumn(attribute: RawAttribute, detail: RawDetail | undefined): Column {
  const type = columnType(attribute, detail);
  return {
    name: attribute.LogicalName,
    displayName: labelText(attribute.DisplayName),
    type,
    format: formatOf(detail?.FormatName?.Value),
    maxLength: detail?.MaxLength ?? null,
    precision: type === 'integer' ? 0 : (detail?.Precision ?? null),
    minValue: detail?.MinValue ?? null,
    maxValue: detail?.MaxValue ?? null,
    options: optionsOf(detail),
    required: requirement(attribute.RequiredLevel?.Value),
    readable: attribute.IsValidForRead !== false,
    creatable: attribute.IsValidForCreate === true,
    updatable: attribute.IsValidForUpdate === true,
    targets: type === 'lookup' ? (detail?.Targets ?? []) : null,
  };
}

export function toNavigation(raw: RawNavigation): LookupNavigation | undefined {
  const navigationProperty = raw.ReferencingEntityNavigationPropertyName;
  if (!navigationProperty || !isIdentifier(navigationProperty)) return undefined;
  return { column: raw.ReferencingAttribute, referencedTable: raw.ReferencedEntity, navigationProperty };
}

function typeName(attribute: RawAttribute): string {
  return attribute.AttributeTypeName?.Value ?? `${attribute.AttributeType ?? ''}Type`;
}

function columnType(attribute: RawAttribute, detail: RawDetail | undefined): ColumnType {
  const type = TYPES[typeName(attribute)] ?? 'other';
  if (type !== 'dateTime') return type;
  // A column with a time that merely shows its date still carries a time.
  return detail?.DateTimeBehavior?.Value === 'DateOnly' ? 'dateOnly' : 'dateTime';
}

const FORMATS = new Map<string, Column['format']>([
  ['email', 'email'],
  ['url', 'url'],
  ['phone', 'phone'],
]);

function formatOf(name: string | null | undefined): Column['format'] {
  return FORMATS.get(name?.toLowerCase() ?? '') ?? null;
}

const REQUIREMENTS = new Map<string, Column['required']>([
  ['SystemRequired', 'system'],
  ['ApplicationRequired', 'application'],
  ['Recommended', 'recommended'],
]);

function requirement(level: string | null | undefined): Column['required'] {
  return REQUIREMENTS.get(level ?? '') ?? 'none';
}

function optionsOf(detail: RawDetail | undefined): readonly ChoiceOption[] | null {
  const raw = detail?.OptionSet?.Options ?? detail?.GlobalOptionSet?.Options;
  if (!raw) return null;
  return raw.map((option) => ({
    value: option.Value,
    label: labelText(option.Label),
    ...(typeof option.State === 'number' ? { state: option.State } : {}),
  }));
}
