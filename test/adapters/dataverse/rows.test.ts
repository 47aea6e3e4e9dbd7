import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Bench, rejection, startBench } from './support.js';

let bench: Bench;

beforeAll(async () => {
  bench = await startBench();
});
beforeEach(async () => {
  await bench.control('POST', 'reset');
  await bench.control('DELETE', 'faults');
});
afterAll(async () => {
  await bench.close();
});

const COLUMNS = ['firstname', 'lastname', 'emailaddress1'];

async function contact(values: Record<string, string | number | null>): Promise<string> {
  const id = randomUUID();
  const made = await bench.system.create('contact', id, values, COLUMNS);
  expect(made.kind).toBe('written');
  return id;
}

describe('reading one row', () => {
  it('gives values, state, etag and time in neutral form', async () => {
    const id = await contact({ firstname: 'Ada', lastname: 'Lie', emailaddress1: null });
    const row = await bench.system.get('contact', id.toUpperCase(), COLUMNS);
    expect(row).toMatchObject({
      id,
      values: { firstname: 'Ada', lastname: 'Lie', emailaddress1: null },
      active: true,
      mergedInto: null,
    });
    expect(row?.etag).toMatch(/^W\/"\d+"$/);
    expect(row?.modifiedOn).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    expect(Math.abs(Date.now() - (row?.readAt ?? 0))).toBeLessThan(10_000);
  });

  it('[D8] names the surviving row of one that was merged away, and the row itself once that reference is gone', async () => {
    const [loser, master] = [await contact({ lastname: 'Lie' }), await contact({ lastname: 'Lie' })];
    const party = (contactid: string) => ({ '@odata.type': 'Microsoft.Dynamics.CRM.contact', contactid });
    const reply = await fetch(`${bench.url}/api/data/v9.2/Merge`, {
      method: 'POST',
      headers: { authorization: 'Bearer somebody', 'content-type': 'application/json' },
      body: JSON.stringify({
        Target: party(master),
        Subordinate: party(loser),
        PerformParentingChecks: false,
      }),
    });
    expect(reply.status).toBe(204);
    expect(await bench.system.get('contact', loser, COLUMNS)).toMatchObject({ mergedInto: master });
    await bench.system.remove('contact', master, null);
    expect(await bench.system.get('contact', loser, COLUMNS)).toMatchObject({ mergedInto: loser });
    await bench.system.update('contact', loser, null, { statecode: 0 }, COLUMNS);
    expect(await bench.system.get('contact', loser, COLUMNS)).toMatchObject({ mergedInto: null });
  });

  it('is undefined for a row that does not exist', async () => {
    await expect(bench.system.get('contact', randomUUID(), COLUMNS)).resolves.toBeUndefined();
  });

  it('[D1] trap: a 404 without the code of a missing row is an error, never "gone"', async () => {
    const id = await contact({ lastname: 'Lie' });
    const unreadable = { reason: 'record_unreadable' };
    await bench.control('POST', 'faults', [
      { match: 'GET contacts', status: 404, code: '0x80060888', times: 1 },
    ]);
    await expect(bench.system.get('contact', id, COLUMNS)).rejects.toMatchObject(unreadable);
    await bench.control('POST', 'behaviour', { emptyCodes: true });
    await expect(bench.system.get('contact', randomUUID(), COLUMNS)).rejects.toMatchObject(unreadable);
  });

  it.each([
    [401, { code: 'access_denied' }],
    [403, { reason: 'access_denied' }],
  ])('[D1] trap: a %i is never taken for "deleted"', async (status, error) => {
    const id = await contact({ lastname: 'Lie' });
    await bench.control('POST', 'faults', [{ match: 'GET contacts', status, code: '0x80040220', times: 2 }]);
    await expect(bench.system.get('contact', id, COLUMNS)).rejects.toMatchObject(error);
  });

  it('refuses one row that may not be read, and not the whole system', async () => {
    const id = await contact({ lastname: 'Lie' });
    await bench.control('POST', 'faults', [
      { match: 'GET contacts', status: 403, code: '0x80048306', times: 1 },
    ]);
    await expect(bench.system.get('contact', id, COLUMNS)).rejects.toMatchObject({
      reason: 'access_denied_to_row',
    });
  });

  it('shows a lookup with the table it points to', async () => {
    const company = randomUUID();
    await bench.system.create('account', company, { name: 'Fjord AS' }, ['name']);
    const id = await contact({ lastname: 'Lie', parentcustomerid: `account:${company}` });
    const row = await bench.system.get('contact', id, ['parentcustomerid']);
    expect(row?.values).toEqual({ parentcustomerid: `account:${company}` });
  });

  it('[D8] follows a merge: the loser names the survivor', async () => {
    const winner = await contact({ lastname: 'Winner' });
    const loser = await contact({ lastname: 'Loser' });
    const answer = await fetch(`${bench.url}/api/data/v9.2/Merge`, {
      method: 'POST',
      headers: { authorization: 'Bearer other', 'content-type': 'application/json' },
      body: JSON.stringify({
        Target: { '@odata.type': 'Microsoft.Dynamics.CRM.contact', contactid: winner },
        Subordinate: { '@odata.type': 'Microsoft.Dynamics.CRM.contact', contactid: loser },
        UpdateContent: {},
        PerformParentingChecks: false,
      }),
    });
    expect(answer.status).toBeLessThan(300);
    const row = await bench.system.get('contact', loser, COLUMNS);
    expect(row).toMatchObject({ active: false, mergedInto: winner });
  });

  it('names a column that the table does not have', async () => {
    const error = await rejection(bench.system.get('contact', randomUUID(), ['new_nothing']));
    expect(error).toMatchObject({ code: 'schema_changed', message: expect.stringContaining('new_nothing') });
  });

  it('refuses an id that is no GUID without a request', async () => {
    await expect(bench.system.get('contact', "x') or (1 eq 1", COLUMNS)).rejects.toMatchObject({
      reason: 'invalid_id',
    });
  });
});

describe('reading many rows', () => {
  it('gets 250 rows in few requests and leaves out what is not there', async () => {
    await bench.control('POST', 'seed', { contacts: 250, seed: 3 });
    const page = await bench.system.changes('contact', COLUMNS, { kind: 'start', tracked: false });
    const ids = page.rows.map((row) => row.id);
    await bench.control('DELETE', 'requests');
    const found = await bench.system.getMany('contact', [...ids, randomUUID(), 'nonsense'], COLUMNS);
    expect([...found.keys()].sort()).toEqual([...ids].sort());
    const { total } = (await bench.control('GET', 'requests')) as { total: number };
    expect(total).toBeLessThanOrEqual(3);
  });

  it('asks for nothing when there are no ids', async () => {
    await bench.control('DELETE', 'requests');
    await expect(bench.system.getMany('contact', [], COLUMNS)).resolves.toEqual(new Map());
    await expect(bench.control('GET', 'requests')).resolves.toMatchObject({ total: 0 });
  });
});

describe('looking rows up', () => {
  it('finds without case, in any state, all that match', async () => {
    const first = await contact({ lastname: 'A', emailaddress1: 'Ada@Example.com' });
    const second = await contact({ lastname: 'B', emailaddress1: 'ada@example.COM', statecode: 1 });
    await contact({ lastname: 'C', emailaddress1: 'ada@example.org' });
    const rows = await bench.system.findBy('contact', [{ emailaddress1: 'ada@example.com' }], COLUMNS, 'any');
    expect(rows.map((row) => row.id).sort()).toEqual([first, second].sort());
    expect(rows.map((row) => row.active).sort()).toEqual([false, true]);
  });

  it.each([
    "o'brien@example.com",
    'a+b&c#d@example.com',
    '100%@example.com',
    'a_b@example.com',
    'x[1]@example.com',
  ])('trap: %s neither breaks the filter nor matches others', async (address) => {
    const id = await contact({ lastname: 'A', emailaddress1: address });
    await contact({ lastname: 'B', emailaddress1: 'aXb@example.com' });
    const rows = await bench.system.findBy('contact', [{ emailaddress1: address }], COLUMNS, 'any');
    expect(rows.map((row) => row.id)).toEqual([id]);
  });

  it('takes several columns together and several alternatives', async () => {
    const first = await contact({ firstname: 'Ada', lastname: 'Lie' });
    const second = await contact({ firstname: 'Kari', lastname: 'Lie' });
    await contact({ firstname: 'Ada', lastname: 'Berg' });
    const criteria = [
      { firstname: 'ada', lastname: 'lie' },
      { firstname: 'kari', lastname: 'lie' },
    ];
    const rows = await bench.system.findBy('contact', criteria, ['emailaddress1'], 'any');
    expect(rows.map((row) => row.id).sort()).toEqual([first, second].sort());
  });

  it('compares lookups, choices and empty values', async () => {
    const company = randomUUID();
    await bench.system.create('account', company, { name: 'Fjord AS' }, ['name']);
    const id = await contact({ lastname: 'A', gendercode: 2, parentcustomerid: `account:${company}` });
    await contact({ lastname: 'A', gendercode: 1 });
    const criteria = [{ parentcustomerid: `account:${company}`, gendercode: 2, firstname: null }];
    const rows = await bench.system.findBy('contact', criteria, COLUMNS, 'any');
    expect(rows.map((row) => row.id)).toEqual([id]);
  });

  it('finds nothing for no criteria, or for a value that the column cannot have', async () => {
    await contact({ lastname: 'A' });
    await expect(bench.system.findBy('contact', [{}], COLUMNS, 'any')).resolves.toEqual([]);
    await expect(bench.system.findBy('contact', [{ gendercode: 'Male' }], COLUMNS, 'any')).resolves.toEqual(
      [],
    );
  });

  it('knows whether a delete would take contacts along', async () => {
    const company = randomUUID();
    await bench.system.create('account', company, { name: 'Fjord AS' }, ['name']);
    await expect(bench.system.hasDependents('account', company)).resolves.toBe(false);
    await contact({ lastname: 'A', parentcustomerid: `account:${company}` });
    await expect(bench.system.hasDependents('account', company)).resolves.toBe(true);
  });
});
