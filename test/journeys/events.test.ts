import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { mapConcurrent } from '../../src/lib/map-concurrent.js';
import { arrives, type EventJourney, notification, startEventJourney } from './support/event-journey.js';
import { bothSides, startWithinMs, userOf } from './support/journey.js';
import { writesIn } from './support/simulator.js';

/** Edits that arrive by webhook and event on the whole stack, within seconds and without loss. */

const viewSchema = z.object({
  registered: z.boolean(),
  url: z.string().nullable(),
  endpointId: z.string().nullable(),
  hasWebhookSecret: z.boolean(),
  previousSecretUntil: z.string().nullable(),
  steps: z.array(z.object({ id: z.string(), message: z.string(), filteringAttributes: z.array(z.string()) })),
  drift: z.array(z.object({ code: z.string() })),
});
const rotatedSchema = z.object({ registered: z.boolean(), previousSecretUntil: z.string().nullable() });
const countsSchema = z.object({ delivered: z.number(), failed: z.number(), pending: z.number() });

let scene: EventJourney;
beforeAll(async () => {
  scene = await startEventJourney();
}, startWithinMs);
afterAll(() => scene?.journey.stop());

const webhook = (method: string, path = '', body?: unknown) =>
  scene.journey.api.expect(viewSchema, method, `connections/${scene.connectionId}/webhook${path}`, body);

describe('registering', () => {
  it('puts an endpoint and three steps into Dynamics, as often as it is asked', async () => {
    const baseUrl = scene.journey.stack.info.functions;
    const first = await webhook('POST', '', { baseUrl });
    expect(first).toMatchObject({ registered: true, hasWebhookSecret: true, drift: [] });
    expect(first.url).toBe(`${baseUrl}/api/crm/webhook/dynamics/${scene.connectionId}`);
    expect(first.steps.map(({ message }) => message).sort()).toEqual(['Create', 'Delete', 'Update']);
    const again = await webhook('POST', '', { baseUrl });
    expect(again.endpointId).toBe(first.endpointId);
    expect(again.steps.map(({ id }) => id).sort()).toEqual(first.steps.map(({ id }) => id).sort());
    await scene.journey.dynamics.post('webhooks', { deliver: true });
    await scene.journey.authScape.post('events', {
      ...{ deliver: true, all: true, url: baseUrl, key: scene.journey.stack.info.functionsKey },
    });
  });
});

describe('edits', () => {
  it('in Dynamics arrive in AuthScape, and stop there', async () => {
    const address = scene.email(0);
    const { contact } = await scene.pair(address);
    await scene.journey.dynamics.clearRequests();
    await scene.journey.authScape.clearRequests();
    await scene.patchContact(contact.contactid, { lastname: 'Webhookson' });
    await arrives(
      'the user has the name',
      async () => (await scene.pair(address)).user.lastName === 'Webhookson',
    );
    await scene.rest();
    expect(writesIn(await scene.journey.dynamics.requests())).toEqual({ 'PATCH contacts': 1 });
    expect(writesIn(await scene.journey.authScape.requests())).toEqual({ 'PUT UpdateUser': 1 });
  });

  it('in AuthScape arrive in Dynamics, and stop there', async () => {
    const address = scene.email(1);
    const { user } = await scene.pair(address);
    await scene.journey.dynamics.clearRequests();
    await scene.journey.authScape.clearRequests();
    await scene.journey.editors.updateUser(user.id, { firstName: 'Eventa' });
    await arrives(
      'the contact has it',
      async () => (await scene.pair(address)).contact.firstname === 'Eventa',
    );
    await scene.rest();
    expect(writesIn(await scene.journey.dynamics.requests())).toEqual({ 'PATCH contacts': 1 });
    expect(writesIn(await scene.journey.authScape.requests())).toEqual({ 'PUT UpdateUser': 1 });
  });

  it('that delete a contact deactivate the user', async () => {
    const address = scene.email(2);
    const { contact } = await scene.pair(address);
    await scene.journey.editors.dynamics('DELETE', `contacts(${contact.contactid})`);
    await arrives(
      'the user is inactive',
      async () => !userOf(await bothSides(scene.journey), address).isActive,
    );
  });

  it('told twice and in the wrong order arrive as they are in the end', async () => {
    const address = scene.email(3);
    const { contactid } = (await scene.pair(address)).contact;
    await scene.journey.dynamics.post('webhooks', { deliver: true, duplicate: 1, reorder: true });
    const names = ['First', 'Second', 'Third', 'Last'];
    for (const lastname of names) await scene.patchContact(contactid, { lastname });
    await arrives('the user has the last', async () => (await scene.pair(address)).user.lastName === 'Last');
    await scene.rest();
    expect((await scene.pair(address)).user.lastName).toBe('Last');
    expect((await scene.pair(address)).contact.lastname).toBe('Last');
  });

  it('[C5] told a thousand times within a second cause few reads and one write', async () => {
    const address = scene.email(3);
    const { contact } = await scene.pair(address);
    await scene.journey.dynamics.post('webhooks', { deliver: false });
    await scene.rest();
    await scene.patchContact(contact.contactid, { lastname: 'Burst' });
    await scene.journey.api.patchConnection(scene.connectionId, { webhookSecret: 'burst-secret-of-16' });
    await scene.journey.dynamics.clearRequests();
    await scene.journey.authScape.clearRequests();
    const body = notification(contact.contactid);
    // Few enough side by side that a loaded machine takes each connection.
    const answers = await mapConcurrent(Array.from({ length: 1000 }), 200, () =>
      scene.receive(body, 'burst-secret-of-16'),
    );
    expect(new Set(answers)).toEqual(new Set([202]));
    await arrives('the user has it', async () => (await scene.pair(address)).user.lastName === 'Burst');
    await scene.rest();
    expect(writesIn(await scene.journey.authScape.requests())).toEqual({ 'PUT UpdateUser': 1 });
    expect((await scene.journey.dynamics.requests()).byRoute['GET contacts'] ?? 0).toBeLessThanOrEqual(12);
    await scene.journey.dynamics.post('webhooks', { deliver: true });
  });
});
describe('forged calls', () => {
  it('are refused alike, before anything of them is read', async () => {
    const replies = [
      scene.receive('{', 'wrong'),
      scene.receive('{', undefined),
      scene.receive('{', ''),
      scene.receive('{', 'wrong', 'c_unknown'),
    ];
    expect(await Promise.all(replies)).toEqual([401, 401, 401, 401]);
  });

  it('of another organization are 400, about unmapped tables 202 and dropped', async () => {
    await scene.journey.api.patchConnection(scene.connectionId, { webhookSecret: 'second-secret-of-16' });
    const id = '00000000-0000-4000-8000-00000000dead';
    const other = { OrganizationId: '99999999-0000-4000-8000-000000000001' };
    expect(await scene.receive(notification(id, other), 'second-secret-of-16')).toBe(400);
    expect(await scene.receive(notification(id, { PrimaryEntityName: 'lead' }), 'second-secret-of-16')).toBe(
      202,
    );
    expect(await scene.receive('{', 'second-secret-of-16')).toBe(400);
  });
});

describe('a rotated secret', () => {
  it('loses no event: before, while and after Dynamics has the new one', async () => {
    const address = scene.email(4);
    const { contact } = await scene.pair(address);
    const rotated = await scene.journey.api.expect(
      rotatedSchema,
      'POST',
      `connections/${scene.connectionId}/webhook/rotate-secret`,
    );
    expect(rotated).toMatchObject({ registered: true, previousSecretUntil: expect.any(String) });
    expect(await scene.receive(notification(contact.contactid), 'second-secret-of-16')).toBe(202);
    const failed = countsSchema.parse(await counts()).failed;
    await scene.patchContact(contact.contactid, { lastname: 'Rotated' });
    await arrives('the user has it', async () => (await scene.pair(address)).user.lastName === 'Rotated');
    expect(countsSchema.parse(await counts()).failed).toBe(failed);
    expect((await webhook('GET')).drift).toEqual([]);
  });
});

async function counts(): Promise<unknown> {
  return (await fetch(`${scene.journey.stack.info.dataverse}/_sim/webhooks`)).json();
}

describe('unregistering', () => {
  it('leaves nothing in Dynamics', async () => {
    const reply = await scene.journey.api.ask('DELETE', `connections/${scene.connectionId}/webhook`);
    expect(reply.status).toBe(204);
    const left = await scene.journey.dynamics.dump(
      z.object({ serviceendpoints: z.array(z.unknown()), sdkmessageprocessingsteps: z.array(z.unknown()) }),
    );
    expect(left).toEqual({ serviceendpoints: [], sdkmessageprocessingsteps: [] });
    expect((await webhook('GET')).registered).toBe(false);
  });
});
