import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import {
  bothSides,
  contactOf,
  type Journey,
  startJourney,
  startWithinMs,
  userOf,
} from './support/journey.js';
import { until } from './support/wait.js';

const problemSchema = z.looseObject({
  id: z.string(),
  kind: z.string(),
  code: z.string(),
  authScapeId: z.string().optional(),
  crmId: z.string().optional(),
});
const problemsSchema = z.object({
  items: z.array(problemSchema),
  counts: z.record(z.string(), z.number()),
});

/** More than the guard lets pass without asking. */
const many = 7;

describe('seeing what went wrong, and repairing it', () => {
  let journey: Journey;
  let connectionId: string;
  let mappingId: string;

  const problems = (query = '') =>
    journey.api.expect(problemsSchema, 'GET', `connections/${connectionId}/problems${query}`);

  beforeAll(async () => {
    journey = await startJourney();
    await journey.dynamics.seed({ contacts: 30, accounts: 0, seed: 47 });
    await journey.authScape.seed({ users: 30, companies: 0, locations: 0, seed: 47, overlap: 1 });
    connectionId = await journey.api.createConnection();
    mappingId = (await journey.api.createMapping(connectionId, 'User', 'contact')).id;
    await journey.api.sync(connectionId, { mode: 'full' });
  }, startWithinMs);
  afterAll(() => journey?.stop());

  /** The e-mails of active users whose contacts are linked with them. */
  async function linkedEmails(): Promise<string[]> {
    const links = await journey.api.links(connectionId);
    const { users } = (await bothSides(journey)).authScape;
    const ids = new Set(links.map(({ authScapeId }) => Number(authScapeId)));
    return users.filter(({ id, isActive }) => isActive && ids.has(id)).map(({ email }) => email);
  }

  it('names a record that fails, takes a retry, and lets it go when it is in order', async () => {
    const { api, editors } = journey;
    const [email = ''] = await linkedEmails();
    const sides = await bothSides(journey);
    const row = contactOf(sides, email);
    const user = userOf(sides, email);
    await editors.dynamics('PATCH', `contacts(${row.contactid})`, { emailaddress1: 'not an address' });
    await api.sync(connectionId, { mode: 'incremental' });
    const failed = await problems('?kind=failed');
    const mine = failed.items.find(({ authScapeId }) => authScapeId === String(user.id));

    expect(mine).toMatchObject({ code: 'invalid_email', crmId: row.contactid, actions: ['retry'] });
    const page = await api.ask('GET', `connections/${connectionId}/records/User/${user.id}`);
    expect(page).toMatchObject({
      status: 200,
      body: {
        ...{ entity: 'User', crmId: row.contactid, link: { state: 'linked' }, unavailable: null },
        failures: [{ code: 'invalid_email' }],
        fields: expect.arrayContaining([
          expect.objectContaining({ authScape: email, dynamics: 'not an address', differs: true }),
        ]),
      },
    });

    await editors.dynamics('PATCH', `contacts(${row.contactid})`, { emailaddress1: email });
    const retried = await api.ask('POST', `connections/${connectionId}/problems/retry`, {
      body: { ids: [mine?.id] },
    });
    expect(retried).toMatchObject({ status: 202, body: { accepted: 1 } });
    await until('the problem is gone', async () => (await problems('?kind=failed')).counts.failed === 0);
  });

  it('finds records of both sides, and links two of an ambiguous group by hand', async () => {
    const { api, authScape, editors } = journey;
    const email = 'twice@contoso.test';
    for (const lastname of ['Byron', 'Lovelace']) {
      await editors.dynamics('POST', 'contacts', { firstname: 'Ada', lastname, emailaddress1: email });
    }
    await authScape.seed({ users: 1, companies: 0, locations: 0, seed: 48, overlap: 0 });
    const fresh = (await bothSides(journey)).authScape.users.at(-1);
    const row = (await bothSides(journey)).dynamics.contacts.find(
      (one) => one.lastname === 'Byron' && one.emailaddress1 === email,
    );
    await api.sync(connectionId, { mode: 'full' });
    const found = await api.ask('GET', `connections/${connectionId}/records?search=twice%40contoso`);
    expect(found).toMatchObject({ status: 200, body: { truncated: false } });

    const links = await api.links(connectionId);
    const taken = links.find(({ authScapeId }) => authScapeId === String(fresh?.id));
    if (taken !== undefined) await api.ask('DELETE', `connections/${connectionId}/links/${taken.id}`);
    const body = { mappingId, authScapeId: String(fresh?.id), crmId: row?.contactid };
    const preview = await api.ask('POST', `connections/${connectionId}/links?preview=true`, { body });
    const before = (await api.links(connectionId)).length;
    const made = await api.ask('POST', `connections/${connectionId}/links`, { body });
    const again = await api.ask('POST', `connections/${connectionId}/links`, { body });

    expect(preview).toMatchObject({ status: 200, body: { outcome: expect.any(String) } });
    expect(made).toMatchObject({ status: 201, body: { state: 'linked', crmId: row?.contactid } });
    expect((await api.links(connectionId)).length).toBe(before + 1);
    expect(again).toMatchObject({ status: 409, body: { code: 'record_already_linked' } });
  });

  it('lets a person approve some of what is held, and shows the rest on', async () => {
    const { api, editors } = journey;
    const emails = (await linkedEmails()).slice(0, many);
    const sides = await bothSides(journey);
    for (const email of emails) {
      await editors.dynamics('DELETE', `contacts(${contactOf(sides, email).contactid})`);
    }
    const run = await api.sync(connectionId, { mode: 'incremental' });
    expect(run.status).toBe('awaitingApproval');
    const held = await problems('?kind=held');
    expect(held.counts.held).toBe(many);
    const changeIds = held.items.slice(0, 2).map(({ id }) => id);
    expect(await api.ask('POST', `runs/${run.id}/approve`, { body: { changeIds } })).toMatchObject({
      status: 202,
    });
    const waiting = await until('the two are done', async () => {
      const now = await api.run(run.id);
      return now.status === 'awaitingApproval' && now.counts.deactivated === 2 && now;
    });

    expect(waiting.finishedAt).toBeNull();
    expect((await problems()).counts.held).toBe(many - 2);
    const csv = await api.ask('GET', `runs/${run.id}/changes?outcome=held`, {
      headers: { accept: 'text/csv' },
    });
    expect(csv.headers.get('content-type')).toContain('text/csv');
    expect(csv.text.trim().split('\r\n')).toHaveLength(many + 1);
    await api.ask('POST', `runs/${run.id}/reject`);
    expect((await api.follow(run.id)).status).toBe('succeeded');
    expect((await problems()).counts.held).toBe(0);
  });
});
