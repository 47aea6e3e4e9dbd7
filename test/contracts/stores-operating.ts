import { describe, expect, it } from 'vitest';
import type { NotedProblem } from '../../src/domain/problem.js';
import { NO_STATS, type StatsPart } from '../../src/domain/stats.js';
import { newId, type OpenStores, sampleRun } from './stores-samples.js';

function aProblem(overrides: Partial<NotedProblem> = {}): NotedProblem {
  return {
    ...{ kind: 'failed', mappingId: 'm_1', entity: 'User', crmEntity: 'contact' },
    ...{ authScapeId: '1', crmId: 'd1', code: 'value_too_long', message: 'Too long.', field: 'lastname' },
    ...{ lastSeenAt: '2026-03-01T08:00:00.000Z', runId: 'r_1' },
    ...overrides,
  };
}

/** What operating needs beside the sync itself. */
export function operatingStoresContract(open: OpenStores): void {
  describe('problems of records', () => {
    it('are kept once per record, with since when and how often', async () => {
      const { problems } = open().stores;
      const id = newId('c');
      await problems.note(id, [aProblem(), aProblem({ field: 'firstname' })]);
      await problems.note(id, [aProblem({ lastSeenAt: '2026-03-01T08:01:00.000Z' })]);
      await problems.note(id, [aProblem({ lastSeenAt: '2026-03-01T09:00:00.000Z', runId: 'r_2' })]);
      const { items } = await problems.scan(id, 10);

      expect(items).toEqual([
        {
          ...aProblem({ lastSeenAt: '2026-03-01T09:00:00.000Z', runId: 'r_2' }),
          since: '2026-03-01T08:00:00.000Z',
          attempts: 2,
        },
      ]);
    });

    it('of a row without partner are found by its id in any case', async () => {
      const { problems } = open().stores;
      const id = newId('c');
      const row = aProblem({ authScapeId: null, crmId: 'AB-1', kind: 'ambiguous' });
      await problems.note(id, [row, aProblem({ mappingId: 'm_2' })]);

      expect(await problems.get(id, [{ ...row, crmId: 'ab-1' }])).toMatchObject([{ kind: 'ambiguous' }]);
      await problems.remove(id, [{ ...row, crmId: 'ab-1' }, aProblem({ authScapeId: 'none' })]);
      expect((await problems.scan(id, 10)).items).toMatchObject([{ mappingId: 'm_2' }]);
    });

    it('begin anew when another reason takes the place of the first', async () => {
      const { problems } = open().stores;
      const id = newId('c');
      await problems.note(id, [aProblem()]);
      await problems.note(id, [aProblem({ code: 'invalid_email', lastSeenAt: '2026-03-02T08:00:00.000Z' })]);

      expect(await problems.get(id, [aProblem()])).toMatchObject([
        { code: 'invalid_email', since: '2026-03-02T08:00:00.000Z', attempts: 1 },
      ]);
    });

    it('are listed page by page', async () => {
      const { problems } = open().stores;
      const id = newId('c');
      await problems.note(
        id,
        ['1', '2', '3'].map((authScapeId) => aProblem({ authScapeId })),
      );
      const first = await problems.scan(id, 2);
      const second = await problems.scan(id, 2, first.nextCursor);

      expect([...first.items, ...second.items].map(({ authScapeId }) => authScapeId)).toEqual([
        '1',
        '2',
        '3',
      ]);
      expect(second.nextCursor).toBeUndefined();
    });
  });

  describe('counts', () => {
    const part = (created: number): StatsPart => ({ ...NO_STATS, totals: { ...NO_STATS.totals, created } });

    it('add up by day, whatever counts at the same time, and are pruned by day', async () => {
      const { stats } = open().stores;
      const id = newId('c');
      await stats.add(id, '2026-03-01', part(1));
      for (let n = 0; n < 3; n += 1) await stats.add(id, '2026-03-02', part(2));
      const run = sampleRun(id, { status: 'succeeded', startedAt: '2026-03-02T08:00:00.000Z' });
      await stats.putRun({ ...run, counts: { ...run.counts, created: 5 } });
      await stats.putRun({ ...run, counts: { ...run.counts, created: 7 } });
      await stats.putLinks(id, { mappingId: 'm_1', linked: 3 });
      await stats.putLinks(id, { mappingId: 'm_1', linked: 4 });

      const days = await stats.days(id, '2026-03-01', '2026-03-02');
      expect([...days].map(([day, { totals }]) => [day, totals.created])).toEqual([
        ['2026-03-01', 1],
        ['2026-03-02', 13],
      ]);
      expect([...(await stats.days(id, '2026-03-02', '2026-03-02')).keys()]).toEqual(['2026-03-02']);
      await stats.prune(id, '2026-03-02');
      expect([...(await stats.days(id, '2026-02-01', '2026-03-09')).keys()]).toEqual(['2026-03-02']);
      expect(await stats.links(id)).toEqual([{ mappingId: 'm_1', linked: 4 }]);
    });
  });

  describe('alerts', () => {
    it('are listed over all connections, page by page', async () => {
      const { alerts } = open().stores;
      const ids = [newId('c'), newId('c'), newId('c')];
      for (const connectionId of ids) {
        await alerts.put({
          ...{ connectionId, target: { name: 'target', version: '1' }, origin: 'https://alerts.contoso.com' },
          ...{ format: 'json', isSigned: true, afterIntervals: 3, lookedUntil: '2026-03-01T08:00:00.000Z' },
          ...{ open: {}, pending: [], attempts: 0, failingSince: null, nextAt: 0, disabledAt: null },
        });
      }
      const found: string[] = [];
      let cursor: string | undefined;
      do {
        const page = await alerts.list(2, cursor);
        found.push(...page.items.map(({ value }) => value.connectionId));
        cursor = page.nextCursor;
      } while (cursor !== undefined);

      expect(found).toEqual(expect.arrayContaining(ids));
      expect(found).toHaveLength(new Set(found).size);
    });
  });

  describe('what is held of one record', () => {
    it('is found without that of a record whose id begins alike', async () => {
      const { backlog } = open().stores;
      const id = newId('c');
      const held = (authScapeId: string, category: string) => ({
        ...{ mappingId: 'm_1', authScapeId, crmId: 'd1', category, runId: 'r_1' },
        detail: { kind: 'gone' as const, side: 'dynamics' as const, scans: 0 },
        heldAt: '2026-03-01T08:00:00.000Z',
      });
      await backlog.putHeld(id, [
        held('1', 'removal'),
        held('1', 'key|m_1|f|dynamics'),
        held('11', 'removal'),
      ]);

      const found = await backlog.heldOf(id, 'm_1', '1');
      expect(found.map(({ category }) => category).sort()).toEqual(['key|m_1|f|dynamics', 'removal']);
    });
  });
}
