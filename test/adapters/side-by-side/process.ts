import { createDynamicsFactory } from '../../../src/adapters/dataverse/factory.js';
import { createHttpClient, type HttpClient, type HttpRequest } from '../../../src/adapters/http/client.js';
import { createMeter } from '../../../src/adapters/meter.js';
import { gatherReads } from '../../../src/adapters/storage/gathered-reads.js';
import { groupWrites } from '../../../src/adapters/storage/grouped-writes.js';
import { createStores } from '../../../src/adapters/storage/stores.js';
import type { Clock } from '../../../src/application/ports/runtime.js';
import type { EngineParts } from '../../../src/engine.js';
import { appId, domain, type SimClient } from '../../stack/dataverse/sim-client.js';
import type { MemoryStorage } from '../../support/memory-stores.js';
import type { MemorySystems } from '../../support/memory-systems.js';
import type { SystemCall, World } from '../../support/memory-systems-world.js';

const METER = createMeter();
const CLIENT = createHttpClient({ maxSockets: 48 });
const CREDENTIALS = { tenantId: 't', clientId: appId, clientSecret: 'secret', version: 'v1' };

/** What shares requests within one process: the stores, whose writes and reads are gathered, and the client of Dynamics. */
export function processParts(
  { storage, systems }: { storage: MemoryStorage; systems: MemorySystems },
  { sim }: Pick<SimClient, 'sim'>,
  { attempts = 5, dataTimeoutMs = 10_000 }: { attempts?: number; dataTimeoutMs?: number },
): Partial<EngineParts> {
  const { world } = systems;
  const clock = hurried(world);
  const dynamics = createDynamicsFactory({
    hostMap: { [domain]: sim.url },
    resolveCredentials: async () => CREDENTIALS,
    tokens: { token: async () => `${appId}|https://${domain}`, drop: () => undefined },
    client: watched(CLIENT, world),
    meter: METER,
    clock,
    // Repeats have to fit into the time that a test gives Dynamics.
    retry: { attempts, baseDelayMs: 10, maxDelayMs: 80 },
    random: () => 1,
    dataTimeoutMs,
  });
  return {
    storage: { ...storage, ...createStores(gatherReads(groupWrites(storage.tables, clock)), world.clock) },
    systems: { ...systems, dynamics: dynamics.open },
  };
}

/** The clock of the world, which goes on as soon as a caller sleeps. */
function hurried({ clock }: World): Clock {
  return {
    now: clock.now,
    async sleep(ms) {
      await new Promise((resolve) => setImmediate(resolve));
      clock.advance(ms);
    },
  };
}

/** Each request passes the hooks of the world, as the calls of the systems in memory do. */
function watched(client: HttpClient, world: World): HttpClient {
  return {
    ...client,
    async send(request) {
      const call = callOf(request);
      world.breathe();
      await world.before?.(call);
      world.breathe();
      const answer = await client.send(request);
      await world.after?.(call);
      world.breathe();
      return answer;
    },
  };
}

/** A batch has an effect when one of its parts has one. */
function callOf({ body = '', method, url }: HttpRequest): SystemCall {
  const [, name = ''] = /\/api\/data\/v9\.2\/([^(?/]+)/.exec(url) ?? [];
  const effect = name === '$batch' ? /\n(?:POST|PATCH|DELETE) \S+ HTTP/.test(body) : method !== 'GET';
  return { side: 'dynamics', name: `${method} ${name}`, entity: '', id: null, effect };
}
