import { randomUUID } from 'node:crypto';
import {
  createDynamicsFactory,
  type DynamicsFactory,
  type DynamicsFactoryOptions,
} from '../../../src/adapters/dataverse/factory.js';
import type { ClientCredentials, TokenSource } from '../../../src/adapters/http/credentials.js';
import { createMeter } from '../../../src/adapters/meter.js';
import { systemClock } from '../../../src/adapters/system.js';
import type { DynamicsSystem } from '../../../src/application/ports/systems.js';
import type { Connection } from '../../../src/domain/model.js';
import { startDataverseSim } from '../../stack/dataverse/simulator.js';
import { type ScriptedServer, type Step, startScript } from '../http/script.js';

const ENVIRONMENT = 'contoso.crm.dynamics.com';
export const APP_ID = '22222222-0000-4000-8000-000000000001';
const TENANT_ID = '11111111-0000-4000-8000-000000000001';

/** Hands out numbered tokens; those in `revoked` are refused by the simulator. */
interface FakeTokens extends TokenSource {
  readonly revoked: Set<string>;
  readonly given: string[];
}

function fakeTokens(): FakeTokens {
  let current: string | undefined;
  const given: string[] = [];
  return {
    revoked: new Set(),
    given,
    token: async () => {
      if (current === undefined) {
        current = `token-${given.length + 1}`;
        given.push(current);
      }
      return current;
    },
    drop: (_credentials, _host, token) => {
      if (token === undefined || token === current) current = undefined;
    },
  };
}

export interface Bench {
  readonly url: string;
  readonly system: DynamicsSystem;
  readonly factory: DynamicsFactory;
  readonly connection: Connection;
  readonly tokens: FakeTokens;
  readonly meter: ReturnType<typeof createMeter>;
  /** A control route of the simulator. */
  control(method: string, route: string, body?: unknown): Promise<unknown>;
  /** The same connection in another process. */
  another(shareOf: Share): Promise<DynamicsSystem>;
  close(): Promise<void>;
}

type Share = NonNullable<DynamicsFactoryOptions['shareOf']>;

export function aConnection(overrides: Partial<Connection> = {}): Connection {
  return {
    id: 'c_test',
    name: 'Test',
    provider: 'Dynamics365',
    environment: ENVIRONMENT,
    tenantId: null,
    clientId: null,
    clientSecret: null,
    webhookSecret: null,
    previousWebhookSecret: null,
    direction: 'Bidirectional',
    enabled: true,
    syncIntervalMinutes: 15,
    fullSyncSchedule: null,
    conflictPolicy: 'lastWriteWins',
    deletePolicy: 'deactivate',
    massDeleteGuard: null,
    logValues: 'all',
    createdAt: '2026-01-01T00:00:00Z',
    updatedAt: '2026-01-01T00:00:00Z',
    ...overrides,
  };
}

function factoryFor(url: string, options: Partial<DynamicsFactoryOptions>) {
  const tokens = fakeTokens();
  const meter = createMeter();
  const credentials = { tenantId: TENANT_ID, clientId: APP_ID, clientSecret: 'secret', version: 'v1' };
  const factory = createDynamicsFactory({
    hostMap: { [ENVIRONMENT]: url },
    resolveCredentials: async (): Promise<ClientCredentials> => credentials,
    tokens,
    meter,
    clock: systemClock,
    retry: { attempts: 3, baseDelayMs: 1, maxDelayMs: 5, maxRetryAfterMs: 1_000 },
    ...options,
  });
  return { tokens, meter, factory };
}

/** The adapter in front of a simulator of its own. */
export async function startBench(options: Partial<DynamicsFactoryOptions> = {}): Promise<Bench> {
  const revoked = new Set<string>();
  const sim = await startDataverseSim({
    port: 0,
    environment: ENVIRONMENT,
    applicationUsers: [{ appId: APP_ID, fullName: 'Sync' }],
    verifier: {
      verify: (token) =>
        revoked.has(token)
          ? undefined
          : { appId: APP_ID, tenantId: TENANT_ID, audience: `https://${ENVIRONMENT}` },
    },
  });
  const { factory, meter, tokens } = factoryFor(sim.url, { dataTimeoutMs: 10_000, ...options });
  const connection = aConnection();
  const others: DynamicsFactory[] = [];
  return {
    url: sim.url,
    system: await factory.open(connection),
    factory,
    connection,
    tokens: { ...tokens, revoked },
    meter,
    control: async (method, route, body) => {
      const init = body === undefined ? { method } : { method, body: JSON.stringify(body) };
      const answer = await fetch(`${sim.url}/_sim/${route}`, init);
      const text = await answer.text();
      if (!answer.ok) throw new Error(`${method} /_sim/${route}: ${answer.status} ${text}`);
      return text === '' ? undefined : JSON.parse(text);
    },
    another: async (shareOf) => {
      const other = factoryFor(sim.url, { dataTimeoutMs: 10_000, ...options, shareOf });
      others.push(other.factory);
      return other.factory.open(connection);
    },
    close: async () => {
      for (const each of [factory, ...others]) each.close();
      await sim.close();
    },
  };
}

export interface ScriptBench {
  readonly server: ScriptedServer;
  readonly system: DynamicsSystem;
  readonly factory: DynamicsFactory;
  readonly connection: Connection;
  close(): Promise<void>;
}

/** The adapter in front of a server that plays steps; metadata of a small contact table is answered by itself. */
export async function startScriptBench(...steps: readonly [Step, ...Step[]]): Promise<ScriptBench> {
  let at = 0;
  const server = await startScript((response, request) => {
    const canned = metadataAnswer(request.path);
    if (canned !== undefined) {
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(canned));
      return;
    }
    const step = steps[Math.min(at, steps.length - 1)];
    at += 1;
    step?.(response, request);
  });
  const { factory } = factoryFor(server.url, { dataTimeoutMs: 2_000 });
  const connection = aConnection({ id: `c_${randomUUID()}` });
  return {
    server,
    system: await factory.open(connection),
    factory,
    connection,
    close: async () => {
      factory.close();
      await server.close();
    },
  };
}

const WRITABLE = { IsValidForCreate: true, IsValidForUpdate: true, IsValidForRead: true };

function metadataAnswer(path: string): unknown {
  if (!path.includes('/EntityDefinitions(')) return undefined;
  if (path.includes('/ManyToOneRelationships')) {
    return {
      value: [
        navigation('parentcustomerid', 'account', 'parentcustomerid_account'),
        navigation('parentcustomerid', 'contact', 'parentcustomerid_contact'),
      ],
    };
  }
  if (path.includes('LookupAttributeMetadata')) {
    return { value: [{ LogicalName: 'parentcustomerid', Targets: ['account', 'contact'] }] };
  }
  if (path.includes('AttributeMetadata')) return { value: [] };
  if (path.includes('/Attributes')) {
    const columns: [string, string][] = [
      ['contactid', 'UniqueidentifierType'],
      ['firstname', 'StringType'],
      ['emailaddress1', 'StringType'],
      ['securedtext', 'StringType'],
      ['parentcustomerid', 'CustomerType'],
      ['statecode', 'StateType'],
      ['modifiedon', 'DateTimeType'],
    ];
    return {
      value: columns.map(([LogicalName, Value]) => ({
        LogicalName,
        AttributeTypeName: { Value },
        IsSecured: LogicalName === 'securedtext',
        ...WRITABLE,
      })),
    };
  }
  const name =
    /LogicalName=%27(\w+)%27/.exec(path)?.[1] ?? /LogicalName='(\w+)'/.exec(path)?.[1] ?? 'contact';
  return {
    LogicalName: name,
    EntitySetName: `${name}s`,
    PrimaryIdAttribute: `${name}id`,
    ChangeTrackingEnabled: true,
    IsOptimisticConcurrencyEnabled: true,
  };
}

function navigation(column: string, table: string, property: string) {
  return {
    ReferencingAttribute: column,
    ReferencedEntity: table,
    ReferencingEntityNavigationPropertyName: property,
  };
}

/** What a promise rejects with. */
export async function rejection(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    (value) => {
      throw new Error(`expected a rejection, got ${JSON.stringify(value)}`);
    },
    (error: unknown) => error,
  );
}
