import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ChangePage, DynamicsSystem } from '../../src/application/ports/systems.js';
import type { DynamicsRow } from '../../src/domain/records.js';
import type { FieldValues } from '../../src/domain/values.js';

export interface DynamicsUnderTest {
  readonly system: DynamicsSystem;
  close(): Promise<void>;
}

const COLUMNS = ['firstname', 'lastname', 'emailaddress1', 'statecode', 'parentcustomerid'];

/** What the sync engine relies on in Dynamics; the tests make rows of their own and share one table. */
export function dynamicsContract(name: string, open: () => Promise<DynamicsUnderTest>): void {
  describe(`Dynamics: ${name}`, () => {
    let bench: DynamicsUnderTest;
    const d = (): DynamicsSystem => bench.system;
    beforeAll(async () => {
      bench = await open();
    });
    afterAll(() => bench.close());

    async function contact(values: FieldValues): Promise<DynamicsRow> {
      const result = await d().create('contact', randomUUID(), values, COLUMNS);
      if (result.kind !== 'written') throw new Error('the id is taken');
      return result.row;
    }

    async function updated(row: DynamicsRow, values: FieldValues): Promise<DynamicsRow> {
      const result = await d().update('contact', row.id, row.etag, values, COLUMNS);
      if (result.kind !== 'written') throw new Error(`the update is ${result.kind}`);
      return result.row;
    }

    /** All that a read brings, page after page. */
    async function allChanges(
      from: Parameters<DynamicsSystem['changes']>[2],
    ): Promise<{ rows: readonly DynamicsRow[]; deletedIds: readonly string[]; deltaLink: string | null }> {
      const pages: ChangePage[] = [await d().changes('contact', COLUMNS, from)];
      for (let next = pages[0]?.next; next !== null && next !== undefined; next = pages.at(-1)?.next) {
        pages.push(await d().changes('contact', COLUMNS, { kind: 'page', link: next }));
      }
      return {
        rows: pages.flatMap((page) => page.rows),
        deletedIds: pages.flatMap((page) => page.deletedIds),
        deltaLink: pages.at(-1)?.deltaLink ?? null,
      };
    }

    it('[P11] creates under the given id and shows the row, once', async () => {
      const id = randomUUID();
      const made = await d().create('contact', id, { firstname: 'Ada', lastname: 'L' }, COLUMNS);
      expect(made).toMatchObject({
        kind: 'written',
        row: {
          id,
          values: { firstname: 'Ada', emailaddress1: null, statecode: 0 },
          active: true,
          mergedInto: null,
        },
      });
      expect(await d().create('contact', id, { firstname: 'Eve' }, COLUMNS)).toEqual({ kind: 'exists' });
      expect((await d().get('contact', id, COLUMNS))?.values.firstname).toBe('Ada');
    });

    it('[D1] says of a row that is not there that it is not there', async () => {
      const id = randomUUID();
      expect(await d().get('contact', id, COLUMNS)).toBeUndefined();
      expect(await d().update('contact', id, 'W/"1"', { firstname: 'X' }, COLUMNS)).not.toMatchObject({
        kind: 'written',
      });
      expect(await d().remove('contact', id, null)).toBe('gone');
      expect(await d().get('contact', id, COLUMNS)).toBeUndefined();
    });

    it('[W4] writes only under the version that was read', async () => {
      const row = await contact({ lastname: 'Old' });
      const newer = await updated(row, { lastname: 'New' });
      expect(newer.etag).not.toBe(row.etag);
      expect(await d().update('contact', row.id, row.etag, { lastname: 'Late' }, COLUMNS)).toEqual({
        kind: 'stale',
      });
      expect(await d().remove('contact', row.id, row.etag)).toBe('stale');
      expect((await d().get('contact', row.id, COLUMNS))?.values.lastname).toBe('New');
    });

    it('writes only the given columns and clears with null', async () => {
      const row = await contact({ firstname: 'Ada', lastname: 'L' });
      const newer = await updated(row, { firstname: null });
      expect(newer.values).toMatchObject({ firstname: null, lastname: 'L' });
    });

    it('deactivates and activates by the state', async () => {
      const row = await contact({ lastname: 'L' });
      const inactive = await updated(row, { statecode: 1 });
      expect(inactive).toMatchObject({ active: false, values: { statecode: 1 } });
      expect(await updated(inactive, { statecode: 0 })).toMatchObject({ active: true });
    });

    it('[M16] sets and clears a lookup, and refuses one to nothing', async () => {
      const account = randomUUID();
      await d().create('account', account, { name: `Firm ${account}` }, ['name']);
      const row = await contact({ lastname: 'L', parentcustomerid: `account:${account}` });
      expect(row.values.parentcustomerid).toBe(`account:${account}`);
      expect(await d().hasDependents('account', account)).toBe(true);
      const cleared = await updated(row, { parentcustomerid: null });
      expect(cleared.values.parentcustomerid).toBeNull();
      expect(await d().hasDependents('account', account)).toBe(false);
      const lost = d().update(
        'contact',
        row.id,
        cleared.etag,
        { parentcustomerid: `account:${randomUUID()}` },
        COLUMNS,
      );
      await expect(lost).rejects.toMatchObject({
        name: 'RecordRefusedError',
        reason: 'lookup_target_missing',
      });
    });

    it('refuses a text that is too long, naming the column', async () => {
      const row = await contact({ lastname: 'L' });
      const update = d().update('contact', row.id, row.etag, { firstname: 'x'.repeat(500) }, COLUMNS);
      await expect(update).rejects.toMatchObject({ name: 'RecordRefusedError', field: 'firstname' });
    });

    it.each([
      ['kim', 'Kim  ', 'any and usual'],
      ['Kim', 'K\u00edm', 'any and usual'],
      ['Strauss', 'STRAU\u00df', 'any and usual'],
      ['\uff2b\uff49\uff4d', 'Kim', 'any and usual'],
      ['Kim', ' \u00a0Kim', 'any'],
      ['Kim', 'Kim\u00a0\u200b', 'any'],
      ['Kim', '\ufeffKim\u00a0', 'any'],
      ['Kim Lie', 'Kim  Lie', 'any'],
      ['Jo', '\u00a0Jo', 'any'],
      ['Kim', 'Kimberly', 'none'],
      ['K_m', 'Kim', 'none'],
    ])('[P1] asked for %j finds %j by spellings: %s', async (asked, stored, wanted) => {
      const row = await contact({ firstname: stored, lastname: randomUUID() });
      const criteria = [{ firstname: asked, lastname: row.values.lastname ?? null }];
      const found = { any: 0, usual: 0 };
      for (const spelling of ['any', 'usual'] as const) {
        found[spelling] = (await d().findBy('contact', criteria, COLUMNS, spelling)).length;
      }
      expect(found).toEqual({ any: wanted === 'none' ? 0 : 1, usual: wanted.endsWith('usual') ? 1 : 0 });
    });

    it('finds rows by key without case, inactive ones too', async () => {
      const email = `${randomUUID()}@x.test`;
      const row = await contact({ lastname: 'L', emailaddress1: email });
      await updated(row, { statecode: 1 });
      const other = { emailaddress1: `${randomUUID()}@x.test` };
      const found = await d().findBy(
        'contact',
        [{ emailaddress1: email.toUpperCase() }, other],
        COLUMNS,
        'any',
      );
      expect(found.map(({ id, active }) => ({ id, active }))).toEqual([{ id: row.id, active: false }]);
    });

    it('reads many at once and leaves out what is not there', async () => {
      const row = await contact({ lastname: 'L' });
      const found = await d().getMany('contact', [row.id, randomUUID()], COLUMNS);
      expect([...found.keys()]).toEqual([row.id]);
    });

    it('[C1] tells by delta what changed, came and went since', async () => {
      const changed = await contact({ lastname: 'Before' });
      const removed = await contact({ lastname: 'Removed' });
      const untouched = await contact({ lastname: 'Untouched' });
      const full = await allChanges({ kind: 'start', tracked: true });
      const ids = full.rows.map(({ id }) => id);
      expect(ids).toEqual(expect.arrayContaining([changed.id, removed.id, untouched.id]));
      await updated(changed, { lastname: 'After' });
      await d().remove('contact', removed.id, null);
      const added = await contact({ lastname: 'Added' });
      const delta = await allChanges({ kind: 'delta', link: full.deltaLink ?? '' });
      const rows = new Map(delta.rows.map((row) => [row.id, row.values.lastname]));
      expect(rows.get(changed.id)).toBe('After');
      expect(rows.get(added.id)).toBe('Added');
      expect(rows.has(untouched.id)).toBe(false);
      expect(delta.deletedIds).toContain(removed.id);
      const after = await allChanges({ kind: 'delta', link: delta.deltaLink ?? '' });
      expect({ rows: after.rows, deletedIds: after.deletedIds }).toEqual({ rows: [], deletedIds: [] });
    });

    it('tells what was modified since a time, without a delta link', async () => {
      const row = await contact({ lastname: 'Now' });
      const at = Date.parse(row.modifiedOn ?? '');
      const time = (ms: number) => new Date(at + ms).toISOString();
      const since = await allChanges({ kind: 'since', time: time(0) });
      expect(since.rows.map(({ id }) => id)).toContain(row.id);
      expect(since).toMatchObject({ deletedIds: [], deltaLink: null });
      const later = await allChanges({ kind: 'since', time: time(3_600_000) });
      expect(later.rows).toEqual([]);
    });

    it('[D4] takes the contacts along when an account is removed', async () => {
      const account = randomUUID();
      await d().create('account', account, { name: `Firm ${account}` }, ['name']);
      const row = await contact({ lastname: 'L', parentcustomerid: `account:${account}` });
      expect(await d().remove('account', account, null)).toBe('removed');
      expect(await d().get('contact', row.id, COLUMNS)).toBeUndefined();
    });
  });
}
