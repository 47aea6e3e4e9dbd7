import { app } from '@azure/functions';
import { createApp } from './app.js';
import { readConfig } from './config.js';

const bridge = createApp(readConfig(process.env));

/**
 * The routes stand in functions/routes. A route without a role is for callers without a function key, and none asks for
 * one where the app itself checks who calls.
 */
for (const { route, value: handler } of bridge.http) {
  const { method, name, path, role } = route;
  app.http(name, {
    methods: [method],
    route: path,
    authLevel: role === null || bridge.checksCallers ? 'anonymous' : 'function',
    handler,
  });
}

app.http('console', {
  methods: ['GET'],
  route: 'console/{*path}',
  authLevel: 'anonymous',
  handler: bridge.console,
});

app.http('docs', { methods: ['GET'], route: 'docs', authLevel: 'anonymous', handler: bridge.docs });

app.hook.appTerminate(bridge.close);

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
