import { createServer, type Server, request as send } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createMeter } from '../../../src/adapters/meter.js';
import { createAzureTables } from '../../../src/adapters/storage/azure-tables.js';
import { createIdempotencyStore } from '../../../src/adapters/storage/idempotency-table.js';
import { createMappingStore } from '../../../src/adapters/storage/mapping-table.js';
import type { Tables } from '../../../src/adapters/storage/table.js';
import { systemClock } from '../../../src/adapters/system.js';
import { ConflictError } from '../../../src/domain/errors.js';
import { type Azurite, startAzurite } from '../../stack/azurite.js';
import { aMapping } from '../../support/builders.js';

let azurite: Azurite;
let gateway: Server;
let tables: Tables;
/** Names of tables whose next insert takes effect without an answer. */
const losing = new Set<string>();

/** Between the SDK and the emulator: cuts the connection when an answer is to be lost. The SDK then sends again. */
beforeAll(async () => {
  azurite = await startAzurite();
  const endpoint = /TableEndpoint=(https?:\/\/[^;/]+)/.exec(azurite.connectionString)?.[1] ?? '';
  gateway = createServer((message, response) => {
    const table = [...losing].find((name) => message.method === 'POST' && message.url?.endsWith(`/${name}`));
    losing.delete(table ?? '');
    const { headers, method, url } = message;
    const forwarded = send(`${endpoint}${url}`, { method: method ?? 'GET', headers }, (answer) => {
      if (table !== undefined) {
        answer.resume();
        answer.on('end', () => response.destroy());
        return;
      }
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    message.pipe(forwarded);
  });
  await new Promise<void>((resolve) => gateway.listen(0, '127.0.0.1', resolve));
  const address = `http://127.0.0.1:${(gateway.address() as AddressInfo).port}`;
  tables = createAzureTables({
    connectionString: azurite.connectionString.replace(endpoint, address),
    meter: createMeter(),
    retryDelayMs: 10,
  });
});

afterAll(async () => {
  gateway.closeAllConnections();
  await new Promise((resolve) => gateway.close(resolve));
  await azurite.close();
});

beforeEach(() => losing.clear());

describe('an insert whose answer was lost', () => {
  it('does not make a request with an idempotency key wait for itself', async () => {
    const store = createIdempotencyStore(tables, systemClock);
    losing.add('Idempotency');
    expect(await store.begin('key-1', 'print')).toEqual({ kind: 'fresh' });
    expect(losing.size).toBe(0);
    // Any other caller has to wait, also one that sends the same in the same moment.
    expect(await store.begin('key-1', 'print')).toEqual({ kind: 'pending' });
  });

  it('does not make a new mapping one that exists already', async () => {
    const store = createMappingStore(tables);
    const mapping = aMapping({ id: 'm_lost' });
    losing.add('Mappings');
    const created = await store.create(mapping);
    expect(losing.size).toBe(0);
    expect(await store.get(mapping.connectionId, mapping.id)).toEqual(created);
    const other = aMapping({ id: 'm_lost', enabled: false });
    await expect(store.create(other)).rejects.toBeInstanceOf(ConflictError);
  });
});
