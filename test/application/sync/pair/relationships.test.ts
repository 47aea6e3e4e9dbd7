import { describe, expect, it } from 'vitest';
import type { RelationshipMapping } from '../../../../src/domain/model.js';
import { aColumn } from '../../../support/builders.js';
import { aContact, aUser, contact, linkOf, user } from '../../support/actors.js';
import { createHarness, type Harness } from '../../support/harness.js';
import { companyMapping, locationMapping, USER_COMPANY, userMapping } from '../../support/mappings.js';

const COMPANIES = companyMapping();

function users(more: Partial<typeof USER_COMPANY> = {}, others: readonly (typeof USER_COMPANY)[] = []) {
  return userMapping({ relationships: [{ ...USER_COMPANY, ...more }, ...others] });
}

async function rowOf(bridge: Harness, a: string, mappingId?: string): Promise<string> {
  return (await linkOf(bridge, a, mappingId))?.crmId ?? '';
}

/** A connection whose first run is over. */
async function started(mappings: Parameters<typeof createHarness>[0] & object): Promise<Harness> {
  const bridge = await createHarness(mappings);
  aUser(bridge);
  bridge.a.people.insert('Company', { title: 'First' });
  await bridge.sync('full');
  return bridge;
}

describe('a related record that has no partner yet', () => {
  it('[M17] is synced first by an event of the record that names it, with autoCreateRelated', async () => {
    const bridge = await started({ mappings: [users({ autoCreateRelated: true }), COMPANIES] });
    const company = bridge.a.people.insert('Company', { title: 'Firm' });
    const a = aUser(bridge, { companyId: company });
    await bridge.event('authScape', 'User', a);
    await bridge.drain();
    const account = await rowOf(bridge, company, 'm_company');
    expect(account).not.toBe('');
    expect(contact(bridge, await rowOf(bridge, a)).parentcustomerid).toBe(`account:${account}`);
  });

  it('[M17] is waited for without it, and nothing is cleared meanwhile', async () => {
    const bridge = await started({ mappings: [users(), COMPANIES] });
    const company = bridge.a.people.insert('Company', { title: 'Firm' });
    const a = aUser(bridge, { companyId: company });
    await bridge.event('authScape', 'User', a);
    await bridge.drain();
    expect(await rowOf(bridge, company, 'm_company')).toBe('');
    expect(contact(bridge, await rowOf(bridge, a)).parentcustomerid).toBeNull();
    expect(user(bridge, a).companyId).toBe(company);
    await bridge.sync('incremental');
    expect(contact(bridge, await rowOf(bridge, a)).parentcustomerid).toBe(
      `account:${await rowOf(bridge, company, 'm_company')}`,
    );
  });

  it('[M17] of another table than the mapped one is left alone', async () => {
    const bridge = await started({ mappings: [users(), COMPANIES] });
    const parent = aContact(bridge, { emailaddress1: null });
    const a = aUser(bridge);
    await bridge.sync('full');
    const d = await rowOf(bridge, a);
    bridge.d.people.set('contact', d, { parentcustomerid: `contact:${parent}` });
    const company = bridge.a.people.insert('Company', { title: 'Firm' });
    await bridge.sync('full');
    expect(contact(bridge, d).parentcustomerid).toBe(`contact:${parent}`);
    expect(user(bridge, a).companyId).toBeNull();
    expect(await rowOf(bridge, company, 'm_company')).not.toBe('');
  });
});

it('[M18] companies come before the users that name them: one run is enough, in any order of the mappings', async () => {
  for (const mappings of [
    [users(), COMPANIES],
    [COMPANIES, users()],
  ]) {
    const bridge = await createHarness({ mappings });
    const company = bridge.a.people.insert('Company', { title: 'Firm' });
    const a = aUser(bridge, { companyId: company });
    await bridge.sync('full');
    expect(contact(bridge, await rowOf(bridge, a)).parentcustomerid).toBe(
      `account:${await rowOf(bridge, company, 'm_company')}`,
    );
  }
});

describe('a lookup that is cleared', () => {
  it.each([true, false])('[M11][M16] in AuthScape, syncNullValues %s', async (syncNullValues) => {
    const bridge = await createHarness({ mappings: [users({ syncNullValues }), COMPANIES] });
    const company = bridge.a.people.insert('Company', { title: 'Firm' });
    const a = aUser(bridge, { companyId: company });
    await bridge.sync('full');
    const account = `account:${await rowOf(bridge, company, 'm_company')}`;
    bridge.a.people.set('User', a, { companyId: null });
    await bridge.sync('full');
    const d = await rowOf(bridge, a);
    expect(contact(bridge, d).parentcustomerid).toBe(syncNullValues ? null : account);
    await bridge.sync('full');
    expect(contact(bridge, d).parentcustomerid).toBe(syncNullValues ? null : account);
  });
});

it('[M16] a row that moves to another account in Dynamics moves the user to its company', async () => {
  const bridge = await createHarness({ mappings: [users(), COMPANIES] });
  const [one, two] = ['One', 'Two'].map((title) => bridge.a.people.insert('Company', { title }));
  const a = aUser(bridge, { companyId: one ?? null });
  await bridge.sync('full');
  const account = await rowOf(bridge, two ?? '', 'm_company');
  bridge.d.people.set('contact', await rowOf(bridge, a), { parentcustomerid: `account:${account}` });
  await bridge.sync('incremental');
  expect(user(bridge, a).companyId).toBe(two);
});

it('[M16][P7] a location names its company by a column of its own table', async () => {
  const parent = {
    ...USER_COMPANY,
    id: 'r_parent',
    crmLookupField: 'parentaccountid',
  };
  const bridge = await createHarness({
    mappings: [companyMapping(), locationMapping({ matchBy: ['title'], relationships: [parent] })],
  });
  const company = bridge.a.people.insert('Company', { title: 'Firm' });
  const depot = bridge.a.people.insert('Location', { title: 'Depot', companyId: company });
  await bridge.sync('full');
  const row = bridge.d.tables.get('account')?.rows.get(await rowOf(bridge, depot, 'm_location'));
  expect(row?.values.parentaccountid).toBe(`account:${await rowOf(bridge, company, 'm_company')}`);
});

const CHAIN: RelationshipMapping = { ...USER_COMPANY, autoCreateRelated: true };
const USER_DEPOT: RelationshipMapping = {
  ...CHAIN,
  id: 'r_depot',
  authScapeField: 'locationId',
  relatedEntity: 'Location',
  crmLookupField: 'new_depotid',
};
const DEPOT_COMPANY = { ...CHAIN, id: 'r_parent', crmLookupField: 'parentaccountid' };

/** Users with a company and a depot, both accounts; depots with a company. */
async function chained(): Promise<Harness> {
  const bridge = await createHarness({
    mappings: [
      userMapping({ relationships: [CHAIN, USER_DEPOT] }),
      companyMapping(),
      locationMapping({ relationships: [DEPOT_COMPANY] }),
    ],
  });
  const contacts = bridge.d.tables.get('contact');
  if (contacts === undefined) throw new Error('no contacts');
  const depot = aColumn('new_depotid', { type: 'lookup', maxLength: null, targets: ['account'] });
  contacts.schema = { ...contacts.schema, columns: [...contacts.schema.columns, depot] };
  return bridge;
}

describe('two relationships to one table', () => {
  it('[M16][M18] keep apart on their columns, in both directions', async () => {
    const bridge = await chained();
    const [firm = '', other = ''] = ['Firm', 'Other'].map((title) =>
      bridge.a.people.insert('Company', { title }),
    );
    const depot = bridge.a.people.insert('Location', { title: 'Depot', companyId: firm });
    const a = aUser(bridge, { companyId: firm, locationId: depot });
    await bridge.sync('full');
    const d = await rowOf(bridge, a);
    const account = async (id: string, mapping: string) => `account:${await rowOf(bridge, id, mapping)}`;
    expect(contact(bridge, d)).toMatchObject({
      parentcustomerid: await account(firm, 'm_company'),
      new_depotid: await account(depot, 'm_location'),
    });
    bridge.d.people.set('contact', d, {
      parentcustomerid: await account(other, 'm_company'),
      // The account of a company is no depot.
      new_depotid: await account(firm, 'm_company'),
    });
    await bridge.sync('incremental');
    expect(user(bridge, a)).toMatchObject({ companyId: other, locationId: depot });
    bridge.d.people.set('contact', d, { new_depotid: null });
    await bridge.sync('incremental');
    expect(user(bridge, a)).toMatchObject({ companyId: other, locationId: null });
  });

  it('[M17] bring a chain of related records, the farthest first', async () => {
    const bridge = await chained();
    aUser(bridge);
    bridge.a.people.insert('Company', { title: 'First' });
    bridge.a.people.insert('Location', { title: 'First depot' });
    await bridge.sync('full');
    const firm = bridge.a.people.insert('Company', { title: 'Firm' });
    const depot = bridge.a.people.insert('Location', { title: 'Depot', companyId: firm });
    const a = aUser(bridge, { locationId: depot });
    await bridge.event('authScape', 'User', a);
    await bridge.drain();
    const depotRow = await rowOf(bridge, depot, 'm_location');
    expect(contact(bridge, await rowOf(bridge, a)).new_depotid).toBe(`account:${depotRow}`);
    const firmRow = await rowOf(bridge, firm, 'm_company');
    expect(bridge.d.tables.get('account')?.rows.get(depotRow)?.values.parentaccountid).toBe(
      `account:${firmRow}`,
    );
  });
});

it('[M17] rows that point at each other, or at themselves, end nothing and write nothing', async () => {
  const bridge = await chained();
  const depots = ['One', 'Two'].map((title) => bridge.a.people.insert('Location', { title }));
  bridge.a.people.insert('Company', { title: 'Firm' });
  await bridge.sync('full');
  const [one = '', two = ''] = await Promise.all(depots.map((id) => rowOf(bridge, id, 'm_location')));
  bridge.d.people.set('account', one, { parentaccountid: `account:${two}` });
  bridge.d.people.set('account', two, { parentaccountid: `account:${one}` });
  const loner = bridge.d.people.insert('account', { name: 'Loner' }, '7'.repeat(8));
  bridge.d.people.set('account', loner, { parentaccountid: `account:${loner}` });
  const before = bridge.world.changes.length;
  await bridge.event('dynamics', 'account', one);
  await bridge.event('dynamics', 'account', loner);
  await bridge.drain();
  expect((await bridge.sync('incremental')).status).toBe('succeeded');
  expect(bridge.world.changes.slice(before)).toEqual([]);
});
