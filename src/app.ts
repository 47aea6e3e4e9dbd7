import { DefaultAzureCredential, ManagedIdentityCredential, type TokenCredential } from '@azure/identity';
import { type AuthScape, createAuthScape } from './adapters/authscape/authscape.js';
import { cron } from './adapters/cron.js';
import { createDynamicsFactory } from './adapters/dataverse/factory.js';
import { createTokenSource } from './adapters/http/credentials.js';
import { DEFAULT_RETRY } from './adapters/http/retry.js';
import { createSecretStore } from './adapters/key-vault/secrets.js';
import { type CountingMeter, createMeter } from './adapters/meter.js';
import { createStorage } from './adapters/storage/storage.js';
import { createLogger, type LogSink, systemClock, systemIds } from './adapters/system.js';
import { listColumns, listEntityFields, listTables } from './application/browse-schema.js';
import { checkHealth } from './application/check-health.js';
import {
  cancelRun,
  decideRun,
  getRun,
  listChanges,
  listRuns,
  requestSync,
} from './application/control-runs.js';
import { deleteConnection } from './application/delete-connection.js';
import { findDuplicates } from './application/find-duplicates.js';
import { listLinks, listLogs, removeLogs, unlink } from './application/inspect.js';
import {
  createConnection,
  getConnection,
  listConnections,
  patchConnection,
} from './application/manage-connections.js';
import {
  addField,
  addRelationship,
  patchField,
  patchRelationship,
  removePart,
  replaceFields,
  viewMapping,
} from './application/manage-fields.js';
import {
  createMapping,
  deleteMapping,
  getMapping,
  listMappings,
  patchMapping,
} from './application/manage-mappings.js';
import type { JobQueue } from './application/ports/job-queue.js';
import { resolveCredentials } from './application/resolve-credentials.js';
import { testConnection } from './application/test-connection.js';
import type { Config } from './config.js';
import { createEngine, type Engine, type EngineParts } from './engine.js';
import { connectionHandlers } from './functions/connections.js';
import { endpoint, type Handle } from './functions/endpoint.js';
import { fieldHandlers } from './functions/fields.js';
import { healthHandlers } from './functions/health.js';
import { writeLog } from './functions/invocation.js';
import { mappingHandlers } from './functions/mappings.js';
import { recordHandlers } from './functions/records.js';
import { relationshipHandlers } from './functions/relationships.js';
import { runHandlers } from './functions/runs.js';
import { scheduleHandler } from './functions/schedule.js';
import { schemaHandlers } from './functions/schema.js';
import { watchingHandlers } from './functions/watching.js';
import { eventHandlers } from './functions/webhook.js';
import { workerHandler } from './functions/worker.js';

/** Everything that the outside world calls, ready to be registered. */
export type App = ReturnType<typeof createHandlers>;

/** Builds the app from its settings. Nothing is sent anywhere before the first call. */
export function createApp(config: Config): App {
  const parts = createParts(config);
  return createHandlers(parts, createEngine(parts));
}

/** Use cases over ports, handlers over use cases. Tests come in here with ports of their own. */
export function createHandlers(parts: EngineParts, engine: Engine) {
  const { secrets, clock, logger, storage } = parts;
  const http = endpoint(logger);
  const deps = { ...storage, ...parts, queue: storage.jobs };
  return {
    ...configurationHandlers(deps, http),
    ...operationHandlers(deps, http),
    events: each(
      http,
      eventHandlers({ dynamics: engine.receiveDynamicsEvent, authScape: engine.receiveAuthScapeEvents }),
    ),
    records: each(http, recordHandlers(engine.records)),
    health: each(http, healthHandlers(checkHealth({ storage: storage.probe, secrets, clock, logger }))),
    schedule: scheduleHandler(engine.scheduleDueSyncs),
    worker: workerHandler(engine.processJob),
  };
}

type Deps = Omit<EngineParts, 'storage'> &
  Omit<EngineParts['storage'], 'probe'> & { readonly queue: JobQueue };
type Http = ReturnType<typeof endpoint>;

/** What administrators set up. */
function configurationHandlers(deps: Deps, http: Http) {
  const connections = connectionHandlers(
    {
      create: createConnection(withSettings(deps)),
      get: getConnection(deps),
      list: listConnections(deps),
      patch: patchConnection(withSettings(deps)),
      remove: deleteConnection(deps),
      test: testConnection(deps),
    },
    deps,
  );
  const mappings = mappingHandlers(
    {
      create: createMapping(deps),
      list: listMappings(deps),
      get: getMapping(deps),
      patch: patchMapping(deps),
      remove: deleteMapping(deps),
    },
    deps,
  );
  const view = viewMapping(deps);
  const remove = removePart(deps);
  const fields = { view, remove, add: addField(deps), patch: patchField(deps), replace: replaceFields(deps) };
  const relationships = { view, remove, add: addRelationship(deps), patch: patchRelationship(deps) };
  const schema = schemaHandlers({
    tables: listTables(deps),
    columns: listColumns(deps),
    entityFields: listEntityFields(deps),
  });
  return {
    connections: each(http, connections),
    mappings: each(http, mappings),
    fields: each(http, fieldHandlers(fields, deps)),
    relationships: each(http, relationshipHandlers(relationships, deps)),
    schema: each(http, schema),
  };
}

function withSettings(deps: Deps) {
  const { dynamics, hostMap } = deps.config;
  return { ...deps, defaultEnvironment: dynamics.environment, mappedHosts: Object.keys(hostMap) };
}

/** Syncing by hand and looking at what syncs did. */
function operationHandlers(deps: Deps, http: Http) {
  const runs = runHandlers(
    {
      request: requestSync(deps),
      get: getRun(deps),
      list: listRuns(deps),
      changes: listChanges(deps),
      cancel: cancelRun(deps),
      decide: decideRun(deps),
    },
    deps,
  );
  const watching = watchingHandlers({
    links: listLinks(deps),
    unlink: unlink(deps),
    logs: listLogs(deps),
    removeLogs: removeLogs(deps),
    duplicates: findDuplicates(deps),
  });
  return { runs: each(http, runs), watching: each(http, watching) };
}

function each<T extends Record<string, Handle>>(http: Http, handlers: T) {
  return Object.fromEntries(Object.entries(handlers).map(([name, handle]) => [name, http(handle)])) as Record<
    keyof T,
    ReturnType<typeof http>
  >;
}

const LEVELS = ['info', 'warn', 'error'] as const;

function createParts(config: Config): EngineParts {
  const meter = createMeter();
  const clock = systemClock;
  const sink: LogSink = (level, line) => {
    if (LEVELS.indexOf(level) >= LEVELS.indexOf(config.logLevel)) writeLog(level, line);
  };
  const secrets = createSecretStore({
    vaultUrl: config.keyVaultUrl,
    credential: azureCredential(config, config.identityClientId),
    clock,
  });
  const storage = createStorage({
    ...('connectionString' in config.storage
      ? config.storage
      : { ...config.storage, credential: azureCredential(config, config.storage.clientId) }),
    meter,
    clock,
  });
  const authScape = authScapeOf(config, secrets, meter);
  const dynamics = createDynamicsFactory({
    hostMap: config.hostMap,
    resolveCredentials: resolveCredentials({ secrets, settings: config.dynamics }),
    tokens: createTokenSource({ clock, authorityHost: config.authorityHost }),
    meter,
    clock,
    retry: { baseDelayMs: config.tuning.retryBaseMs },
    dataTimeoutMs: config.tuning.dataTimeoutMs,
    concurrency: config.tuning.recordConcurrency,
  });
  return {
    config,
    storage,
    secrets,
    systems: { dynamics: dynamics.open, authScape: async () => authScape.system },
    probe: { ...dynamics.probe, ...authScape.probe },
    cron,
    clock,
    ids: systemIds,
    logger: createLogger(sink),
    meter,
  };
}

function azureCredential(config: Config, clientId: string | undefined): TokenCredential {
  if (!config.managedIdentity) return new DefaultAzureCredential();
  return clientId === undefined
    ? new ManagedIdentityCredential()
    : new ManagedIdentityCredential({ clientId });
}

function authScapeOf(
  { authScape, tuning }: Config,
  secrets: EngineParts['secrets'],
  meter: CountingMeter,
): AuthScape {
  const { clientId, clientSecret, refreshTokenSecret, scope } = authScape;
  const secret = clientSecret === undefined ? {} : { clientSecret: async () => clientSecret };
  return createAuthScape({
    apiUrl: authScape.apiUrl,
    idpUrl: authScape.idpUrl,
    auth:
      refreshTokenSecret === undefined
        ? { kind: 'client', clientId, clientSecret: async () => clientSecret ?? '', scope }
        : { kind: 'refresh', clientId, ...secret, secretName: refreshTokenSecret, secrets },
    meter,
    clock: systemClock,
    retry: { ...DEFAULT_RETRY, baseDelayMs: tuning.retryBaseMs },
    dataTimeoutMs: tuning.dataTimeoutMs,
    writeTimeoutMs: tuning.authScapeWriteTimeoutMs,
  });
}
