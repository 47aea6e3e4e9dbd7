import { beforeEach, describe, expect, it } from 'vitest';
import { setAlerts } from '../../../src/application/alerts/manage-alerts.js';
import { sendAlerts } from '../../../src/application/alerts/send-alerts.js';
import type { Alert } from '../../../src/domain/alerts.js';
import { BridgeError } from '../../../src/domain/errors.js';
import { connectionMessages } from '../../../src/domain/missed-events.js';
import type { Run } from '../../../src/domain/run.js';
import { aConnection, aRun } from '../../support/builders.js';
import { createMemoryClock } from '../../support/memory-clock.js';
import { createMemorySecrets } from '../../support/memory-secrets.js';
import { createMemoryStorage } from '../../support/memory-stores.js';

const HOUR = 3_600_000;
const ID = 'c_1234567890';

function createWorld() {
  const clock = createMemoryClock();
  const storage = createMemoryStorage(clock);
  const secrets = createMemorySecrets();
  const sent: { url: string; alert: Alert; text: string; at: number }[] = [];
  const logged: string[] = [];
  const address = { isDown: false };
  let ids = 0;
  const log = (message: string) => void logged.push(message);
  const deps = {
    ...storage,
    ...{ clock, secrets, allowLoopback: false },
    ids: { random: () => `${++ids}` },
    logger: { info: log, warn: log, error: log },
    postAlert: async ({ url }: { url: string }, _id: string, text: string, at: number) => {
      if (address.isDown) throw new BridgeError('connection_timeout', 'It does not answer.');
      sent.push({ url, alert: JSON.parse(text) as Alert, text, at });
    },
  };
  let runs = 0;
  return {
    ...{ address, clock, logged, secrets, sent, storage },
    set: setAlerts(deps),
    tick: sendAlerts(deps),
    /** A run that has just ended. */
    async ended(change: Partial<Run>): Promise<void> {
      clock.advance(60_000);
      const finishedAt = new Date(clock.now()).toISOString();
      const run = aRun({ id: `r_${++runs}`, status: 'running', createdAt: finishedAt, ...change });
      const opened = await storage.runs.open({ ...run, status: 'queued' });
      if (!('opened' in opened)) throw new Error('Another run is under way.');
      await storage.runs.replace({ ...run, finishedAt }, opened.opened.etag);
    },
    kinds: () => sent.map(({ alert: { code, kind, of } }) => [kind, of ?? code].filter(Boolean).join(' ')),
  };
}

const failed = (code: string): Partial<Run> => ({
  status: 'failed',
  error: { code, message: 'Secret text.' },
});

describe('alerts of a connection', () => {
  let world: ReturnType<typeof createWorld>;
  const input = {
    url: 'https://alerts.contoso.com/in?key=1',
    secret: 'x'.repeat(16),
    format: 'json',
  } as const;

  beforeEach(async () => {
    world = createWorld();
    await world.storage.connections.create(aConnection());
    await world.ended(failed('dynamics_error'));
    await world.set(ID, { ...input, afterIntervals: 3 });
  });

  it('tell of what happens from then on, a condition once, and when it is over', async () => {
    await world.tick();
    expect(world.kinds()).toEqual([]);

    for (const end of [
      failed('dynamics_unavailable'),
      failed('dynamics_unavailable'),
      failed('schema_changed'),
    ]) {
      await world.ended(end);
      await world.tick();
      await world.tick();
    }
    await world.ended({ ...failed('internal_error'), dryRun: true });
    await world.ended({ status: 'partiallySucceeded' });
    await world.ended({ status: 'cancelled' });
    await world.ended({ status: 'succeeded' });
    await world.tick();

    expect(world.kinds()).toEqual([
      'runFailed dynamics_unavailable',
      'runFailed schema_changed',
      'runPartiallySucceeded',
      'recovered runPartiallySucceeded',
    ]);
  });

  it('name failing credentials, and hold ids only', async () => {
    await world.ended(failed('invalid_client_credentials'));
    await world.tick();

    expect(world.sent).toEqual([
      {
        ...{ url: input.url, at: world.clock.now(), text: expect.not.stringContaining('Secret text') },
        alert: {
          id: 'al_1',
          kind: 'credentialsFailing',
          connectionId: ID,
          at: new Date(world.clock.now()).toISOString(),
          runId: 'r_2',
          code: 'invalid_client_credentials',
        },
      },
    ]);
  });

  it('tell of changes that are held, of a credential that expires, and of days without a sync', async () => {
    const { clock, storage } = world;
    const held = {
      mappingId: 'm_1',
      authScapeId: '1',
      crmId: '2',
      category: 'delete',
      detail: { kind: 'gone' as const, side: 'dynamics' as const, scans: 0 },
      runId: 'r_1',
    };
    await storage.backlog.putHeld(ID, [{ ...held, heldAt: new Date(clock.now()).toISOString() }]);
    const stored = await storage.connections.get(ID);
    if (stored === undefined) throw new Error('The connection is gone.');
    const credentialExpiresAt = new Date(clock.now() + 15 * 24 * HOUR).toISOString();
    await storage.connections.replace({ ...stored.value, credentialExpiresAt }, stored.etag);
    const at = new Date(clock.now()).toISOString();
    await storage.connections.updateState(ID, (state) => ({
      ...state,
      firstFullSyncAt: at,
      lastSuccessAt: at,
    }));
    await world.tick();
    expect(world.kinds()).toEqual(['changesHeld']);

    clock.advance(HOUR);
    await world.tick();
    clock.advance(24 * HOUR);
    await world.tick();
    await world.tick();
    expect(world.kinds()).toEqual(['changesHeld', 'nothingSynced', 'secretExpires']);
    expect(world.sent[2]?.alert.expiresAt).toBe(credentialExpiresAt);

    const now = new Date(clock.now()).toISOString();
    await storage.connections.updateState(ID, (state) => ({ ...state, lastSuccessAt: now }));
    await world.tick();
    expect(world.kinds().at(-1)).toBe('recovered nothingSynced');
  });

  it('are sent again with growing pauses and the same id until they are taken, in order', async () => {
    world.address.isDown = true;
    await world.ended(failed('dynamics_error'));
    const pauses: number[] = [];
    let before = world.clock.now();
    let tries = 0;
    while (pauses.length < 6) {
      await world.tick();
      const refused = world.logged.filter((line) => line.startsWith('An alert was not taken')).length;
      if (refused > tries) pauses.push((world.clock.now() - before) / 60_000);
      if (refused > tries) before = world.clock.now();
      tries = refused;
      world.clock.advance(60_000);
    }
    expect(pauses).toEqual([0, 1, 2, 5, 15, 30]);

    await world.ended({ status: 'succeeded' });
    world.address.isDown = false;
    world.clock.advance(HOUR);
    await world.tick();
    expect(world.kinds()).toEqual(['runFailed dynamics_error', 'recovered runFailed']);
    expect(world.sent[0]?.alert.id).toBe('al_1');
    expect((await world.storage.alerts.get(ID))?.value).toMatchObject({ pending: [], failingSince: null });
  });

  it('are switched off with a notice after 72 hours, and on again when they are set anew', async () => {
    const notices = async () => connectionMessages(await world.storage.connections.getState(ID));
    world.address.isDown = true;
    await world.ended(failed('dynamics_error'));
    for (let hour = 0; hour < 72; hour += 1) {
      await world.tick();
      expect(await notices()).toEqual([]);
      world.clock.advance(HOUR);
    }
    await world.tick();
    expect(await notices()).toEqual([expect.stringContaining('Alerts were switched off')]);
    expect(world.logged.at(-1)).toContain('switched off');

    world.address.isDown = false;
    await world.ended(failed('schema_changed'));
    await world.tick();
    expect(world.sent).toEqual([]);

    await world.set(ID, { ...input, afterIntervals: 3 });
    expect(await notices()).toEqual([]);
    await world.ended(failed('schema_changed'));
    await world.tick();
    expect(world.kinds()).toEqual(['runFailed schema_changed']);
  });

  it('do not keep the ones of other connections from being sent', async () => {
    await world.storage.connections.create(aConnection({ id: 'c_other', name: 'Other' }));
    await world.set('c_other', { ...input, afterIntervals: 3 });
    await world.ended({ ...failed('dynamics_error'), connectionId: 'c_other' });
    world.storage.tables.before = ({ partitionKey, table }) => {
      if (table === 'Runs' && partitionKey === ID) throw new Error('broken');
    };
    await world.tick();

    expect(world.sent.map(({ alert }) => alert.connectionId)).toEqual(['c_other']);
    expect(world.logged).toEqual(['Alerts of a connection could not be looked after.']);
  });

  it('cost a tick one request where none are set, however many connections there are', async () => {
    for (let n = 0; n < 200; n += 1) {
      await world.storage.connections.create(aConnection({ id: `c_${n}`, name: `Other ${n}` }));
    }
    let requests = 0;
    world.storage.tables.before = () => {
      requests += 1;
    };
    await world.storage.alerts.remove(ID);
    const before = requests;
    await world.tick();

    expect(requests - before).toBe(1);
  });
});
