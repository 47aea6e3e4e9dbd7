import type { Clock } from '../../application/ports/runtime.js';
import type { ConnectionProbe, DynamicsSystem } from '../../application/ports/systems.js';
import type { OpenWebhookRegistry } from '../../application/ports/webhooks.js';
import type { Connection } from '../../domain/model.js';
import { keepNewest } from '../../lib/keep-newest.js';
import { type CallerOptions, createCaller } from '../http/caller.js';
import { createHttpClient, type HttpClient } from '../http/client.js';
import type { ClientCredentials, TokenSource } from '../http/credentials.js';
import type { CountedWindow } from '../http/request-pace.js';
import { DEFAULT_RETRY, type RetryOptions } from '../http/retry.js';
import { createThrottle, MOST_AT_ONCE, type Share, type Throttle } from '../http/throttle.js';
import { createTransport } from '../http/transport.js';
import { batchUrl, createApi, type DataverseApi } from './api.js';
import { batching } from './batching.js';
import { dataverseVerdict, isUsedUp } from './error-body.js';
import { probeRead, probeTracking, probeWrite } from './probe.js';
import { createDataverseSystem, readIdentity } from './system.js';
import { createWebhookRegistry } from './webhooks.js';

export interface DynamicsFactoryOptions {
  /** Environment domain to base URL, for local counterparts. */
  readonly hostMap?: Readonly<Record<string, string>> | undefined;
  /** What the connection signs in with; throws `BridgeError` when it is not to be had. */
  resolveCredentials(connection: Connection): Promise<ClientCredentials>;
  readonly tokens: TokenSource;
  readonly meter: CallerOptions['meter'];
  readonly clock: Clock;
  /** What requests are sent with; default: one of its own. */
  readonly client?: HttpClient | undefined;
  readonly retry?: Partial<RetryOptions> | undefined;
  readonly dataTimeoutMs?: number | undefined;
  readonly connectTimeoutMs?: number | undefined;
  /** The most requests at once per connection where Dynamics advises no number; default 8. */
  readonly concurrency?: number | undefined;
  /** Of the service protection limits; default: as documented. */
  readonly window?: CountedWindow | undefined;
  /** What this process may use of a connection beside others; left out: there are no others. */
  shareOf?(connectionId: string): Share;
  /** 0 to 1, for jitter; default `Math.random`. */
  random?(): number;
}

type DynamicsProbe = Pick<
  ConnectionProbe,
  'token' | 'whoAmI' | 'readContact' | 'writeContact' | 'changeTracking'
>;

export interface DynamicsFactory {
  /** The client of a connection: the same object until its environment or its credentials change. */
  open(connection: Connection): Promise<DynamicsSystem>;
  readonly probe: DynamicsProbe;
  readonly webhooks: OpenWebhookRegistry;
  /** Ends idle connections. */
  close(): void;
}

interface Opened {
  readonly key: string;
  readonly api: DataverseApi;
  readonly system: DynamicsSystem;
}

const CONCURRENCY = 8;
const MAX_CONNECTIONS = 200;

/** Clients for any number of connections, which share sockets but neither throttle nor metadata. */
export function createDynamicsFactory(options: DynamicsFactoryOptions): DynamicsFactory {
  const { clock, meter, tokens } = options;
  const concurrency = options.concurrency ?? CONCURRENCY;
  const client =
    options.client ??
    createHttpClient({
      maxSockets: Math.max(MOST_AT_ONCE, concurrency),
      connectTimeoutMs: options.connectTimeoutMs,
    });
  const throttles = new Map<string, Throttle>();
  const opened = new Map<string, Opened>();

  async function openAll(connection: Connection): Promise<Opened & { credentials: ClientCredentials }> {
    const credentials = await options.resolveCredentials(connection);
    const { clientId, tenantId, version } = credentials;
    const key = JSON.stringify([connection.environment, tenantId, clientId, version]);
    const held = opened.get(connection.id);
    if (held?.key === key) return { ...held, credentials };
    const origin = originOf(connection.environment, options.hostMap);
    const api = createApi({
      environment: connection.environment,
      origin,
      credentials,
      tokens,
      caller: callerFor(origin, throttleOf(connection.id)),
      clock,
      dataTimeoutMs: options.dataTimeoutMs,
    });
    const made = { key, api, system: createDataverseSystem(api, clock) };
    keepNewest(opened, MAX_CONNECTIONS, [connection.id, made]);
    return { ...made, credentials };
  }

  /** One throttle per connection in the process: a pause outlives a change of the secret. */
  function throttleOf(connectionId: string): Throttle {
    const throttle =
      throttles.get(connectionId) ??
      createThrottle({
        concurrency,
        clock,
        window: options.window,
        share: options.shareOf?.(connectionId),
        waited: (reason, ms) => meter.waited(`dynamics.${reason}`, ms),
      });
    keepNewest(throttles, MAX_CONNECTIONS, [connectionId, throttle]);
    return throttle;
  }

  function callerFor(origin: string, throttle: Throttle) {
    const retry = { ...DEFAULT_RETRY, ...options.retry };
    const judged = { verdict: dataverseVerdict, isUsedUp };
    const shared = { client, throttle, retry, clock, meter, side: 'dynamics', ...judged } as const;
    const transport = batching({ transport: createTransport(shared), url: batchUrl(origin), clock });
    return createCaller({ ...shared, transport, random: options.random ?? Math.random });
  }

  const withApi =
    <T>(work: (api: DataverseApi) => Promise<T>) =>
    async (connection: Connection): Promise<T> =>
      work((await openAll(connection)).api);

  return {
    open: async (connection) => (await openAll(connection)).system,
    probe: {
      token: async (connection) => {
        const { credentials } = await openAll(connection);
        // A cached token would hide that the secret has been revoked since.
        tokens.drop(credentials, connection.environment);
        await tokens.token(credentials, connection.environment);
      },
      whoAmI: withApi(readIdentity),
      readContact: withApi(probeRead),
      writeContact: withApi(probeWrite),
      changeTracking: withApi(probeTracking),
    },
    webhooks: withApi(async (api) => createWebhookRegistry(api)),
    close: () => client.close(),
  };
}

function originOf(environment: string, hostMap: Readonly<Record<string, string>> | undefined): string {
  const mapped =
    hostMap !== undefined && Object.hasOwn(hostMap, environment) ? hostMap[environment] : undefined;
  return (mapped ?? `https://${environment}`).replace(/\/+$/, '');
}
