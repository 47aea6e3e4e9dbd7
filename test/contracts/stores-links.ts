import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { claimToRow } from '../../src/adapters/storage/link-rows.js';
import type { LinkRange } from '../../src/application/ports/links.js';
import { ConflictError } from '../../src/domain/errors.js';
import { newId, type OpenStores, sampleLink } from './stores-samples.js';

const TEN_MINUTES = 10 * 60_000;
const FAR = Number.MAX_SAFE_INTEGER;

/** Links, and claims on D rows. */
export function linkStoresContract(open: OpenStores): void {
  describe('links', () => {
    it('[B1] come back as they were stored', async () => {
      const { links } = open().stores;
      const link = sampleLink(newId('c'), {
        authScapeId: 'a/b\\c#d?é|~ 1',
        base: Object.fromEntries(
          Array.from({ length: 300 }, (_, index) => [
            `f${index}`,
            { a: '😀'.repeat(200), d: index, sig: 's' },
          ]),
        ),
        plan: { runId: null, madeAt: '2026-01-01T00:00:00Z', kind: 'update', fields: [] },
        claim: { owner: 'w1', until: 1_767_225_600_000 },
        aHash: null,
        fullHash: 'full',
      });

      const result = await links.insert(link);
      expect(result).toEqual({ kind: 'inserted', link: { value: link, etag: expect.any(String) } });
      expect(await links.get(link.connectionId, link.mappingId, link.authScapeId)).toEqual(
        result.kind === 'inserted' ? result.link : undefined,
      );
      const claims = await links.rowOwnersOf(link.connectionId, 'contact', [
        link.crmId.toUpperCase(),
        randomUUID(),
      ]);
      expect([...claims.values()]).toMatchObject([{ crmId: link.crmId, authScapeId: link.authScapeId }]);
    });

    it('are replaced under their etag only', async () => {
      const { links } = open().stores;
      const link = sampleLink(newId('c'));
      const result = await links.insert(link);
      const etag = result.kind === 'inserted' ? result.link.etag : '';

      const replaced = await links.replace({ ...link, clean: false, aHash: null }, etag);
      await expect(links.replace(link, etag)).rejects.toThrow(ConflictError);
      await expect(links.remove(link, etag)).rejects.toThrow(ConflictError);
      expect(await links.get(link.connectionId, link.mappingId, '1')).toEqual(replaced);
      await links.remove(link, replaced.etag);
      expect(await links.get(link.connectionId, link.mappingId, '1')).toBeUndefined();
      expect((await links.rowOwnersOf(link.connectionId, 'contact', [link.crmId])).size).toBe(0);
      await expect(links.replace(link, replaced.etag)).rejects.toThrow(ConflictError);
    });

    it('[D8] move to another row under their etag, and leave no claim on the old one', async () => {
      const { links } = open().stores;
      const link = sampleLink(newId('c'));
      const result = await links.insert(link);
      const etag = result.kind === 'inserted' ? result.link.etag : '';
      const other = sampleLink(link.connectionId, { authScapeId: '2', crmId: randomUUID() });
      await links.insert(other);
      expect(await links.move(link, etag, other.crmId)).toMatchObject({
        kind: 'taken',
        owner: { authScapeId: '2' },
      });

      const crmId = randomUUID();
      await expect(links.move(link, 'W/"stale"', crmId)).rejects.toThrow(ConflictError);
      const moved = await links.move({ ...link, clean: false }, etag, crmId);
      expect(moved).toMatchObject({
        kind: 'moved',
        link: { value: { crmId, clean: false, base: link.base } },
      });
      const ids = [crmId, link.crmId];
      const claims = await links.rowOwnersOf(link.connectionId, 'contact', ids);
      expect([...claims.values()]).toMatchObject([{ crmId, authScapeId: link.authScapeId }]);
      expect(await links.get(link.connectionId, link.mappingId, link.authScapeId)).toEqual(
        moved.kind === 'moved' ? moved.link : undefined,
      );
    });

    it('[P10] never share a D row, over all mappings and in any case of its id', async () => {
      const { links } = open().stores;
      const link = sampleLink(newId('c'));
      await links.insert(link);

      const other = { ...link, mappingId: 'm_other', crmId: link.crmId.toUpperCase() };
      expect(await links.insert(other)).toMatchObject({
        kind: 'taken',
        owner: { mappingId: 'm_users', authScapeId: '1' },
      });
      expect(await links.get(link.connectionId, 'm_other', '1')).toBeUndefined();
      expect(await links.insert({ ...link, table: 'account', authScapeId: '2' })).toMatchObject({
        kind: 'inserted',
      });
      expect(await links.insert({ ...link, connectionId: newId('c') })).toMatchObject({ kind: 'inserted' });
    });

    it('say when the A record has one already, and take the new claim back', async () => {
      const { links } = open().stores;
      const link = sampleLink(newId('c'));
      await links.insert(link);
      const crmId = randomUUID();

      expect(await links.insert({ ...link, crmId })).toMatchObject({ kind: 'exists', link: { value: link } });
      expect((await links.rowOwnersOf(link.connectionId, 'contact', [crmId])).size).toBe(0);
      expect(await links.insert(link)).toMatchObject({ kind: 'exists', link: { value: link } });
      expect((await links.rowOwnersOf(link.connectionId, 'contact', [link.crmId])).size).toBe(1);
    });

    it('give a row to one of twenty racers', async () => {
      const { links } = open().stores;
      const link = sampleLink(newId('c'));
      const results = await Promise.all(
        Array.from({ length: 20 }, (_, index) => links.insert({ ...link, authScapeId: `${index}` })),
      );
      expect(results.filter((result) => result.kind === 'inserted')).toHaveLength(1);
      expect(results.filter((result) => result.kind === 'taken')).toHaveLength(19);
      expect(await links.count(link.connectionId, link.mappingId)).toBe(1);
    });

    it('give an A record one of twenty rows, and leave no claim on the others', async () => {
      const { links } = open().stores;
      const connectionId = newId('c');
      const rivals = Array.from({ length: 20 }, () => sampleLink(connectionId));
      const results = await Promise.all(rivals.map((link) => links.insert(link)));

      expect(results.filter((result) => result.kind === 'inserted')).toHaveLength(1);
      expect(results.filter((result) => result.kind === 'exists')).toHaveLength(19);
      const claims = await links.rowOwnersOf(
        connectionId,
        'contact',
        rivals.map(({ crmId }) => crmId),
      );
      const stored = await links.get(connectionId, 'm_users', '1');
      expect([...claims.keys()]).toEqual([stored?.value.crmId]);
    });
  });

  describe('[P10] half a pair', () => {
    const planted = async (age: number) => {
      const under = open();
      const link = sampleLink(newId('c'));
      const { connectionId, table, crmId } = link;
      const claim = {
        table,
        crmId,
        mappingId: 'm_old',
        authScapeId: '9',
        createdAt: under.clock.now() - age,
      };
      await under.tables.table('LinkClaims').insert(claimToRow(connectionId, claim));
      return { ...under, links: under.stores.links, link, claim };
    };

    it('is respected while its maker may still be at work', async () => {
      const { links, link, claim } = await planted(TEN_MINUTES - 1);
      expect(await links.insert(link)).toEqual({ kind: 'taken', owner: claim });
    });

    it('gives way to a worker that needs the row later', async () => {
      const { links, link } = await planted(TEN_MINUTES);
      expect(await links.insert(link)).toMatchObject({ kind: 'inserted' });
      const claims = await links.rowOwnersOf(link.connectionId, 'contact', [link.crmId]);
      expect(claims.get(link.crmId)).toMatchObject({ mappingId: 'm_users', authScapeId: '1' });
    });

    it('gives way also when its A record has another row by now', async () => {
      const { links, link } = await planted(TEN_MINUTES);
      await links.insert(sampleLink(link.connectionId, { mappingId: 'm_old', authScapeId: '9' }));
      expect(await links.insert(link)).toMatchObject({ kind: 'inserted' });
    });

    it('holds however old when its link exists', async () => {
      const { links, link, claim } = await planted(TEN_MINUTES * 100);
      await links.insert({ ...link, mappingId: 'm_old', authScapeId: '9' });
      expect(await links.insert(link)).toEqual({ kind: 'taken', owner: claim });
      await links.removeClaim(link.connectionId, claim);
      expect(await links.insert(link)).toEqual({ kind: 'taken', owner: claim });
    });

    it('is completed by the same pair', async () => {
      const { links, link } = await planted(0);
      const result = await links.insert({ ...link, mappingId: 'm_old', authScapeId: '9' });
      expect(result).toMatchObject({ kind: 'inserted' });
    });

    it('can be removed when it is old and unchanged', async () => {
      const { links, link, claim, clock } = await planted(0);
      const isThere = async () =>
        (await links.rowOwnersOf(link.connectionId, 'contact', [link.crmId])).size === 1;
      await links.removeClaim(link.connectionId, claim);
      expect(await isThere()).toBe(true);
      clock.advance(TEN_MINUTES);
      await links.removeClaim(link.connectionId, { ...claim, createdAt: claim.createdAt - 1 });
      expect(await isThere()).toBe(true);
      await links.removeClaim(link.connectionId, claim);
      expect(await isThere()).toBe(false);
    });
  });

  describe('many links', () => {
    it('are scanned page by page without gaps while others come and change', async () => {
      const { links } = open().stores;
      const connectionId = newId('c');
      const ids = Array.from({ length: 120 }, (_, index) => `${index}`);
      await Promise.all(ids.map((authScapeId) => links.insert(sampleLink(connectionId, { authScapeId }))));
      await links.insert(sampleLink(connectionId, { mappingId: 'm_users2', authScapeId: '1' }));

      const seen: string[] = [];
      let cursor: string | undefined;
      do {
        const page = await links.scan(connectionId, 'm_users', 50, cursor);
        seen.push(...page.items.map(({ value }) => value.authScapeId));
        cursor = page.nextCursor;
        const [first] = page.items;
        if (first !== undefined) await links.replace({ ...first.value, clean: false }, first.etag);
        await links.insert(sampleLink(connectionId, { authScapeId: `new${seen.length}` }));
      } while (cursor !== undefined);
      expect(seen.filter((id) => !id.startsWith('new')).sort()).toEqual([...ids].sort());

      const many = await links.getMany(connectionId, 'm_users', [...ids, 'missing', '1']);
      expect(many.size).toBe(120);
      expect(many.get('77')?.value.authScapeId).toBe('77');
    });

    it('are scanned in ranges that leave none out', async () => {
      const { links } = open().stores;
      const connectionId = newId('c');
      const ids = Array.from({ length: 40 }, (_, index) => `${index}${index % 7 === 0 ? ' ä' : ''}`);
      await Promise.all(ids.map((authScapeId) => links.insert(sampleLink(connectionId, { authScapeId }))));
      const scanned = async (range?: LinkRange) => {
        const page = await links.scan(connectionId, 'm_users', 1_000, undefined, range);
        return page.items.map(({ value }) => value.authScapeId);
      };
      const all = await scanned();
      expect([...all].sort()).toEqual([...ids].sort());
      const bounds = [undefined, all[7], all[8], all[30], undefined];
      const ranges = bounds.slice(1).map((below, index) => ({ from: bounds[index], below }));
      const parts = await Promise.all(ranges.map(scanned));
      expect(parts.map((part) => part.length)).toEqual([7, 1, 22, 10]);
      expect(parts.flat()).toEqual(all);
    });

    it('are counted by state and removed with their claims in steps', async () => {
      const { stores, clock } = open();
      const { links } = stores;
      const connectionId = newId('c');
      const made = Array.from({ length: 40 }, (_, index) =>
        sampleLink(connectionId, {
          authScapeId: `${index}`,
          state: index % 4 === 0 ? 'tombstone' : 'linked',
        }),
      );
      await Promise.all(made.map((link) => links.insert(link)));
      const kept = sampleLink(connectionId, { mappingId: 'm_kept' });
      await links.insert(kept);

      expect(await links.count(connectionId, 'm_users')).toBe(30);
      expect(await links.removeAll(connectionId, 'm_users', 'contact', clock.now() + FAR)).toBe(true);
      expect(await links.count(connectionId, 'm_users')).toBe(0);
      const crmIds = [...made, kept].map(({ crmId }) => crmId);
      const claims = await links.rowOwnersOf(connectionId, 'contact', crmIds);
      expect([...claims.keys()]).toEqual([kept.crmId]);
    });
  });
}
