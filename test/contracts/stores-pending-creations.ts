import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { claimToRow } from '../../src/adapters/storage/link-rows.js';
import type { Link, PendingCreation } from '../../src/domain/link.js';
import { newId, type OpenStores, sampleLink } from './stores-samples.js';

/** Rows whose partner is being made in AuthScape. */
export function pendingCreationStoresContract(open: OpenStores): void {
  describe('a row whose partner is being made', () => {
    const pendingCreationOf = (owner: string, until = 1): PendingCreation => ({
      owner,
      madeAt: 1_767_225_600_000,
      until,
      criteria: { email: 'ada@example.org' },
      base: { f_email: { a: 'ada@example.org', d: 'ada@example.org', sig: 's' } },
    });
    const rowOf = ({ table, crmId, mappingId }: Link) => ({ table, crmId, mappingId });

    it('is held by one of twenty makers, and tells the others what is made', async () => {
      const { links } = open().stores;
      const link = sampleLink(newId('c'));
      const pendingCreations = Array.from({ length: 20 }, (_, index) => pendingCreationOf(`w${index}`));
      const results = await Promise.all(
        pendingCreations.map((pendingCreation) =>
          links.putPendingCreation(link.connectionId, rowOf(link), pendingCreation),
        ),
      );
      expect(results.filter((result) => result.kind === 'reserved')).toHaveLength(1);
      const holder = pendingCreations[results.findIndex(({ kind }) => kind === 'reserved')];
      for (const result of results)
        if (result.kind !== 'reserved') expect(result).toEqual({ kind: 'pending', creation: holder });
      expect(await links.pendingCreationOf(link.connectionId, rowOf(link))).toEqual(holder);
      expect(
        await links.pendingCreationOf(link.connectionId, { ...rowOf(link), crmId: randomUUID() }),
      ).toBeUndefined();
    });

    it('is no claim, takes the link of its pending creation only, and is free again when that ends', async () => {
      const { links } = open().stores;
      const link = sampleLink(newId('c'));
      const pendingCreation = pendingCreationOf('w1');
      await links.putPendingCreation(link.connectionId, rowOf(link), pendingCreation);

      expect((await links.rowOwnersOf(link.connectionId, 'contact', [link.crmId])).size).toBe(0);
      expect(await links.insert(link)).toEqual({ kind: 'pending', creation: pendingCreation });
      expect(await links.insert(link, pendingCreationOf('w2'))).toEqual({
        kind: 'pending',
        creation: pendingCreation,
      });
      await links.endPendingCreation(link.connectionId, rowOf(link), pendingCreationOf('w2'));
      expect(await links.insert(link)).toEqual({ kind: 'pending', creation: pendingCreation });
      expect(await links.insert(link, pendingCreation)).toMatchObject({ kind: 'inserted' });
      expect((await links.rowOwnersOf(link.connectionId, 'contact', [link.crmId])).size).toBe(1);
      expect(await links.pendingCreationOf(link.connectionId, rowOf(link))).toBeUndefined();
      expect(await links.putPendingCreation(link.connectionId, rowOf(link), pendingCreation)).toMatchObject({
        kind: 'taken',
        owner: { authScapeId: '1' },
      });

      const other = { ...sampleLink(link.connectionId), authScapeId: '2' };
      await links.putPendingCreation(link.connectionId, rowOf(other), pendingCreation);
      await links.endPendingCreation(link.connectionId, rowOf(other), pendingCreation);
      expect(await links.insert(other)).toMatchObject({ kind: 'inserted' });
    });

    it('tells what is made also where its claim was stored and its link was not', async () => {
      const { stores, tables } = open();
      const { links } = stores;
      const link = sampleLink(newId('c'));
      const pendingCreation = pendingCreationOf('w1');
      const claim = { ...rowOf(link), authScapeId: '1', createdAt: 0 };
      await tables.table('LinkClaims').insert(claimToRow(link.connectionId, claim, pendingCreation));

      expect(await links.insert(link)).toEqual({ kind: 'pending', creation: pendingCreation });
      expect(await links.insert({ ...link, authScapeId: '2' })).toEqual({
        kind: 'pending',
        creation: pendingCreation,
      });
      expect(await links.insert(link, pendingCreation)).toMatchObject({ kind: 'inserted' });
      expect(await links.insert(link)).toMatchObject({ kind: 'exists' });
      expect(await links.insert({ ...link, authScapeId: '2' })).toMatchObject({
        kind: 'taken',
        owner: { authScapeId: '1' },
      });
    });

    it('is free again, too, where its claim was stored and its link never comes', async () => {
      const { stores, tables, clock } = open();
      const { links } = stores;
      const link = sampleLink(newId('c'));
      const pendingCreation = pendingCreationOf('w1');
      const claim = { ...rowOf(link), authScapeId: '1', createdAt: clock.now() };
      await tables.table('LinkClaims').insert(claimToRow(link.connectionId, claim, pendingCreation));
      const other = { ...link, authScapeId: '2' };

      await links.endPendingCreation(link.connectionId, rowOf(link), pendingCreation);
      expect(await links.insert(other), 'it may come yet').toEqual({
        kind: 'pending',
        creation: pendingCreation,
      });
      clock.advance(10 * 60_000);
      await links.endPendingCreation(link.connectionId, rowOf(link), pendingCreationOf('w2'));
      expect(await links.insert(other)).toEqual({ kind: 'pending', creation: pendingCreation });
      await links.endPendingCreation(link.connectionId, rowOf(link), pendingCreation);
      expect(await links.insert(other)).toMatchObject({ kind: 'inserted' });
    });

    it('stays with the link that came of the pending creation, also when a later call names that', async () => {
      const { links } = open().stores;
      const link = sampleLink(newId('c'));
      const pendingCreation = pendingCreationOf('w1');
      await links.putPendingCreation(link.connectionId, rowOf(link), pendingCreation);
      await links.insert(link, pendingCreation);
      await links.endPendingCreation(link.connectionId, rowOf(link), pendingCreation);
      const taken = { kind: 'taken', owner: expect.objectContaining({ authScapeId: '1' }) };
      expect(await links.insert({ ...link, authScapeId: '2' }, pendingCreation)).toEqual(taken);
      expect(
        await links.putPendingCreation(
          link.connectionId,
          rowOf(link),
          pendingCreationOf('w2'),
          pendingCreation,
        ),
      ).toEqual(taken);
      expect(await links.get(link.connectionId, link.mappingId, '2')).toBeUndefined();
    });

    it('can be taken over by a worker that names the pending creation that came to nothing', async () => {
      const { links } = open().stores;
      const link = sampleLink(newId('c'));
      const [first, second, third] = [
        pendingCreationOf('w1'),
        pendingCreationOf('w2'),
        pendingCreationOf('w3'),
      ];
      await links.putPendingCreation(link.connectionId, rowOf(link), first);
      expect(await links.putPendingCreation(link.connectionId, rowOf(link), second, first)).toEqual({
        kind: 'reserved',
      });
      expect(await links.putPendingCreation(link.connectionId, rowOf(link), third, first)).toEqual({
        kind: 'pending',
        creation: second,
      });
    });
  });
}
