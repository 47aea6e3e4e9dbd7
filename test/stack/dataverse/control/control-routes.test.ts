import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { person } from '../../seed.js';
import { appId, SimClient } from '../sim-client.js';

let client: SimClient;

beforeEach(async () => {
  client = await SimClient.start();
});

afterEach(() => client.sim.close());

async function dumped(set: string): Promise<Record<string, unknown>[]> {
  return (await client.control('GET', 'dump'))[set] as Record<string, unknown>[];
}

describe('seeding', () => {
  it('adds the same persons for the same seed, the plain ones first', async () => {
    await client.control('POST', 'seed', { contacts: 200, accounts: 10, seed: 7 });
    const contacts = await dumped('contacts');
    expect([contacts.length, (await dumped('accounts')).length]).toEqual([200, 10]);
    const byEmail = new Map(contacts.map((row) => [String(row.emailaddress1).toLowerCase(), row]));
    const plain = Array.from({ length: 193 }, (_, index) => person(7, index));
    const matches = plain.map(({ email }) => byEmail.get(email.toLowerCase()));
    expect(matches).not.toContain(undefined);
    const equal = plain.filter(({ firstName, lastName, phone, active }, index) => {
      const row = matches[index];
      const isEqual = row?.firstname === firstName && row.lastname === lastName;
      return isEqual && (row.telephone1 ?? '') === phone && (row.statecode === 0) === active;
    });
    expect(equal.length).toBeGreaterThanOrEqual(153);
    expect(equal.length).toBeLessThanOrEqual(156);
    expect(contacts.filter((row) => row.emailaddress1 === null)).toHaveLength(4);
    expect(contacts.filter((row) => String(row.emailaddress1).includes("'"))).toHaveLength(2);
    expect(byEmail.size).toBe(200 - 3 - 1);
  });

  it('goes on where it ended, and begins anew after a reset', async () => {
    await client.control('POST', 'seed', { contacts: 30, accounts: 0, seed: 1 });
    await client.control('POST', 'seed', { contacts: 30, accounts: 0, seed: 1 });
    const before = await dumped('contacts');
    expect(new Set(before.map((row) => row.contactid)).size).toBe(60);
    await client.control('POST', 'reset');
    expect(await dumped('contacts')).toEqual([]);
    await client.control('POST', 'seed', { contacts: 60, accounts: 0, seed: 1 });
    const ids = (await dumped('contacts')).map((row) => row.contactid);
    expect(ids.sort()).toEqual(before.map((row) => row.contactid).sort());
  });

  it('belongs to no application user', async () => {
    await client.control('POST', 'seed', { contacts: 1, accounts: 0, seed: 1 });
    const own = (await client.get('WhoAmI')).json.UserId;
    const [row] = await dumped('contacts');
    expect(row?._modifiedby_value).not.toBe(own);
  });
});

describe('dump', () => {
  it('shows rows as the API does, without annotations', async () => {
    const id = await client.create('contacts', { lastname: 'Berg' });
    const [row] = await dumped('contacts');
    const { json } = await client.get(`contacts(${id})`);
    const shown = Object.entries(json).filter(([name]) => !name.startsWith('@'));
    expect(row).toEqual(Object.fromEntries(shown));
    expect((await dumped('systemusers')).length).toBeGreaterThanOrEqual(2);
  });
});

describe('reset', () => {
  it('sets switches back and keeps the organization; old delta links are expired', async () => {
    const before = await client.get('contacts', 'odata.track-changes');
    await client.control('POST', 'users', { appId, state: 'noRole' });
    await client.control('POST', 'tracking', { enabled: { contact: false } });
    await client.control('POST', 'reset');
    expect((await client.get('WhoAmI')).json.OrganizationId).toBe(client.sim.organizationId);
    expect((await client.get('contacts', 'odata.track-changes')).status).toBe(200);
    const old = await client.get(String(before.json['@odata.deltaLink']));
    expect(old.json.error.code).toBe('0x80044352');
  });
});

describe('the requests counted', () => {
  it('are labelled by set, whatever is below it', async () => {
    const id = await client.create('contacts', {});
    await client.get('contacts?$top=1');
    await client.get(`contacts(${id})`);
    await client.get('contacts/$count');
    await client.get('WhoAmI');
    expect((await client.control('GET', 'requests')).byRoute).toEqual({
      'POST contacts': 1,
      'GET contacts': 3,
      'GET WhoAmI': 1,
    });
  });
});

describe('control bodies', () => {
  it.each<[string, unknown]>([
    ['seed', { contacts: -1 }],
    ['users', { appId: 'nobody', state: 'ok' }],
    ['users', { appId, state: 'missingPrivilege' }],
    ['plugin', { table: 'nothing', column: 'x', to: 'ignore' }],
    ['limits', { requests: 0 }],
    ['limits', { windowSeconds: -1 }],
    ['limits', { request: 5 }],
    ['columns', { table: 'contact', column: { name: 'lastname', type: 'string' } }],
  ])('that make no sense are refused: %s %j', async (name, body) => {
    await expect(client.control('POST', name, body)).rejects.toThrow('400');
  });
});
