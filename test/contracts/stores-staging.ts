import { describe, expect, it } from 'vitest';
import type { RemovalTodo, RetryTodo, StagingScope } from '../../src/application/ports/staging.js';
import type { Outcome } from '../../src/domain/run.js';
import {
  newId,
  newRunId,
  type OpenStores,
  pages,
  sampleConnection,
  sampleLink,
  sampleLog,
  sampleMapping,
  sampleRecord,
  sampleRun,
} from './stores-samples.js';

const FAR = Number.MAX_SAFE_INTEGER;
const NAMES = ['Links', 'LinkClaims', 'KeyClaims', 'Backlog', 'Feeds', 'Mappings', 'Logs', 'Runs'] as const;
const START = Date.parse('2026-02-01T00:00:00Z');
const newScope = (): StagingScope => ({
  connectionId: newId('c'),
  runId: newRunId(START),
  mappingId: 'm_users',
});

/** Scratch rows of runs, and the removal of everything. */
export function stagingStoresContract(open: OpenStores): void {
  describe('staged records', () => {
    it('come back whole, by key and staging set', async () => {
      const { staging } = open().stores;
      const scope = newScope();
      const long = sampleRecord('2', {
        values: { description: 'long "text" €\n'.repeat(30_000) },
        roles: null,
      });
      await staging.putRecords(scope, 'authScape', [sampleRecord('1'), long]);
      await staging.putRecords(scope, 'dynamicsLinked', [sampleRecord('1', { id: 'd1' })]);

      const found = await staging.getRecords(scope, 'authScape', ['1', '2', '3']);
      expect(Object.fromEntries(found)).toEqual({ 1: sampleRecord('1'), 2: long });
      const linked = await staging.getRecords(scope, 'dynamicsLinked', ['1']);
      expect(linked.get('1')?.id).toBe('d1');
      expect((await staging.getRecords({ ...scope, mappingId: 'm_2' }, 'authScape', ['1'])).size).toBe(0);
      await staging.putRecords(scope, 'authScape', [sampleRecord('1', { active: false })]);
      expect((await staging.getRecords(scope, 'authScape', ['1'])).get('1')?.active).toBe(false);
    });

    it('are scanned page by page, in the order of links', async () => {
      const { staging, links } = open().stores;
      const scope = newScope();
      const keys = Array.from({ length: 300 }, (_, index) => `${index * 7}`);
      await staging.putRecords(
        scope,
        'authScape',
        keys.map((key) => sampleRecord(key)),
      );
      await Promise.all(
        keys.map((authScapeId) => links.insert(sampleLink(scope.connectionId, { authScapeId }))),
      );

      const all = await pages((cursor) => staging.scanRecords(scope, 'authScape', 70, cursor));
      const linked = await pages((cursor) => links.scan(scope.connectionId, 'm_users', 90, cursor));
      expect(all.map(({ key }) => key)).toEqual(linked.map(({ value }) => value.authScapeId));
    });

    it('are found again in chunks of that order and at random', async () => {
      const { staging } = open().stores;
      const scope = newScope();
      const keys = Array.from({ length: 400 }, (_, index) => `id-${index}`);
      await staging.putRecords(
        scope,
        'dynamics',
        keys.map((key) => sampleRecord(key)),
      );
      const order = (await pages((cursor) => staging.scanRecords(scope, 'dynamics', 500, cursor))).map(
        ({ key }) => key,
      );

      for (const asked of [
        order.slice(30, 130),
        order.filter((_, index) => index % 9 === 0),
        [...keys, 'id-x'],
      ]) {
        const found = await staging.getRecords(scope, 'dynamics', asked);
        expect([...found.keys()].sort()).toEqual(asked.filter((key) => key !== 'id-x').sort());
      }
    });
  });

  describe('work at the end of a run', () => {
    it('is kept by kind and category, outcomes by pair', async () => {
      const { staging } = open().stores;
      const scope = newScope();
      const todo: RemovalTodo = {
        kind: 'removal',
        mappingId: 'm_users',
        authScapeId: '1',
        crmId: 'd1',
        category: 'delete',
        detail: { kind: 'gone', side: 'dynamics', scans: 0 },
      };
      const second = { ...todo, category: 'key' };
      const other = { ...todo, crmId: 'd2' };
      const retry: RetryTodo = { ...todo, kind: 'retry', category: null, detail: 'pair' };
      await staging.putTodos(scope, [todo, second, other, retry]);
      expect((await staging.scanRetries(scope, 10)).items).toEqual([retry]);
      expect((await staging.scanRemovals(scope, 10)).items).toEqual([todo, second, other]);

      const outcomes = new Map<string, Outcome>(
        Array.from({ length: 150 }, (_, index) => [`m_users|${index}|é`, index % 2 ? 'updated' : 'failed']),
      );
      await staging.putOutcomes(scope.runId, outcomes);
      expect(await staging.getOutcomes(scope.runId, [...outcomes.keys(), 'other'])).toEqual(outcomes);
    });

    it('keep the planned pairs of a mapping under both ids', async () => {
      const { staging } = open().stores;
      const scope = newScope();
      const pairs = Array.from({ length: 30 }, (_, index) => ({
        authScapeId: `${index}`,
        crmId: `Row-${index}`,
      }));
      for (const pair of pairs) await staging.putPlanned(scope, pair);
      expect(await staging.getPlanned(scope, 'authScape', ['7', '99'])).toEqual([pairs[7]]);
      expect(await staging.getPlanned(scope, 'dynamics', ['row-7', 'row-99'])).toEqual([pairs[7]]);
      expect(await staging.getPlanned({ ...scope, mappingId: 'm_other' }, 'authScape', ['7'])).toEqual([]);
    });

    it('is purged with the run, and nothing else', async () => {
      const { stores, clock, tables } = open();
      const { staging } = stores;
      const scope = newScope();
      const other = { ...scope, runId: `${scope.runId}x` };
      for (const each of [scope, other]) {
        await staging.putRecords(
          each,
          'authScape',
          Array.from({ length: 250 }, (_, id) => sampleRecord(`${id}`)),
        );
        await staging.putOutcomes(each.runId, new Map([['p', 'updated']]));
        await staging.putPlanned(each, { authScapeId: '7', crmId: 'r' });
      }
      let calls = 0;
      while (!(await staging.purge(scope.connectionId, scope.runId, clock.now()))) calls += 1;
      expect(calls).toBeLessThan(10);
      const left = await tables.table('Staging').query({ partitionPrefix: `${scope.runId}|` }, 10);
      expect(left.rows).toEqual([]);
      expect((await staging.getRecords(other, 'authScape', ['7'])).size).toBe(1);
    });
  });

  describe('the eraser', () => {
    it('leaves nothing of a connection in any table, and all of its neighbour', async () => {
      const { stores, tables, clock } = open();
      const fill = async (connectionId: string) => {
        const runId = newRunId(START);
        const scope = { connectionId, runId, mappingId: 'm_users' };
        await stores.connections.create(sampleConnection({ id: connectionId }));
        await stores.mappings.create(sampleMapping(connectionId));
        await stores.mappings.reserveTable(`${connectionId}.crm.dynamics.com`, 'contact', connectionId);
        await stores.feeds.put(connectionId, 'm_users', { deltaLink: null, columns: [], scannedFrom: null });
        await stores.links.insert(sampleLink(connectionId));
        await stores.keyReservations.take(connectionId, 'k', 'w', clock.now() + 1_000, 'row');
        await stores.runs.open(sampleRun(connectionId, { id: runId, status: 'succeeded' }));
        await stores.logs.append([sampleLog(connectionId, { runId })]);
        await stores.staging.putRecords(scope, 'authScape', [sampleRecord('1')]);
        await stores.backlog.putMarks(connectionId, [
          { mappingId: 'm_users', authScapeId: '1', crmId: null, reason: '', attempts: 1, notBefore: 0 },
        ]);
        return runId;
      };
      const [gone, kept] = [newId('c'), newId('c')];
      const goneRun = await fill(gone);
      const keptRun = await fill(kept);

      let calls = 0;
      while (!(await stores.eraser.erase(gone, clock.now()))) calls += 1;
      expect(calls).toBeLessThan(50);
      expect(await stores.eraser.erase(gone, FAR)).toBe(true);
      for (const name of NAMES) {
        for (const query of [{ partition: gone }, { partitionPrefix: `${gone}|` }]) {
          expect((await tables.table(name).query(query, 10)).rows).toEqual([]);
        }
      }
      expect(await stores.runs.get(goneRun)).toBeUndefined();
      expect(await stores.runs.get(keptRun)).toBeDefined();
      expect((await stores.logs.listByRun({ id: goneRun, connectionId: gone }, 10)).items).toEqual([]);
      expect((await stores.logs.listByRun({ id: keptRun, connectionId: kept }, 10)).items).toHaveLength(1);
      expect(
        await stores.mappings.reserveTable(`${gone}.crm.dynamics.com`, 'contact', 'c_x'),
      ).toBeUndefined();
      expect(await stores.mappings.list(kept)).toHaveLength(1);
    });
  });
}
