import {
  type Column,
  column,
  defineTable,
  flag,
  lookup,
  readOnly,
  type TableDefinition,
  text,
} from '../tables/schema.js';

const MESSAGES = ['Create', 'Update', 'Delete'] as const;
/** Those that take many rows of a table at once. Steps belong to the messages of the single rows. */
export const BULK_MESSAGES = ['CreateMultiple', 'UpdateMultiple', 'UpsertMultiple'] as const;

function systemTable(
  names: Pick<TableDefinition, 'name' | 'schemaName' | 'label' | 'typeCode'>,
  columns: Column[],
  writing?: TableDefinition['writing'],
): TableDefinition {
  return defineTable({
    ...names,
    setName: `${names.name}s`,
    primaryId: `${names.name}id`,
    primaryName: 'name',
    ownership: 'OrganizationOwned',
    isCustom: false,
    canTrackChanges: false,
    hasRowVersions: false,
    ...(writing === undefined ? {} : { writing }),
    columns: [
      ...columns,
      readOnly('datetime', 'createdon', 'Created On'),
      readOnly('datetime', 'modifiedon', 'Modified On'),
      readOnly('bigint', 'versionnumber', 'Version Number'),
    ],
  });
}

/** A choice whose numbers do not simply count from 1. */
function numbered(name: string, label: string, labels: Record<number, string>, initial?: number) {
  const choices = Object.entries(labels).map(([value, words]) => ({ value: Number(value), label: words }));
  return column('picklist', name, label, { choices, ...(initial === undefined ? {} : { initial }) });
}

interface Reference {
  name: string;
  label: string;
  table: string;
  nav?: string;
  relationship: string;
  onDelete?: 'cascade' | 'removeLink';
  canUpdate?: boolean;
}

function reference({ name, label, table, nav = name, relationship, onDelete, canUpdate }: Reference) {
  const target = { table, nav, relationship, onDelete: onDelete ?? ('removeLink' as const) };
  return lookup(name, label, [target], { canUpdate: canUpdate ?? true });
}

function endpointTable(): TableDefinition {
  return systemTable(
    {
      name: 'serviceendpoint',
      schemaName: 'ServiceEndpoint',
      label: 'Service Endpoint',
      typeCode: 4618,
    },
    [
      text(160, 'name', 'Name'),
      text(2000, 'description', 'Description'),
      text(2000, 'url', 'URL'),
      numbered('contract', 'Contract', {
        ...{ 1: 'OneWay', 2: 'Queue', 3: 'Rest', 4: 'TwoWay', 5: 'Topic', 6: 'Queue (Persistent)' },
        ...{ 7: 'Event Hub', 8: 'Webhook', 9: 'Event Grid' },
      }),
      numbered('authtype', 'Auth Type', {
        ...{ 0: 'Not Specified', 1: 'ACS', 2: 'SAS Key', 3: 'SAS Token' },
        ...{ 4: 'Webhook Key', 5: 'Http Header', 6: 'Http Query String' },
      }),
      text(2048, 'authvalue', 'Auth Value'),
      flag('isauthvalueset', 'Is Auth Value Set', { canCreate: false, canUpdate: false }),
      numbered('connectionmode', 'Connection Mode', { 1: 'Normal', 2: 'Federated' }, 1),
      numbered('messageformat', 'Message Format', { 1: 'Binary XML', 2: 'Json', 3: 'Text XML' }, 1),
      numbered('userclaim', 'User Claim', { 1: 'None', 2: 'User Id', 3: 'User Info' }, 1),
      text(160, 'path', 'Path'),
      text(160, 'solutionnamespace', 'Namespace'),
    ],
    'customizer',
  );
}

function stepTable(): TableDefinition {
  return systemTable(
    {
      name: 'sdkmessageprocessingstep',
      schemaName: 'SdkMessageProcessingStep',
      label: 'Sdk Message Processing Step',
      typeCode: 4608,
    },
    [
      text(256, 'name', 'Name'),
      text(256, 'description', 'Description'),
      numbered('mode', 'Execution Mode', { 0: 'Synchronous', 1: 'Asynchronous' }),
      numbered('stage', 'Execution Stage', {
        10: 'Pre-validation',
        20: 'Pre-operation',
        40: 'Post-operation',
      }),
      column('integer', 'rank', 'Execution Order', { initial: 1 }),
      numbered('supporteddeployment', 'Deployment', { 0: 'Server Only', 1: 'Client Only', 2: 'Both' }, 0),
      flag('asyncautodelete', 'Asynchronous Automatic Delete'),
      column('memo', 'filteringattributes', 'Filtering Attributes', { maxLength: 100_000 }),
      column('memo', 'configuration', 'Configuration', { maxLength: 100_000 }),
      column('state', 'statecode', 'Status', {
        ...{ required: 'SystemRequired', canCreate: false, initial: 0 },
        choices: [
          { value: 0, label: 'Enabled' },
          { value: 1, label: 'Disabled' },
        ],
      }),
      column('status', 'statuscode', 'Status Reason', {
        initial: 1,
        choices: [
          { value: 1, label: 'Enabled', state: 0 },
          { value: 2, label: 'Disabled', state: 1 },
        ],
      }),
      reference({
        ...{ name: 'eventhandler', label: 'Event Handler', table: 'serviceendpoint', onDelete: 'cascade' },
        nav: 'eventhandler_serviceendpoint',
        relationship: 'serviceendpoint_sdkmessageprocessingstep',
      }),
      reference({
        ...{ name: 'sdkmessageid', label: 'SDK Message', table: 'sdkmessage' },
        relationship: 'sdkmessageid_sdkmessageprocessingstep',
      }),
      reference({
        ...{ name: 'sdkmessagefilterid', label: 'SDK Message Filter', table: 'sdkmessagefilter' },
        relationship: 'sdkmessagefilterid_sdkmessageprocessingstep',
      }),
      reference({
        ...{ name: 'impersonatinguserid', label: 'Impersonating User', table: 'systemuser' },
        relationship: 'impersonatinguserid_sdkmessageprocessingstep',
      }),
    ],
    'customizer',
  );
}

function imageTable(): TableDefinition {
  return systemTable(
    {
      name: 'sdkmessageprocessingstepimage',
      schemaName: 'SdkMessageProcessingStepImage',
      label: 'Sdk Message Processing Step Image',
      typeCode: 4615,
    },
    [
      text(256, 'name', 'Name'),
      text(256, 'entityalias', 'Entity Alias'),
      numbered('imagetype', 'Image Type', { 0: 'PreImage', 1: 'PostImage', 2: 'Both' }),
      text(256, 'messagepropertyname', 'Message Property Name'),
      column('memo', 'attributes', 'Attributes', { maxLength: 100_000 }),
      reference({
        ...{ name: 'sdkmessageprocessingstepid', label: 'Step', table: 'sdkmessageprocessingstep' },
        relationship: 'sdkmessageprocessingstepid_sdkmessageprocessingstepimage',
        onDelete: 'cascade',
        canUpdate: false,
      }),
    ],
    'customizer',
  );
}

const JOB_STATES = { 0: 'Ready', 1: 'Suspended', 2: 'Locked', 3: 'Completed' };
const JOB_STATUSES = [
  { value: 0, label: 'Waiting For Resources', state: 0 },
  { value: 10, label: 'Waiting', state: 1 },
  { value: 20, label: 'In Progress', state: 2 },
  { value: 30, label: 'Succeeded', state: 3 },
  { value: 31, label: 'Failed', state: 3 },
  { value: 32, label: 'Canceled', state: 3 },
];

function jobTable(): TableDefinition {
  const states = Object.entries(JOB_STATES).map(([value, label]) => ({ value: Number(value), label }));
  return systemTable(
    { name: 'asyncoperation', schemaName: 'AsyncOperation', label: 'System Job', typeCode: 4700 },
    [
      text(256, 'name', 'System Job Name'),
      column('state', 'statecode', 'Status', { choices: states }),
      column('status', 'statuscode', 'Status Reason', { choices: JOB_STATUSES }),
      numbered('operationtype', 'System Job Type', { 1: 'System Event' }),
      text(160, 'messagename', 'Message Name'),
      text(64, 'primaryentitytype', 'Primary Entity Type'),
      column('integer', 'errorcode', 'Error Code'),
      column('memo', 'message', 'Message', { maxLength: 100_000 }),
      column('memo', 'friendlymessage', 'Friendly Message', { maxLength: 100_000 }),
      column('integer', 'retrycount', 'Retry Count'),
      column('integer', 'depth', 'Depth'),
      column('guid', 'correlationid', 'Correlation Id'),
      column('guid', 'requestid', 'Request Id'),
      column('datetime', 'startedon', 'Started On'),
      column('datetime', 'completedon', 'Completed On'),
      reference({
        ...{ name: 'owningextensionid', label: 'Owning Extension', table: 'sdkmessageprocessingstep' },
        relationship: 'SdkMessageProcessingStep_AsyncOperations',
      }),
    ],
    'deleteOnly',
  );
}

/** The tables in which webhooks are registered, and in which failed deliveries stay. */
export function webhookTables(): TableDefinition[] {
  return [
    endpointTable(),
    systemTable({ name: 'sdkmessage', schemaName: 'SdkMessage', label: 'Sdk Message', typeCode: 4606 }, [
      text(256, 'name', 'Name', { indexed: true }),
    ]),
    systemTable(
      {
        name: 'sdkmessagefilter',
        schemaName: 'SdkMessageFilter',
        label: 'Sdk Message Filter',
        typeCode: 4607,
      },
      [
        text(256, 'name', 'Name'),
        text(64, 'primaryobjecttypecode', 'Primary Object Type Code', { indexed: true }),
        text(64, 'secondaryobjecttypecode', 'Secondary Object Type Code'),
        flag('iscustomprocessingstepallowed', 'Custom Processing Step Allowed'),
        reference({
          ...{ name: 'sdkmessageid', label: 'SDK Message', table: 'sdkmessage' },
          relationship: 'sdkmessageid_sdkmessagefilter',
        }),
      ],
    ),
    stepTable(),
    imageTable(),
    jobTable(),
  ];
}

/** Whether steps can be registered on the table. */
export function hasEvents(table: TableDefinition): boolean {
  return table.columns.has('ownerid') && table.steps !== 'unknown';
}

interface SystemRow {
  table: string;
  id: string;
  values: Record<string, string | boolean>;
  lookups: Record<string, string>;
}

/** The messages that occur, and which tables they can be about; `idOf` makes an id of words. */
export function messageRows(tables: Iterable<TableDefinition>, idOf: (words: string) => string): SystemRow[] {
  const about = [...tables].filter(hasEvents);
  return [...MESSAGES, ...BULK_MESSAGES].flatMap((message) => {
    const id = idOf(`message ${message}`);
    const filters = about.map((table) => ({
      table: 'sdkmessagefilter',
      id: idOf(`message ${message} of ${table.name}`),
      values: {
        name: table.name,
        primaryobjecttypecode: table.name,
        secondaryobjecttypecode: 'none',
        iscustomprocessingstepallowed: table.steps !== 'refused',
        _sdkmessageid_value: id,
      },
      lookups: { _sdkmessageid_value: 'sdkmessage' },
    }));
    return [{ table: 'sdkmessage', id, values: { name: message }, lookups: {} }, ...filters];
  });
}
