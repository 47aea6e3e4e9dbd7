import { describe, expect, it } from 'vitest';
import { receiveDynamicsEvent } from '../../../../src/application/events/receive-events.js';
import { connectionMessages } from '../../../../src/domain/missed-events.js';
import { parseDynamicsEvent } from '../../../../src/functions/dynamics-event.js';
import { createHarness } from '../../support/harness.js';

const MINUTE = 60_000;

/** A pair in step, and a webhook that was registered after its first sync. */
async function givenWebhook({ registered = true } = {}) {
  const bridge = await createHarness();
  const { clock, connection, parts, storage } = bridge;
  const person = { firstName: 'Ada', lastName: 'L', email: 'ada@x.test', isActive: true };
  const userId = bridge.a.people.insert('User', person);
  await bridge.sync('full');
  const [link] = await bridge.links();
  if (link === undefined) throw new Error('There is no pair.');
  const stored = await storage.connections.get(connection.id);
  if (stored === undefined) throw new Error('There is no connection.');
  const webhookSecret = await parts.secrets.put('hook', 'secret');
  await storage.connections.replace({ ...stored.value, webhookSecret }, stored.etag);
  if (registered) {
    await storage.webhooks.put({
      ...{ connectionId: connection.id, baseUrl: 'https://bridge.test', environment: connection.environment },
      ...{ endpointId: 'e1', secretVersion: webhookSecret.version, lastFailure: null },
      registeredAt: new Date(clock.now()).toISOString(),
    });
  }
  clock.advance(10 * MINUTE);
  const receiver = receiveDynamicsEvent(
    {
      ...{ ...storage, ...parts, queue: storage.jobs, elapsed: () => clock.now() },
      connectionCache: {
        find: async (id) => ({ connection: (await storage.connections.get(id))?.value, isFresh: true }),
      },
    },
    parseDynamicsEvent,
  );
  const event = { MessageName: 'Update', PrimaryEntityName: 'contact', PrimaryEntityId: link.crmId };
  const receive = () =>
    receiver({ connectionId: connection.id, secret: 'secret', body: async () => JSON.stringify(event) });
  const rename = (lastname: string) => bridge.d.people.set('contact', link.crmId, { lastname });
  const state = () => storage.connections.getState(connection.id);
  const told = async () => connectionMessages(await state());
  const name = () => bridge.a.records.User.get(userId)?.values.lastName;
  return { bridge, clock, name, receive, rename, state, told };
}

describe('a change that no event told of', () => {
  it('is brought by the next incremental run, which reports the missed events', async () => {
    const { bridge, clock, name, rename, told } = await givenWebhook();
    rename('Lovelace');
    clock.advance(15 * MINUTE);
    const run = await bridge.sync('incremental');
    expect(name()).toBe('Lovelace');
    expect(run.messages).toEqual([expect.stringContaining('webhook is silent')]);
    expect(await told()).toEqual(run.messages);
  });

  it('counts for rows that are new in Dynamics too', async () => {
    const { bridge, clock } = await givenWebhook();
    bridge.d.people.insert('contact', { firstname: 'Eve', lastname: 'N', emailaddress1: 'eve@x.test' });
    clock.advance(15 * MINUTE);
    const run = await bridge.sync('incremental');
    expect(run.bySide.authScape.created).toBe(1);
    expect(run.messages).toEqual([expect.stringContaining('webhook is silent')]);
  });

  it('reports no missed events without a registration, in its first minutes, or after an event', async () => {
    const without = await givenWebhook({ registered: false });
    without.rename('Lovelace');
    without.clock.advance(15 * MINUTE);
    expect((await without.bridge.sync('incremental')).messages).toEqual([]);
    const early = await givenWebhook();
    early.rename('Lovelace');
    early.clock.advance(MINUTE);
    expect((await early.bridge.sync('incremental')).messages).toEqual([]);
    const heard = await givenWebhook();
    await heard.receive();
    heard.rename('Lovelace');
    heard.clock.advance(MINUTE);
    await heard.receive();
    heard.clock.advance(15 * MINUTE);
    expect((await heard.bridge.sync('incremental')).messages).toEqual([]);
  });

  it('is none when nothing but our own writes changed Dynamics', async () => {
    const { bridge, clock } = await givenWebhook();
    const [link] = await bridge.links();
    bridge.a.people.set('User', link?.authScapeId ?? '', { lastName: 'Byron' });
    await bridge.sync('incremental');
    clock.advance(15 * MINUTE);
    const run = await bridge.sync('incremental');
    expect([run.counts.updated, run.messages]).toEqual([0, []]);
  });

  it('is forgotten with the next event, and told anew when it happens again', async () => {
    const { bridge, clock, receive, rename, told } = await givenWebhook();
    rename('Lovelace');
    clock.advance(15 * MINUTE);
    await bridge.sync('incremental');
    clock.advance(MINUTE);
    await receive();
    expect(await told()).toEqual([]);
    await bridge.drain();
    clock.advance(15 * MINUTE);
    rename('Byron');
    clock.advance(15 * MINUTE);
    await bridge.sync('incremental');
    expect(await told()).toHaveLength(1);
  });

  it('leaves nothing in the connection after a dry run', async () => {
    const { bridge, clock, rename, told } = await givenWebhook();
    rename('Lovelace');
    clock.advance(15 * MINUTE);
    const run = await bridge.sync('incremental', { dryRun: true });
    expect(run.messages).toEqual([expect.stringContaining('webhook is silent')]);
    expect(await told()).toEqual([]);
  });
});

it('the time of the newest event is kept once a minute', async () => {
  const { bridge, clock, receive, state } = await givenWebhook();
  let writes = 0;
  const { updateState } = bridge.storage.connections;
  const first = new Date(clock.now()).toISOString();
  await receive();
  expect((await state()).lastEventAt).toBe(first);
  Object.assign(bridge.storage.connections, {
    updateState: (...call: Parameters<typeof updateState>) => {
      writes += 1;
      return updateState(...call);
    },
  });
  for (let second = 1; second < 60; second += 1) {
    clock.advance(1_000);
    await receive();
  }
  expect(writes).toBe(0);
  clock.advance(1_000);
  await receive();
  expect(writes).toBe(1);
  expect((await state()).lastEventAt).toBe(new Date(clock.now()).toISOString());
});
