import type { AuthScapeEntity } from './model.js';

/** The types that mapping checks and value conversion know, for both sides. */
export type ColumnType =
  | 'string'
  | 'memo'
  | 'integer'
  | 'decimal'
  | 'money'
  | 'boolean'
  | 'dateOnly'
  | 'dateTime'
  | 'choice'
  | 'choices'
  | 'state'
  | 'status'
  | 'lookup'
  | 'uniqueIdentifier'
  | 'other';

export interface ChoiceOption {
  readonly value: number;
  readonly label: string | null;
  /** Of a status option: the state that it belongs to. */
  readonly state?: number | undefined;
}

/** One column of a Dataverse table. */
export interface Column {
  readonly name: string;
  readonly displayName: string | null;
  readonly type: ColumnType;
  readonly format: 'email' | 'url' | 'phone' | null;
  readonly maxLength: number | null;
  readonly precision: number | null;
  readonly minValue: number | null;
  readonly maxValue: number | null;
  readonly options: readonly ChoiceOption[] | null;
  /** `system`: enforced by Dataverse; `application`: a rule of its user interface. */
  readonly required: 'none' | 'recommended' | 'application' | 'system';
  readonly readable: boolean;
  readonly creatable: boolean;
  readonly updatable: boolean;
  /** Tables that a lookup may point to. */
  readonly targets: readonly string[] | null;
}

/** A lookup's way to be written: `<navigationProperty>@odata.bind` for each table it may point to. */
export interface LookupNavigation {
  readonly column: string;
  readonly referencedTable: string;
  readonly navigationProperty: string;
}

export interface Table {
  readonly logicalName: string;
  readonly entitySetName: string;
  readonly displayName: string | null;
  readonly primaryId: string;
  readonly primaryName: string | null;
  readonly changeTracking: boolean;
  readonly optimisticConcurrency: boolean;
}

export interface TableSchema extends Table {
  readonly columns: readonly Column[];
  readonly navigations: readonly LookupNavigation[];
}

/** One field of an AuthScape entity. */
export interface EntityField {
  /** camelCase; a custom field is `customFields.<name>`. */
  readonly name: string;
  /** What a mapping stores: the same name, or `customFields.<id>` for a custom field. */
  readonly key: string;
  readonly type: 'string' | 'memo' | 'number' | 'boolean' | 'date' | 'choice' | 'reference' | 'image';
  readonly maxLength: number | null;
  readonly required: boolean;
  readonly readable: boolean;
  readonly writable: boolean;
  /** Does a list answer carry it, or only the read of one record? */
  readonly inList: boolean;
  readonly options: readonly { readonly key: string; readonly label: string }[] | null;
  readonly custom: boolean;
}

export interface EntitySchema {
  readonly entity: AuthScapeEntity;
  readonly fields: readonly EntityField[];
}
