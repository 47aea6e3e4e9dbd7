import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Receiver, startReceiver } from '../receiver.js';
import { type Harness, startHarness } from './harness.js';

interface AuthScapeEvent {
  entity: string;
  id: number;
  change: string;
  occurredAt: string;
}

let authScape: Harness;
let receiver: Receiver;

beforeEach(async () => {
  authScape = await startHarness();
  receiver = await startReceiver();
});

afterEach(async () => {
  await authScape.close();
  await receiver.close();
});

const key = 'a key of the functions';
const deliver = (settings: object = {}) =>
  authScape.sim('POST', 'events', { deliver: true, url: receiver.url, key, ...settings });
const counts = () => authScape.sim<Record<string, number>>('GET', 'events');
const person = { firstName: 'Ada', lastName: 'Moss', email: 'ada@moss.example' };
const lists = { locations: [], customFields: [] };

/** Waits until nothing is pending and returns what was posted, event by event. */
async function posted(): Promise<string[]> {
  await vi.waitUntil(async () => (await counts()).pending === 0, { timeout: 5000, interval: 5 });
  return receiver.received.flatMap(({ text }) =>
    (JSON.parse(text) as { events: AuthScapeEvent[] }).events.map(
      ({ entity, id, change }) => `${entity} ${id} ${change}`,
    ),
  );
}

describe('events', () => {
  it('tell of the four operations that have a hook, thinly, with the key of the functions', async () => {
    const inserted = await authScape.sim('POST', 'insert', { companies: [{ title: 'Moss Ltd' }] });
    const [companyId] = inserted.companies as number[];
    await deliver();
    const id = (await authScape.api('POST', 'CreateAccount', person)).json<number>();
    await authScape.api('PUT', 'UpdateUser', { ...person, id, customFields: [] });
    await authScape.api('POST', 'UpdateCompany', { id: companyId, title: 'Moss', ...lists });
    await authScape.api('POST', 'UpdateLocation', { id: -1, title: 'Depot', customFields: [] });
    await authScape.api('DELETE', `ArchiveUser?id=${id}`);
    expect((await posted()).sort()).toEqual([
      `Company ${companyId} updated`,
      'Location 1 updated',
      `User ${id} updated`,
      `User ${id} updated`,
    ]);
    const [first] = receiver.received;
    expect(first).toMatchObject({
      path: '/api/authscape/events',
      headers: { 'x-functions-key': key, 'content-type': 'application/json' },
    });
    const { events } = JSON.parse(first?.text ?? '') as { events: AuthScapeEvent[] };
    expect(Object.keys(events[0] ?? {}).sort()).toEqual(['change', 'entity', 'id', 'occurredAt']);
    expect(events[0]?.occurredAt).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  });

  it('tell of every saved row when all are wanted; an archived one is updated', async () => {
    await deliver({ all: true });
    const { companies } = await authScape.sim<{ companies: number[] }>('POST', 'insert', {
      companies: [{ title: 'Moss Ltd' }],
    });
    const id = (await authScape.api('POST', 'CreateAccount', person)).json<number>();
    await authScape.api('POST', 'UpdateLocation', { id: -1, title: 'Depot', customFields: [] });
    await authScape.api('POST', 'UpdateCompany', {
      ...{ id: companies[0], title: 'Moss', ...lists },
      locations: [{ id: 1, title: 'Depot', users: [], userLocations: [], customFields: [] }],
    });
    for (const path of ['ArchiveUser', 'ActivateUser']) {
      await authScape.api('DELETE', `${path}?id=${id}`);
    }
    await authScape.api('DELETE', 'ArchiveLocation?id=1');
    await authScape.api('DELETE', `ArchiveCompany?id=${companies[0]}`);
    await authScape.api('DELETE', 'ArchiveCompany?id=4711');
    await authScape.sim('POST', 'delete', { entity: 'User', id });
    expect(new Set(await posted())).toEqual(
      new Set([
        ...[`Company ${companies[0]} created`, `Company ${companies[0]} updated`],
        ...[`User ${id} created`, `User ${id} updated`, `User ${id} deleted`],
        ...['Location 1 created', 'Location 1 updated'],
      ]),
    );
  });

  it('tell of a user that stayed although the call failed', async () => {
    await deliver({ all: true });
    const answer = await authScape.api('PUT', 'UpdateUser', { ...person, id: -1 });
    expect([answer.status, await posted()]).toEqual([500, ['User 1 created']]);
  });

  it('are not sent unless that was asked for, nor after a reset', async () => {
    await deliver({ deliver: false });
    await authScape.api('POST', 'CreateAccount', person);
    await authScape.sim('POST', 'events', { deliver: true });
    await authScape.sim('POST', 'reset');
    await authScape.api('POST', 'CreateAccount', person);
    expect([await posted(), await counts()]).toEqual([[], { delivered: 0, failed: 0, pending: 0 }]);
  });

  it('need an address once', async () => {
    await expect(authScape.sim('POST', 'events', { deliver: true })).rejects.toThrow("give their 'url'");
    await deliver({ deliver: false });
    await authScape.sim('POST', 'events', { deliver: true });
    await authScape.api('POST', 'CreateAccount', person);
    expect(await posted()).toHaveLength(1);
  });

  it('do not keep the request waiting', async () => {
    receiver.answers.push('hang');
    await deliver();
    await authScape.api('POST', 'CreateAccount', person);
    await receiver.until(1);
    expect((await authScape.api('GET', 'GetRoles')).status).toBe(200);
    expect(await counts()).toEqual({ delivered: 0, failed: 0, pending: 1 });
  });

  it('are sent again while the receiver fails', async () => {
    receiver.answers.push(503, 500);
    await deliver();
    await authScape.api('POST', 'CreateAccount', person);
    expect(await posted()).toHaveLength(3);
    expect(await counts()).toEqual({ delivered: 1, failed: 0, pending: 0 });
  });

  it('are sent again when the receiver is up again', async () => {
    await deliver();
    const { port } = new URL(receiver.url);
    await receiver.close();
    await authScape.api('POST', 'CreateAccount', person);
    await vi.waitUntil(async () => (await counts()).pending === 1, { timeout: 5000, interval: 5 });
    receiver = await startReceiver(Number(port));
    expect(await posted()).toHaveLength(1);
  });

  it('are dropped when they are refused', async () => {
    receiver.answers.push(401);
    await deliver();
    await authScape.api('POST', 'CreateAccount', person);
    expect(await posted()).toHaveLength(1);
    expect(await counts()).toEqual({ delivered: 0, failed: 1, pending: 0 });
  });

  it('go together, up to 500 in a call', async () => {
    await deliver({ all: true });
    const companies = Array.from({ length: 1100 }, (_, index) => ({ title: `Company ${index}` }));
    await authScape.sim('POST', 'insert', { companies });
    expect(await posted()).toHaveLength(1100);
    expect(receiver.received).toHaveLength(3);
  });
});
