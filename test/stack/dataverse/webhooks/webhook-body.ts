import type { Environment } from '../environment.js';
import type { Column, Scalar, TableDefinition } from '../tables/schema.js';
import type { Row } from '../tables/table-store.js';
import type { DataEvent } from './events.js';

const CONTRACTS = 'http://schemas.microsoft.com/xrm/2011/Contracts';
const NO_ID = '00000000-0000-0000-0000-000000000000';

/** A larger body is cut, bytes. */
const maxBodySize = 256 * 1024;

export interface Notification {
  event: DataEvent;
  step: Row;
  operationId: string;
  /** Milliseconds since 1970. */
  createdAt: number;
}

/** The text of a RemoteExecutionContext; `isCut` where rows and images had to be left out. */
export function notificationBody(
  environment: Environment,
  notification: Notification,
): { text: string; isCut: boolean } {
  const context = executionContext(environment, notification);
  const text = serialized(context);
  if (Buffer.byteLength(text) <= maxBodySize) {
    return { text, isCut: false };
  }
  const { ParentContext, InputParameters, PreEntityImages, PostEntityImages, ...rest } = context;
  return { text: serialized(rest), isCut: true };
}

/** As .NET's serializer writes JSON: with every slash escaped. */
function serialized(context: object): string {
  return JSON.stringify(context).replaceAll('/', '\\/');
}

function executionContext(environment: Environment, notification: Notification) {
  const { event, step, operationId, createdAt } = notification;
  const { message, table, id, user, origin } = event;
  const images = imagesOf(environment, notification);
  return {
    BusinessUnitId: environment.businessUnitId,
    CorrelationId: origin.correlationId,
    Depth: 1,
    InitiatingUserAgent: '',
    InitiatingUserAzureActiveDirectoryObjectId: NO_ID,
    InitiatingUserId: user.userId,
    InputParameters: [{ key: 'Target', value: target(event) }],
    IsExecutingOffline: false,
    IsInTransaction: false,
    IsOfflinePlayback: false,
    IsolationMode: 1,
    MessageName: message,
    Mode: 1,
    OperationCreatedOn: `/Date(${createdAt}-0000)/`,
    OperationId: operationId,
    OrganizationId: environment.organizationId,
    OrganizationName: environment.domain.split('.')[0] ?? '',
    OutputParameters: message === 'Create' ? [{ key: 'id', value: id }] : [],
    OwningExtension: {
      Id: step.id,
      KeyAttributes: [],
      LogicalName: 'sdkmessageprocessingstep',
      Name: step.values.name ?? null,
      RowVersion: null,
    },
    ParentContext: null,
    PreEntityImages: images(event.before, [0, 2]),
    PostEntityImages: images(event.after, [1, 2]),
    PrimaryEntityId: id,
    PrimaryEntityName: table.name,
    RequestId: origin.requestId,
    SecondaryEntityName: 'none',
    SharedVariables: origin.tag === undefined ? [] : [{ key: 'tag', value: origin.tag }],
    Stage: 40,
    UserId: step.values._impersonatinguserid_value ?? user.userId,
  };
}

function target({ message, table, id, after, sent }: DataEvent) {
  if (after === undefined) {
    return reference(id, table.name);
  }
  const columns = message === 'Create' ? createdColumns(table, after, sent) : updatedColumns(table, sent);
  const rowVersion = message === 'Update' ? String(after.version) : null;
  const { Attributes, ...rest } = entity(table, after, columns, rowVersion);
  if (message === 'Update') {
    Attributes.push({ key: 'modifiedonbehalfby', value: null });
  }
  return { __type: `Entity:${CONTRACTS}`, Attributes, ...rest };
}

/** Everything that has a value, and what was sent empty. */
function createdColumns(table: TableDefinition, row: Row, sent: ReadonlySet<string>): Column[] {
  return [...table.columns.values()].filter(
    (column) =>
      column.name !== 'versionnumber' &&
      (sent.has(column.name) || (row.values[column.property] ?? null) !== null),
  );
}

/** What was sent, what the platform computes from it, and what it stamps on every update. */
function updatedColumns(table: TableDefinition, sent: ReadonlySet<string>): Column[] {
  const isNamed = sent.has('firstname') || sent.has('lastname');
  const names = new Set([
    ...sent,
    table.primaryId,
    ...(isNamed ? ['fullname', 'yomifullname'] : []),
    ...['modifiedon', 'modifiedby'],
  ]);
  return [...names].flatMap((name) => table.columns.get(name) ?? []);
}

function imagesOf(environment: Environment, { event, step }: Notification) {
  const store = environment.table('sdkmessageprocessingstepimage');
  const registered = [...store.idsWith('_sdkmessageprocessingstepid_value', step.id)].flatMap(
    (id) => store.get(id) ?? [],
  );
  return (row: Row | undefined, types: readonly number[]) =>
    row === undefined
      ? []
      : registered
          .filter((image) => types.includes(Number(image.values.imagetype)))
          .map((image) => ({
            key: image.values.entityalias ?? '',
            value: entity(
              event.table,
              row,
              imageColumns(event.table, row, image.values.attributes ?? null),
              null,
            ),
          }));
}

/** The chosen columns that have a value, and the key; all of them when none is chosen. */
function imageColumns(table: TableDefinition, row: Row, attributes: Scalar): Column[] {
  const chosen = String(attributes ?? '')
    .split(',')
    .flatMap((name) => name.trim() || []);
  const names = chosen.length === 0 ? [...table.columns.keys()] : [...chosen, table.primaryId];
  return [...new Set(names)]
    .flatMap((name) => table.columns.get(name) ?? [])
    .filter((column) => (row.values[column.property] ?? null) !== null);
}

function entity(table: TableDefinition, row: Row, columns: readonly Column[], rowVersion: string | null) {
  return {
    Attributes: columns.map((column) => ({ key: column.name, value: attribute(row, column) })),
    EntityState: null,
    FormattedValues: columns.flatMap((column) => {
      const value = row.values[column.property] ?? null;
      const label = column.choices?.find((choice) => choice.value === value)?.label;
      return label === undefined ? [] : [{ key: column.name, value: label }];
    }),
    Id: row.id,
    KeyAttributes: [],
    LogicalName: table.name,
    RelatedEntities: [],
    RowVersion: rowVersion,
  };
}

function attribute(row: Row, column: Column): unknown {
  const value = row.values[column.property] ?? null;
  if (value === null) {
    return null;
  }
  switch (column.type) {
    case 'picklist':
    case 'state':
    case 'status':
      return option(value);
    case 'multiselect':
      return String(value).split(',').map(Number).map(option);
    case 'money':
      return { __type: `Money:${CONTRACTS}`, Value: value };
    case 'datetime':
    case 'dateonly':
      return `/Date(${Date.parse(String(value))})/`;
    case 'lookup':
      return reference(String(value), row.lookups[column.property] ?? '');
    case 'string':
    case 'memo':
    case 'integer':
    case 'bigint':
    case 'decimal':
    case 'double':
    case 'boolean':
    case 'guid':
    case 'file':
    case 'image':
    case 'partylist':
      return value;
  }
}

function option(value: Scalar) {
  return { __type: `OptionSetValue:${CONTRACTS}`, Value: value };
}

function reference(id: string, table: string) {
  return {
    __type: `EntityReference:${CONTRACTS}`,
    Id: id,
    KeyAttributes: [],
    LogicalName: table,
    Name: null,
    RowVersion: null,
  };
}
