import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { say } from '../stack/output.js';
import type { Reply } from './support/api.js';
import { doubles } from './support/fingerprint.js';
import { bothSides, type Journey, startJourney, startWithinMs } from './support/journey.js';
import type { Run } from './support/shapes.js';
import type { Simulator } from './support/simulator.js';
import { until } from './support/wait.js';

/**
 * Storage and vault that hang, and a worker that dies, with the lease and the time limits of production. No timer comes to
 * help; only records that a dead worker had in hand are free sooner, which a run waits for at its end.
 */
const withoutTimer = { SYNC_SCHEDULE: '0 0 0 1 1 *', AUTHSCAPE_WRITE_TIMEOUT_SECONDS: '5' };

async function prepare(journey: Journey): Promise<string> {
  await journey.dynamics.seed({ contacts: 30, accounts: 0, seed: 61 });
  await journey.authScape.seed({ users: 20, companies: 0, locations: 0, seed: 61, overlap: 0.5 });
  const connectionId = await journey.api.createConnection();
  await journey.api.createMapping(connectionId, 'User', 'contact');
  return connectionId;
}

const reached = (simulator: Simulator, route: string, times: number) =>
  until(
    `${route} was called ${times} times`,
    async () => ((await simulator.requests()).byRoute[route] ?? 0) >= times,
    { everyMs: 5 },
  );

async function requestsOf({ dynamics, authScape }: Journey): Promise<number> {
  const [d, a] = await Promise.all([dynamics.requests(), authScape.requests()]);
  return d.total + a.total;
}

/** A run did its work once: no person is there twice, and a further one finds nothing to do. */
async function expectDone({ api, ...journey }: Journey, connectionId: string, run: Run): Promise<void> {
  expect(run).toMatchObject({ error: null, status: expect.stringMatching(/ucceeded$/) });
  const { authScape } = await bothSides(journey);
  expect(doubles(authScape.users.map(({ email }) => email))).toEqual([]);
  const next = await api.sync(connectionId, { mode: 'full' });
  expect(next.counts).toMatchObject({ created: 0, updated: 0, linked: 0 });
}

describe('a run', { timeout: 180_000 }, () => {
  let hung: Journey;
  let killed: Journey;
  let hungId: string;
  let killedId: string;

  beforeAll(async () => {
    [hung, killed] = await Promise.all([startJourney(withoutTimer), startJourney(withoutTimer)]);
    [hungId, killedId] = await Promise.all([prepare(hung), prepare(killed)]);
  }, startWithinMs);
  afterAll(() => Promise.all([hung?.stop(), killed?.stop()]));

  it.concurrent('waits out storage that hangs, of which callers are told', async () => {
    const { api, authScape, stack } = hung;
    const { id } = await api.requestSync(hungId, { mode: 'full' });
    await reached(authScape, 'POST CreateAccount', 5);
    process.kill(stack.info.pids.azurite, 'SIGSTOP');
    let during: Reply;
    try {
      // Longer than a write to storage may take.
      [during] = await Promise.all([api.ask('GET', `connections/${hungId}`), sleep(35_000)]);
    } finally {
      process.kill(stack.info.pids.azurite, 'SIGCONT');
    }
    expect(during).toMatchObject({ status: 503, body: { code: 'storage_unavailable' } });
    expect(Number(during.headers.get('retry-after'))).toBeGreaterThan(0);
    await expectDone(hung, hungId, await api.follow(id));
  });

  it.concurrent('waits out a vault that is slow, and rests less than 45 s when its worker is killed', async () => {
    const { api, authScape, identity, stack } = killed;
    const { clientSecret } = stack.info.credentials;
    // A secret that is new has to be read; each attempt takes longer than is waited for it.
    await api.patchConnection(killedId, { clientSecret });
    await identity.faults({ match: 'GET secrets', delayMs: 12_000, times: 2 });
    const { id } = await api.requestSync(killedId, { mode: 'full' });
    await reached(authScape, 'POST CreateAccount', 5);
    await stack.kill('functions', 'SIGKILL');
    const killedAt = Date.now();
    const before = await requestsOf(killed);
    await until('another worker goes on', async () => (await requestsOf(killed)) > before);
    const restedMs = Date.now() - killedAt;
    say(`A run rested ${(restedMs / 1000).toFixed(1)} s after its worker was killed.`);
    expect(restedMs).toBeLessThan(45_000);
    await expectDone(killed, killedId, await api.follow(id));
  });
});
