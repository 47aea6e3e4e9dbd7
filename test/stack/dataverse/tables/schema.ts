/** Table definitions: the one source for the metadata served and for the checks on reading and writing. */

export type Scalar = string | number | boolean | null;

export type ColumnType =
  | 'string'
  | 'memo'
  | 'integer'
  | 'bigint'
  | 'decimal'
  | 'double'
  | 'money'
  | 'boolean'
  | 'picklist'
  | 'multiselect'
  | 'state'
  | 'status'
  | 'datetime'
  | 'dateonly'
  | 'lookup'
  | 'guid'
  | 'file'
  | 'image'
  | 'partylist';

export type Requirement = 'None' | 'Recommended' | 'ApplicationRequired' | 'SystemRequired';

export interface Choice {
  value: number;
  label: string;
  /** Status reasons only: the state it belongs to. The first one of a state is its default. */
  state?: number;
}

export interface LookupTarget {
  table: string;
  /** Navigation property name; empty for lookups that cannot be followed. */
  nav: string;
  relationship: string;
  onDelete: 'cascade' | 'removeLink' | 'restrict';
}

export interface Column {
  name: string;
  schemaName: string;
  label: string;
  type: ColumnType;
  /** Name of the property on the wire: `_<name>_value` for lookups. */
  property: string;
  required: Requirement;
  canCreate: boolean;
  canUpdate: boolean;
  isCustom: boolean;
  maxLength?: number;
  format?: string;
  choices?: Choice[];
  targets?: LookupTarget[];
  min?: number;
  max?: number;
  precision?: number;
  /** Computed columns: by a formula, or over related rows. */
  source?: 'calculated' | 'rollup';
  /** Format of the texts that new rows get, such as `CUST-{SEQNUM:5}`. */
  autoNumber?: string;
  /** Of an amount: 0 its own precision, 1 the organization's, 2 (the default) that of the row's currency. */
  precisionSource?: 0 | 1 | 2;
  /** Value of a new row where none was sent. */
  initial?: Scalar;
  /** Look rows up by this column's value without a scan. */
  indexed?: boolean;
}

export interface Navigation {
  column: Column;
  /** Tables that a row bound through this name may come from. */
  tables: string[];
}

export interface TableDefinition {
  name: string;
  schemaName: string;
  label: string;
  setName: string;
  primaryId: string;
  primaryName: string;
  typeCode: number;
  ownership: 'UserOwned' | 'OrganizationOwned' | 'None';
  isCustom: boolean;
  canTrackChanges: boolean;
  /** Whether messages name the table, and take steps of customers; left out: they do. */
  steps?: 'taken' | 'refused' | 'unknown';
  hasRowVersions: boolean;
  /** System tables that are not only for reading: who customises the system may write, or any user may tidy up. */
  writing?: 'customizer' | 'deleteOnly';
  columns: Map<string, Column>;
  byProperty: Map<string, Column>;
  navigations: Map<string, Navigation>;
  /** Amounts in the currency of their row. */
  amounts: Column[];
}

type ColumnOptions = Partial<Omit<Column, 'name' | 'type' | 'label'>>;

/** A column of any type; writable, without requirement and limits unless said. */
export function column(type: ColumnType, name: string, label: string, options: ColumnOptions = {}): Column {
  const schemaName = name
    .split('_')
    .map((part, at) => (at === 0 && part === 'new' ? part : part.charAt(0).toUpperCase() + part.slice(1)))
    .join('_');
  return {
    name,
    label,
    type,
    schemaName,
    property: type === 'lookup' ? `_${name}_value` : name,
    required: 'None',
    canCreate: true,
    canUpdate: true,
    isCustom: name.startsWith('new_'),
    ...options,
  };
}

export function text(maxLength: number, name: string, label: string, options: ColumnOptions = {}): Column {
  return column('string', name, label, { maxLength, format: 'Text', ...options });
}

export function choice(name: string, label: string, labels: readonly string[], options: ColumnOptions = {}) {
  const choices = labels.map((text, index) => ({ value: index + 1, label: text }));
  return column('picklist', name, label, { choices, ...options });
}

export function flag(name: string, label: string, options: ColumnOptions = {}): Column {
  return column('boolean', name, label, { initial: false, ...options });
}

export function readOnly(type: ColumnType, name: string, label: string, options: ColumnOptions = {}): Column {
  return column(type, name, label, { canCreate: false, canUpdate: false, ...options });
}

/** A lookup of one or several target tables. */
export function lookup(name: string, label: string, targets: LookupTarget[], options: ColumnOptions = {}) {
  return column('lookup', name, label, { targets, indexed: true, ...options });
}

/** A read-only lookup to users that no delete follows, such as createdby. */
function stamp(name: string, label: string, table: string): Column {
  const target: LookupTarget = {
    table,
    nav: name,
    relationship: `lk_${table}_${name}`,
    onDelete: 'removeLink',
  };
  return lookup(name, label, [target], { canCreate: false, canUpdate: false, indexed: false });
}

/** Columns that every user-owned table has. */
export function systemColumns(table: string): Column[] {
  return [
    column('state', 'statecode', 'Status', {
      required: 'SystemRequired',
      canCreate: false,
      initial: 0,
      choices: [
        { value: 0, label: 'Active' },
        { value: 1, label: 'Inactive' },
      ],
    }),
    column('status', 'statuscode', 'Status Reason', {
      initial: 1,
      choices: [
        { value: 1, label: 'Active', state: 0 },
        { value: 2, label: 'Inactive', state: 1 },
      ],
    }),
    lookup(
      'ownerid',
      'Owner',
      ['systemuser', 'team'].map((owner) => ({
        table: owner,
        nav: 'ownerid',
        relationship: `owner_${table}s`,
        onDelete: 'removeLink',
      })),
      { required: 'SystemRequired', indexed: false },
    ),
    ...auditColumns(),
    stamp('owninguser', 'Owning User', 'systemuser'),
    stamp('owningteam', 'Owning Team', 'team'),
    stamp('owningbusinessunit', 'Owning Business Unit', 'businessunit'),
    column('datetime', 'overriddencreatedon', 'Record Created On', { canUpdate: false }),
    column('integer', 'importsequencenumber', 'Import Sequence Number', { canUpdate: false }),
  ];
}

function auditColumns(): Column[] {
  return [
    readOnly('datetime', 'createdon', 'Created On'),
    readOnly('datetime', 'modifiedon', 'Modified On'),
    stamp('createdby', 'Created By', 'systemuser'),
    stamp('modifiedby', 'Modified By', 'systemuser'),
    readOnly('bigint', 'versionnumber', 'Version Number'),
  ];
}

/** Money columns come with the currency, the rate and the amount in the base currency. */
export function moneyColumns(table: string, amounts: readonly { name: string; label: string }[]): Column[] {
  const currency: LookupTarget = {
    table: 'transactioncurrency',
    nav: 'transactioncurrencyid',
    relationship: `transactioncurrency_${table}`,
    onDelete: 'removeLink',
  };
  const range = { min: -922_337_203_685_477, max: 922_337_203_685_477, precision: 2 };
  return [
    ...amounts.flatMap(({ name, label }) => [
      column('money', name, label, range),
      readOnly('money', `${name}_base`, `${label} (Base)`, { ...range, precision: 4 }),
    ]),
    lookup('transactioncurrencyid', 'Currency', [currency], { indexed: false }),
    readOnly('decimal', 'exchangerate', 'Exchange Rate', { precision: 10, min: 0, max: 100_000_000_000 }),
  ];
}

type TableOptions = Omit<TableDefinition, 'columns' | 'byProperty' | 'navigations' | 'amounts'> & {
  columns: Column[];
};

/** Completes a definition with its key column and the ways to find a column. */
export function defineTable({ columns, ...options }: TableOptions): TableDefinition {
  const key = column('guid', options.primaryId, options.label, {
    required: 'SystemRequired',
    canUpdate: false,
  });
  const table: TableDefinition = {
    ...options,
    columns: new Map(),
    byProperty: new Map(),
    navigations: new Map(),
    amounts: [],
  };
  for (const item of [key, ...columns]) {
    addColumn(table, item);
  }
  return table;
}

/** Adds one column to a table that exists. */
export function addColumn(table: TableDefinition, item: Column): void {
  table.columns.set(item.name, item);
  if (item.type === 'money' && !item.name.endsWith('_base')) {
    table.amounts.push(item);
  }
  if (item.type !== 'partylist') {
    table.byProperty.set(item.property, item);
  }
  for (const target of item.targets ?? []) {
    if (target.nav === '') {
      continue;
    }
    const known = table.navigations.get(target.nav);
    if (known?.column === item) {
      known.tables.push(target.table);
    } else {
      table.navigations.set(target.nav, { column: item, tables: [target.table] });
    }
  }
}

/** Takes a column away; its values stay in the rows, where nothing shows them. */
export function removeColumn(table: TableDefinition, name: string): void {
  const item = table.columns.get(name);
  table.columns.delete(name);
  table.amounts = table.amounts.filter((column) => column !== item);
  for (const [property, column] of table.byProperty) {
    if (column === item) {
      table.byProperty.delete(property);
    }
  }
  for (const [nav, navigation] of table.navigations) {
    if (navigation.column === item) {
      table.navigations.delete(nav);
    }
  }
}
