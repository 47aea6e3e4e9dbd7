import { createConsoleFiles } from './adapters/console-files.js';
import { packageVersion } from './adapters/package-version.js';
import { randomSecret } from './adapters/system.js';
import { getAlerts, removeAlerts, setAlerts } from './application/alerts/manage-alerts.js';
import { recordAct } from './application/audit/record-act.js';
import { applyConfiguration } from './application/configuration/apply-configuration.js';
import { planConfiguration } from './application/configuration/plan-configuration.js';
import { exportConfiguration } from './application/configuration/read-configuration.js';
import { deleteConnection } from './application/connections/delete-connection.js';
import {
  connectionFaults,
  createConnection,
  getConnection,
  listConnections,
  patchConnection,
} from './application/connections/manage-connections.js';
import { testConnection } from './application/connections/test-connection.js';
import { checkHealth } from './application/inspection/check-health.js';
import { diagnose } from './application/inspection/diagnose.js';
import { eraseRecord } from './application/inspection/erase-record.js';
import { findDuplicates } from './application/inspection/find-duplicates.js';
import { listLinks, listLogs, removeLogs, unlink } from './application/inspection/links-and-logs.js';
import { listProblems } from './application/inspection/problems/list-problems.js';
import { retryProblems } from './application/inspection/problems/retry-problems.js';
import { viewStats } from './application/inspection/view-stats.js';
import { manageDeadLetters } from './application/jobs/dead-letters.js';
import { listColumns, listEntityFields, listTables } from './application/mappings/browse-schema.js';
import {
  addField,
  addRelationship,
  patchField,
  patchRelationship,
  removePart,
  replaceFields,
  viewMapping,
} from './application/mappings/manage-fields.js';
import {
  createMapping,
  deleteMapping,
  getMapping,
  listMappings,
  patchMapping,
} from './application/mappings/manage-mappings.js';
import type { JobQueue } from './application/ports/job-queue.js';
import { decideRun } from './application/runs/decide-run.js';
import { listChanges, streamChanges } from './application/runs/list-changes.js';
import { cancelRun, getRun, listRuns, requestSync } from './application/runs/manage-runs.js';
import { describePowerAutomate } from './application/webhooks/describe-power-automate.js';
import { manageWebhook } from './application/webhooks/manage-webhook.js';
import type { WebhookDeps } from './application/webhooks/reconcile-webhook.js';
import {
  patchWithWebhookUpdate,
  unregisterWebhook,
  withWebhookUpdate,
} from './application/webhooks/update-webhook-after-change.js';
import type { Config } from './config.js';
import type { Engine } from './engine.js';
import { alertHandlers } from './functions/alerts.js';
import { audited, auditHandlers, type RecordAct } from './functions/audit.js';
import { authorized } from './functions/authorize.js';
import { configurationHandlers } from './functions/configuration.js';
import { connectionHandlers } from './functions/connections.js';
import { consoleHandler, docsHandler } from './functions/console.js';
import { deadLetterHandlers } from './functions/dead-letters.js';
import { diagnosticsHandlers } from './functions/diagnostics.js';
import { endpoint, type Handle } from './functions/endpoint.js';
import { eventHandlers } from './functions/events.js';
import { fieldHandlers } from './functions/fields.js';
import { healthHandlers } from './functions/health.js';
import { linkAndLogHandlers } from './functions/links-and-logs.js';
import { mappingHandlers } from './functions/mappings.js';
import { openApiHandlers } from './functions/openapi.js';
import { problemHandlers } from './functions/problems.js';
import { recordPageHandlers } from './functions/record-pages.js';
import { recordHandlers } from './functions/records.js';
import { relationshipHandlers } from './functions/relationships.js';
import { mapRoutes, type PerRoute, withRoutes } from './functions/routes/per-route.js';
import { runHandlers } from './functions/runs.js';
import { scheduleHandler } from './functions/schedule.js';
import { schemaHandlers } from './functions/schema.js';
import { statsHandlers } from './functions/stats.js';
import { webhookHandlers } from './functions/webhooks.js';
import { poisonHandler, readMessage, workerHandler } from './functions/worker.js';
import { onceUntilItFails } from './lib/once-until-it-fails.js';
import { openedLater } from './lib/opened-later.js';
import { type AppParts, createParts } from './parts.js';

/** Builds the app from its settings: all that the outside world calls, ready to be registered. Nothing is sent anywhere before the first call. */
export function createApp(config: Config) {
  const parts = createParts(config);
  const version = packageVersion();
  const { poison, schedule, worker, ...http } = createHandlers(parts, engineOf(parts), version);
  const files = createConsoleFiles();
  const console = consoleHandler(files, { ...config.console, newNonce: randomSecret }, version);
  const docs = docsHandler(files, randomSecret);
  const checksCallers = config.signIn.mode === 'app';
  const { close } = parts.telemetry;
  return { http: withRoutes(http), checksCallers, console, docs, schedule, worker, poison, close };
}

/** The engine, loaded with the first work for it: most calls of the API have none. */
function engineOf(parts: AppParts): Engine {
  const open = onceUntilItFails(async () => (await import('./engine.js')).createEngine(parts));
  const later = openedLater(open);
  return {
    scheduleDueSyncs: later((engine) => engine.scheduleDueSyncs),
    processJob: later((engine) => engine.processJob),
    deadLetterJob: later((engine) => engine.deadLetterJob),
    receiveDynamicsEvent: later((engine) => engine.receiveDynamicsEvent),
    receiveAuthScapeEvents: later((engine) => engine.receiveAuthScapeEvents),
    takeBackSample: later((engine) => engine.takeBackSample),
    records: {
      authScape: later(({ records }) => records.authScape),
      dynamics: later(({ records }) => records.dynamics),
      preview: later(({ records }) => records.preview),
    },
    recordPages: {
      view: later(({ recordPages }) => recordPages.view),
      search: later(({ recordPages }) => recordPages.search),
      link: later(({ recordPages }) => recordPages.link),
    },
  };
}

/** Use cases over ports, handlers over use cases. Tests come in here with ports of their own. */
export function createHandlers(parts: AppParts, engine: Engine, version: string) {
  const { secrets, clock, logger, signIn, storage } = parts;
  const deps = { ...storage, ...parts, queue: storage.jobs };
  const record = recordAct(deps);
  const handlers: PerRoute<Handle> = {
    ...administrationHandlers(deps),
    configuration: configurationAsCode(deps, record),
    ...operationHandlers(deps, engine),
    events: eventHandlers({
      dynamics: engine.receiveDynamicsEvent,
      authScape: engine.receiveAuthScapeEvents,
    }),
    records: recordHandlers(engine.records),
    recordPages: recordPageHandlers(engine.recordPages, deps),
    health: healthHandlers(checkHealth({ storage: storage.probe, secrets, clock, logger }), version),
    audit: auditHandlers(storage.audit.list),
    openApi: openApiHandlers(version),
  };
  const serve = endpoint(parts);
  return {
    ...mapRoutes(handlers, (handle, { audit, role }) =>
      serve(authorized(signIn, role, audited(record, audit, handle))),
    ),
    schedule: scheduleHandler(engine.scheduleDueSyncs, parts.telemetry),
    worker: workerHandler(engine.processJob, parts),
    poison: poisonHandler(engine.deadLetterJob, parts),
  };
}

type Deps = Omit<AppParts, 'storage'> & Omit<AppParts['storage'], 'probe'> & { readonly queue: JobQueue };

/** What administrators set up. A registered webhook follows what they change. */
function administrationHandlers(deps: Deps) {
  const webhook = webhookDeps(deps);
  const connections = connectionHandlers(
    {
      faults: connectionFaults(withSettings(deps)),
      create: createConnection(withSettings(deps)),
      get: getConnection(deps),
      list: listConnections(deps),
      patch: patchWithWebhookUpdate(webhook, patchConnection(withSettings(deps))),
      remove: deleteConnection({ ...deps, unregisterWebhook: unregisterWebhook(webhook) }),
      test: testConnection(deps),
    },
    deps,
  );
  const mappings = mappingHandlers(
    {
      create: withWebhookUpdate(webhook, createMapping(deps)),
      list: listMappings(deps),
      get: getMapping(deps),
      patch: withWebhookUpdate(webhook, patchMapping(deps)),
      remove: withWebhookUpdate(webhook, deleteMapping(deps)),
    },
    deps,
  );
  const parts = { view: viewMapping(deps), remove: withWebhookUpdate(webhook, removePart(deps)) };
  const fields = {
    ...parts,
    add: withWebhookUpdate(webhook, addField(deps)),
    patch: withWebhookUpdate(webhook, patchField(deps)),
    replace: withWebhookUpdate(webhook, replaceFields(deps)),
  };
  const relationships = {
    ...parts,
    add: withWebhookUpdate(webhook, addRelationship(deps)),
    patch: withWebhookUpdate(webhook, patchRelationship(deps)),
  };
  const schema = schemaHandlers({
    tables: listTables(deps),
    columns: listColumns(deps),
    entityFields: listEntityFields(deps),
  });
  const alertDeps = { ...deps, ...localRun(deps) };
  const alerts = alertHandlers({
    set: setAlerts(alertDeps),
    get: getAlerts(deps),
    remove: removeAlerts(alertDeps),
  });
  const powerAutomate = describePowerAutomate(deps);
  return {
    webhook: webhookHandlers({ ...manageWebhook(webhook), powerAutomate }),
    connections,
    alerts,
    mappings,
    fields: fieldHandlers(fields, deps),
    relationships: relationshipHandlers(relationships, deps),
    schema,
  };
}

function configurationAsCode(deps: Deps, record: RecordAct) {
  const webhook = webhookDeps(deps);
  const settings = withSettings(deps);
  const faults = connectionFaults(settings);
  const apply = applyConfiguration({
    ...settings,
    removeConnection: deleteConnection({ ...deps, unregisterWebhook: unregisterWebhook(webhook) }),
    removeMapping: deleteMapping(deps),
    withWebhook: (change) => withWebhookUpdate(webhook, patchWithWebhookUpdate(webhook, change)),
  });
  const useCases = { export: exportConfiguration(deps), plan: planConfiguration(settings), apply };
  return configurationHandlers(useCases, { faults, record });
}

function webhookDeps(deps: Deps): WebhookDeps {
  return { ...deps, newSecret: randomSecret, ...localRun(deps) };
}

/** Local runs reach the machine itself. */
function localRun({ config }: Pick<Deps, 'config'>) {
  return { allowLoopback: Object.keys(config.hostMap).length > 0 };
}

function withSettings(deps: Deps) {
  const { dynamics, hostMap } = deps.config;
  return { ...deps, defaultEnvironment: dynamics.environment, mappedHosts: Object.keys(hostMap) };
}

/** Syncing by hand and looking at what syncs did. */
function operationHandlers(deps: Deps, engine: Pick<Engine, 'takeBackSample'>) {
  const runs = runHandlers(
    {
      request: requestSync(deps),
      get: getRun(deps),
      list: listRuns(deps),
      changes: listChanges(deps),
      allChanges: streamChanges(deps),
      cancel: cancelRun(deps),
      takeBack: engine.takeBackSample,
      decide: decideRun(deps),
    },
    deps,
  );
  const linksAndLogs = linkAndLogHandlers({
    links: listLinks(deps),
    unlink: unlink(deps),
    logs: listLogs(deps),
    removeLogs: removeLogs(deps),
    duplicates: findDuplicates(deps),
    erase: eraseRecord(deps),
  });
  const letters = manageDeadLetters({ ...deps, readMessage });
  const problems = problemHandlers({
    list: listProblems(deps),
    retry: retryProblems({ ...deps, replay: letters.replay }),
  });
  return {
    runs,
    linksAndLogs,
    deadLetters: deadLetterHandlers(letters),
    problems,
    stats: statsHandlers({ view: viewStats(deps) }),
    diagnostics: diagnosticsHandlers({
      diagnose: diagnose({
        ...deps,
        test: testConnection(deps),
        webhook: manageWebhook(webhookDeps(deps)).view,
      }),
    }),
  };
}
