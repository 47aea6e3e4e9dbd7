import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { LogFilter } from '../../src/application/ports/stores.js';
import type { LogEntry } from '../../src/domain/change.js';
import { ConflictError } from '../../src/domain/errors.js';
import { newId, newRunId, type OpenStores, pages, sampleLog, sampleRun } from './stores-samples.js';

const START = Date.parse('2026-02-01T00:00:00Z');

/** Runs with their slot, and the log. */
export function runStoresContract(open: OpenStores): void {
  describe('runs', () => {
    it('are found by their id alone', async () => {
      const { runs } = open().stores;
      const run = sampleRun(newId('c'));
      const result = await runs.open(run);

      expect(result).toEqual({ opened: { value: run, etag: expect.any(String) } });
      expect(await runs.get(run.id)).toEqual('opened' in result ? result.opened : undefined);
      expect(await runs.get(newRunId(START))).toBeUndefined();
    });

    it('block the connection until they have ended', async () => {
      const { runs } = open().stores;
      const first = sampleRun(newId('c'));
      const second = sampleRun(first.connectionId, { id: newRunId(START) });
      const opened = await runs.open(first);
      const etag = 'opened' in opened ? opened.opened.etag : '';

      expect(await runs.blocking(first.connectionId)).toEqual(first);
      expect(await runs.open(second)).toEqual({ blockedBy: first });
      expect(await runs.get(second.id)).toBeUndefined();
      expect((await runs.list(first.connectionId, 10)).items).toEqual([first]);

      const ended = await runs.replace({ ...first, status: 'succeeded' }, etag);
      await expect(runs.replace(first, etag)).rejects.toThrow(ConflictError);
      expect(await runs.blocking(first.connectionId)).toBeUndefined();
      expect(await runs.open(second)).toHaveProperty('opened');
      expect(await runs.get(first.id)).toEqual(ended);
      expect(await runs.open(sampleRun(newId('c')))).toHaveProperty('opened');
    });

    it('take the slot in one of twenty racers, and leave no other run behind', async () => {
      const { runs } = open().stores;
      const connectionId = newId('c');
      const rivals = Array.from({ length: 20 }, () => sampleRun(connectionId, { id: newRunId(START) }));
      const results = await Promise.all(rivals.map((run) => runs.open(run)));

      expect(results.filter((result) => 'opened' in result)).toHaveLength(1);
      const blocking = await runs.blocking(connectionId);
      expect((await runs.list(connectionId, 100)).items).toEqual([blocking]);
    });

    it('get the slot again after waiting, if it is free', async () => {
      const { runs } = open().stores;
      const waiting = sampleRun(newId('c'), { status: 'awaitingApproval' });
      const opened = await runs.open(waiting);
      const stored = 'opened' in opened ? opened.opened : undefined;
      expect(await runs.blocking(waiting.connectionId)).toBeUndefined();
      const other = sampleRun(waiting.connectionId, { id: newRunId(START), status: 'running' });
      const between = await runs.open(other);

      const resumed = { ...waiting, status: 'running' as const };
      expect(await runs.reopen({ value: resumed, etag: stored?.etag ?? '' })).toEqual({ blockedBy: other });
      expect((await runs.get(waiting.id))?.value).toEqual(waiting);
      await runs.replace({ ...other, status: 'failed' }, 'opened' in between ? between.opened.etag : '');
      const again = await runs.get(waiting.id);
      expect(await runs.reopen({ value: resumed, etag: again?.etag ?? '' })).toHaveProperty('opened');
      expect(await runs.blocking(waiting.connectionId)).toEqual(resumed);
      await expect(runs.reopen({ value: resumed, etag: again?.etag ?? '' })).rejects.toThrow(ConflictError);
    });

    it('never run twice when some resume while others start', async () => {
      const { runs } = open().stores;
      const waiting = sampleRun(newId('c'), { status: 'awaitingApproval' });
      const opened = await runs.open(waiting);
      const etag = 'opened' in opened ? opened.opened.etag : '';
      const rivals = Array.from({ length: 10 }, () =>
        runs.open(sampleRun(waiting.connectionId, { id: newRunId(START), status: 'running' })),
      );

      const results = await Promise.allSettled([
        ...rivals,
        runs.reopen({ value: { ...waiting, status: 'running' }, etag }),
      ]);
      const won = results.filter((result) => result.status === 'fulfilled' && 'opened' in result.value);
      expect(won).toHaveLength(1);
      const { items } = await runs.list(waiting.connectionId, 100);
      expect(items.filter(({ status }) => status === 'running')).toHaveLength(1);
    });

    it('are listed newest first', async () => {
      const { runs } = open().stores;
      const connectionId = newId('c');
      const ids = [3, 1, 2].map((hour) => newRunId(START + hour * 3_600_000));
      for (const id of ids) await runs.open(sampleRun(connectionId, { id, status: 'succeeded' }));

      const first = await runs.list(connectionId, 2);
      const second = await runs.list(connectionId, 2, first.nextCursor);
      expect([...first.items, ...second.items].map(({ id }) => id)).toEqual([ids[0], ids[2], ids[1]]);
      expect(second.nextCursor).toBeUndefined();
    });
  });

  describe('the log', () => {
    const at = (seconds: number): string => new Date(START + seconds * 1_000).toISOString();

    it('lists newest first, filtered by the service', async () => {
      const { logs } = open().stores;
      const connectionId = newId('c');
      const crmId = randomUUID();
      const entries = [
        sampleLog(connectionId, { at: at(0), status: 'failed', authScapeId: '1' }),
        sampleLog(connectionId, { at: at(1), entity: 'Company', authScapeId: '1', crmId }),
        sampleLog(connectionId, { at: at(2), authScapeId: '2', crmId: null }),
        sampleLog(connectionId, { at: at(3), authScapeId: null, crmId: crmId.toUpperCase() }),
      ];
      await logs.append(entries);
      await logs.append([sampleLog(newId('c'), { crmId })]);
      const found = async (filter: LogFilter) =>
        (await logs.list(connectionId, filter, 100)).items.map((entry) =>
          entries.indexOf(byId(entries, entry.id)),
        );

      expect((await logs.list(connectionId, {}, 100)).items).toEqual([...entries].reverse());
      expect(await found({ status: 'failed' })).toEqual([0]);
      expect(await found({ entity: 'User' })).toEqual([3, 2, 0]);
      expect(await found({ since: at(2) })).toEqual([3, 2]);
      expect(await found({ authScapeId: '1' })).toEqual([1, 0]);
      expect(await found({ authScapeId: '1', entity: 'Company', since: at(1) })).toEqual([1]);
      expect(await found({ crmId })).toEqual([3, 1]);
      expect(await found({ crmId: crmId.toUpperCase(), authScapeId: '1' })).toEqual([1]);
      expect(await found({ crmId, since: at(2) })).toEqual([3]);
    });

    it('pages without gaps or repetition', async () => {
      const { logs } = open().stores;
      const connectionId = newId('c');
      const entries = Array.from({ length: 250 }, (_, index) =>
        sampleLog(connectionId, { at: at(index % 7), authScapeId: `${index % 2}` }),
      );
      await logs.append(entries);

      const all = await pages((cursor) => logs.list(connectionId, {}, 60, cursor));
      expect(all).toHaveLength(250);
      expect(new Set(all.map(({ id }) => id)).size).toBe(250);
      expect(all.map(({ at: time }) => time)).toEqual([...all.map(({ at: time }) => time)].sort().reverse());
      const ofOne = await pages((cursor) => logs.list(connectionId, { authScapeId: '1' }, 60, cursor));
      expect(ofOne).toHaveLength(125);
    });

    it('takes the same entry twice as one', async () => {
      const { logs } = open().stores;
      const entry = sampleLog(newId('c'));
      await logs.append([entry, entry]);
      await logs.append([entry]);
      expect((await logs.list(entry.connectionId, {}, 10)).items).toEqual([entry]);
    });

    it('keeps long values whole', async () => {
      const { logs } = open().stores;
      const value = '😀x'.repeat(150_000);
      const entry = sampleLog(newId('c'), {
        fields: [{ field: 'description', from: value, to: null, rule: 'conflict' }],
      });
      await logs.append([entry]);
      expect((await logs.list(entry.connectionId, {}, 10)).items).toEqual([entry]);
    });

    it('tells what one run did, in a stable order', async () => {
      const { logs } = open().stores;
      const connectionId = newId('c');
      const runId = newRunId(START);
      const entries = Array.from({ length: 30 }, (_, index) =>
        sampleLog(connectionId, { at: at(index), runId: index % 3 === 0 ? runId : null }),
      );
      await logs.append(entries);

      const all = await pages((cursor) => logs.listByRun({ id: runId, connectionId }, 4, cursor));
      expect(all).toEqual(entries.filter((entry) => entry.runId === runId));
    });

    it('shows what is for a run only under its run, and forgets it too', async () => {
      const { stores, tables } = open();
      const { logs } = stores;
      const connectionId = newId('c');
      const runId = newRunId(START);
      const entries = Array.from({ length: 8 }, (_, index) =>
        sampleLog(connectionId, { at: at(index * 1_800), runId, runOnly: index % 2 === 0 }),
      );
      await logs.append(entries);

      expect((await logs.list(connectionId, {}, 100)).items).toHaveLength(4);
      expect((await logs.list(connectionId, { authScapeId: '1' }, 100)).items).toHaveLength(4);
      expect((await logs.listByRun({ id: runId, connectionId }, 100)).items).toEqual(entries);
      expect(await logs.removeOlderThan(connectionId, at(5 * 1_800))).toBe(5);
      expect((await logs.listByRun({ id: runId, connectionId }, 100)).items).toEqual(entries.slice(5));
      expect(await logs.removeOlderThan(connectionId, at(100_000))).toBe(3);
      for (const query of [{ partition: connectionId }, { partitionPrefix: `${connectionId}|` }]) {
        expect((await tables.table('Logs').query(query, 10)).rows).toEqual([]);
      }
    });

    it('forgets old entries in every place', async () => {
      const { stores, tables } = open();
      const { logs } = stores;
      const connectionId = newId('c');
      const runId = newRunId(START);
      const crmId = randomUUID();
      const entries = Array.from({ length: 20 }, (_, index) =>
        sampleLog(connectionId, { at: at(index), runId, crmId }),
      );
      await logs.append(entries);
      await tables.table('Logs').remove(connectionId, `R|${runId}|${START}|${entries[0]?.id}`);

      expect(await logs.removeOlderThan(connectionId, at(15))).toBe(15);
      expect((await logs.list(connectionId, {}, 100)).items).toHaveLength(5);
      expect((await logs.list(connectionId, { authScapeId: '1' }, 100)).items).toHaveLength(5);
      expect((await logs.list(connectionId, { crmId }, 100)).items).toHaveLength(5);
      expect((await logs.listByRun({ id: runId, connectionId }, 100)).items).toHaveLength(5);
    });
  });
}

function byId(entries: readonly LogEntry[], id: string): LogEntry {
  const entry = entries.find((each) => each.id === id);
  if (entry === undefined) throw new Error(`a foreign entry ${id}`);
  return entry;
}
