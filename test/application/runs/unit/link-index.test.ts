import { describe, expect, it } from 'vitest';
import { createStagingStore } from '../../../../src/adapters/storage/staging-table.js';
import type { LinkBrief, LinkStore } from '../../../../src/application/ports/links.js';
import type { MappingStore } from '../../../../src/application/ports/stores.js';
import { LinkIndex } from '../../../../src/application/runs/unit/link-index.js';
import { aLink, aMapping } from '../../../support/builders.js';
import { createMemoryTables } from '../../../support/memory-tables.js';

const MANY = 50_000;
const PAGE = 1_000;
const scope = { connectionId: 'c_1', runId: 'r_1' };

function linkAt(id: number, mappingId: string): LinkBrief {
  const crmId = `${String(id).padStart(8, '0')}-0000-4000-8000-00000000000${mappingId.slice(-1)}`;
  return { ...aLink({ authScapeId: String(id), crmId, mappingId, dVersion: `W/"${id}"` }), settled: true };
}

/** A store of so many links in each mapping, which counts its scans. */
function storeOf(count: number) {
  const scans: string[] = [];
  const writes = new Map<string, number>();
  const links: Pick<LinkStore, 'briefs' | 'writesTo'> = {
    writesTo: (_connectionId, mappingId) => writes.get(mappingId) ?? 0,
    async *briefs(_connectionId, mappingId) {
      scans.push(mappingId);
      for (let at = 0; at < count; at += PAGE)
        yield Array.from({ length: Math.min(PAGE, count - at) }, (_, n) => linkAt(at + n, mappingId));
    },
  };
  const mappings: Pick<MappingStore, 'list'> = {
    list: async () =>
      ['m_1', 'm_2', 'm_3'].map((id) => ({
        value: aMapping({ id, crmEntity: id === 'm_3' ? 'account' : 'contact' }),
        etag: '',
      })),
  };
  const open = () => new LinkIndex(links as LinkStore, mappings as MappingStore, 'c_1');
  const tables = createMemoryTables();
  const staging = createStagingStore(tables, { now: () => 0, sleep: async () => {} });
  return { open, scans, staging, tables, writes };
}

describe('LinkIndex', () => {
  it('knows the rows of all mappings of a table, and no others', async () => {
    const { open, scans } = storeOf(3);
    const rows = await open().byCrmId('contact');
    expect(scans).toEqual(['m_1', 'm_2']);
    expect(rows.get(linkAt(2, 'm_1').crmId)).toMatchObject({ mappingId: 'm_1', authScapeId: '2' });
    expect(rows.get(linkAt(2, 'm_2').crmId)).toMatchObject({ mappingId: 'm_2', authScapeId: '2' });
    expect(rows.get(linkAt(2, 'm_3').crmId)).toBeUndefined();
  });

  it('is read once, until something was written to the links', async () => {
    const { open, scans, writes } = storeOf(3);
    const index = open();
    await index.byAuthScapeId('m_1');
    await index.byCrmId('contact');
    await index.byAuthScapeId('m_1');
    expect(scans).toEqual(['m_1', 'm_2']);
    index.clear();
    await index.byCrmId('contact');
    expect(scans).toEqual(['m_1', 'm_2']);
    writes.set('m_2', 1);
    index.clear();
    await index.byCrmId('contact');
    expect(scans).toEqual(['m_1', 'm_2', 'm_2']);
  });

  it('is read again once other workers have written to the links', async () => {
    const { open, scans } = storeOf(3);
    const index = open();
    await index.byAuthScapeId('m_1');
    index.forget();
    await index.byAuthScapeId('m_1');
    expect(scans).toEqual(['m_1', 'm_1']);
  });

  it.each([
    ['many links is kept for later steps', MANY, true, ['m_1']],
    ['many links is scanned at the start of a phase', MANY, false, ['m_1', 'm_1']],
    ['fewer is scanned by each step', MANY - 1, true, ['m_1', 'm_1']],
  ])('of %s', async (_title, count, isThere, expected) => {
    const { open, scans, staging } = storeOf(count);
    const scanned = await open().byAuthScapeId('m_1', { staging, scope, isThere: false });
    const later = await open().byAuthScapeId('m_1', { staging, scope, isThere });

    expect(scans).toEqual(expected);
    expect(later.size).toBe(count);
    for (const id of ['0', '7000', String(count - 1), String(count)])
      expect(later.get(id)).toEqual(scanned.get(id));
  });

  it('is scanned where what was kept is not whole', async () => {
    const { open, scans, staging, tables } = storeOf(MANY);
    await open().byAuthScapeId('m_1', { staging, scope, isThere: false });
    const { partitionKey, rowKey } = tables.rows('Staging')[2]!;
    await tables.table('Staging').remove(partitionKey, rowKey);

    expect((await open().byAuthScapeId('m_1', { staging, scope, isThere: true })).size).toBe(MANY);
    expect(scans).toEqual(['m_1', 'm_1']);
  });
});
