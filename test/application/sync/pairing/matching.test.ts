import { describe, expect, it } from 'vitest';
import { unlink } from '../../../../src/application/inspection/links-and-logs.js';
import { linkId } from '../../../../src/domain/link.js';
import {
  aContact,
  aPair,
  aUser,
  contact,
  contacts,
  linkOf,
  mark,
  user,
  writesSince,
} from '../../support/actors.js';
import { createHarness, type Harness } from '../../support/harness.js';
import { companyMapping, locationMapping, USER_COMPANY, userMapping } from '../../support/mappings.js';

async function reasons(bridge: Harness, runId: string): Promise<readonly string[]> {
  return (await bridge.logs(runId)).flatMap(({ status, error }) =>
    status === 'skipped' && error !== undefined ? [error.code] : [],
  );
}

describe('finding partners', () => {
  it.each(['full', 'incremental'] as const)(
    '[P1] links by key without case and white space (%s)',
    async (mode) => {
      const bridge = await createHarness();
      await bridge.sync('full');
      const a = aUser(bridge, { email: 'Ada@X.test', lastName: null });
      const d = aContact(bridge, { emailaddress1: ' ada@x.TEST ', lastname: 'Lovelace' });
      const run = await bridge.sync(mode);
      expect(run.counts).toMatchObject({ linked: 1, created: 0 });
      expect((await linkOf(bridge, a))?.crmId).toBe(d);
      expect(user(bridge, a).lastName).toBe('Lovelace');
    },
  );

  it('[P4] writes nothing where several records have the key', async () => {
    const bridge = await createHarness();
    aUser(bridge, { email: 'ada@x.test' });
    aContact(bridge, { emailaddress1: 'ada@x.test' });
    aContact(bridge, { emailaddress1: 'ada@x.test' });
    const start = mark(bridge);
    const run = await bridge.sync('full');
    expect(run.counts).toMatchObject({ skipped: 3, created: 0, linked: 0 });
    expect(await reasons(bridge, run.id)).toEqual(Array(3).fill('ambiguous_match'));
    expect(writesSince(bridge, start)).toEqual([]);
  });

  it('[P2] takes the only active one of several', async () => {
    const bridge = await createHarness();
    const a = aUser(bridge, { email: 'ada@x.test' });
    aContact(bridge, { emailaddress1: 'ada@x.test', statecode: 1 });
    const d = aContact(bridge, { emailaddress1: 'ada@x.test' });
    await bridge.sync('full');
    expect((await linkOf(bridge, a))?.crmId).toBe(d);
  });

  it.each(['full', 'incremental'] as const)(
    '[P4] leaves a record whose key has a pair already (%s)',
    async (mode) => {
      const bridge = await createHarness();
      const { a } = await aPair(bridge, { email: 'ada@x.test' });
      aContact(bridge, { emailaddress1: 'ada@x.test' });
      const before = await linkOf(bridge, a);
      const run = await bridge.sync(mode);
      expect(run.counts).toMatchObject({ skipped: 1, created: 0 });
      expect(await reasons(bridge, run.id)).toEqual(['match_taken']);
      expect((await linkOf(bridge, a))?.crmId).toBe(before?.crmId);
    },
  );

  it('[P3][P4] makes no partner for an inactive record and none without a key', async () => {
    const bridge = await createHarness();
    aUser(bridge, { isActive: false });
    aContact(bridge, { emailaddress1: null });
    const run = await bridge.sync('full');
    expect(run.counts).toMatchObject({ skipped: 2, created: 0 });
    expect([...(await reasons(bridge, run.id))].sort()).toEqual(['inactive', 'no_match_key']);
  });

  it('[P5] makes no company in AuthScape and says why', async () => {
    const bridge = await createHarness({ mappings: [companyMapping()] });
    bridge.d.people.insert('account', { name: 'Firm' });
    const run = await bridge.sync('full');
    expect(await reasons(bridge, run.id)).toEqual(['create_not_supported']);
    expect(bridge.a.records.Company.size).toBe(0);
  });

  it('[D6] never links the two halves of a pair that a person parted', async () => {
    const bridge = await createHarness();
    const { a, d } = await aPair(bridge);
    await unlink({ ...bridge.storage, clock: bridge.clock })(bridge.connection.id, linkId('m_1234567890', a));
    bridge.a.people.set('User', a, { firstName: 'A' });
    const start = mark(bridge);
    await bridge.sync('full');
    await bridge.sync('incremental');
    expect(writesSince(bridge, start)).toEqual([]);
    expect(contacts(bridge)).toEqual([d]);
  });

  it('[V8] does not sync the user that the service signs in as', async () => {
    const bridge = await createHarness();
    bridge.a.ownUserId = aUser(bridge, { email: 'service@x.test' });
    aUser(bridge);
    expect((await bridge.sync('full')).counts).toMatchObject({ created: 1 });
    expect(contacts(bridge)).toHaveLength(1);
  });

  it('[P8][P13] lets only rows of the filter join, and follows a linked row that leaves it', async () => {
    const bridge = await createHarness({ mappings: [userMapping({ filter: 'new_level eq 2' })] });
    aContact(bridge, { new_level: 1 });
    const inside = aContact(bridge, { new_level: 2 });
    const a = aUser(bridge);
    expect((await bridge.sync('full')).counts).toMatchObject({ created: 2 });
    const made = (await linkOf(bridge, a))?.crmId ?? '';
    expect(contact(bridge, made).new_level).toBe(2);
    bridge.d.people.set('contact', inside, { new_level: 1, firstname: 'Left' });
    await bridge.sync('incremental');
    const partner = (await bridge.links()).find(({ crmId }) => crmId === inside)?.authScapeId ?? '';
    expect(user(bridge, partner).firstName).toBe('Left');
  });

  it('[P7] creates from a shared table only where the filters exclude each other', async () => {
    const shared = await createHarness({ mappings: [companyMapping(), locationMapping()] });
    shared.d.people.insert('account', { name: 'Firm' });
    const run = await shared.sync('full');
    expect(run.counts.created).toBe(0);
    expect(await reasons(shared, run.id)).toContain('shared_table');
  });

  it('[M16][M17] gives a user the row of his company, and waits where the company has none yet', async () => {
    const bridge = await createHarness({
      mappings: [userMapping({ relationships: [USER_COMPANY] }), companyMapping()],
    });
    const company = bridge.a.people.insert('Company', { title: 'Firm' });
    const a = aUser(bridge, { companyId: company });
    await bridge.sync('full');
    const account = (await linkOf(bridge, company, 'm_company'))?.crmId ?? '';
    const d = (await linkOf(bridge, a))?.crmId ?? '';
    expect(contact(bridge, d).parentcustomerid).toBe(`account:${account}`);
    const later = bridge.a.people.insert('Company', { title: 'Later', isDeactivated: true });
    bridge.a.people.set('User', a, { companyId: later });
    await bridge.sync('full');
    expect(contact(bridge, d).parentcustomerid).toBe(`account:${account}`);
    bridge.a.people.set('Company', later, { isDeactivated: false });
    await bridge.sync('full');
    const second = (await linkOf(bridge, later, 'm_company'))?.crmId ?? '';
    expect(contact(bridge, d).parentcustomerid).toBe(`account:${second}`);
    bridge.d.people.set('contact', d, { parentcustomerid: null });
    await bridge.sync('incremental');
    expect(user(bridge, a).companyId).toBeNull();
  });

  it('takes a row whose company is gone for no target: the field waits and is not written', async () => {
    const bridge = await createHarness({
      connection: { deletePolicy: 'unlink' },
      mappings: [userMapping({ relationships: [USER_COMPANY] }), companyMapping()],
    });
    const company = bridge.a.people.insert('Company', { title: 'Firm' });
    bridge.a.people.insert('Company', { title: 'Stays' });
    const a = aUser(bridge);
    await bridge.sync('full');
    const account = (await linkOf(bridge, company, 'm_company'))?.crmId ?? '';
    bridge.a.people.remove('Company', company);
    await bridge.sync('full');
    expect((await linkOf(bridge, company, 'm_company'))?.tombstone).toMatchObject({
      reason: 'goneInAuthScape',
    });
    const d = (await linkOf(bridge, a))?.crmId ?? '';
    bridge.d.people.set('contact', d, { parentcustomerid: `account:${account}` });
    const run = await bridge.sync('incremental');
    expect(run.counts).toMatchObject({ failed: 0 });
    expect(await reasons(bridge, run.id)).toContain('waiting_for_related');
    expect([user(bridge, a).companyId ?? null, contact(bridge, d).parentcustomerid]).toEqual([
      null,
      `account:${account}`,
    ]);
  });
});
