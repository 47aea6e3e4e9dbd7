import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  bothSides,
  contactOf,
  type Journey,
  startJourney,
  startWithinMs,
  userOf,
} from './support/journey.js';
import { problemSchema } from './support/shapes.js';
import { writesIn } from './support/simulator.js';
import { until } from './support/wait.js';
import { executionContext as bodyOfDataverse, flowBody, flowWithColumns } from './support/webhook-bodies.js';

const secret = 'a-secret-of-the-flow-0123456789';
const pluginType = 'application/json';

/** Known when the stack runs. */
let organizationId = '';
const executionContext = (message: string, id: string, more: Record<string, unknown> = {}) =>
  bodyOfDataverse(organizationId, message, id, more);

/** What Dataverse leaves of a body over 256 KB. */
const cutContext = (message: string, id: string) =>
  executionContext(message, id, { InputParameters: undefined });

describe('the webhook receiver', () => {
  let journey: Journey;
  let connectionId: string;

  const send = (body: string, headers: Record<string, string>, id = connectionId, query = '') =>
    journey.api.ask('POST', `crm/webhook/dynamics/${id}${query}`, {
      body,
      headers: { 'content-type': pluginType, ...headers },
      anonymous: true,
    });
  const signed = (body: string) => send(body, { 'x-authscape-webhook-secret': secret });

  /** An active user who has a contact. */
  const someone = async () => {
    const sides = await bothSides(journey);
    const known = new Set(sides.dynamics.contacts.map((contact) => contact.emailaddress1?.toLowerCase()));
    const { email = '' } = sides.authScape.users.find((user) => user.isActive && known.has(user.email)) ?? {};
    return { sides, email, contact: contactOf(sides, email) };
  };

  beforeAll(async () => {
    journey = await startJourney();
    await journey.dynamics.seed({ contacts: 10, accounts: 0, seed: 9 });
    await journey.authScape.seed({ users: 10, companies: 0, locations: 0, seed: 9, overlap: 1 });
    connectionId = await journey.api.createConnection();
    await journey.api.createMapping(connectionId, 'User', 'contact');
    organizationId = (await journey.api.test(connectionId)).organizationId ?? '';
  }, startWithinMs);
  afterAll(() => journey?.stop());

  it('answers 401 to everything before a secret was set', async () => {
    const { contact } = await someone();

    expect((await signed(executionContext('Update', contact.contactid))).status).toBe(401);
  });

  it('answers 401 alike to a wrong secret, to none, and for a connection that there is not', async () => {
    const { hasWebhookSecret } = await journey.api.patchConnection(connectionId, { webhookSecret: secret });
    const body = executionContext('Update', '00000000-0000-4000-8000-000000000001');
    const replies = [
      await send(body, {}),
      await send(body, { 'x-authscape-webhook-secret': 'wrong' }),
      await send(body, {}, connectionId, '?code=wrong'),
      await send(body, { 'x-authscape-webhook-secret': secret }, 'c_unknown'),
      await send('no json at all', {}),
    ];
    const shown = replies.map((reply) => ({ ...problemSchema.parse(reply.body), traceId: '' }));

    expect(hasWebhookSecret).toBe(true);
    expect(shown[0]).toMatchObject({ status: 401, code: 'unauthorized' });
    expect(shown).toEqual(shown.map(() => shown[0]));
  });

  it('takes events before the first full run and drops them', async () => {
    const { sides, contact } = await someone();
    await journey.editors.dynamics('PATCH', `contacts(${contact.contactid})`, { telephone1: '+47 400' });
    const edited = await bothSides(journey);
    await journey.authScape.clearRequests();
    const reply = await signed(executionContext('Update', contact.contactid));
    await until('the queue is empty', async () => (await journey.waitingMessages()) === 0);

    expect(reply.status).toBe(202);
    expect(await bothSides(journey)).toEqual(edited);
    expect(edited.authScape).toEqual(sides.authScape);
    expect(writesIn(await journey.authScape.requests())).toEqual({});
    expect(await journey.api.links(connectionId)).toEqual([]);
  });

  it('refuses what is no event, with every fault, once the secret is right', async () => {
    const faulty = await signed(JSON.stringify({ MessageName: 'Associate', PrimaryEntityId: 'x' }));
    const broken = await signed('{"MessageName":');

    expect(problemSchema.parse(faulty.body)).toMatchObject({ status: 400, code: 'invalid_request' });
    expect(
      problemSchema
        .parse(faulty.body)
        .errors?.map(({ path }) => path)
        .sort(),
    ).toEqual(['MessageName', 'PrimaryEntityId', 'PrimaryEntityName']);
    expect(problemSchema.parse(broken.body)).toMatchObject({ status: 400, code: 'invalid_json' });
  });

  it.each([
    { form: 'RemoteExecutionContext', bodyOf: executionContext, message: 'Update', type: 'application/json' },
    { form: 'a cut one', bodyOf: cutContext, message: 'Update', type: 'application/json' },
    { form: 'a state change', bodyOf: executionContext, message: 'SetStateDynamicEntity', type: pluginType },
    { form: 'Power Automate', bodyOf: flowBody, message: 'Modified', type: 'text/plain' },
    { form: 'a flow with columns', bodyOf: flowWithColumns, message: 'UPDATE', type: 'application/json' },
  ])('brings an update over, told by $form', async ({ bodyOf, message, form, type }) => {
    const first = (await journey.api.runs(connectionId)).length === 0;
    if (first) {
      await journey.api.sync(connectionId, { mode: 'full' });
    }
    const { email, contact } = await someone();
    await journey.editors.dynamics('PATCH', `contacts(${contact.contactid})`, { telephone1: form });
    const reply = await send(bodyOf(message, contact.contactid), {
      'x-authscape-webhook-secret': secret,
      'content-type': type,
      ...(form === 'a cut one' ? { 'x-ms-dynamics-msg-size-exceeded': 'true' } : {}),
    });

    expect(reply.status).toBe(202);
    await until(
      'the user has the number',
      async () => userOf(await bothSides(journey), email).phoneNumber === form,
    );
  });

  it('takes a call that is replayed later, and does nothing', async () => {
    const { contact } = await someone();
    const before = await bothSides(journey);
    await journey.authScape.clearRequests();
    await journey.dynamics.clearRequests();
    const body = executionContext('Update', contact.contactid);
    const replies = [await signed(body), await signed(body), await signed(body)];
    await until('the queue is empty', async () => (await journey.waitingMessages()) === 0);

    expect(replies.map(({ status }) => status)).toEqual([202, 202, 202]);
    expect(await bothSides(journey)).toEqual(before);
    expect(writesIn(await journey.authScape.requests())).toEqual({});
    expect(writesIn(await journey.dynamics.requests())).toEqual({});
  });

  it('makes a user for a contact that was created, the secret given as ?code=', async () => {
    const id = '7b2f9d5e-61d3-4c8e-9a54-3f1f2f6f0a01';
    await journey.editors.dynamics('POST', 'contacts', {
      contactid: id,
      firstname: 'Nina',
      lastname: 'Ny',
      emailaddress1: 'nina.ny@example.com',
    });
    const body = flowBody('created', `{${id.toUpperCase()}}`);
    const reply = await send(body, {}, connectionId, `?code=${encodeURIComponent(secret)}`);

    expect(reply.status).toBe(202);
    await until('there is a user', async () =>
      (await bothSides(journey)).authScape.users.some((user) => user.email === 'nina.ny@example.com'),
    );
  });

  it('follows the delete policy for a contact that was deleted', async () => {
    const { contact, email } = await someone();
    await journey.editors.dynamics('DELETE', `contacts(${contact.contactid})`);
    const reply = await signed(executionContext('Delete', contact.contactid));

    expect(reply.status).toBe(202);
    await until('the user is archived', async () => !userOf(await bothSides(journey), email).isActive);
    expect(await journey.api.links(connectionId, '?state=tombstone')).toMatchObject([
      { crmId: contact.contactid },
    ]);
  });

  it('[C5] believes nothing that an event says: an event about nothing changes nothing', async () => {
    const { contact } = await someone();
    const before = await bothSides(journey);
    const replies = [
      await signed(executionContext('Delete', contact.contactid)),
      await signed(executionContext('Update', '00000000-0000-4000-8000-000000000002')),
      await signed(
        JSON.stringify({
          MessageName: 'Update',
          PrimaryEntityName: 'lead',
          PrimaryEntityId: contact.contactid,
        }),
      ),
    ];
    await until('the queue is empty', async () => (await journey.waitingMessages()) === 0);

    expect(replies.map((reply) => reply.status)).toEqual([202, 202, 202]);
    expect(await bothSides(journey)).toEqual(before);
  });

  it('brings over what AuthScape tells by its own events', async () => {
    const { email, sides } = await someone();
    const { id } = userOf(sides, email);
    await journey.editors.updateUser(id, { lastName: 'Renamed' });
    const event = { entity: 'User', id: String(id), change: 'updated', occurredAt: new Date().toISOString() };
    const reply = await journey.api.ask('POST', 'authscape/events', { body: { events: [event] } });

    expect(reply.status).toBe(202);
    await until(
      'the contact is renamed',
      async () => contactOf(await bothSides(journey), email).lastname === 'Renamed',
    );
  });
});
