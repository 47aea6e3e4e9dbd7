import { app, type HttpHandler, type HttpMethod } from '@azure/functions';
import { createApp } from './app.js';
import { readConfig } from './config.js';

const bridge = createApp(readConfig(process.env));
const { connections, events, fields, health, mappings, records, relationships, runs, schema, watching } =
  bridge;
const { deadLetters, problems, recordPages, stats, webhook } = bridge;

/** Routes are tried in the order of function names; no template here matches the path of another. */
function http(name: string, method: HttpMethod, route: string, handler: HttpHandler): void {
  app.http(name, { methods: [method], route, authLevel: 'function', handler });
}

/** For callers without a function key: probes, and senders that bring a secret of their own. */
function open(name: string, method: HttpMethod, route: string, handler: HttpHandler): void {
  app.http(name, { methods: [method], route, authLevel: 'anonymous', handler });
}

const CONNECTION = 'connections/{id}';
const MAPPING = `${CONNECTION}/mappings/{mappingId}`;
const WEBHOOK = `${CONNECTION}/webhook`;
const DEAD_LETTERS = `${CONNECTION}/dead-letters`;

http('connectionsCreate', 'POST', 'connections', connections.create);
http('connectionsList', 'GET', 'connections', connections.list);
http('connectionsGet', 'GET', CONNECTION, connections.get);
http('connectionsPatch', 'PATCH', CONNECTION, connections.patch);
http('connectionsDelete', 'DELETE', CONNECTION, connections.remove);
http('connectionsTest', 'POST', `${CONNECTION}/test`, connections.test);

http('mappingsCreate', 'POST', `${CONNECTION}/mappings`, mappings.create);
http('mappingsList', 'GET', `${CONNECTION}/mappings`, mappings.list);
http('mappingsGet', 'GET', MAPPING, mappings.get);
http('mappingsPatch', 'PATCH', MAPPING, mappings.patch);
http('mappingsDelete', 'DELETE', MAPPING, mappings.remove);

http('fieldsList', 'GET', `${MAPPING}/fields`, fields.list);
http('fieldsAdd', 'POST', `${MAPPING}/fields`, fields.add);
http('fieldsReplace', 'PUT', `${MAPPING}/fields`, fields.replace);
http('fieldsGet', 'GET', `${MAPPING}/fields/{fieldId}`, fields.get);
http('fieldsPatch', 'PATCH', `${MAPPING}/fields/{fieldId}`, fields.patch);
http('fieldsDelete', 'DELETE', `${MAPPING}/fields/{fieldId}`, fields.remove);

http('relationshipsList', 'GET', `${MAPPING}/relationships`, relationships.list);
http('relationshipsAdd', 'POST', `${MAPPING}/relationships`, relationships.add);
http('relationshipsGet', 'GET', `${MAPPING}/relationships/{relationshipId}`, relationships.get);
http('relationshipsPatch', 'PATCH', `${MAPPING}/relationships/{relationshipId}`, relationships.patch);
http('relationshipsDelete', 'DELETE', `${MAPPING}/relationships/{relationshipId}`, relationships.remove);

http('schemaTables', 'GET', `${CONNECTION}/schema/entities`, schema.tables);
http('schemaColumns', 'GET', `${CONNECTION}/schema/entities/{logicalName}/fields`, schema.columns);
http('schemaAuthScapeFields', 'GET', 'schema/authscape/{entity}/fields', schema.entityFields);

http('runsRequest', 'POST', `${CONNECTION}/sync`, runs.request);
http('runsList', 'GET', `${CONNECTION}/runs`, runs.list);
http('runsGet', 'GET', 'runs/{runId}', runs.get);
http('runsChanges', 'GET', 'runs/{runId}/changes', runs.changes);
http('runsCancel', 'POST', 'runs/{runId}/cancel', runs.cancel);
http('runsApprove', 'POST', 'runs/{runId}/approve', runs.approve);
http('runsReject', 'POST', 'runs/{runId}/reject', runs.reject);

http('problemsList', 'GET', `${CONNECTION}/problems`, problems.list);
http('problemsRetry', 'POST', `${CONNECTION}/problems/retry`, problems.retry);

http('recordsSyncUser', 'POST', 'users/{recordId}/sync', records.user);
http('recordsSyncCompany', 'POST', 'companies/{recordId}/sync', records.company);
http('recordsSyncLocation', 'POST', 'locations/{recordId}/sync', records.location);
http('recordsSyncRow', 'POST', `${CONNECTION}/records/{crmEntity}/{crmId}/sync`, records.dynamics);
http('recordsPreview', 'POST', `${MAPPING}/preview`, records.preview);

http('recordsSearch', 'GET', `${CONNECTION}/records`, recordPages.search);
http('recordsView', 'GET', `${CONNECTION}/records/{entity}/{authScapeId}`, recordPages.view);

http('logsList', 'GET', `${CONNECTION}/logs`, watching.logs);
http('logsDelete', 'DELETE', `${CONNECTION}/logs`, watching.removeLogs);
http('statsGet', 'GET', `${CONNECTION}/stats`, stats.get);
http('linksList', 'GET', `${CONNECTION}/links`, watching.links);
http('linksCreate', 'POST', `${CONNECTION}/links`, recordPages.link);
http('linksDelete', 'DELETE', `${CONNECTION}/links/{linkId}`, watching.unlink);
http('duplicatesList', 'GET', `${CONNECTION}/duplicates`, watching.duplicates);

http('webhookRegister', 'POST', WEBHOOK, webhook.register);
http('webhookGet', 'GET', WEBHOOK, webhook.get);
http('webhookDelete', 'DELETE', WEBHOOK, webhook.remove);
http('webhookRotateSecret', 'POST', `${WEBHOOK}/rotate-secret`, webhook.rotate);
http('webhookPowerAutomate', 'GET', `${WEBHOOK}/power-automate`, webhook.powerAutomate);

http('deadLettersList', 'GET', DEAD_LETTERS, deadLetters.list);
http('deadLettersReplayAll', 'POST', `${DEAD_LETTERS}/replay`, deadLetters.replayAll);
http('deadLettersReplay', 'POST', `${DEAD_LETTERS}/{letterId}/replay`, deadLetters.replay);
http('deadLettersDelete', 'DELETE', `${DEAD_LETTERS}/{letterId}`, deadLetters.remove);

http('eventsAuthScape', 'POST', 'authscape/events', events.authScape);
open('eventsDynamics', 'POST', 'crm/webhook/dynamics/{connectionId}', events.dynamics);
open('health', 'GET', 'health', health.get);
open('console', 'GET', 'console/{*path}', bridge.console);

app.timer('schedule', { schedule: '%SYNC_SCHEDULE%', handler: bridge.schedule });
app.storageQueue('workerRuns', {
  queueName: 'sync-runs',
  connection: 'AzureWebJobsStorage',
  handler: bridge.worker,
});
app.storageQueue('workerRecords', {
  queueName: 'sync-records',
  connection: 'AzureWebJobsStorage',
  handler: bridge.worker,
});
app.storageQueue('poisonRuns', {
  queueName: 'sync-runs-poison',
  connection: 'AzureWebJobsStorage',
  handler: bridge.poison,
});
app.storageQueue('poisonRecords', {
  queueName: 'sync-records-poison',
  connection: 'AzureWebJobsStorage',
  handler: bridge.poison,
});
