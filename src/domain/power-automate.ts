import { WEBHOOK_HEADER } from './webhook.js';

/** Flows that tell the receiver of changes, for organizations that register no webhook. */

const SECRET_PLACEHOLDER = '<paste the webhook secret here>';

export interface FlowTable {
  readonly table: string;
  /** Name of the column with the row's id. */
  readonly primaryId: string;
  readonly columns: readonly string[];
}

/** `SdkMessage` and `scope` as the Dataverse connector numbers them: added, modified or deleted; organization. */
const ANY_CHANGE = 7;
const ORGANIZATION = 4;
const CONNECTOR = '/providers/Microsoft.PowerApps/apis/shared_commondataserviceforapps';
const REFERENCE = 'shared_commondataserviceforapps';
const SCHEMA =
  'https://schema.management.azure.com/providers/Microsoft.Logic/schemas/2016-06-01/workflowdefinition.json#';

/** One flow per table: what to set by hand, and the same as a definition to be imported. */
export function flowOf({ table, primaryId, columns }: FlowTable, uri: string) {
  const body = {
    MessageName: "@{triggerOutputs()?['body/SdkMessage']}",
    PrimaryEntityName: table,
    PrimaryEntityId: `@{triggerOutputs()?['body/${primaryId}']}`,
  };
  const headers = { 'Content-Type': 'application/json', [WEBHOOK_HEADER]: SECRET_PLACEHOLDER };
  return {
    table,
    trigger: {
      connector: 'Microsoft Dataverse',
      operation: 'When a row is added, modified or deleted',
      changeType: 'Added or Modified or Deleted',
      tableName: table,
      scope: 'Organization',
      selectColumns: columns.join(','),
    },
    http: { method: 'POST', uri, headers, body },
    definition: definitionOf(table, columns, { method: 'POST', uri, headers, body }),
  };
}

interface HttpInputs {
  readonly method: 'POST';
  readonly uri: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Readonly<Record<string, string>>;
}

function definitionOf(table: string, columns: readonly string[], inputs: HttpInputs) {
  return {
    name: `authscape-sync-${table}`,
    type: 'Microsoft.Flow/flows',
    properties: {
      apiId: '/providers/Microsoft.PowerApps/apis/shared_logicflows',
      displayName: `AuthScape sync: ${table}`,
      definition: {
        $schema: SCHEMA,
        contentVersion: '1.0.0.0',
        parameters: {
          $connections: { defaultValue: {}, type: 'Object' },
          $authentication: { defaultValue: {}, type: 'SecureObject' },
        },
        triggers: { When_a_row_changes: triggerOf(table, columns) },
        actions: {
          Tell_AuthScape_sync: {
            runAfter: {},
            type: 'Http',
            inputs: { ...inputs, retryPolicy: { type: 'exponential', count: 4, interval: 'PT20S' } },
            // Keeps the secret out of the run history.
            runtimeConfiguration: { secureData: { properties: ['inputs'] } },
          },
        },
        outputs: {},
      },
      connectionReferences: {
        [REFERENCE]: { connectionName: REFERENCE, source: 'Invoker', id: CONNECTOR, tier: 'NotSpecified' },
      },
      flowFailureAlertSubscribed: false,
    },
  };
}

function triggerOf(table: string, columns: readonly string[]) {
  return {
    type: 'OpenApiConnectionWebhook',
    inputs: {
      host: { connectionName: REFERENCE, operationId: 'SubscribeWebhookTrigger', apiId: CONNECTOR },
      parameters: {
        'subscriptionRequest/message': ANY_CHANGE,
        'subscriptionRequest/entityname': table,
        'subscriptionRequest/scope': ORGANIZATION,
        ...(columns.length === 0 ? {} : { 'subscriptionRequest/filteringattributes': columns.join(',') }),
      },
      authentication: "@parameters('$authentication')",
    },
  };
}
