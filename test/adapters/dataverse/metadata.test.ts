import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Column } from '../../../src/domain/schema.js';
import { reply } from '../http/script.js';
import { type Bench, rejection, startBench, startScriptBench } from './support.js';

let bench: Bench;

beforeAll(async () => {
  bench = await startBench();
  await bench.control('POST', 'columns', {
    table: 'contact',
    column: {
      name: 'new_tags',
      type: 'multiselect',
      choices: [
        { value: 1, label: 'A' },
        { value: 3, label: 'B' },
      ],
    },
  });
});
beforeEach(async () => {
  await bench.control('DELETE', 'requests');
});
afterAll(async () => {
  await bench.close();
});

async function column(name: string, table = 'contact'): Promise<Column | undefined> {
  return (await bench.system.table(table))?.columns.find((each) => each.name === name);
}

describe('table definitions', () => {
  it('lists tables with what a mapping needs to know', async () => {
    const tables = await bench.system.listTables();
    expect(tables.find((table) => table.logicalName === 'contact')).toEqual({
      logicalName: 'contact',
      entitySetName: 'contacts',
      displayName: 'Contact',
      primaryId: 'contactid',
      primaryName: 'fullname',
      changeTracking: true,
      optimisticConcurrency: true,
    });
  });

  it.each<[string, Partial<Column>]>([
    [
      'firstname',
      { type: 'string', maxLength: 50, required: 'recommended', creatable: true, updatable: true },
    ],
    ['lastname', { type: 'string', required: 'application' }],
    ['emailaddress1', { type: 'string', maxLength: 100, format: 'email' }],
    ['telephone1', { type: 'string', format: 'phone' }],
    ['websiteurl', { type: 'string', format: 'url' }],
    ['description', { type: 'memo', maxLength: 2000 }],
    ['fullname', { type: 'string', creatable: false, updatable: false, readable: true }],
    ['birthdate', { type: 'dateOnly' }],
    ['createdon', { type: 'dateTime', updatable: false }],
    ['numberofchildren', { type: 'integer', precision: 0, minValue: 0 }],
    ['creditlimit', { type: 'money', precision: 2 }],
    ['address1_latitude', { type: 'decimal', minValue: -90, maxValue: 90, precision: 5 }],
    ['donotemail', { type: 'boolean' }],
    ['contactid', { type: 'uniqueIdentifier', required: 'system' }],
    ['statecode', { type: 'state', creatable: false, updatable: true }],
    ['parentcustomerid', { type: 'lookup', targets: ['account', 'contact'] }],
    ['ownerid', { type: 'lookup', targets: ['systemuser', 'team'] }],
  ])('describes contact.%s', async (name, expected) => {
    expect(await column(name)).toMatchObject(expected);
  });

  it('gives choices by number, and the state that a status belongs to', async () => {
    expect((await column('gendercode'))?.options).toEqual([
      { value: 1, label: 'Male' },
      { value: 2, label: 'Female' },
    ]);
    expect((await column('statecode'))?.options?.map((option) => option.value)).toEqual([0, 1]);
    expect((await column('statuscode'))?.options?.map((option) => option.state)).toEqual([0, 1]);
    expect(await column('new_tags')).toMatchObject({
      type: 'choices',
      options: [{ value: 1 }, { value: 3 }],
    });
  });

  it('knows the names through which a lookup is written', async () => {
    const schema = await bench.system.table('contact');
    const names = schema?.navigations.filter((each) => each.column === 'parentcustomerid');
    expect(names).toEqual([
      {
        column: 'parentcustomerid',
        referencedTable: 'account',
        navigationProperty: 'parentcustomerid_account',
      },
      {
        column: 'parentcustomerid',
        referencedTable: 'contact',
        navigationProperty: 'parentcustomerid_contact',
      },
    ]);
  });

  it('does not know a table that is not there, or a name that is none', async () => {
    await expect(bench.system.table('new_nothing')).resolves.toBeUndefined();
    await expect(bench.system.table("contact')/Keys")).resolves.toBeUndefined();
  });

  it('reads a table once for parallel callers and keeps it, unless asked afresh', async () => {
    const before = (await bench.control('GET', 'requests')) as { total: number };
    await Promise.all([bench.system.table('account'), bench.system.table('account')]);
    const first = (await bench.control('GET', 'requests')) as { total: number };
    await bench.system.table('account');
    expect(await bench.control('GET', 'requests')).toMatchObject({ total: first.total });
    await bench.system.table('account', { fresh: true });
    const afresh = (await bench.control('GET', 'requests')) as { total: number };
    expect(afresh.total - first.total).toBe(first.total - before.total);
  });

  it('trap: a column that was added since is found without waiting for the cache', async () => {
    await bench.system.table('contact');
    await bench.control('POST', 'columns', {
      table: 'contact',
      column: { name: 'new_later', type: 'string' },
    });
    const id = randomUUID();
    const made = await bench.system.create('contact', id, { lastname: 'Lie' }, ['new_later']);
    expect(made).toMatchObject({ kind: 'written', row: { values: { new_later: null } } });
  });

  it('trap: what the cache says is dropped once Dynamics refuses a name', async () => {
    const noColumn = {
      error: { code: '0x80060888', message: "Could not find a property named 'firstname' on type" },
    };
    const id = randomUUID();
    const script = await startScriptBench(reply(400, noColumn), reply(200, { contactid: id }));
    const definitions = () => script.server.seen.filter((each) => each.path.includes('/Attributes?')).length;
    expect(await rejection(script.system.get('contact', id, ['firstname']))).toMatchObject({
      code: 'schema_changed',
      message: expect.stringContaining('firstname'),
    });
    expect(definitions()).toBe(1);
    await script.system.get('contact', id, ['firstname']);
    expect(definitions()).toBe(2);
    await script.close();
  });

  it('a failed read is not kept', async () => {
    await bench.control('POST', 'faults', [
      { match: 'GET EntityDefinitions', status: 403, code: '0x80040220', times: 1 },
    ]);
    expect(await rejection(bench.system.table('systemuser'))).toMatchObject({ code: 'access_denied' });
    await expect(bench.system.table('systemuser')).resolves.toMatchObject({ entitySetName: 'systemusers' });
  });

  it('reads and writes multi-select choices as text, owners by their shared name', async () => {
    const id = randomUUID();
    const { userId } = await bench.system.identity();
    const values = { lastname: 'Lie', new_tags: '1,3', ownerid: `systemuser:${userId}` };
    const made = await bench.system.create('contact', id, values, ['new_tags', 'ownerid']);
    expect(made).toMatchObject({ row: { values: { new_tags: '1,3', ownerid: `systemuser:${userId}` } } });
  });
});
