import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { UnknownOutcomeError } from '../../../src/application/ports/systems.js';
import type { DynamicsRow } from '../../../src/domain/records.js';
import type { FieldValues } from '../../../src/domain/values.js';
import { type Bench, rejection, startBench } from './support.js';

let bench: Bench;

beforeAll(async () => {
  bench = await startBench();
});
beforeEach(async () => {
  await bench.control('POST', 'reset');
  await bench.control('DELETE', 'faults');
  await bench.control('DELETE', 'requests');
});
afterAll(async () => {
  await bench.close();
});

const COLUMNS = ['firstname', 'lastname', 'emailaddress1'];

async function contact(values: FieldValues): Promise<DynamicsRow> {
  const made = await bench.system.create('contact', randomUUID(), values, COLUMNS);
  if (made.kind !== 'written') throw new Error('the contact exists already');
  return made.row;
}

async function account(name: string): Promise<string> {
  const id = randomUUID();
  await bench.system.create('account', id, { name }, ['name']);
  return id;
}

async function requests(): Promise<Record<string, number>> {
  return ((await bench.control('GET', 'requests')) as { byRoute: Record<string, number> }).byRoute;
}

describe('create', () => {
  it('inserts under our id and gives back what is stored', async () => {
    const id = randomUUID();
    const made = await bench.system.create('contact', id, { firstname: 'Ada', lastname: null }, COLUMNS);
    expect(made).toMatchObject({
      kind: 'written',
      row: { id, values: { firstname: 'Ada', lastname: null, emailaddress1: null }, active: true },
    });
  });

  it('says that the id is taken', async () => {
    const { id } = await contact({ lastname: 'Lie' });
    await expect(bench.system.create('contact', id, { lastname: 'Other' }, COLUMNS)).resolves.toEqual({
      kind: 'exists',
    });
  });

  it('trap: a POST whose answer was lost makes no second row and is recognised as ours', async () => {
    await bench.control('POST', 'faults', [
      { match: 'POST contacts', dropConnection: 'afterCommit', times: 1 },
    ]);
    const row = await contact({ lastname: 'Lie' });
    expect(row.values.lastname).toBe('Lie');
    const dump = (await bench.control('GET', 'dump')) as { contacts: unknown[] };
    expect(dump.contacts).toHaveLength(1);
  });

  it('finds its row after every answer was lost', async () => {
    await bench.control('POST', 'faults', [{ match: 'POST contacts', dropConnection: 'afterCommit' }]);
    await expect(contact({ lastname: 'Lie' })).resolves.toMatchObject({ values: { lastname: 'Lie' } });
  });

  it('leaves the fate open when no row is to be seen either', async () => {
    await bench.control('POST', 'faults', [{ match: 'POST contacts', dropConnection: 'before' }]);
    expect(await rejection(contact({ lastname: 'Lie' }))).toBeInstanceOf(UnknownOutcomeError);
  });

  it('is not sent when its time is over', async () => {
    const create = bench.system.create('contact', randomUUID(), {}, COLUMNS, Date.now() - 1);
    await expect(create).resolves.toEqual({ kind: 'late' });
    await expect(requests()).resolves.toEqual({});
  });

  it('of which the time is over are not sent, the others of their batch are', async () => {
    const [passed, left] = [Date.now() - 1, Date.now() + 60_000];
    const createAll = async (latest: readonly number[]) => {
      const create = (each: number) => bench.system.create('contact', randomUUID(), {}, COLUMNS, each);
      return (await Promise.all(latest.map(create))).map(({ kind }) => kind);
    };
    expect(await createAll([passed, left, left, passed])).toEqual(['late', 'written', 'written', 'late']);
    expect(await createAll([passed, passed])).toEqual(['late', 'late']);
    await expect(requests()).resolves.toEqual({ 'POST $batch': 1 });
  });

  it.each(['before', 'afterCommit'])(
    'is not sent again when its time is over: the row that may be there is looked for (%s)',
    async (dropConnection) => {
      await bench.control('POST', 'faults', [{ match: 'POST contacts', dropConnection, delayMs: 300 }]);
      const create = bench.system.create('contact', randomUUID(), {}, COLUMNS, Date.now() + 200);
      const [ended] = await Promise.allSettled([create]);
      const isThere = dropConnection === 'afterCommit';
      expect(ended).toMatchObject(
        isThere ? { value: { kind: 'written' } } : { reason: expect.any(UnknownOutcomeError) },
      );
      await expect(requests()).resolves.toEqual({ 'POST contacts': 1, 'GET contacts': 1 });
    },
  );

  it('trap: the state is not taken on create, an update follows', async () => {
    const row = await contact({ lastname: 'Lie', statecode: 1 });
    expect(row.active).toBe(false);
    await expect(requests()).resolves.toMatchObject({ 'POST contacts': 1, 'PATCH contacts': 1 });
  });

  it('needs no second call for a row that is created active', async () => {
    await contact({ lastname: 'Lie', statecode: 0 });
    expect((await requests())['PATCH contacts']).toBeUndefined();
  });

  it('refuses a lookup to a row that is not there', async () => {
    const values = { lastname: 'Lie', parentcustomerid: `account:${randomUUID()}` };
    for (const bindToMissing of [404, 400]) {
      await bench.control('POST', 'behaviour', { bindToMissing });
      expect(await rejection(contact(values))).toMatchObject({
        reason: 'lookup_target_missing',
        field: 'parentcustomerid',
      });
    }
  });
});

describe('update', () => {
  it('writes only what it is given, under the etag, and shows the new row', async () => {
    const row = await contact({ firstname: 'Ada', lastname: 'Lie' });
    const result = await bench.system.update('contact', row.id, row.etag, { lastname: 'Berg' }, COLUMNS);
    expect(result).toMatchObject({
      kind: 'written',
      row: { values: { firstname: 'Ada', lastname: 'Berg' } },
    });
    if (result.kind === 'written') expect(result.row.etag).not.toBe(row.etag);
  });

  it('[W4] trap: another user changed the row: stale, and nothing is written', async () => {
    const row = await contact({ lastname: 'Lie' });
    await bench.system.update('contact', row.id, row.etag, { lastname: 'Theirs' }, COLUMNS);
    const result = await bench.system.update('contact', row.id, row.etag, { lastname: 'Ours' }, COLUMNS);
    expect(result).toEqual({ kind: 'stale' });
    const now = await bench.system.get('contact', row.id, COLUMNS);
    expect(now?.values.lastname).toBe('Theirs');
  });

  it.each([null, 'W/"1"'])('trap: an update never brings a deleted row back (etag %s)', async (etag) => {
    const result = await bench.system.update('contact', randomUUID(), etag, { lastname: 'Lie' }, COLUMNS);
    expect(result).toEqual({ kind: 'gone' });
    const dump = (await bench.control('GET', 'dump')) as { contacts: unknown[] };
    expect(dump.contacts).toHaveLength(0);
  });

  it('reads that a missing row is gone where one with an etag is a 412', async () => {
    await bench.control('POST', 'behaviour', { goneWithEtag: 412 });
    await expect(
      bench.system.update('contact', randomUUID(), 'W/"1"', { lastname: 'Lie' }, COLUMNS),
    ).resolves.toEqual({ kind: 'gone' });
  });

  it('sets and clears a lookup with several targets', async () => {
    const company = await account('Fjord AS');
    const other = await contact({ lastname: 'Other' });
    const row = await contact({ lastname: 'Lie' });
    const columns = ['parentcustomerid'];
    for (const value of [`account:${company}`, `contact:${other.id}`, null]) {
      const result = await bench.system.update('contact', row.id, null, { parentcustomerid: value }, columns);
      expect(result).toMatchObject({ kind: 'written', row: { values: { parentcustomerid: value } } });
    }
  });

  it('tells a missing lookup target from a missing row', async () => {
    const row = await contact({ lastname: 'Lie' });
    const values = { parentcustomerid: `account:${randomUUID()}` };
    expect(await rejection(bench.system.update('contact', row.id, null, values, COLUMNS))).toMatchObject({
      reason: 'lookup_target_missing',
    });
    await expect(bench.system.update('contact', randomUUID(), null, values, COLUMNS)).resolves.toEqual({
      kind: 'gone',
    });
  });

  it('trap: a read-only column is not sent, and the answer shows that it did not change', async () => {
    const row = await contact({ firstname: 'Ada', lastname: 'Lie' });
    await bench.control('DELETE', 'requests');
    const columns = ['fullname'];
    const result = await bench.system.update('contact', row.id, row.etag, { fullname: 'Somebody' }, columns);
    expect(result).toMatchObject({
      kind: 'written',
      row: { values: { fullname: 'Ada Lie' }, etag: row.etag },
    });
    expect((await requests())['PATCH contacts']).toBeUndefined();
  });

  it('leaves the fate open when it meets its own write after a lost answer: the caller reads again', async () => {
    const row = await contact({ lastname: 'Lie' });
    await bench.control('POST', 'faults', [
      { match: 'PATCH contacts', dropConnection: 'afterCommit', times: 1 },
    ]);
    const update = bench.system.update('contact', row.id, row.etag, { lastname: 'Berg' }, COLUMNS);
    expect(await rejection(update)).toBeInstanceOf(UnknownOutcomeError);
    expect((await bench.system.get('contact', row.id, COLUMNS))?.values.lastname).toBe('Berg');
  });

  it('[W6] leaves the fate open after losing every answer', async () => {
    const row = await contact({ lastname: 'Lie' });
    await bench.control('POST', 'faults', [{ match: 'PATCH contacts', dropConnection: 'before' }]);
    const update = bench.system.update('contact', row.id, row.etag, { lastname: 'Berg' }, COLUMNS);
    expect(await rejection(update)).toBeInstanceOf(UnknownOutcomeError);
  });

  it('repeats gateway errors with HTML bodies and deadlocks', async () => {
    const row = await contact({ lastname: 'Lie' });
    for (const fault of [{ status: 503 }, { status: 502 }, { status: 500, code: '0x80044150' }]) {
      await bench.control('POST', 'faults', [{ match: 'PATCH contacts', ...fault, times: 1 }]);
      const result = await bench.system.update('contact', row.id, null, { lastname: 'Berg' }, COLUMNS);
      expect(result.kind).toBe('written');
    }
  });

  it.each<[string, FieldValues, string, string | undefined]>([
    ['a text that is too long', { firstname: 'x'.repeat(51) }, 'value_too_long', 'firstname'],
    ['an unknown choice', { gendercode: 9 }, 'invalid_option', 'gendercode'],
    ['a number out of range', { numberofchildren: -1 }, 'out_of_range', undefined],
    ['a status of the other state', { statuscode: 2 }, 'invalid_status', undefined],
    ['a wrong type', { gendercode: 'Male' }, 'invalid_value', undefined],
  ])('refuses one record: %s', async (_name, values, reason, field) => {
    const row = await contact({ lastname: 'Lie' });
    const error = await rejection(bench.system.update('contact', row.id, row.etag, values, COLUMNS));
    expect(error).toMatchObject({ name: 'RecordRefusedError', reason });
    if (field !== undefined) expect(error).toMatchObject({ field });
  });

  it('trap: duplicate detection that comes as 500 is refused and not repeated', async () => {
    const row = await contact({ lastname: 'Lie' });
    await bench.control('DELETE', 'requests');
    await bench.control('POST', 'faults', [{ match: 'PATCH contacts', status: 500, code: '0x80040333' }]);
    const update = bench.system.update('contact', row.id, row.etag, { lastname: 'Berg' }, COLUMNS);
    expect(await rejection(update)).toMatchObject({ reason: 'duplicate_record' });
    expect((await requests())['PATCH contacts']).toBe(1);
  });

  it('[W10] trap: a server that alters or ignores a value is seen in the answer', async () => {
    const row = await contact({ firstname: 'Ada', lastname: 'Lie' });
    await bench.control('POST', 'plugin', { table: 'contact', column: 'firstname', to: 'ignore' });
    await bench.control('POST', 'plugin', { table: 'contact', column: 'lastname', to: 'uppercase' });
    const values = { firstname: 'Eva', lastname: 'Berg' };
    const result = await bench.system.update('contact', row.id, row.etag, values, COLUMNS);
    expect(result).toMatchObject({ row: { values: { firstname: 'Ada', lastname: 'BERG' } } });
  });
});

describe('remove', () => {
  it('removes under the etag', async () => {
    const row = await contact({ lastname: 'Lie' });
    await expect(bench.system.remove('contact', row.id, 'W/"1"')).resolves.toBe('stale');
    await expect(bench.system.remove('contact', row.id, row.etag)).resolves.toBe('removed');
    await expect(bench.system.remove('contact', row.id, null)).resolves.toBe('gone');
  });

  it('counts its own delete as done after a lost answer', async () => {
    const row = await contact({ lastname: 'Lie' });
    await bench.control('POST', 'faults', [
      { match: 'DELETE contacts', dropConnection: 'afterCommit', times: 1 },
    ]);
    await expect(bench.system.remove('contact', row.id, row.etag)).resolves.toBe('removed');
  });

  it('refuses a delete that relationships restrict', async () => {
    const row = await contact({ lastname: 'Lie' });
    await bench.control('POST', 'faults', [
      { match: 'DELETE contacts', status: 405, code: '0x80040227', times: 1 },
    ]);
    expect(await rejection(bench.system.remove('contact', row.id, row.etag))).toMatchObject({
      reason: 'delete_restricted',
    });
  });
});
