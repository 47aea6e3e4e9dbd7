import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { StagedKey, StagingScope } from '../../src/application/ports/staging.js';
import { newId, type OpenStores, sampleRecord } from './stores-samples.js';

const LARGEST = 25;
const newScope = (): StagingScope => ({
  connectionId: newId('c'),
  runId: newId('r'),
  mappingId: 'm_users',
});

/** Match groups of a run. */
export function matchGroupsContract(open: OpenStores): void {
  describe('match groups', () => {
    const keyOf = (hash: string, id: number, side: StagedKey['side'] = 'authScape'): StagedKey => ({
      keyHash: hash,
      side,
      id: `${id}`,
      linked: false,
      tombstone: false,
      active: true,
    });

    it('are never torn, whatever the page size', async () => {
      const { staging } = open().stores;
      const scope = newScope();
      const keys = Array.from({ length: 60 }, (_, group) => {
        const hash = `${(group % 3).toString(16)}${(group * 37).toString(16).padStart(5, '0')}`;
        const size = group % 10 === 0 ? LARGEST : 1 + (group % 4);
        return Array.from({ length: size }, (_each, id) =>
          keyOf(hash, id, id % 2 === 0 ? 'authScape' : 'dynamics'),
        );
      });
      await staging.putKeys(scope, '1', keys.flat());

      for (const limit of [1, 7, 20, 500]) {
        const seen: (readonly StagedKey[])[] = [];
        let cursor: string | undefined;
        do {
          const page = await staging.scanGroups(scope, limit, cursor);
          if (page.nextCursor !== undefined) expect(page.groups.length).toBeGreaterThan(0);
          expect(page.groups.flat().length).toBeLessThan(limit + LARGEST);
          seen.push(...page.groups);
          cursor = page.nextCursor;
        } while (cursor !== undefined);
        const hashes = seen.map((group) => group[0]?.keyHash);
        expect(hashes).toEqual([...new Set(keys.map(([first]) => first?.keyHash))].sort());
        expect(seen.map((group) => group.length)).toEqual(
          hashes.map((hash) => keys.flat().filter(({ keyHash }) => keyHash === hash).length),
        );
      }
    });

    it.each([4, 8, 16] as const)('come in %i shares, each group in one of them', async (of) => {
      const { staging } = open().stores;
      const scope = newScope();
      const hashes = Array.from({ length: 64 }, (_, group) => (group * 1_021).toString(16).padStart(4, '0'));
      await staging.putKeys(
        scope,
        '1',
        hashes.flatMap((hash) => [keyOf(hash, 1), keyOf(hash, 2, 'dynamics')]),
      );
      const seen: string[] = [];
      for (let index = 0; index < of; index += 1) {
        let cursor: string | undefined;
        do {
          const page = await staging.scanGroups(scope, 5, cursor, { index, of });
          for (const group of page.groups) {
            expect(group).toHaveLength(2);
            const [digit = ''] = group[0]?.keyHash ?? '';
            expect(Math.floor((Number.parseInt(digit, 16) * of) / 16)).toBe(index);
            seen.push(group[0]?.keyHash ?? '');
          }
          cursor = page.nextCursor;
        } while (cursor !== undefined);
      }
      expect(seen).toEqual([...hashes].sort());
    });

    it('may be larger than a page of the service', async () => {
      const { staging } = open().stores;
      const scope = newScope();
      const large = Array.from({ length: 1_100 }, (_, id) => keyOf('a1', id));
      await staging.putKeys(scope, '1', [...large, keyOf('b2', 1)]);

      const first = await staging.scanGroups(scope, 200);
      expect(first.groups.map((group) => group.length)).toEqual([1_100]);
      const second = await staging.scanGroups(scope, 200, first.nextCursor);
      expect(second).toMatchObject({ groups: [[{ keyHash: 'b2' }]] });
      expect(second.nextCursor).toBeUndefined();
    });

    it('are joined from what several units put there, of which the last counts', async () => {
      const { staging } = open().stores;
      const scope = newScope();
      const [first, second] = [keyOf('a1', 1), keyOf('a1', 2, 'dynamics')];
      await staging.putKeys(scope, '00000009-x', [first, keyOf('a1', 3)]);
      await staging.putKeys(scope, '00000010-x', [second]);
      await staging.putKeys(scope, '00000011-x', [{ ...first, linked: true }]);
      await staging.putKeys(scope, '00000009-x', [first]);

      const { groups } = await staging.scanGroups(scope, 10);
      expect(groups).toEqual([[{ ...first, linked: true }, second]]);
    });

    it('are joined with the rows that an earlier version has left', async () => {
      const { stores, tables } = open();
      const { staging } = stores;
      const scope = newScope();
      const hash = 'a1b2c3';
      const [left, own, other] = [keyOf(hash, 1), keyOf(hash, 2, 'dynamics'), keyOf('a1ff', 3)];
      await tables.table('Staging').put({
        ...{ partitionKey: `${scope.runId}|${scope.mappingId}|K|0`, rowKey: `${hash}|A|1`, v: 1 },
        data: JSON.stringify(left),
      });
      await staging.putKeys(scope, '1', [own, other]);

      expect((await staging.scanGroups(scope, 10)).groups).toEqual([[left, own], [other]]);
      const first = await staging.scanGroups(scope, 1);
      expect(first.groups).toEqual([[left, own]]);
      expect((await staging.scanGroups(scope, 1, first.nextCursor)).groups).toEqual([[other]]);
      const cursor = JSON.stringify([0, `${hash}|`]);
      expect((await staging.scanGroups(scope, 10, cursor)).groups).toEqual([[left, own], [other]]);
    });

    it('may hold more than a row takes', async () => {
      const { staging } = open().stores;
      const scope = newScope();
      const noise = randomBytes(6_000).toString('base64');
      const record = { ...sampleRecord('1'), values: { text: noise } };
      const keys = Array.from({ length: 150 }, (_, id) => ({
        ...keyOf(`a1${String(id).padStart(4, '0')}`, id),
        record,
      }));
      await staging.putKeys(scope, '1', keys);
      const found = await staging.scanGroups(scope, 1_000);
      expect(found.groups.flat()).toEqual(keys);
    });

    it('of a scan without any are none', async () => {
      expect(await open().stores.staging.scanGroups(newScope(), 10)).toEqual({ groups: [] });
    });
  });
}
