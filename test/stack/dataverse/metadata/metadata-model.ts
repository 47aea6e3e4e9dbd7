import { type Environment, guidOf } from '../environment.js';
import type { Choice, Column, ColumnType, TableDefinition } from '../tables/schema.js';

export type Json = Record<string, unknown>;

export function label(text: string): Json {
  const localized = { Label: text, LanguageCode: 1033, IsManaged: true, MetadataId: guidOf(`label ${text}`) };
  return { LocalizedLabels: [localized], UserLocalizedLabel: localized };
}

export function managed(value: unknown, name: string): Json {
  return { Value: value, CanBeChanged: true, ManagedPropertyLogicalName: name };
}

const TYPE_NAMES: Record<ColumnType, [attributeType: string, typeName: string, metadata: string]> = {
  string: ['String', 'StringType', 'String'],
  memo: ['Memo', 'MemoType', 'Memo'],
  integer: ['Integer', 'IntegerType', 'Integer'],
  bigint: ['BigInt', 'BigIntType', 'BigInt'],
  decimal: ['Decimal', 'DecimalType', 'Decimal'],
  double: ['Double', 'DoubleType', 'Double'],
  money: ['Money', 'MoneyType', 'Money'],
  boolean: ['Boolean', 'BooleanType', 'Boolean'],
  picklist: ['Picklist', 'PicklistType', 'Picklist'],
  multiselect: ['Virtual', 'MultiSelectPicklistType', 'MultiSelectPicklist'],
  state: ['State', 'StateType', 'State'],
  status: ['Status', 'StatusType', 'Status'],
  datetime: ['DateTime', 'DateTimeType', 'DateTime'],
  dateonly: ['DateTime', 'DateTimeType', 'DateTime'],
  lookup: ['Lookup', 'LookupType', 'Lookup'],
  guid: ['Uniqueidentifier', 'UniqueidentifierType', 'UniqueIdentifier'],
  file: ['Virtual', 'FileType', 'File'],
  image: ['Virtual', 'ImageType', 'Image'],
  partylist: ['PartyList', 'PartyListType', 'Lookup'],
};

/** Owner and customer lookups have type names of their own. */
function typeNames(column: Column): [string, string, string] {
  if (column.name === 'ownerid') {
    return ['Owner', 'OwnerType', 'Lookup'];
  }
  return column.name === 'parentcustomerid'
    ? ['Customer', 'CustomerType', 'Lookup']
    : TYPE_NAMES[column.type];
}

/** The attribute metadata type of a column, as it is named in a cast. */
export function castName(column: Column): string {
  return `${typeNames(column)[2]}AttributeMetadata`;
}

export const CAST_NAMES = new Set(Object.values(TYPE_NAMES).map(([, , name]) => `${name}AttributeMetadata`));

export function tableJson(environment: Environment, table: TableDefinition): Json {
  return {
    MetadataId: guidOf(`table ${table.name}`),
    LogicalName: table.name,
    SchemaName: table.schemaName,
    EntitySetName: table.setName,
    LogicalCollectionName: table.setName,
    CollectionSchemaName: `${table.schemaName}s`,
    PrimaryIdAttribute: table.primaryId,
    PrimaryNameAttribute: table.primaryName,
    PrimaryImageAttribute: null,
    ObjectTypeCode: table.typeCode,
    OwnershipType: table.ownership,
    TableType: 'Standard',
    ChangeTrackingEnabled: environment.tracks(table),
    IsOptimisticConcurrencyEnabled: table.hasRowVersions,
    IsValidForAdvancedFind: table.ownership === 'UserOwned',
    IsCustomEntity: table.isCustom,
    IsCustomizable: managed(true, 'iscustomizable'),
    IsManaged: !table.isCustom,
    IsActivity: false,
    IsActivityParty: false,
    IsIntersect: false,
    IsPrivate: false,
    IsLogicalEntity: false,
    IsChildEntity: false,
    IsAuditEnabled: managed(false, 'canmodifyauditsettings'),
    IsDuplicateDetectionEnabled: managed(false, 'canmodifyduplicatedetectionsettings'),
    IsAvailableOffline: false,
    HasNotes: false,
    HasActivities: false,
    DataProviderId: null,
    ExternalName: null,
    DisplayName: label(table.label),
    DisplayCollectionName: label(`${table.label}s`),
    Description: label(table.label),
  };
}

/** What columns of every type have. */
function commonJson(table: TableDefinition, column: Column): Json {
  const [attributeType, typeName] = typeNames(column);
  return {
    MetadataId: guidOf(`column ${table.name}.${column.name}`),
    LogicalName: column.name,
    SchemaName: column.schemaName,
    EntityLogicalName: table.name,
    ColumnNumber: [...table.columns.keys()].indexOf(column.name) + 1,
    AttributeType: attributeType,
    AttributeTypeName: { Value: typeName },
    AttributeOf: null,
    RequiredLevel: managed(column.required, 'canmodifyrequirementlevelsettings'),
    IsValidForCreate: column.canCreate,
    IsValidForUpdate: column.canUpdate,
    IsValidForRead: true,
    IsValidForAdvancedFind: managed(true, 'canmodifysearchsettings'),
    IsValidODataAttribute: true,
    IsPrimaryId: column.name === table.primaryId,
    IsPrimaryName: column.name === table.primaryName,
    IsCustomAttribute: column.isCustom,
    IsCustomizable: managed(true, 'iscustomizable'),
    IsManaged: !column.isCustom,
    IsSecured: false,
    IsLogical: column.name.endsWith('_composite'),
    IsFilterable: false,
    IsSearchable: false,
    IsRetrievable: true,
    IsAuditEnabled: managed(true, 'canmodifyauditsettings'),
    SourceType: sourceType(column),
    DeprecatedVersion: null,
    DisplayName: label(column.label),
    Description: label(column.label),
  };
}

export const COMMON_NAMES = new Set(
  Object.keys(
    commonJson({ columns: new Map() } as TableDefinition, { label: '', name: '', type: 'string' } as Column),
  ),
);

/** 0 simple, 1 calculated, 2 rollup; empty for standard columns. */
function sourceType({ source, isCustom }: Column): number | null {
  if (source === undefined) {
    return isCustom ? 0 : null;
  }
  return source === 'calculated' ? 1 : 2;
}

/** A column with the properties of its own type; option sets only when expanded. */
export function columnJson(table: TableDefinition, column: Column): Json {
  return {
    '@odata.type': `#Microsoft.Dynamics.CRM.${castName(column)}`,
    ...commonJson(table, column),
    ...specificJson(column),
  };
}

function specificJson(column: Column): Json {
  switch (column.type) {
    case 'string':
      return {
        MaxLength: column.maxLength,
        AutoNumberFormat: column.autoNumber ?? '',
        DatabaseLength: (column.maxLength ?? 0) * 2,
        Format: column.format === 'Phone' ? 'Phone' : column.format,
        FormatName: { Value: column.format },
        ImeMode: 'Auto',
      };
    case 'memo':
      return {
        MaxLength: column.maxLength,
        Format: 'TextArea',
        FormatName: { Value: 'TextArea' },
        ImeMode: 'Auto',
      };
    case 'integer':
      return {
        MinValue: column.min ?? -2_147_483_648,
        MaxValue: column.max ?? 2_147_483_647,
        Format: 'None',
      };
    case 'bigint':
      return { MinValue: Number.MIN_SAFE_INTEGER, MaxValue: Number.MAX_SAFE_INTEGER };
    case 'decimal':
    case 'double':
    case 'money':
      return {
        MinValue: column.min ?? -100_000_000_000,
        MaxValue: column.max ?? 100_000_000_000,
        Precision: column.precision ?? 2,
        ...(column.type === 'money' ? { PrecisionSource: column.precisionSource ?? 2 } : {}),
      };
    case 'boolean':
      return { DefaultValue: column.initial === true };
    case 'picklist':
    case 'multiselect':
      return { DefaultFormValue: column.initial ?? -1 };
    case 'state':
    case 'status':
      return { DefaultFormValue: column.initial ?? null };
    case 'datetime':
      return {
        Format: 'DateAndTime',
        DateTimeBehavior: { Value: 'UserLocal' },
        CanChangeDateTimeBehavior: managed(false, ''),
      };
    case 'dateonly':
      return {
        Format: 'DateOnly',
        DateTimeBehavior: { Value: 'DateOnly' },
        CanChangeDateTimeBehavior: managed(false, ''),
      };
    case 'lookup':
    case 'partylist':
      return { Targets: (column.targets ?? []).map((target) => target.table), Format: 'None' };
    case 'file':
      return { MaxSizeInKB: 32_768 };
    case 'image':
      return { MaxSizeInKB: 10_240, MaxHeight: 144, MaxWidth: 144, CanStoreFullImage: false };
    case 'guid':
      return {};
  }
}

/** The choices of a column; undefined for columns without. */
export function optionSetJson(table: TableDefinition, column: Column): Json | undefined {
  const name = `${table.name}_${column.name}`;
  const common = {
    MetadataId: guidOf(`options ${name}`),
    Name: name,
    IsGlobal: false,
    DisplayName: label(column.label),
  };
  if (column.type === 'boolean') {
    return {
      ...common,
      OptionSetType: 'Boolean',
      TrueOption: optionJson({ value: 1, label: 'Yes' }),
      FalseOption: optionJson({ value: 0, label: 'No' }),
    };
  }
  if (column.choices === undefined) {
    return undefined;
  }
  const types: Partial<Record<ColumnType, string>> = { state: 'State', status: 'Status' };
  const statuses = table.columns.get('statuscode')?.choices ?? [];
  return {
    ...common,
    OptionSetType: types[column.type] ?? 'Picklist',
    Options: column.choices.map((choice) => {
      if (column.type === 'state') {
        const first = statuses.find((status) => status.state === choice.value);
        const type = '#Microsoft.Dynamics.CRM.StateOptionMetadata';
        return {
          '@odata.type': type,
          ...optionJson(choice),
          DefaultStatus: first?.value,
          InvariantName: choice.label,
        };
      }
      if (column.type === 'status') {
        const type = '#Microsoft.Dynamics.CRM.StatusOptionMetadata';
        return { '@odata.type': type, ...optionJson(choice), State: choice.state };
      }
      return optionJson(choice);
    }),
  };
}

function optionJson(choice: Choice): Json {
  return {
    Value: choice.value,
    Label: label(choice.label),
    Description: label(''),
    Color: null,
    IsManaged: true,
    ExternalValue: null,
    MetadataId: null,
  };
}
