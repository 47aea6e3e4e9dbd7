import { describe, expect, it } from 'vitest';
import { createStagingStore } from '../../../../src/adapters/storage/staging-table.js';
import type { LinkBrief, LinkStore } from '../../../../src/application/ports/links.js';
import type { StagingStore } from '../../../../src/application/ports/staging.js';
import type { MappingStore } from '../../../../src/application/ports/stores.js';
import { CompactLinks } from '../../../../src/application/runs/unit/compact-links.js';
import { IndexMemory } from '../../../../src/application/runs/unit/index-memory.js';
import { LinkIndex } from '../../../../src/application/runs/unit/link-index.js';
import { aLink, aMapping } from '../../../support/builders.js';
import { createMemoryTables } from '../../../support/memory-tables.js';

/** Enough for three rows of what is kept. */
const MANY = 13_000;
const PAGE = 1_000;
const scope = { connectionId: 'c_1', runId: 'r_1' };
const place = 'readingAuthScape m_1';

function linkAt(id: number, mappingId: string): LinkBrief {
  const crmId = `${String(id).padStart(8, '0')}-0000-4000-8000-00000000000${mappingId.slice(-1)}`;
  return { ...aLink({ authScapeId: String(id), crmId, mappingId, dVersion: `W/"${id}"` }), settled: true };
}

const pages = new Map<string, readonly LinkBrief[]>();

/** Made once for all tests. */
function pageAt(from: number, length: number, mappingId: string): readonly LinkBrief[] {
  const key = `${from} ${length} ${mappingId}`;
  const page = pages.get(key) ?? Array.from({ length }, (_, n) => linkAt(from + n, mappingId));
  pages.set(key, page);
  return page;
}

/** A store of so many links in each mapping, which counts its scans. */
function storeOf(count: number) {
  const scans: string[] = [];
  const writes = new Map<string, number>();
  const fails = { once: false };
  const links: Pick<LinkStore, 'briefs' | 'writesTo'> = {
    writesTo: (_connectionId, mappingId) => writes.get(mappingId) ?? 0,
    async *briefs(_connectionId, mappingId) {
      scans.push(mappingId);
      if (fails.once) {
        fails.once = false;
        throw new Error('Storage does not answer.');
      }
      for (let at = 0; at < count; at += PAGE) yield pageAt(at, Math.min(PAGE, count - at), mappingId);
    },
  };
  const mappings: Pick<MappingStore, 'list'> = {
    list: async () =>
      ['m_1', 'm_2', 'm_3'].map((id) => ({
        value: aMapping({ id, crmEntity: id === 'm_3' ? 'account' : 'contact' }),
        etag: '',
      })),
  };
  const open = (memory = new IndexMemory()) =>
    new LinkIndex(links as LinkStore, mappings as MappingStore, 'c_1', memory, MANY);
  const tables = createMemoryTables();
  const staging = createStagingStore(tables, { now: () => 0, sleep: async () => {} });
  return { fails, open, scans, staging, tables, writes };
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
    const first = open();
    const scanned = await first.byAuthScapeId('m_1', { staging, scope, place, isThere: false });
    await first.keep();
    const later = await open().byAuthScapeId('m_1', { staging, scope, place, isThere });

    expect(scans).toEqual(expected);
    expect(later.size).toBe(count);
    for (const id of ['0', '7000', String(count - 1), String(count)])
      expect(later.get(id)).toEqual(scanned.get(id));
  });

  it('is kept only where a step hands on, and once', async () => {
    const { open, staging, tables } = storeOf(MANY);
    const index = open();
    await index.byAuthScapeId('m_1', { staging, scope, place, isThere: false });
    expect(tables.rows('Staging')).toEqual([]);
    await index.keep();
    const kept = tables.rows('Staging');
    expect(kept.length).toBeGreaterThan(0);
    await index.keep();
    expect(tables.rows('Staging')).toEqual(kept);
  });

  it('is scanned once where both sides ask at the same time', async () => {
    const { open, scans } = storeOf(3);
    const index = open();
    const [rows, records] = await Promise.all([index.byCrmId('account'), index.byAuthScapeId('m_3')]);
    expect(scans).toEqual(['m_3']);
    expect([rows.size, records.size]).toEqual([3, 3]);
  });

  it('is asked for again where the first reading failed', async () => {
    const { fails, open, scans } = storeOf(3);
    const index = open();
    fails.once = true;
    const both = [index.byAuthScapeId('m_1'), index.byCrmId('contact')];
    expect((await Promise.allSettled(both)).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(scans).toEqual(['m_1']);
    expect((await index.byAuthScapeId('m_1')).size).toBe(3);
  });

  it('is scanned where what was kept is not whole', async () => {
    const { open, scans, staging, tables } = storeOf(MANY);
    const first = open();
    await first.byAuthScapeId('m_1', { staging, scope, place, isThere: false });
    await first.keep();
    const { partitionKey, rowKey } = tables.rows('Staging')[2]!;
    await tables.table('Staging').remove(partitionKey, rowKey);

    expect((await open().byAuthScapeId('m_1', { staging, scope, place, isThere: true })).size).toBe(MANY);
    expect(scans).toEqual(['m_1', 'm_1']);
  });

  describe('of the step before', () => {
    /** Two steps of a run in one process, and how often the second one has loaded links from any row. */
    async function secondStep(
      {
        between,
        first = place,
        second = place,
        isThere = true,
      }: {
        between?: (memory: IndexMemory, index: LinkIndex) => void;
        first?: string;
        second?: string;
        isThere?: boolean;
      },
      count = MANY,
    ): Promise<{ reads: number; size: number }> {
      const { open, scans } = storeOf(count);
      const memory = new IndexMemory();
      let reads = 0;
      let kept: readonly LinkBrief[] | undefined;
      const staging: Pick<StagingStore, 'getBriefs' | 'putBriefs'> = {
        async putBriefs(_scope, briefs) {
          kept = [...briefs];
        },
        async *getBriefs() {
          reads += 1;
          yield kept;
        },
      };
      memory.begin(scope.runId);
      const index = open(memory);
      await index.byAuthScapeId('m_1', { staging, scope, place: first, isThere: false });
      await index.keep();
      between?.(memory, index);
      memory.begin(scope.runId);
      const scanned = scans.length;
      const { size } = await open(memory).byAuthScapeId('m_1', {
        ...{ staging, scope, place: second, isThere },
      });
      return { reads: reads + scans.length - scanned, size };
    }

    it('is used again without a read', async () => {
      expect(await secondStep({})).toEqual({ reads: 0, size: MANY });
    });

    it.each<[string, Parameters<typeof secondStep>[0]]>([
      ['another phase, or mapping, had the turn', { second: 'comparing m_1' }],
      ['a phase begins', { isThere: false }],
      ['a step of another run came between', { between: (memory) => memory.begin('r_2') }],
      ['the run has ended', { between: (memory) => memory.end('r_1') }],
      ['other workers have written to links', { between: (_memory, index) => index.forget() }],
    ])('is loaded anew where %s', async (_title, steps) => {
      expect(await secondStep(steps)).toEqual({ reads: 1, size: MANY });
    });

    it('is scanned again where links are too few to be kept in rows', async () => {
      expect(await secondStep({}, MANY - 1)).toEqual({ reads: 2, size: MANY - 1 });
    });

    it.each([
      ['is used by the parts of a phase that keeps it in memory alone', MANY, true, ['m_1']],
      ['is scanned where such a phase begins', MANY, false, ['m_1', 'm_1']],
      ['is scanned by each part where links are few', MANY - 1, true, ['m_1', 'm_1']],
    ])('%s', async (_title, count, isThere, expected) => {
      const { open, scans, tables } = storeOf(count);
      const memory = new IndexMemory();
      memory.begin(scope.runId);
      const kept = { scope, place: 'matching m_1' };
      await open(memory).byAuthScapeId('m_1', { ...kept, isThere: true });
      expect((await open(memory).byAuthScapeId('m_1', { ...kept, isThere })).size).toBe(count);
      expect(scans).toEqual(expected);
      expect(tables.rows('Staging')).toEqual([]);
    });

    it('is not left by a step that another run has overtaken', async () => {
      const overtaken = (memory: IndexMemory) => {
        memory.begin('r_2');
        memory.remember('r_1', place, new CompactLinks('m_1'));
      };
      expect(await secondStep({ between: overtaken })).toEqual({ reads: 1, size: MANY });
    });
  });
});
