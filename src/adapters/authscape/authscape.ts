import type { Clock } from '../../application/ports/runtime.js';
import type { AuthScapeSystem, ConnectionProbe } from '../../application/ports/systems.js';
import type { AuthScapeRecord } from '../../domain/records.js';
import { createCaller } from '../http/caller.js';
import { createHttpClient, DATA_DEADLINE_MS } from '../http/client.js';
import { DEFAULT_RETRY, type RetryOptions } from '../http/retry.js';
import { createThrottle } from '../http/throttle.js';
import type { CountingMeter } from '../meter.js';
import { type AuthScapeApi, createApi, shaped } from './api.js';
import { CREATION_KEYS, createCreate, foreseenRefusal } from './create.js';
import { createDetails, type Details } from './details.js';
import { createFind } from './find.js';
import { createKnownLocations } from './known-locations.js';
import { createLists } from './lists.js';
import { createScan } from './scan.js';
import { createSchemas } from './schemas.js';
import { createSearch } from './search.js';
import { type AuthScapeAuth, createTokenSource } from './tokens.js';
import { createUpdate } from './update.js';
import { idNumber } from './values.js';
import { signedInUser } from './wire.js';

/** Full replaces run through several statements; longer than this and the caller's claim would have to grow, too. */
const WRITE_DEADLINE_MS = 45_000;
/** What AuthScape's servers stand without effort: a detail costs them a dozen queries. */
const CONCURRENCY = 6;
const PAGE_SIZE = 500;

export interface AuthScapeOptions {
  /** Base address of the API, without `/api`. */
  readonly apiUrl: string;
  /** Base address of the identity provider. */
  readonly idpUrl: string;
  readonly auth: AuthScapeAuth;
  readonly meter: CountingMeter;
  readonly clock: Clock;
  readonly retry?: RetryOptions | undefined;
  /** Deadline of a read. */
  readonly dataTimeoutMs?: number | undefined;
  /** Deadline of a write; a claim must outlive it. */
  readonly writeTimeoutMs?: number | undefined;
  /** Calls at the same time. */
  readonly concurrency?: number | undefined;
  /** Records read in detail at the same time by one scan or search. */
  readonly detailConcurrency?: number | undefined;
  /** Rows of a list page. */
  readonly pageSize?: number | undefined;
}

export interface AuthScape {
  readonly system: AuthScapeSystem;
  readonly probe: Pick<ConnectionProbe, 'authScapeToken' | 'authScapeModule'>;
  /** Closes the kept connections. */
  close(): void;
}

/** The AuthScape of this deployment, over the REST API of its user management module. */
export function createAuthScape(options: AuthScapeOptions): AuthScape {
  const { clock, meter } = options;
  const concurrency = options.concurrency ?? CONCURRENCY;
  const retry = options.retry ?? DEFAULT_RETRY;
  const apiUrl = withoutSlash(options.apiUrl);
  const client = createHttpClient({ maxSockets: concurrency });
  const throttle = createThrottle({
    concurrency,
    clock,
    waited: (reason, ms) => meter.waited(`authScape.${reason}`, ms),
  });
  const onRequest = () => meter.count('authScape');
  const shared = { client, clock, retry, meter, side: 'authScape' as const, random: Math.random };
  const caller = createCaller({ ...shared, throttle });
  const tokens = createTokenSource({
    idpUrl: withoutSlash(options.idpUrl),
    auth: options.auth,
    // Not behind the API's throttle: a pause of the API is none of the identity provider's.
    caller: createCaller({ ...shared, throttle: createThrottle({ concurrency: 1, clock }) }),
    clock,
  });
  const api = createApi({
    apiUrl,
    client,
    caller,
    throttle,
    tokens,
    clock,
    onRequest,
    dataTimeoutMs: options.dataTimeoutMs ?? DATA_DEADLINE_MS,
    writeTimeoutMs: options.writeTimeoutMs ?? WRITE_DEADLINE_MS,
    repeatAfterMs: retry.baseDelayMs,
    maxPauseMs: retry.maxRetryAfterMs,
  });
  const system = createSystem(api, apiUrl, {
    clock,
    clientUserId: clientUserId(options.auth),
    pageSize: options.pageSize ?? PAGE_SIZE,
    detailConcurrency: options.detailConcurrency ?? CONCURRENCY,
  });
  return {
    system,
    probe: {
      authScapeToken: async () => {
        await system.identity();
      },
      authScapeModule: () => system.probe(),
    },
    close: () => client.close(),
  };
}

function createSystem(
  api: AuthScapeApi,
  address: string,
  settings: { clock: Clock; pageSize: number; detailConcurrency: number; clientUserId: string | null },
): AuthScapeSystem {
  const details = createDetails(api);
  const lists = createLists(api);
  const schemas = createSchemas(api, lists, details, settings.clock);
  const locations = createKnownLocations({ lists, details, clock: settings.clock });
  const update = createUpdate(api, details);
  const findBy = createFind({ lists, details, locations, ...settings });
  return {
    address,
    identity: async () => {
      const reply = await api.read({ method: 'GET', action: '' });
      // 204: the token is good but names no user. The client id is that of the user all the same.
      if (reply.status === 204) return { userId: settings.clientUserId };
      return { userId: shaped(signedInUser, reply.data, 'UserManagement').id };
    },
    probe: async () => {
      await api.read({ method: 'GET', action: 'GetRoles' });
      await lists.count('User', { isActive: true });
    },
    schema: schemas.schema,
    scan: createScan({ lists, details, ...settings }),
    get: async (entity, id) => (await details.read(entity, id))?.record,
    isGone: (entity, id, witness) => isGone(details, entity, id, witness),
    findBy,
    search: createSearch({ lists, details }),
    canCreate: (entity) => entity !== 'Company',
    foreseenRefusal,
    create: createCreate({ api, locations, details, findBy }),
    creationKeys: (entity) => CREATION_KEYS[entity],
    update: async (entity, ...input) => {
      let updated: AuthScapeRecord | undefined;
      try {
        const result = await update(entity, ...input);
        if (result.kind === 'written') updated = result.record;
        return result;
      } finally {
        if (entity === 'Location') locations.note(updated);
      }
    },
    clockOffset: () => api.clockOffset(),
  };
}

/** With client credentials AuthScape takes the client id for the id of a user. */
function clientUserId(auth: AuthScapeAuth): string | null {
  return auth.kind === 'client' && idNumber(auth.clientId) !== undefined ? auth.clientId : null;
}

/** A company and a location say so; of a user it takes another one that can be read between two failures. */
async function isGone(
  details: Details,
  entity: Parameters<AuthScapeSystem['isGone']>[0],
  id: string,
  witness: string | null,
): Promise<boolean> {
  const isReadable = async (each: string) => (await details.read(entity, each)) !== undefined;
  if (idNumber(id) === undefined || (await isReadable(id))) return false;
  if (entity !== 'User') return true;
  if (witness === null || witness === id || !(await isReadable(witness))) return false;
  return !(await isReadable(id));
}

/** The form in which links remember the address. */
function withoutSlash(url: string): string {
  return url.replace(/\/+$/, '');
}
