import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { doubles } from './support/fingerprint.js';
import {
  bothSides,
  contactOf,
  type Journey,
  startJourney,
  startWithinMs,
  userOf,
} from './support/journey.js';
import { writesIn } from './support/simulator.js';
import { until } from './support/wait.js';

describe('a run that meets refusals and faults', () => {
  let journey: Journey;
  let connectionId: string;

  beforeAll(async () => {
    // What became of a cut call is looked at when the claim ran out, which is soon with a short time-out.
    journey = await startJourney({ AUTHSCAPE_WRITE_TIMEOUT_SECONDS: '3' });
    await journey.dynamics.seed({ contacts: 20, accounts: 0, seed: 21 });
    await journey.authScape.seed({ users: 20, companies: 0, locations: 0, seed: 21, overlap: 0.5 });
    connectionId = await journey.api.createConnection();
    await journey.api.createMapping(connectionId, 'User', 'contact');
  }, startWithinMs);
  afterAll(() => journey?.stop());

  it('[M19] fails single records with the reason and does all the rest', async () => {
    const { api, dynamics, authScape } = journey;
    const before = await bothSides(journey);
    const expected = before.dynamics.contacts.filter(
      (row) => row.statecode === 0 && row.emailaddress1 !== null,
    );
    await dynamics.faults({ match: 'POST contacts', status: 400, code: '0x80040265', times: 1 });
    await authScape.faults({ match: 'POST CreateAccount', status: 400, times: 1 });
    const run = await api.sync(connectionId, { mode: 'full' });
    const failed = await api.logs(connectionId, '?status=failed');
    const links = await api.links(connectionId);

    expect(run).toMatchObject({ status: 'partiallySucceeded', error: null, counts: { failed: 1 } });
    // What Dynamics refused once was inserted by parts; AuthScape has no insert in parts.
    expect(failed.map((entry) => entry.error?.code)).toEqual(['invalid_value']);
    expect(failed.every((entry) => (entry.error?.message ?? '') !== '')).toBe(true);
    expect((await api.changes(run.id)).filter((change) => change.outcome === 'failed')).toHaveLength(1);
    // All contacts but one have a user now, and all others that could be linked or made are.
    const linked = expected.filter((row) => links.some((link) => link.crmId === row.contactid));
    expect(linked).toHaveLength(expected.length - 1);
    expect(run.counts.created + run.counts.linked).toBe(links.length);
  });

  it('[C2] tries what failed again with the next run', async () => {
    const { api } = journey;
    const run = await api.sync(connectionId, { mode: 'full' });

    expect(run).toMatchObject({ status: 'succeeded', counts: { created: 1, failed: 0 } });
  });

  it('fails an update that one side refuses, keeps the base, and brings it over later', async () => {
    const { api, dynamics, authScape, editors } = journey;
    const before = await bothSides(journey);
    const [one, two] = before.authScape.users.filter(
      (user) => user.isActive && !user.email.startsWith('sync-'),
    );
    const contact = contactOf(before, one?.email ?? '');
    await editors.dynamics('PATCH', `contacts(${contact.contactid})`, { telephone1: '+47 500' });
    await editors.updateUser(two?.id ?? 0, { lastName: 'Refused' });
    await dynamics.faults({ match: 'PATCH contacts', status: 400, code: '0x80044331', times: 1 });
    await authScape.faults({ match: 'PUT UpdateUser', status: 500, times: 1 });
    const run = await api.sync(connectionId, { mode: 'incremental' });
    const between = await bothSides(journey);
    const again = await api.sync(connectionId, { mode: 'incremental' });
    const after = await bothSides(journey);

    expect(run).toMatchObject({ status: 'partiallySucceeded', counts: { failed: 2 } });
    expect(contactOf(between, two?.email ?? '').lastname).not.toBe('Refused');
    expect(again).toMatchObject({ status: 'succeeded', counts: { updated: 2, failed: 0, conflicts: 0 } });
    expect(contactOf(after, two?.email ?? '').lastname).toBe('Refused');
    expect(userOf(after, one?.email ?? '').phoneNumber).toBe('+47 500');
  });

  it('[V9] keeps a value whose column was secured a moment ago when one record is synced', async () => {
    const { api, dynamics, editors, stack } = journey;
    const appId = stack.info.credentials.clientId;
    const before = await bothSides(journey);
    const user = before.authScape.users.find(({ isActive, firstName }) => isActive && firstName !== '');
    const row = contactOf(before, user?.email ?? '');
    await dynamics.post('users', { appId, state: 'ok', securedColumns: ['contact.firstname'] });
    await editors.dynamics('PATCH', `contacts(${row.contactid})`, { lastname: 'Hidden' });
    const reply = await api.ask('POST', `connections/${connectionId}/records/contact/${row.contactid}/sync`);
    await dynamics.post('users', { appId, state: 'ok' });

    expect(reply.status).toBe(200);
    expect(userOf(await bothSides(journey), user?.email ?? '')).toMatchObject({
      ...{ firstName: user?.firstName, lastName: 'Hidden' },
    });
  });

  it('[V9] keeps values whose column is secured since, and goes on past a row that it may not read', async () => {
    const { api, dynamics, editors, stack } = journey;
    const appId = stack.info.credentials.clientId;
    const [one, two] = (await bothSides(journey)).authScape.users.filter((user) => user.isActive);
    await editors.updateUser(one?.id ?? 0, { phoneNumber: '+47 600' });
    await api.sync(connectionId, { mode: 'full' });
    const before = await bothSides(journey);
    const row = contactOf(before, one?.email ?? '');
    const denied = contactOf(before, two?.email ?? '').contactid;
    await dynamics.post('users', {
      appId,
      state: 'ok',
      securedColumns: ['contact.telephone1'],
      deniedRows: [denied],
    });
    await editors.dynamics('PATCH', `contacts(${row.contactid})`, { lastname: 'Secured' });
    const run = await api.sync(connectionId, { mode: 'full' });
    await dynamics.post('users', { appId, state: 'ok' });
    const after = await bothSides(journey);

    expect(run).toMatchObject({ status: 'succeeded', counts: { updated: 1, deactivated: 0 } });
    expect(userOf(after, one?.email ?? '')).toMatchObject({ lastName: 'Secured', phoneNumber: '+47 600' });
    expect(userOf(after, two?.email ?? '').isActive).toBe(true);
  });

  it('gets through throttling, outages and cut connections without making a record twice', async () => {
    const { api, dynamics, authScape } = journey;
    await dynamics.seed({ contacts: 20, accounts: 0, seed: 22 });
    await authScape.seed({ users: 20, companies: 0, locations: 0, seed: 22, overlap: 0.5 });
    const { contacts } = (await bothSides(journey)).dynamics;
    await dynamics.faults(
      { match: 'GET contacts', status: 429, retryAfter: 1, times: 1 },
      { match: 'GET contacts', status: 503, times: 2 },
      { match: 'POST contacts', status: 429, retryAfter: 1, times: 1 },
      { match: 'POST contacts', dropConnection: 'afterCommit', times: 2 },
      { match: 'POST contacts', status: 503, times: 2 },
    );
    await authScape.faults(
      { match: 'POST GetUsers', status: 503, times: 2 },
      { match: 'POST CreateAccount', dropConnection: 'afterCommit', times: 1 },
      { match: 'PUT UpdateUser', dropConnection: 'before', times: 1 },
    );
    const run = await api.sync(connectionId, { mode: 'full' }, { withinMs: 120_000 });
    const after = await bothSides(journey);
    const links = await api.links(connectionId);

    expect(run).toMatchObject({ status: 'succeeded', error: null, counts: { failed: 0 } });
    expect(doubles(after.authScape.users.map((user) => user.email))).toEqual([]);
    expect(doubles(after.dynamics.contacts.map((row) => row.emailaddress1))).toEqual([]);
    expect(doubles(links.map((link) => link.crmId))).toEqual([]);
    const withoutPartner = contacts
      .filter((row) => row.statecode === 0 && row.emailaddress1 !== null)
      .filter((row) => !links.some((link) => link.crmId === row.contactid));
    expect(withoutPartner).toEqual([]);

    const quiet = await api.sync(connectionId, { mode: 'full' });
    expect(quiet).toMatchObject({ status: 'succeeded', counts: { created: 0, updated: 0, linked: 0 } });
    expect(await bothSides(journey)).toEqual(after);
  });

  it('ends a run that a person cancels, and lets the next one start', async () => {
    const { api, authScape, dynamics } = journey;
    await authScape.post('latency', { perRequestMs: 1_000 });
    const { id } = await api.requestSync(connectionId, { mode: 'full' });
    await until('the run is under way', async () => (await api.run(id)).status === 'running');
    const busy = await api.ask('POST', `connections/${connectionId}/sync`, { body: { mode: 'full' } });
    const removal = await api.ask('DELETE', `connections/${connectionId}`);
    const reply = await api.ask('POST', `runs/${id}/cancel`);
    await dynamics.clearRequests();
    const run = await api.follow(id);
    await authScape.post('latency', { perRequestMs: 0 });

    expect(busy).toMatchObject({ status: 409, body: { code: 'run_in_progress' } });
    expect(busy.headers.get('location')).toBe(`/api/runs/${id}`);
    expect(removal).toMatchObject({ status: 409, body: { code: 'run_in_progress' } });
    expect(reply.status).toBe(202);
    expect(run).toMatchObject({ status: 'cancelled', error: null, phase: 'done' });
    expect(writesIn(await dynamics.requests())).toEqual({});
    expect((await api.sync(connectionId, { mode: 'incremental' })).status).toBe('succeeded');
  });
});
