import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { arrives, type EventJourney, notification, startEventJourney } from './support/event-journey.js';
import { startWithinMs } from './support/journey.js';
import { putMessage } from './support/storage-scan.js';
import { until } from './support/wait.js';

/** Events that meet what fails: storage, workers, records that are refused. */

const letterSchema = z.object({
  id: z.string(),
  kind: z.string(),
  input: z.looseObject({ entity: z.string(), id: z.string() }),
  cause: z.object({ code: z.string(), message: z.string() }),
  count: z.number(),
});
let scene: EventJourney;
beforeAll(async () => {
  scene = await startEventJourney();
  const { functions: url, functionsKey: key } = scene.journey.stack.info;
  await scene.journey.authScape.post('events', { deliver: true, all: true, url, key });
}, startWithinMs);
afterAll(() => scene?.journey.stop());

describe('storage that goes away', () => {
  it('and comes back: what was accepted arrives, what was not is told so', async () => {
    const [early, late] = [scene.email(5), scene.email(6)];
    const [first, second] = [(await scene.pair(early)).contact, (await scene.pair(late)).contact];
    await scene.journey.dynamics.post('webhooks', { deliver: false });
    await scene.patchContact(first.contactid, { lastname: 'Durable' });
    await scene.patchContact(second.contactid, { lastname: 'Patient' });
    await scene.journey.api.patchConnection(scene.connectionId, { webhookSecret: 'third-secret-of-16' });
    expect(await scene.receive(notification(first.contactid), 'third-secret-of-16')).toBe(202);
    let comeBack: () => void = () => undefined;
    const away = new Promise<void>((resolve) => {
      comeBack = resolve;
    });
    await scene.journey.stack.kill('azurite', 'SIGTERM', away);
    const statuses: number[] = [];
    await until('the receiver takes events again', async () => {
      const status = await scene.receive(notification(second.contactid), 'third-secret-of-16');
      statuses.push(status);
      comeBack();
      return status === 202;
    });
    expect(statuses[0]).toBe(503);
    expect(statuses.filter((status) => status !== 202 && status !== 503)).toEqual([]);
    expect(scene.impatient).toEqual([]);
    const lastName = async (address: string) => (await scene.pair(address)).user.lastName;
    await arrives('the first arrived', async () => (await lastName(early)) === 'Durable', 30_000);
    await arrives('the second arrived', async () => (await lastName(late)) === 'Patient', 30_000);
  });
});

describe('a worker that is killed', () => {
  async function tellOf(address: string, lastname: string): Promise<string> {
    const { contactid } = (await scene.pair(address)).contact;
    await scene.patchContact(contactid, { lastname });
    expect(await scene.receive(notification(contactid), 'third-secret-of-16')).toBe(202);
    return contactid;
  }

  /** Has the work on the event come to its end: value, log entry, and a link without a lease? */
  async function isDone(address: string, contactId: string, name: string): Promise<boolean> {
    if ((await scene.pair(address)).user.lastName !== name) return false;
    const path = `connections/${scene.connectionId}/logs?crmId=${contactId}`;
    return JSON.stringify(await scene.journey.api.all(z.unknown(), path)).includes(name);
  }

  it('before one write and after another leaves both events to the next one, which knows what was done', async () => {
    const [early, late] = [scene.email(0), scene.email(1)];
    const { authScape, stack } = scene.journey;
    await authScape.clearRequests();
    const writes = async () => (await authScape.requests()).byRoute['PUT UpdateUser'] ?? 0;
    await authScape.faults({ match: 'PUT UpdateUser', delayMs: 6_000, times: 1 });
    const first = await tellOf(early, 'Killed early');
    await arrives('the first write is under way', async () => (await writes()) === 1);
    // The write is read back: there is time to die.
    await authScape.post('latency', { perRequestMs: 400 });
    const second = await tellOf(late, 'Killed late');
    await arrives(
      'the second was written',
      async () => (await scene.pair(late)).user.lastName === 'Killed late',
    );
    await stack.kill('functions', 'SIGKILL');
    await authScape.post('latency', {});
    const health = () => fetch(`${stack.info.functions}/api/health`).catch(() => undefined);
    await arrives('the functions serve again', async () => (await health())?.ok ?? false);
    await arrives('the first is done', () => isDone(early, first, 'Killed early'), 60_000);
    await arrives('the second is done', () => isDone(late, second, 'Killed late'), 60_000);
    // The first was sent twice: its sender died while AuthScape was at it.
    expect(await writes()).toBeLessThanOrEqual(3);
  });
});

describe('what cannot be done', () => {
  it('[R6] becomes a dead letter with its cause, and goes through when it is replayed', async () => {
    const address = scene.email(7);
    const { user } = await scene.pair(address);
    const code = '0x80040265';
    await scene.journey.dynamics.faults({ match: 'PATCH contacts', status: 400, code });
    await scene.journey.editors.updateUser(user.id, { firstName: 'Refused' });
    const letters = () =>
      scene.journey.api.all(letterSchema, `connections/${scene.connectionId}/dead-letters`);
    const [letter] = await until('there is a dead letter', async () => {
      const found = await letters();
      return found.length > 0 && found;
    });
    expect(letter).toMatchObject({
      ...{ kind: 'record', input: { source: 'authScape', entity: 'User', id: String(user.id) } },
      cause: { code: 'business_rule' },
    });
    await scene.journey.dynamics.clearFaults();
    const reply = await scene.journey.api.ask(
      'POST',
      `connections/${scene.connectionId}/dead-letters/${letter?.id}/replay`,
    );
    expect(reply.status).toBe(202);
    await arrives(
      'the contact has it',
      async () => (await scene.pair(address)).contact.firstname === 'Refused',
    );
    expect(await letters()).toEqual([]);
  });
});

describe('a message that the host has given up', () => {
  it('is a dead letter that can be dropped', async () => {
    const id = '00000000-0000-4000-8000-00000000dead';
    await putMessage(scene.journey.stack.info, 'sync-records-poison', {
      ...{
        v: 1,
        kind: 'record',
        connectionId: scene.connectionId,
        source: 'dynamics',
        entity: 'contact',
        id,
      },
      receivedAt: '2026-03-01T08:00:00Z',
    });
    const path = `connections/${scene.connectionId}/dead-letters`;
    const [letter] = await until('there is a dead letter', async () => {
      const found = await scene.journey.api.all(letterSchema, path);
      return found.length > 0 && found;
    });
    expect(letter).toMatchObject({ input: { id }, cause: { code: 'worker_ended' }, count: 1 });
    expect((await scene.journey.api.ask('DELETE', `${path}/${letter?.id}`)).status).toBe(204);
    expect(await scene.journey.api.all(letterSchema, path)).toEqual([]);
  });
});
