import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  bothSides,
  type Contact,
  contactOf,
  type Journey,
  startJourney,
  startWithinMs,
  userOf,
} from './support/journey.js';
import { writesIn } from './support/simulator.js';

/** More than the guard lets pass without asking: it never asks for five. */
const many = 7;

describe('the guard against mass deletes', () => {
  let journey: Journey;
  let connectionId: string;

  /** Deletes so many contacts of active users; answers the users' e-mails. */
  async function deleteContacts(count: number): Promise<string[]> {
    const sides = await bothSides(journey);
    const active = sides.authScape.users.filter((user) => user.isActive && !user.email.startsWith('sync-'));
    const isThere = (email: string) =>
      sides.dynamics.contacts.some((row: Contact) => row.emailaddress1?.toLowerCase() === email);
    const emails = active
      .map((user) => user.email.toLowerCase())
      .filter(isThere)
      .slice(0, count);
    for (const email of emails) {
      await journey.editors.dynamics('DELETE', `contacts(${contactOf(sides, email).contactid})`);
    }
    expect(emails).toHaveLength(count);
    return emails;
  }

  const areActive = async (emails: string[]) => {
    const sides = await bothSides(journey);
    return emails.map((email) => userOf(sides, email).isActive);
  };

  beforeAll(async () => {
    journey = await startJourney();
    await journey.dynamics.seed({ contacts: 40, accounts: 0, seed: 31 });
    await journey.authScape.seed({ users: 40, companies: 0, locations: 0, seed: 31, overlap: 1 });
    connectionId = await journey.api.createConnection();
    await journey.api.createMapping(connectionId, 'User', 'contact');
    await journey.api.sync(connectionId, { mode: 'full' });
  }, startWithinMs);
  afterAll(() => journey?.stop());

  it('lets a few deletes pass', async () => {
    const emails = await deleteContacts(2);
    const run = await journey.api.sync(connectionId, { mode: 'incremental' });

    expect(run).toMatchObject({ status: 'succeeded', counts: { deactivated: 2 } });
    expect(await areActive(emails)).toEqual(emails.map(() => false));
  });

  it('holds many, does all the rest, and removes nothing when a person rejects them', async () => {
    const { api, editors } = journey;
    const emails = await deleteContacts(many);
    const sides = await bothSides(journey);
    const other = sides.dynamics.contacts.find((row) => row.statecode === 0 && row.emailaddress1 !== null);
    await editors.dynamics('PATCH', `contacts(${other?.contactid})`, { telephone1: '+47 600' });
    const run = await api.sync(connectionId, { mode: 'incremental' });

    expect(run).toMatchObject({
      status: 'awaitingApproval',
      counts: { deactivated: 0, updated: 1, failed: 0 },
    });
    expect(run.finishedAt).toBeNull();
    expect(await areActive(emails)).toEqual(emails.map(() => true));
    expect(userOf(await bothSides(journey), other?.emailaddress1 ?? '').phoneNumber).toBe('+47 600');
    expect(await api.logs(connectionId, '?status=held')).toHaveLength(many);

    const beside = await api.sync(connectionId, { mode: 'incremental' });
    expect(beside).toMatchObject({ status: 'succeeded', counts: { deactivated: 0 } });

    const reply = await api.ask('POST', `runs/${run.id}/reject`);
    const ended = await api.follow(run.id);
    expect(reply.status).toBe(202);
    expect(ended).toMatchObject({ status: 'succeeded', counts: { deactivated: 0 } });
    expect(await areActive(emails)).toEqual(emails.map(() => true));

    const contacts = (await bothSides(journey)).dynamics.contacts.length;
    const next = await api.sync(connectionId, { mode: 'full' });
    expect(next).toMatchObject({ status: 'succeeded', counts: { created: 0, deactivated: 0, updated: 0 } });
    expect((await bothSides(journey)).dynamics.contacts).toHaveLength(contacts);
  });

  it('carries out what a person approves, once', async () => {
    const { api } = journey;
    const emails = await deleteContacts(many);
    const run = await api.sync(connectionId, { mode: 'full' });
    expect(run.status).toBe('awaitingApproval');
    expect(await areActive(emails)).toEqual(emails.map(() => true));

    await api.ask('POST', `runs/${run.id}/approve`);
    const ended = await api.follow(run.id);
    const again = await api.ask('POST', `runs/${run.id}/approve`);

    expect(ended).toMatchObject({ status: 'succeeded', counts: { deactivated: many } });
    expect(await areActive(emails)).toEqual(emails.map(() => false));
    expect(again).toMatchObject({ status: 409, body: { code: 'run_not_waiting' } });
    expect((await api.sync(connectionId, { mode: 'full' })).counts).toMatchObject({
      created: 0,
      deactivated: 0,
    });
  });

  it('leaves the users of deleted contacts alone under the policy to unlink', async () => {
    const { api } = journey;
    await api.patchConnection(connectionId, { deletePolicy: 'unlink' });
    const emails = await deleteContacts(many);
    const run = await api.sync(connectionId, { mode: 'incremental' });

    expect(run).toMatchObject({ status: 'succeeded', counts: { deactivated: 0, created: 0 } });
    expect(await areActive(emails)).toEqual(emails.map(() => true));
    expect((await api.sync(connectionId, { mode: 'full' })).counts).toMatchObject({ created: 0 });
  });

  it('takes an AuthScape that suddenly lists no user for a fault', async () => {
    const { api, authScape, dynamics, stack } = journey;
    await authScape.post('reset');
    await authScape.post('delete', { entity: 'User', id: Number(stack.info.authScapeCredentials.clientId) });
    const before = await bothSides(journey);
    await dynamics.clearRequests();
    const run = await api.sync(connectionId, { mode: 'full' });

    expect(run).toMatchObject({
      status: 'failed',
      error: { code: 'authscape_empty', hint: expect.any(String) },
    });
    expect(writesIn(await dynamics.requests())).toEqual({});
    expect(await bothSides(journey)).toEqual(before);
    expect((await api.connection(connectionId)).lastSyncError?.code).toBe('authscape_empty');
  });
});
