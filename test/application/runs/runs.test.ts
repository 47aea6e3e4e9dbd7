import { describe, expect, it } from 'vitest';
import { cancelRun } from '../../../src/application/runs/manage-runs.js';
import { BridgeError } from '../../../src/domain/errors.js';
import { aPair, aUser, contact, contacts, linkOf, mark, user, writesSince } from '../support/actors.js';
import { crashAt } from '../support/crash.js';
import { createHarness, type Harness, LEASE_MS } from '../support/harness.js';

/** Two users and two contacts of which one pair belongs together, with different details. */
async function newcomers(options: Parameters<typeof createHarness>[0] = {}): Promise<Harness> {
  const bridge = await createHarness(options);
  aUser(bridge, { email: 'ada@x.test', phoneNumber: '1' });
  aUser(bridge, { email: 'eve@x.test', firstName: 'Eve' });
  bridge.d.people.insert(
    'contact',
    { lastname: 'Bob', emailaddress1: 'bob@x.test' },
    `${'0'.repeat(8)}-0001`,
  );
  bridge.d.people.insert(
    'contact',
    { lastname: 'Eva', emailaddress1: 'eve@x.test' },
    `${'0'.repeat(8)}-0002`,
  );
  return bridge;
}

function allRecords(bridge: Harness): string {
  const users = [...bridge.a.records.User.values()].map(({ values }) => [
    values.email,
    values.firstName,
    values.lastName,
    values.phoneNumber,
    values.isActive,
  ]);
  const rows = contacts(bridge).map((id) => {
    const row = contact(bridge, id);
    return [row.emailaddress1, row.firstname, row.lastname, row.telephone1, row.statecode === 0];
  });
  return JSON.stringify({ users: users.map(String).sort(), rows: rows.map(String).sort() });
}

describe('a run', () => {
  it('[P2][P3] links, creates on both sides, and counts each pair once by its strongest outcome', async () => {
    const bridge = await newcomers();
    const run = await bridge.sync('full');
    expect(run).toMatchObject({
      status: 'succeeded',
      phase: 'done',
      percent: 100,
      error: null,
      counts: { created: 2, linked: 1, updated: 0, failed: 0, skipped: 0 },
    });
    const { users, rows } = JSON.parse(allRecords(bridge)) as { users: string[]; rows: string[] };
    expect(users).toEqual(rows);
    expect(users).toHaveLength(3);
  });

  it('[R1] comes to the same in steps of one unit each', async () => {
    const calm = await newcomers();
    await calm.sync('full');
    const bridge = await newcomers({ stepMs: 1, concurrency: 1 });
    const run = await bridge.sync('full');
    expect(run.counts).toMatchObject({ created: 2, linked: 1, failed: 0 });
    expect(allRecords(bridge)).toBe(allRecords(calm));
  });

  it('[C1] reads both sides page by page to the end', async () => {
    const bridge = await createHarness({ stepMs: 10 });
    for (let count = 0; count < 23; count += 1) aUser(bridge);
    expect((await bridge.sync('full')).counts).toMatchObject({ created: 23 });
    expect((await bridge.sync('full')).counts).toMatchObject({ unchanged: 23, created: 0, updated: 0 });
  });

  it('[R2] is refused while another one of the connection is under way', async () => {
    const bridge = await newcomers();
    await bridge.start('full');
    await expect(bridge.start('incremental')).rejects.toMatchObject({ code: 'run_in_progress' });
  });

  it('stops at the end of its unit when it is cancelled', async () => {
    const bridge = await newcomers({ stepMs: 1 });
    const run = await bridge.start('full');
    while ((await bridge.storage.runs.get(run.id))?.value.phase !== 'comparing') {
      const job = bridge.storage.jobs.take();
      if (job !== undefined) await bridge.deliver(job);
    }
    const start = mark(bridge);
    await cancelRun({ ...bridge.parts, ...bridge.storage, queue: bridge.storage.jobs })(run.id);
    expect(await bridge.finish(run.id)).toMatchObject({ status: 'cancelled', phase: 'done' });
    expect(writesSince(bridge, start)).toEqual([]);
  });

  it('[R5] waits passing faults out', async () => {
    const bridge = await newcomers();
    let faults = 4;
    bridge.world.before = (call) => {
      if (call.name !== 'scan' || faults === 0) return;
      faults -= 1;
      throw new BridgeError('authscape_unreachable', 'It does not answer.', { retryAfterSeconds: 30 });
    };
    const run = await bridge.start('full');
    await bridge.drain();
    const waited = await bridge.finish(run.id);
    expect(waited).toMatchObject({ status: 'succeeded', counts: { created: 2, linked: 1 } });
    expect(Date.parse(waited.finishedAt ?? '') - Date.parse(waited.createdAt)).toBeGreaterThan(120_000);
  });

  it('gives up when a fault does not pass, with its code, and shows it with the connection', async () => {
    const bridge = await newcomers();
    bridge.world.before = (call) => {
      if (call.name === 'scan') throw new BridgeError('authscape_unreachable', 'It does not answer.');
    };
    const run = await bridge.sync('full');
    expect(run).toMatchObject({ status: 'failed', error: { code: 'authscape_unreachable' } });
    const state = await bridge.storage.connections.getState(bridge.connection.id);
    expect(state).toMatchObject({ lastSyncError: { code: 'authscape_unreachable' }, firstFullSyncAt: null });
  });

  it.each(['access_denied', 'schema_changed'] as const)('fails at once with %s', async (code) => {
    const bridge = await newcomers();
    bridge.world.before = (call) => {
      if (call.name === 'changes') throw new BridgeError(code, 'No.');
    };
    const before = bridge.clock.now();
    expect(await bridge.sync('full')).toMatchObject({ status: 'failed', error: { code } });
    expect(bridge.clock.now() - before).toBeLessThan(10_000);
  });

  it('[R4] writes nothing into another organization than the one of its links', async () => {
    const bridge = await createHarness();
    const { a } = await aPair(bridge);
    bridge.d.organizationId = '0f6a0c3e-2222-4000-8000-000000000002';
    bridge.a.people.set('User', a, { firstName: 'New' });
    const start = mark(bridge);
    expect(await bridge.sync('incremental')).toMatchObject({ error: { code: 'environment_changed' } });
    expect(writesSince(bridge, start)).toEqual([]);
  });

  it.each(['full', 'incremental', 'event'] as const)(
    'writes nothing where Dynamics was restored to an older state (%s)',
    async (how) => {
      const bridge = await createHarness();
      const { a, d } = await aPair(bridge);
      const other = await aPair(bridge);
      bridge.clock.advance(1_000);
      const row = bridge.d.tables.get('contact')?.rows.get(d);
      if (row === undefined) throw new Error('no row');
      row.version -= 1;
      bridge.a.people.set('User', a, { firstName: 'New' });
      bridge.a.people.set('User', other.a, { firstName: 'New' });
      if (how === 'incremental') bridge.d.expireDeltaLinks();
      const start = mark(bridge);
      if (how === 'event') {
        await bridge.event('authScape', 'User', a);
        await bridge.drain();
        expect(bridge.poison.map(({ error }) => (error as BridgeError).code)).toEqual([
          'environment_changed',
        ]);
      } else {
        expect(await bridge.sync(how)).toMatchObject({
          status: 'failed',
          error: { code: 'environment_changed' },
        });
      }
      expect(writesSince(bridge, start)).toEqual([]);
    },
  );

  it('[D12] takes an AuthScape that lists no user, where links exist, for an error', async () => {
    const bridge = await createHarness();
    const { a, d } = await aPair(bridge);
    bridge.a.people.remove('User', a);
    expect(await bridge.sync('full')).toMatchObject({ status: 'failed', error: { code: 'authscape_empty' } });
    expect(contact(bridge, d).statecode).toBe(0);
  });

  it('[C3] reads in full when the delta link is no longer taken', async () => {
    const bridge = await createHarness();
    const { a, d } = await aPair(bridge);
    bridge.d.people.set('contact', d, { firstname: 'D' });
    bridge.d.expireDeltaLinks();
    const run = await bridge.sync('incremental');
    expect(run.counts).toMatchObject({ updated: 1 });
    expect(run.messages.join()).toContain('read in full');
    expect(user(bridge, a).firstName).toBe('D');
  });

  it('[R1] is taken up by the timer after its worker died, and the dead worker does nothing more', async () => {
    const bridge = await newcomers();
    const crash = crashAt(bridge, 40, 'before');
    const run = await bridge.start('full');
    await bridge.drain();
    expect(crash.happened()).not.toBeNull();
    expect(await bridge.getRun(run.id)).toMatchObject({ status: 'running' });
    bridge.clock.advance(LEASE_MS + 1_000);
    await bridge.tick();
    expect(await bridge.getRun(run.id)).toMatchObject({
      status: 'succeeded',
      counts: { created: 2, linked: 1 },
    });
  });
});

describe('a dry run', () => {
  it('[R7] writes nothing, and lists what the real run then writes', async () => {
    const bridge = await newcomers();
    const start = mark(bridge);
    const dry = await bridge.sync('full', { dryRun: true });
    expect(writesSince(bridge, start)).toEqual([]);
    expect(await bridge.links()).toEqual([]);
    expect(await bridge.logs()).toEqual([]);
    const real = await bridge.sync('full');
    const planned = await listed(bridge, dry.id);
    expect(planned).toEqual(await listed(bridge, real.id));
    expect(planned.length).toBeGreaterThan(3);
    expect(dry.counts).toEqual(real.counts);
  });

  it('foresees the e-mail that AuthScape does not take as a login', async () => {
    const bridge = await newcomers();
    bridge.a.refusedEmails.add('bob@x.test');
    const dry = await bridge.sync('full', { dryRun: true });
    const real = await bridge.sync('full');
    expect(dry.counts).toEqual(real.counts);
    expect(real.counts).toMatchObject({ created: 1, failed: 1 });
    expect(await listed(bridge, dry.id)).toEqual(await listed(bridge, real.id));
  });

  it('[R7] lists the changes of linked pairs, and leaves them to the real run', async () => {
    const bridge = await createHarness();
    const { a, d } = await aPair(bridge);
    bridge.a.people.set('User', a, { firstName: 'A', phoneNumber: '7' });
    bridge.d.people.set('contact', d, { firstname: 'D' });
    const before = await linkOf(bridge, a);
    const dry = await bridge.sync('incremental', { dryRun: true });
    expect(await linkOf(bridge, a)).toEqual(before);
    const real = await bridge.sync('incremental');
    expect(await listed(bridge, dry.id)).toEqual(await listed(bridge, real.id));
    expect(dry.counts).toEqual(real.counts);
  });
});

/** Every field that a run wrote or would write, by rule. */
async function listed(bridge: Harness, runId: string): Promise<readonly string[]> {
  const entries = await bridge.logs(runId);
  return entries
    .flatMap(({ side, action, fields }) =>
      fields.map(({ field, from, to, rule }) => `${side} ${action} ${field}: ${from} -> ${to} (${rule})`),
    )
    .sort();
}

describe.each(['before', 'after'] as const)(
  '[R1] a worker that dies %s any effect of a first run',
  (when) => {
    it('changes nothing in the end', { timeout: 120_000 }, async () => {
      const calm = await newcomers();
      await calm.sync('full');
      const faults: string[] = [];
      for (let n = 1; ; n += 1) {
        const bridge = await newcomers();
        const crash = crashAt(bridge, n, when);
        await bridge.sync('full');
        const happened = crash.happened();
        if (happened === null) break;
        bridge.clock.advance(700_000);
        await bridge.sync('full');
        if (allRecords(bridge) !== allRecords(calm)) faults.push(`${n} ${happened}: ${allRecords(bridge)}`);
        const links = await bridge.links();
        if (links.length !== 3 || !links.every(({ clean }) => clean)) faults.push(`${n} ${happened}: links`);
      }
      expect(faults).toEqual([]);
    });
  },
);
