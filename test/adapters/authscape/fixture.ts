import { afterAll, beforeAll, beforeEach } from 'vitest';
import {
  type AuthScape,
  type AuthScapeOptions,
  createAuthScape,
} from '../../../src/adapters/authscape/authscape.js';
import { createMeter } from '../../../src/adapters/meter.js';
import { systemClock } from '../../../src/adapters/system.js';
import type { SecretStore } from '../../../src/application/ports/secret-store.js';
import type { AuthScapeSystem, ScanPage } from '../../../src/application/ports/systems.js';
import type { AuthScapeEntity } from '../../../src/domain/model.js';
import type { AuthScapeRecord } from '../../../src/domain/records.js';
import { client, type Dump, type Harness, startHarness } from '../../stack/authscape/harness.js';

export { client };

/** A simulator of its own for a test file, cleared before each test. */
export function authScapeSim(): () => Harness {
  let harness: Harness | undefined;
  const current = (): Harness => {
    if (harness === undefined) throw new Error('The simulator has not started.');
    return harness;
  };
  beforeAll(async () => {
    harness = await startHarness();
  });
  beforeEach(async () => {
    await current().sim('POST', 'reset');
    await current().sim('DELETE', 'faults');
    await current().sim('DELETE', 'limits');
    await current().sim('POST', 'install', { module: true });
    await current().sim('POST', 'tokens', {
      mode: 'patched',
      identity: true,
      expireAll: true,
      expiresIn: 3599,
    });
    await current().sim('DELETE', 'requests');
    await current().sim('DELETE', 'hooks');
  });
  afterAll(async () => {
    await harness?.close();
  });
  return current;
}

/** The adapter against a simulator, with waits short enough for tests. */
export function connect(harness: Harness, overrides: Partial<AuthScapeOptions> = {}): AuthScape {
  return createAuthScape({
    apiUrl: `${harness.url}/`,
    idpUrl: harness.url,
    auth: { ...clientAuth },
    meter: createMeter(),
    clock: systemClock,
    retry: { attempts: 3, baseDelayMs: 5, maxDelayMs: 20, maxRetryAfterMs: 50 },
    ...overrides,
  });
}

export const clientAuth = {
  kind: 'client',
  clientId: client.clientId,
  clientSecret: async () => client.clientSecret,
  scope: 'api1',
} as const;

/** A vault in memory that remembers what was put, oldest first. */
export function memoryVault(first?: string): SecretStore & { readonly stored: string[] } {
  const stored = first === undefined ? [] : [first];
  const ref = () => ({ name: 'authscape-refresh', version: String(stored.length) });
  return {
    stored,
    put: async (_name, value) => {
      stored.push(value);
      return ref();
    },
    get: async ({ version }) => stored[Number(version) - 1] ?? '',
    latest: async () => {
      const value = stored.at(-1);
      return value === undefined ? undefined : { ref: ref(), value };
    },
    remove: async () => {},
    ping: async () => {},
  };
}

export interface Inserted {
  users: number[];
  companies: number[];
  locations: number[];
}

export function insert(
  harness: Harness,
  rows: { users?: object[]; companies?: object[]; locations?: object[] },
): Promise<Inserted> {
  return harness.sim<Inserted>('POST', 'insert', rows);
}

/** Inserts one row and answers its id as the product knows it. */
export async function insertOne(
  harness: Harness,
  kind: keyof Inserted,
  row: Record<string, unknown>,
): Promise<string> {
  const [id] = (await insert(harness, { [kind]: [row] }))[kind];
  return String(id);
}

export async function dumpedUser(harness: Harness, id: string): Promise<Dump['users'][number]> {
  return only((await harness.sim<Dump>('GET', 'dump')).users, id);
}

export async function dumpedCompany(harness: Harness, id: string): Promise<Dump['companies'][number]> {
  return only((await harness.sim<Dump>('GET', 'dump')).companies, id);
}

export async function dumpedLocation(harness: Harness, id: string): Promise<Dump['locations'][number]> {
  return only((await harness.sim<Dump>('GET', 'dump')).locations, id);
}

function only<T extends { id: number }>(rows: readonly T[], id: string): T {
  const found = rows.find((row) => String(row.id) === id);
  if (found === undefined) throw new Error(`There is no row ${id}.`);
  return found;
}

export async function requestsByRoute(harness: Harness): Promise<Record<string, number>> {
  return (await harness.sim<{ byRoute: Record<string, number> }>('GET', 'requests')).byRoute;
}

export interface Scanned {
  readonly pages: readonly ScanPage[];
  readonly records: readonly AuthScapeRecord[];
  readonly positions: readonly string[];
  readonly skipped: number;
  readonly total: number | null;
}

/** Scans to the end, as a run does. */
export async function scanAll(
  system: Pick<AuthScapeSystem, 'scan'>,
  entity: AuthScapeEntity,
  options: Parameters<AuthScapeSystem['scan']>[1],
  between: (page: ScanPage) => Promise<void> = async () => {},
): Promise<Scanned> {
  const pages: ScanPage[] = [];
  let position: string | null = null;
  do {
    const page: ScanPage = await system.scan(entity, options, position);
    pages.push(page);
    await between(page);
    position = page.next;
  } while (position !== null && pages.length < 1000);
  return {
    pages,
    records: pages.flatMap((page) => page.records),
    positions: pages.flatMap((page) => page.next ?? []),
    skipped: pages.reduce((sum, page) => sum + (page.skipped ?? 0), 0),
    total: pages.at(-1)?.total ?? null,
  };
}

export const asSeen = () => true;
export const unguarded = async () => {};
