import { describe, expect, it } from 'vitest';
import { createFeedStore } from '../../../src/adapters/storage/feed-table.js';
import { createKeyClaims } from '../../../src/adapters/storage/key-claim-table.js';
import { birthFromRow, claimFromRow, linkFromRow } from '../../../src/adapters/storage/link-rows.js';
import type { StoredRow, Table } from '../../../src/adapters/storage/table.js';
import { createMemoryClock } from '../../support/memory-clock.js';

/** Written by hand after layout version 1, without the columns that came later: no writer of today has made them. */
const link: StoredRow = {
  partitionKey: 'c_1|m_1',
  rowKey: '42',
  etag: 'e1',
  v: 1,
  state: 'active',
  clean: true,
  entity: 'user',
  crmTable: 'contact',
  crmId: '0f8fad5b-d9cb-469f-a165-70867728950e',
  aHash: 'hash',
  detail:
    '{"repeats":0,"changedAt":1772352000000,"createdAt":1772352000000,"generation":3,"mappingVersion":2}',
};
const claim: StoredRow = {
  partitionKey: 'c_1|contact',
  rowKey: '0f8fad5b-d9cb-469f-a165-70867728950e',
  etag: 'e2',
  v: 1,
  crmId: '0f8fad5b-d9cb-469f-a165-70867728950e',
  mappingId: 'm_1',
  authScapeKey: 'a~2F42',
  claimedAt: '1772352000000',
};

/** A table with one row; whoever writes fails. */
const holding = (row: StoredRow) => ({
  table: () => ({ get: () => Promise.resolve(row) }) as unknown as Table,
});

describe('a row of layout version 1', () => {
  it('of a link without agreedAt is read, and agreed when it was last clean', () => {
    expect(linkFromRow({ ...link, later: 'unknown' })).toMatchObject({
      etag: 'e1',
      value: {
        ...{ connectionId: 'c_1', mappingId: 'm_1', authScapeId: '42', table: 'contact', generation: 3 },
        ...{ agreedAt: 1772352000000, aHash: 'hash', dVersion: null },
      },
    });
    expect(linkFromRow({ ...link, clean: false }).value.agreedAt).toBe(0);
  });

  it('of a claim without a birth is read as a pair', () => {
    expect(claimFromRow({ ...claim, later: 1 })).toEqual({
      ...{ table: 'contact', crmId: claim.crmId, mappingId: 'm_1', authScapeId: 'a/42' },
      createdAt: 1772352000000,
    });
    expect(birthFromRow(claim)).toBeUndefined();
  });

  it('of a reservation without crmId holds for no row', async () => {
    const row = { partitionKey: 'c_1', rowKey: 'h', etag: 'e', v: 1, owner: 'o', until: '5' };
    const claims = createKeyClaims(holding(row), createMemoryClock());
    expect(await claims.holder('c_1', 'k')).toBeUndefined();
  });

  it('of a feed without readFrom is read as it is', async () => {
    const row = { partitionKey: 'c_1', rowKey: 'm_1', etag: 'e', v: 1, data: '{"later":1}' };
    expect(await createFeedStore(holding(row)).get('c_1', 'm_1')).toEqual({ later: 1 });
  });

  it('of a later version is refused, not half read', async () => {
    expect(() => linkFromRow({ ...link, v: 2 })).toThrow('layout version 2');
    expect(() => claimFromRow({ ...claim, v: 2 })).toThrow('layout version 2');
    expect(() => birthFromRow({ ...claim, v: 2, born: true })).toThrow('layout version 2');
    const row = { partitionKey: 'c_1', rowKey: 'm_1', etag: 'e', v: 2, data: '{}' };
    await expect(createFeedStore(holding(row)).get('c_1', 'm_1')).rejects.toThrow('layout version 2');
  });

  it('of a reservation by a later version is neither read nor taken over', async () => {
    const row = { partitionKey: 'c_1', rowKey: 'h', etag: 'e', v: 2, owner: 'o', until: '0', crmId: 'x' };
    const replaced: unknown[] = [];
    const table = {
      get: () => Promise.resolve(row),
      insert: () => Promise.resolve(undefined),
      replace: (given: unknown) => Promise.resolve(String(replaced.push(given))),
    } as unknown as Table;
    const claims = createKeyClaims({ table: () => table }, createMemoryClock());
    await expect(claims.holder('c_1', 'k')).rejects.toThrow('layout version 2');
    await expect(claims.take('c_1', 'k', 'me', 9, 'y')).rejects.toThrow('layout version 2');
    expect(replaced).toEqual([]);
  });
});
