import { describe, expect, it } from 'vitest';
import { createStagingStore } from '../../../../src/adapters/storage/staging-table.js';
import { SeenRecords } from '../../../../src/application/runs/unit/seen-records.js';
import { createMemoryTables } from '../../../support/memory-tables.js';

const scope = { connectionId: 'c_1', runId: 'r_1', mappingId: 'm_1' };
const seen = (authScapeId: string, keyHash: string | null = '0123456789abcdef') => ({
  authScapeId,
  keyHash,
  active: true,
  changed: false,
});

describe('records that a run found unchanged', () => {
  const store = () => createStagingStore(createMemoryTables(), { now: () => 0, sleep: async () => {} });

  it('are known to the next step, by side and with their keys', async () => {
    const staging = store();
    const first = new SeenRecords(staging);
    const unchanged = [seen('1'), seen('2', null), { ...seen('a b/ü'), active: false }];
    await first.add(scope, 'dynamics', '00000001-x', { unchanged, changed: [] });
    await first.add(scope, 'authScape', '00000002-x', { unchanged: [seen('1')], changed: [] });
    const next = new SeenRecords(staging);

    expect([...(await next.of(scope, 'dynamics')).values()]).toEqual(unchanged);
    expect([...(await next.of(scope, 'authScape')).keys()]).toEqual(['1']);
    expect((await next.of({ ...scope, mappingId: 'm_2' }, 'dynamics')).size).toBe(0);
  });

  it('are no longer among them once a later page shows them changed, in this step and in the next', async () => {
    const staging = store();
    const first = new SeenRecords(staging);
    await first.add(scope, 'dynamics', '00000001-x', { unchanged: [seen('1'), seen('2')], changed: [] });
    await first.add(scope, 'dynamics', '00000002-x', { unchanged: [], changed: ['1', '3'] });

    for (const each of [first, new SeenRecords(staging)]) {
      expect([...(await each.of(scope, 'dynamics')).keys()]).toEqual(['2']);
    }
  });

  it('are stored once when a unit is repeated', async () => {
    const staging = store();
    for (const each of [new SeenRecords(staging), new SeenRecords(staging)]) {
      await each.add(scope, 'dynamics', '00000001-x', { unchanged: [seen('1')], changed: [] });
    }
    const parts = [];
    for await (const part of staging.getSeen(scope)) parts.push(part);
    expect(parts).toHaveLength(1);
  });
});
