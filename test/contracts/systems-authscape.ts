import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AuthScapeSystem, ScanPage } from '../../src/application/ports/systems.js';
import type { AuthScapeEntity } from '../../src/domain/model.js';
import type { AuthScapeRecord } from '../../src/domain/records.js';
import type { FieldValues } from '../../src/domain/values.js';

export interface AuthScapeUnderTest {
  readonly system: AuthScapeSystem;
  /** Makes a company behind the API's back, which cannot make one. */
  insertCompany(title: string): Promise<string>;
  removeUser(id: string): Promise<void>;
  close(): Promise<void>;
}

const KEYS = ['firstName', 'lastName', 'email', 'phoneNumber', 'isActive', 'companyId'];
const anyway = () => true;
const unguarded = () => Promise.resolve();

/** What the sync engine relies on in AuthScape; the tests make records of their own and share one AuthScape. */
export function authScapeContract(name: string, open: () => Promise<AuthScapeUnderTest>): void {
  describe(`AuthScape: ${name}`, () => {
    let bench: AuthScapeUnderTest;
    const a = (): AuthScapeSystem => bench.system;
    beforeAll(async () => {
      bench = await open();
    });
    afterAll(() => bench.close());

    const newEmail = () => `u${randomUUID().slice(0, 8)}@x.test`;

    async function user(values: FieldValues = {}): Promise<AuthScapeRecord> {
      const result = await a().create(
        'User',
        { firstName: 'Ada', lastName: 'L', email: newEmail(), ...values },
        KEYS,
        unguarded,
      );
      if (result.kind !== 'created' || result.record === undefined) throw new Error('not created');
      return result.record;
    }

    const update = (id: string, values: FieldValues, guard = unguarded) =>
      a().update('User', id, values, { expected: anyway, guard });

    async function scanIds(
      entity: AuthScapeEntity,
    ): Promise<{ ids: ReadonlySet<string>; total: number | null }> {
      const ids = new Set<string>();
      let page: ScanPage | undefined;
      do {
        page = await a().scan(entity, { keys: ['email'], detail: false }, page?.next ?? null);
        for (const record of page.records) ids.add(record.id);
      } while (page.next !== null);
      return { ids, total: page.total };
    }

    it('[P12] creates a user with names and e-mail; the rest is empty and has to follow', async () => {
      const email = newEmail();
      const record = await user({ email });
      expect(record).toMatchObject({
        active: true,
        complete: true,
        values: {
          firstName: 'Ada',
          lastName: 'L',
          email,
          phoneNumber: null,
          isActive: true,
          companyId: null,
        },
      });
      expect(a().creationKeys('User')).toEqual(['firstName', 'lastName', 'email']);
    });

    it('[P5][V7] refuses an e-mail that another user has, and a user without one', async () => {
      const { values } = await user();
      const again = { firstName: 'Eve', lastName: 'K', email: String(values.email).toUpperCase() };
      expect(await a().create('User', again, KEYS, unguarded)).toMatchObject({
        kind: 'refused',
        reason: 'email_taken',
      });
      expect(await a().create('User', { firstName: 'Eve' }, KEYS, unguarded)).toMatchObject({
        kind: 'refused',
        reason: 'email_refused',
      });
    });

    it('[P5] creates no companies', async () => {
      expect(a().canCreate('Company')).toBe(false);
      expect(await a().create('Company', { title: 'Firm' }, ['title'], unguarded)).toMatchObject({
        kind: 'refused',
        reason: 'create_not_supported',
      });
    });

    it('changes only what it is given and shows what is stored', async () => {
      const record = await user();
      const companyId = await bench.insertCompany('Firm');
      await update(record.id, { phoneNumber: '+1 555', companyId });
      const result = await update(record.id, { lastName: 'Lovelace' });
      expect(result).toMatchObject({
        kind: 'written',
        undone: [],
        record: { values: { firstName: 'Ada', lastName: 'Lovelace', phoneNumber: '+1 555', companyId } },
      });
    });

    it('[W5] does not write where the fresh reading is not what was expected', async () => {
      const record = await user();
      const expected = (fresh: AuthScapeRecord) => fresh.values.lastName === 'Somebody';
      expect(await a().update('User', record.id, { lastName: 'X' }, { expected, guard: unguarded })).toEqual({
        kind: 'moved',
      });
      expect((await a().get('User', record.id, KEYS))?.values.lastName).toBe('L');
    });

    it('[W7] undoes what is written between its reading and its write, and says so', async () => {
      const record = await user();
      let isFirst = true;
      const anotherUserWrites = async () => {
        if (isFirst) await update(record.id, { phoneNumber: '+1 555' });
        isFirst = false;
      };
      const result = await update(record.id, { lastName: 'Lovelace' }, anotherUserWrites);
      expect(result).toMatchObject({ kind: 'written', record: { values: { phoneNumber: null } } });
      expect(result.kind === 'written' ? result.undone.map(({ field }) => field) : []).toEqual([
        'phoneNumber',
      ]);
    });

    it('[W6] asks the guard before each effect, and not where there is none', async () => {
      const record = await user();
      const asked: string[] = [];
      const guard = async () => {
        asked.push('guard');
      };
      await update(record.id, { lastName: 'Lovelace', isActive: false }, guard);
      expect(asked).toHaveLength(2);
      await update(record.id, { lastName: 'Lovelace', isActive: false }, guard);
      expect(asked).toHaveLength(2);
      const stop = () => Promise.reject(new Error('the claim ran out'));
      await expect(update(record.id, { lastName: 'X' }, stop)).rejects.toThrow('the claim ran out');
      expect((await a().get('User', record.id, KEYS))?.values).toMatchObject({
        lastName: 'Lovelace',
        isActive: false,
      });
    });

    it('[W8] archives and activates by the state', async () => {
      const record = await user();
      expect(await update(record.id, { isActive: false })).toMatchObject({ record: { active: false } });
      expect(await update(record.id, { isActive: true })).toMatchObject({ record: { active: true } });
    });

    it('[P1] finds users by e-mail without case, archived ones too', async () => {
      const record = await user();
      await update(record.id, { isActive: false });
      const found = await a().findBy('User', { email: String(record.values.email).toUpperCase() }, KEYS);
      expect(found.map(({ id }) => id)).toEqual([record.id]);
      expect(await a().findBy('User', { email: newEmail() }, KEYS)).toEqual([]);
      expect(await a().findBy('User', { email: null }, KEYS)).toEqual([]);
    });

    it('scans all users, active or not, and counts them', async () => {
      const made = [await user(), await user(), await user(), await user(), await user(), await user()];
      await update(made[0]?.id ?? '', { isActive: false });
      const { ids, total } = await scanIds('User');
      expect([...ids]).toEqual(expect.arrayContaining(made.map(({ id }) => id)));
      expect(ids.size).toBe(total);
    });

    it('[C4] says what its lists lack: such records are not complete', async () => {
      const record = await user();
      const read = async (detail: boolean) => {
        let page: ScanPage | undefined;
        do {
          page = await a().scan('User', { keys: KEYS, detail }, page?.next ?? null);
          const found = page.records.find(({ id }) => id === record.id);
          if (found !== undefined) return found;
        } while (page.next !== null);
        return undefined;
      };
      expect(await read(true)).toMatchObject({ complete: true, values: { companyId: null } });
      const listed = await read(false);
      expect(listed).toMatchObject({ complete: false, values: { firstName: 'Ada' } });
      expect(listed?.values).not.toHaveProperty('companyId');
    });

    it('[D2] knows a user that is gone by another one that can be read', async () => {
      const record = await user();
      const witness = await user();
      expect(await a().isGone('User', record.id, witness.id)).toBe(false);
      await bench.removeUser(record.id);
      expect(await a().get('User', record.id, KEYS)).toBeUndefined();
      expect(await a().isGone('User', record.id, null)).toBe(false);
      expect(await a().isGone('User', record.id, witness.id)).toBe(true);
    });

    it('cannot tell a user that is gone from one that cannot be read when it writes', async () => {
      const record = await user();
      await bench.removeUser(record.id);
      await expect(update(record.id, { lastName: 'X' })).rejects.toMatchObject({
        name: 'RecordRefusedError',
        reason: 'record_unreadable',
      });
    });

    it('[V6] refuses to empty an e-mail', async () => {
      const record = await user();
      await expect(update(record.id, { email: null })).rejects.toMatchObject({
        name: 'RecordRefusedError',
        reason: 'required_value_missing',
      });
    });
  });
}
