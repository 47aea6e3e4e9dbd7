import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { bothSides, contactOf, type Journey, startJourney, userOf } from './support/journey.js';
import { writesIn } from './support/simulator.js';
import { putMessage } from './support/storage-scan.js';
import { until } from './support/wait.js';

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
const letterSchema = z.object({
  id: z.string(),
  kind: z.string(),
  input: z.looseObject({ entity: z.string(), id: z.string() }),
  cause: z.object({ code: z.string(), message: z.string() }),
  count: z.number(),
});
const countsSchema = z.object({ delivered: z.number(), failed: z.number(), pending: z.number() });

let journey: Journey;
let connectionId: string;
let emails: readonly string[];

beforeAll(async () => {
  journey = await startJourney({
    ...{ SYNC_SCHEDULE: '0 0 0 1 1 *', STACK_QUEUE_INVISIBLE_S: '5' },
    // A worker that was killed holds its pair for so long, and some seconds.
    AUTHSCAPE_WRITE_TIMEOUT_SECONDS: '5',
  });
  const { api, authScape, dynamics } = journey;
  await dynamics.seed({ contacts: 12, accounts: 0, seed: 11 });
  await authScape.seed({ users: 12, companies: 0, locations: 0, seed: 11, overlap: 1 });
  connectionId = await api.createConnection();
  await api.createMapping(connectionId, 'User', 'contact');
  const run = await api.sync(connectionId, { mode: 'full' });
  expect(run.status).toBe('succeeded');
  const sides = await bothSides(journey);
  emails = sides.authScape.users
    .filter((user) => user.isActive && user.email.startsWith('user') === false)
    .map((user) => user.email)
    .filter((email) => sides.dynamics.contacts.some((row) => row.emailaddress1?.toLowerCase() === email));
}, 60_000);
afterAll(() => journey?.stop());

const webhook = (method: string, path = '', body?: unknown) =>
  journey.api.expect(viewSchema, method, `connections/${connectionId}/webhook${path}`, body);

function email(index: number): string {
  const found = emails[index];
  if (found === undefined) throw new Error('The seed has too few pairs.');
  return found;
}

/** The pair of an e-mail as both sides have it now. */
async function pair(address: string) {
  const sides = await bothSides(journey);
  return { contact: contactOf(sides, address), user: userOf(sides, address) };
}

const arrives = (what: string, check: () => Promise<boolean>, withinMs = 15_000) =>
  until(what, check, { withinMs });

/** Until the simulators have nothing to tell and the counters have not moved for a while. */
async function rest(): Promise<void> {
  let before = '';
  let quietSince = Date.now();
  await until('everything is at rest', async () => {
    const now = JSON.stringify([await journey.dynamics.requests(), await journey.authScape.requests()]);
    if (now !== before) quietSince = Date.now();
    before = now;
    // A message may be hidden for longer than that.
    return Date.now() - quietSince > 2_500 && (await journey.waitingMessages()) === 0;
  });
}

const patchContact = (id: string, body: Record<string, unknown>) =>
  journey.editors.dynamics('PATCH', `contacts(${id})`, body);

describe('registering', () => {
  it('puts an endpoint and three steps into Dynamics, as often as it is asked', async () => {
    const baseUrl = journey.stack.info.functions;
    const first = await webhook('POST', '', { baseUrl });
    expect(first).toMatchObject({ registered: true, hasWebhookSecret: true, drift: [] });
    expect(first.url).toBe(`${baseUrl}/api/crm/webhook/dynamics/${connectionId}`);
    expect(first.steps.map(({ message }) => message).sort()).toEqual(['Create', 'Delete', 'Update']);
    const again = await webhook('POST', '', { baseUrl });
    expect(again.endpointId).toBe(first.endpointId);
    expect(again.steps.map(({ id }) => id).sort()).toEqual(first.steps.map(({ id }) => id).sort());
    await journey.dynamics.post('webhooks', { deliver: true });
    await journey.authScape.post('events', {
      ...{ deliver: true, all: true, url: baseUrl, key: journey.stack.info.functionsKey },
    });
  });
});

describe('edits', () => {
  it('in Dynamics arrive in AuthScape, and stop there', async () => {
    const address = email(0);
    const { contact } = await pair(address);
    await journey.dynamics.clearRequests();
    await journey.authScape.clearRequests();
    await patchContact(contact.contactid, { lastname: 'Webhookson' });
    await arrives('the user has the name', async () => (await pair(address)).user.lastName === 'Webhookson');
    await rest();
    expect(writesIn(await journey.dynamics.requests())).toEqual({ 'PATCH contacts': 1 });
    expect(writesIn(await journey.authScape.requests())).toEqual({ 'PUT UpdateUser': 1 });
  });

  it('in AuthScape arrive in Dynamics, and stop there', async () => {
    const address = email(1);
    const { user } = await pair(address);
    await journey.dynamics.clearRequests();
    await journey.authScape.clearRequests();
    await journey.editors.updateUser(user.id, { firstName: 'Eventa' });
    await arrives('the contact has it', async () => (await pair(address)).contact.firstname === 'Eventa');
    await rest();
    expect(writesIn(await journey.dynamics.requests())).toEqual({ 'PATCH contacts': 1 });
    expect(writesIn(await journey.authScape.requests())).toEqual({ 'PUT UpdateUser': 1 });
  });

  it('that delete a contact deactivate the user', async () => {
    const address = email(2);
    const { contact } = await pair(address);
    await journey.editors.dynamics('DELETE', `contacts(${contact.contactid})`);
    await arrives('the user is inactive', async () => !userOf(await bothSides(journey), address).isActive);
  });

  it('told twice and in the wrong order arrive as they are in the end', async () => {
    const address = email(3);
    const { contactid } = (await pair(address)).contact;
    await journey.dynamics.post('webhooks', { deliver: true, duplicate: 1, reorder: true });
    const names = ['First', 'Second', 'Third', 'Last'];
    for (const lastname of names) await patchContact(contactid, { lastname });
    await arrives('the user has the last', async () => (await pair(address)).user.lastName === 'Last');
    await rest();
    expect((await pair(address)).user.lastName).toBe('Last');
    expect((await pair(address)).contact.lastname).toBe('Last');
  });

  it('[C5] told a thousand times within a second cause few reads and one write', async () => {
    const address = email(3);
    const { contact } = await pair(address);
    await journey.dynamics.post('webhooks', { deliver: false });
    await rest();
    await patchContact(contact.contactid, { lastname: 'Burst' });
    await journey.api.patchConnection(connectionId, { webhookSecret: 'burst-secret-of-16' });
    await journey.dynamics.clearRequests();
    await journey.authScape.clearRequests();
    const body = notification(contact.contactid);
    const posts = Array.from({ length: 1000 }, () => receive(body, 'burst-secret-of-16'));
    expect(new Set(await Promise.all(posts))).toEqual(new Set([202]));
    await arrives('the user has it', async () => (await pair(address)).user.lastName === 'Burst');
    await rest();
    expect(writesIn(await journey.authScape.requests())).toEqual({ 'PUT UpdateUser': 1 });
    expect((await journey.dynamics.requests()).byRoute['GET contacts'] ?? 0).toBeLessThanOrEqual(12);
    await journey.dynamics.post('webhooks', { deliver: true });
  });
});

function notification(id: string, more: Record<string, unknown> = {}): string {
  return JSON.stringify({
    ...{ MessageName: 'Update', PrimaryEntityName: 'contact', PrimaryEntityId: id, ...more },
  });
}

/** Statuses of answers that asked for patience without saying how much. */
const impatient: number[] = [];

async function receive(body: string, secret: string | undefined, id = connectionId): Promise<number> {
  const reply = await fetch(`${journey.stack.info.functions}/api/crm/webhook/dynamics/${id}`, {
    method: 'POST',
    headers: secret === undefined ? {} : { 'x-authscape-webhook-secret': secret },
    body,
  });
  await reply.arrayBuffer();
  if (reply.status === 503 && !reply.headers.has('retry-after')) impatient.push(reply.status);
  return reply.status;
}

describe('forged calls', () => {
  it('are refused alike, before anything of them is read', async () => {
    const replies = [
      receive('{', 'wrong'),
      receive('{', undefined),
      receive('{', ''),
      receive('{', 'wrong', 'c_unknown'),
    ];
    expect(await Promise.all(replies)).toEqual([401, 401, 401, 401]);
  });

  it('of another organization are 400, about unmapped tables 202 and dropped', async () => {
    await journey.api.patchConnection(connectionId, { webhookSecret: 'second-secret-of-16' });
    const id = '00000000-0000-4000-8000-00000000dead';
    const other = { OrganizationId: '99999999-0000-4000-8000-000000000001' };
    expect(await receive(notification(id, other), 'second-secret-of-16')).toBe(400);
    expect(await receive(notification(id, { PrimaryEntityName: 'lead' }), 'second-secret-of-16')).toBe(202);
    expect(await receive('{', 'second-secret-of-16')).toBe(400);
  });
});

describe('a rotated secret', () => {
  it('loses no event: before, while and after Dynamics has the new one', async () => {
    const address = email(4);
    const { contact } = await pair(address);
    const rotated = await journey.api.expect(
      rotatedSchema,
      'POST',
      `connections/${connectionId}/webhook/rotate-secret`,
    );
    expect(rotated).toMatchObject({ registered: true, previousSecretUntil: expect.any(String) });
    expect(await receive(notification(contact.contactid), 'second-secret-of-16')).toBe(202);
    const failed = countsSchema.parse(await counts()).failed;
    await patchContact(contact.contactid, { lastname: 'Rotated' });
    await arrives('the user has it', async () => (await pair(address)).user.lastName === 'Rotated');
    expect(countsSchema.parse(await counts()).failed).toBe(failed);
    expect((await webhook('GET')).drift).toEqual([]);
  });
});

async function counts(): Promise<unknown> {
  return (await fetch(`${journey.stack.info.dataverse}/_sim/webhooks`)).json();
}

describe('storage that goes away', () => {
  it('and comes back: what was accepted arrives, what was not is told so', async () => {
    const [early, late] = [email(5), email(6)];
    const [first, second] = [(await pair(early)).contact, (await pair(late)).contact];
    await journey.dynamics.post('webhooks', { deliver: false });
    await patchContact(first.contactid, { lastname: 'Durable' });
    await patchContact(second.contactid, { lastname: 'Patient' });
    await journey.api.patchConnection(connectionId, { webhookSecret: 'third-secret-of-16' });
    expect(await receive(notification(first.contactid), 'third-secret-of-16')).toBe(202);
    let comeBack: () => void = () => undefined;
    const away = new Promise<void>((resolve) => {
      comeBack = resolve;
    });
    await journey.stack.kill('azurite', 'SIGTERM', away);
    const statuses: number[] = [];
    await until('the receiver takes events again', async () => {
      const status = await receive(notification(second.contactid), 'third-secret-of-16');
      statuses.push(status);
      comeBack();
      return status === 202;
    });
    expect(statuses[0]).toBe(503);
    expect(statuses.filter((status) => status !== 202 && status !== 503)).toEqual([]);
    expect(impatient).toEqual([]);
    const lastName = async (address: string) => (await pair(address)).user.lastName;
    await arrives('the first arrived', async () => (await lastName(early)) === 'Durable', 30_000);
    await arrives('the second arrived', async () => (await lastName(late)) === 'Patient', 30_000);
  });
});

describe('a worker that is killed', () => {
  async function tellOf(address: string, lastname: string): Promise<string> {
    const { contactid } = (await pair(address)).contact;
    await patchContact(contactid, { lastname });
    expect(await receive(notification(contactid), 'third-secret-of-16')).toBe(202);
    return contactid;
  }

  /** Has the work on the event come to its end: value, log entry, and a link that nobody holds? */
  async function isDone(address: string, contactId: string, name: string): Promise<boolean> {
    if ((await pair(address)).user.lastName !== name) return false;
    const path = `connections/${connectionId}/logs?crmId=${contactId}`;
    return JSON.stringify(await journey.api.all(z.unknown(), path)).includes(name);
  }

  it('before one write and after another leaves both events to the next one, which knows what was done', async () => {
    const [early, late] = [email(0), email(1)];
    const { authScape, stack } = journey;
    await authScape.clearRequests();
    const writes = async () => (await authScape.requests()).byRoute['PUT UpdateUser'] ?? 0;
    await authScape.faults({ match: 'PUT UpdateUser', delayMs: 6_000, times: 1 });
    const first = await tellOf(early, 'Killed early');
    await arrives('the first write is under way', async () => (await writes()) === 1);
    // The write is read back: there is time to die.
    await authScape.post('latency', { perRequestMs: 400 });
    const second = await tellOf(late, 'Killed late');
    await arrives('the second was written', async () => (await pair(late)).user.lastName === 'Killed late');
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
    const address = email(7);
    const { user } = await pair(address);
    const code = '0x80040265';
    await journey.dynamics.faults({ match: 'PATCH contacts', status: 400, code });
    await journey.editors.updateUser(user.id, { firstName: 'Refused' });
    const letters = () => journey.api.all(letterSchema, `connections/${connectionId}/dead-letters`);
    const [letter] = await until('there is a dead letter', async () => {
      const found = await letters();
      return found.length > 0 && found;
    });
    expect(letter).toMatchObject({
      ...{ kind: 'record', input: { source: 'authScape', entity: 'User', id: String(user.id) } },
      cause: { code: 'business_rule' },
    });
    await journey.dynamics.clearFaults();
    const reply = await journey.api.ask(
      'POST',
      `connections/${connectionId}/dead-letters/${letter?.id}/replay`,
    );
    expect(reply.status).toBe(202);
    await arrives('the contact has it', async () => (await pair(address)).contact.firstname === 'Refused');
    expect(await letters()).toEqual([]);
  });
});

describe('a message that the host has given up', () => {
  it('is a dead letter that can be dropped', async () => {
    const id = '00000000-0000-4000-8000-00000000dead';
    await putMessage(journey.stack.info, 'sync-records-poison', {
      ...{ v: 1, kind: 'record', connectionId, source: 'dynamics', entity: 'contact', id },
      receivedAt: '2026-03-01T08:00:00Z',
    });
    const path = `connections/${connectionId}/dead-letters`;
    const [letter] = await until('there is a dead letter', async () => {
      const found = await journey.api.all(letterSchema, path);
      return found.length > 0 && found;
    });
    expect(letter).toMatchObject({ input: { id }, cause: { code: 'worker_ended' }, count: 1 });
    expect((await journey.api.ask('DELETE', `${path}/${letter?.id}`)).status).toBe(204);
    expect(await journey.api.all(letterSchema, path)).toEqual([]);
  });
});

describe('unregistering', () => {
  it('leaves nothing in Dynamics', async () => {
    const reply = await journey.api.ask('DELETE', `connections/${connectionId}/webhook`);
    expect(reply.status).toBe(204);
    const left = await journey.dynamics.dump(
      z.object({ serviceendpoints: z.array(z.unknown()), sdkmessageprocessingsteps: z.array(z.unknown()) }),
    );
    expect(left).toEqual({ serviceendpoints: [], sdkmessageprocessingsteps: [] });
    expect((await webhook('GET')).registered).toBe(false);
  });
});
