import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { compareSides } from '../stack/demo/compare.js';
import {
  bothSides,
  contactOf,
  type Journey,
  startJourney,
  startWithinMs,
  userOf,
} from './support/journey.js';
import type { Mapping, Run } from './support/shapes.js';
import { writesIn } from './support/simulator.js';
import { allMessages, allRows } from './support/storage-scan.js';

const vaultSchema = z.record(z.string(), z.unknown());

/** Two people who are on both sides and alike there, and active: edits of them are told apart easily. */
function twoPairs(sides: Awaited<ReturnType<typeof bothSides>>): [string, string] {
  const emails = sides.authScape.users
    .filter((user) => user.isActive && user.firstName.length < 40 && user.lastName.length < 40)
    .map((user) => user.email)
    .filter((email) => sides.dynamics.contacts.some((row) => row.emailaddress1?.toLowerCase() === email));
  const [first, second] = emails;
  if (first === undefined || second === undefined) {
    throw new Error('The seed has no two pairs.');
  }
  return [first, second];
}

const written = ({ bySide }: Run) =>
  Object.values(bySide).reduce(
    (sum, side) => sum + Object.values(side).reduce((all, one) => all + one, 0),
    0,
  );

describe('from nothing to two sides in step', () => {
  let journey: Journey;
  let connectionId: string;
  let mappings: Mapping[];
  let first: Run;

  beforeAll(async () => {
    journey = await startJourney();
    // So few that none of them has an e-mail that AuthScape refuses.
    await journey.dynamics.seed({ contacts: 40, accounts: 0, seed: 7 });
    await journey.authScape.seed({ users: 60, companies: 6, locations: 9, seed: 7, overlap: 0.5 });
    connectionId = await journey.api.createConnection();
  }, startWithinMs);
  afterAll(() => journey?.stop());

  it('tells in a test of the connection that everything is there', async () => {
    const test = await journey.api.test(connectionId);

    expect(test.steps.filter((step) => !step.ok)).toEqual([]);
    expect(test.steps.map((step) => step.name)).toEqual([
      'token',
      'whoAmI',
      'read contact',
      'write contact',
      'change tracking',
      'authScape token',
      'authScape module',
    ]);
    expect(test).toMatchObject({ ok: true, organizationId: expect.any(String), userId: expect.any(String) });
  });

  it('makes mappings with default fields', async () => {
    const { api } = journey;
    mappings = [
      await api.createMapping(connectionId, 'Company', 'account'),
      await api.createMapping(connectionId, 'Location', 'account'),
      await api.createMapping(connectionId, 'User', 'contact'),
    ];

    expect(mappings.map((mapping) => mapping.fields.length)).toEqual([3, 6, 5]);
  });

  it('brings both sides into step with a full sync', async () => {
    first = await journey.api.sync(connectionId, { mode: 'full' });
    const [sides, links] = [await bothSides(journey), await journey.api.links(connectionId)];

    expect(first).toMatchObject({ status: 'succeeded', phase: 'done', percent: 100, error: null });
    expect(compareSides(sides, mappings, links).differences).toEqual([]);
    expect(links.filter((link) => link.entity === 'Company').length).toBeGreaterThan(0);
    expect(links.filter((link) => link.entity === 'Location').length).toBeGreaterThan(0);
    expect(new Set(links.map((link) => link.crmId)).size).toBe(links.length);
    expect(first.counts.created + first.counts.linked).toBe(links.length);
  });

  it('shows what it did: run, changes, log, connection', async () => {
    const { api } = journey;
    const changes = await api.changes(first.id);
    const created = changes.filter((change) => change.action === 'create' && change.side === 'dynamics');
    const log = await api.logs(connectionId, '?status=success');

    expect(created).toHaveLength(first.bySide.dynamics.created);
    expect(created.every((change) => change.fields.length > 0)).toBe(true);
    expect(log.length).toBeGreaterThanOrEqual(created.length);
    expect((await api.runs(connectionId)).map((run) => run.id)).toEqual([first.id]);
    expect(await api.connection(connectionId)).toMatchObject({
      lastSyncAt: expect.any(String),
      lastSyncError: null,
    });
  });

  it('keeps the client secret in the vault under a derived name and nowhere else', async () => {
    const { info, logFiles } = journey.stack;
    const secret = info.credentials.clientSecret;
    const vault = await journey.identity.dump(vaultSchema);
    const holders = Object.entries(vault).filter(([, entry]) => JSON.stringify(entry).includes(secret));
    const elsewhere = [
      ...(await allRows(info)),
      ...(await allMessages(info)),
      readFileSync(logFiles.functions, 'utf8'),
      (await journey.api.ask('GET', 'connections')).text,
      (await journey.api.ask('GET', `connections/${connectionId}`)).text,
    ];

    expect(JSON.stringify(holders)).toContain(
      `conn-${connectionId.replace(/[^0-9a-zA-Z-]/g, '-')}-client-secret`,
    );
    expect(elsewhere.filter((text) => text.includes(secret))).toEqual([]);
    expect(elsewhere.length).toBeGreaterThan(100);
  });

  it('writes nothing in a second full sync, and asks Dynamics little', async () => {
    const before = await bothSides(journey);
    await Promise.all([journey.dynamics.clearRequests(), journey.authScape.clearRequests()]);
    const run = await journey.api.sync(connectionId, { mode: 'full' });
    const [dynamics, authScape] = [await journey.dynamics.requests(), await journey.authScape.requests()];

    expect(run).toMatchObject({
      status: 'succeeded',
      counts: { created: 0, updated: 0, linked: 0, failed: 0 },
    });
    expect(written(run)).toBe(0);
    expect(writesIn(dynamics)).toEqual({});
    expect(writesIn(authScape)).toEqual({});
    expect(await bothSides(journey)).toEqual(before);
    expect(dynamics.total).toBeLessThanOrEqual(10 * mappings.length);
  });

  it('carries edits of people to the other side with an incremental sync', async () => {
    const { api, editors } = journey;
    const before = await bothSides(journey);
    const [one, two] = twoPairs(before);
    const contact = contactOf(before, one);
    await editors.dynamics('PATCH', `contacts(${contact.contactid})`, { telephone1: '+47 111' });
    await editors.updateUser(userOf(before, two).id, { firstName: 'Renamed' });
    const run = await api.sync(connectionId, { mode: 'incremental' });
    const after = await bothSides(journey);

    expect(run).toMatchObject({ status: 'succeeded', counts: { updated: 2, conflicts: 0, failed: 0 } });
    expect(userOf(after, one).phoneNumber).toBe('+47 111');
    expect(contactOf(after, two).firstname).toBe('Renamed');
    expect(contactOf(after, one).firstname).toBe(contact.firstname);
  });

  it('applies both edits when different fields of one record were edited on both sides', async () => {
    const { api, editors } = journey;
    const before = await bothSides(journey);
    const [email] = twoPairs(before);
    const { contactid } = contactOf(before, email);
    await editors.dynamics('PATCH', `contacts(${contactid})`, { lastname: 'From Dynamics' });
    await editors.updateUser(userOf(before, email).id, { phoneNumber: '+47 222' });
    const run = await api.sync(connectionId, { mode: 'incremental' });
    const after = await bothSides(journey);

    expect(run).toMatchObject({ status: 'succeeded', counts: { updated: 1, conflicts: 0 } });
    expect(userOf(after, email)).toMatchObject({ lastName: 'From Dynamics', phoneNumber: '+47 222' });
    expect(contactOf(after, email)).toMatchObject({ lastname: 'From Dynamics', telephone1: '+47 222' });
  });

  it('deactivates the user of a deleted contact, and never makes the contact anew', async () => {
    const { api, editors } = journey;
    const before = await bothSides(journey);
    const [email] = twoPairs(before);
    const user = userOf(before, email);
    await editors.dynamics('DELETE', `contacts(${contactOf(before, email).contactid})`);
    const run = await api.sync(connectionId, { mode: 'incremental' });
    const tombstones = await api.links(connectionId, '?state=tombstone');

    expect(run).toMatchObject({ status: 'succeeded', counts: { deactivated: 1 } });
    expect(userOf(await bothSides(journey), email)).toMatchObject({ id: user.id, isActive: false });
    expect(tombstones.map((link) => link.authScapeId)).toEqual([String(user.id)]);

    const again = await api.sync(connectionId, { mode: 'full' });
    const after = await bothSides(journey);
    expect(again.status).toBe('succeeded');
    expect(written(again)).toBe(0);
    expect(after.dynamics.contacts).toHaveLength(before.dynamics.contacts.length - 1);
    expect(userOf(after, email).isActive).toBe(false);
  });

  it('removes the secret with the connection', async () => {
    const reply = await journey.api.ask('DELETE', `connections/${connectionId}`);
    const vault = JSON.stringify(await journey.identity.dump(vaultSchema));

    expect(reply.status).toBe(204);
    expect(vault).not.toContain(journey.stack.info.credentials.clientSecret);
    expect((await journey.api.ask('GET', `connections/${connectionId}`)).status).toBe(404);
  });
});
