import { createHash } from 'node:crypto';
import { TableClient } from '@azure/data-tables';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createMeter } from '../../../src/adapters/meter.js';
import { createStorage, type Storage } from '../../../src/adapters/storage/storage.js';
import { readRemoval } from '../../../src/adapters/storage/todo-rows.js';
import type { DeadLetter } from '../../../src/application/ports/dead-letters.js';
import type { RetryMark } from '../../../src/application/ports/staging.js';
import type { FeedState } from '../../../src/application/ports/stores.js';
import type { WebhookRegistration } from '../../../src/application/ports/webhooks.js';
import type { LogEntry } from '../../../src/domain/change.js';
import type { RecordJob } from '../../../src/domain/job.js';
import { keyHash } from '../../../src/domain/match.js';
import type { Connection, EntityMapping } from '../../../src/domain/model.js';
import { type Azurite, startAzurite } from '../../stack/azurite.js';
import { createMemoryClock } from '../../support/memory-clock.js';
import { recordedHeld, recordedJson, recordedRow, recordedRun, recording } from './recorded.js';

// What a later version has added reads as its default.
const connection: Connection = { ...recordedJson<Connection>('connection'), logValues: 'all' };
const { id } = connection;
const mapping = recordedJson<EntityMapping>('mapping');
const run = recordedRun('run');
const ended = recordedRun('ended run');
const held = recordedHeld('held');
const mark = recordedJson<RetryMark>('mark');
const letter = recordedJson<DeadLetter>('dead letter');
const entry = recordedJson<LogEntry>('log entry');
const detailOf = (name: string) => recordedJson<Record<string, unknown>>(name, 'detail');
const keyOf = (name: string) => recordedRow(name).rowKey;
const partOf = (name: string, index: number) => recordedRow(name).partitionKey.split('|')[index] ?? '';
const scopeOf = (name: string) => ({
  connectionId: id,
  runId: partOf(name, 0),
  mappingId: partOf(name, 1),
});
const requestKey = (text: string) => createHash('sha256').update(text).digest('hex');
/** Soon after the recording. */
const clock = createMemoryClock(Date.parse('2026-11-26T19:10:00Z'));
const at = new Date(clock.now()).toISOString();

let azurite: Azurite;
let stores: Storage;
beforeAll(async () => {
  azurite = await startAzurite();
  const options = { allowInsecureConnection: true };
  const tables = new Map(recording.rows.map(({ table }) => [table, [] as (typeof recording.rows)[number][]]));
  for (const each of recording.rows) tables.get(each.table)?.push(each);
  for (const [name, rows] of tables) {
    const client = TableClient.fromConnectionString(azurite.connectionString, name, options);
    await client.createTable();
    for (const { row } of rows) await client.createEntity({ ...row });
  }
  stores = createStorage({ connectionString: azurite.connectionString, meter: createMeter(), clock });
});
afterAll(() => azurite.close());

/** In this order: each test works on what the ones before have left. */
describe('rows that an earlier build has written', () => {
  it('of a connection are read, changed and keep its name', async () => {
    const { connections } = stores;
    const found = await connections.get(id);
    expect(found?.value).toEqual(connection);
    const { nextCursor, items } = await connections.list(10);
    expect([nextCursor, items]).toEqual([undefined, [found]]);
    await expect(connections.create({ ...connection, id: 'c_2', name: ' RECORDED' })).rejects.toMatchObject({
      code: 'connection_name_taken',
    });
    const renamed = { ...connection, name: 'Renamed', enabled: false };
    const replaced = await connections.replace(renamed, found?.etag ?? '');
    expect(await connections.get(id)).toEqual(replaced);
    await connections.remove(
      (await connections.create({ ...connection, id: 'c_2' })).value,
      (await connections.get('c_2'))?.etag ?? '',
    );
  });

  it('of what runs know of it keep all that they do not change', async () => {
    const { connections } = stores;
    const state = recordedJson<Record<string, unknown>>('state');
    expect(await connections.getState(id)).toEqual(state);
    await connections.updateState(id, (before) => ({ ...before, echoes: before.echoes + 1 }));
    expect(await connections.getState(id)).toEqual({ ...state, echoes: Number(state.echoes) + 1 });
  });

  it('of a mapping are read, changed, and hold its table', async () => {
    const { mappings } = stores;
    const found = await mappings.get(id, mapping.id);
    expect(found?.value).toEqual(mapping);
    const later = { ...mapping, version: mapping.version + 1 };
    await mappings.replace(later, found?.etag ?? '');
    expect((await mappings.list(id)).map(({ value }) => value)).toEqual([later]);
    expect(await mappings.reserveTable(connection.environment, 'Contact', 'c_2')).toBe(id);
    expect(await mappings.reserveTable(connection.environment, 'contact', id)).toBeUndefined();
  });

  it('of a feed go on from its delta link', async () => {
    const { feeds } = stores;
    const feed = recordedJson<FeedState>('feed');
    expect(feed.deltaLink).toContain('$deltatoken=');
    expect(await feeds.get(id, mapping.id)).toEqual(feed);
    await feeds.put(id, mapping.id, { ...feed, readFrom: 5 });
    expect(await feeds.get(id, mapping.id)).toEqual({ ...feed, readFrom: 5 });
  });

  it('of a webhook are read and replaced', async () => {
    const { webhooks } = stores;
    const registration = recordedJson<WebhookRegistration>('webhook');
    expect(await webhooks.get(id)).toEqual(registration);
    await webhooks.put({ ...registration, secretVersion: 'next' });
    expect(await webhooks.get(id)).toEqual({ ...registration, secretVersion: 'next' });
  });

  it('of a run in its middle hold the slot, go on and make room for the next one', async () => {
    const { runs } = stores;
    const found = await runs.get(run.id);
    expect(found?.value).toEqual(run);
    expect(run).toMatchObject({ status: 'running', phase: 'comparing' });
    expect(await runs.blocking(id)).toEqual(run);
    expect((await runs.list(id, 10)).items).toEqual([run, ended]);
    const next = { ...run, id: 'r_next' };
    expect(await runs.open(next)).toEqual({ blockedBy: run });
    const unit = { ...run, cursor: { ...run.cursor, unit: run.cursor.unit + 1 } };
    const { etag } = await runs.replace(unit, found?.etag ?? '');
    await runs.replace({ ...unit, status: 'succeeded', phase: 'done' }, etag);
    expect(await runs.open(next)).toMatchObject({ opened: { value: next } });
  });

  it.each(['link', 'planned link', 'planned creation', 'tombstone'])(
    'of a %s are read whole and replaced',
    async (name) => {
      const { links } = stores;
      const row = recordedRow(name);
      const detail = detailOf(name);
      const found = await links.get(id, mapping.id, row.rowKey);
      expect(found?.value).toEqual({
        ...detail,
        ...{ connectionId: id, mappingId: mapping.id, authScapeId: row.rowKey, entity: 'User' },
        ...{ table: 'contact', crmId: row.crmId, state: row.state, clean: row.clean },
        ...{ aHash: row.aHash ?? null, dVersion: row.dVersion ?? null },
        agreedAt: row.clean === true ? detail.changedAt : 0,
      });
      if (found === undefined) return;
      const claims = await links.rowOwnersOf(id, 'contact', [found.value.crmId]);
      expect(claims.get(found.value.crmId)).toEqual({
        ...{ table: 'contact', crmId: row.crmId, mappingId: mapping.id, authScapeId: row.rowKey },
        createdAt: Number(recordedRow(`claim of ${name}`).claimedAt),
      });
      expect(await links.insert(found.value)).toEqual({ kind: 'exists', link: found });
      const another = { ...found.value, authScapeId: '999' };
      expect(await links.insert(another)).toMatchObject({
        kind: 'taken',
        owner: { authScapeId: row.rowKey },
      });
      const value = { ...found.value, clean: false, agreedAt: 7 };
      await links.replace(value, found.etag);
      expect((await links.get(id, mapping.id, row.rowKey))?.value).toEqual(value);
    },
  );

  it('of links are scanned and counted, and removed with their claims', async () => {
    const { links } = stores;
    expect((await links.scan(id, mapping.id, 10)).items).toHaveLength(4);
    expect(await links.count(id, mapping.id)).toBe(3);
    const stored = await links.get(id, mapping.id, keyOf('tombstone'));
    if (stored === undefined) throw new Error('The tombstone is gone.');
    await links.remove(stored.value, stored.etag);
    expect((await links.rowOwnersOf(id, 'contact', [stored.value.crmId])).size).toBe(0);
  });

  it('of a reservation of a key hold until they run out', async () => {
    const { keyReservations } = stores;
    const key = `${mapping.id}|${keyHash(JSON.stringify(['ada.recorded@example.com']))}`;
    expect(await keyReservations.holder(id, key)).toBeUndefined();
    clock.advance(Number(recordedRow('key claim').until) - 10_000 - clock.now());
    expect(await keyReservations.take(id, key, 'me', clock.now() + 1_000, 'x')).toBe(false);
    clock.advance(Date.parse(at) - clock.now());
    const until = clock.now() + 1_000;
    expect(await keyReservations.take(id, key, 'me', until, 'x')).toBe(true);
    expect(await keyReservations.holder(id, key)).toEqual({ crmId: 'x', until });
    await keyReservations.release(id, key, 'me');
    expect(await keyReservations.holder(id, key)).toBeUndefined();
  });

  it('of a retry mark are found, raised and removed', async () => {
    const { backlog } = stores;
    const owner = partOf('mark', 0);
    const marks = async () => (await backlog.scanMarks(owner, mark.mappingId, 10)).items;
    expect(await marks()).toEqual([mark]);
    const raised = { ...mark, attempts: mark.attempts + 1 };
    await backlog.putMarks(owner, [raised]);
    expect(await marks()).toEqual([raised]);
    await backlog.removeMarks(owner, [raised]);
    expect(await marks()).toEqual([]);
  });

  it('of a held change are found by its category and can be decided', async () => {
    const { backlog } = stores;
    const asked = [held, { ...held, category: 'key' }, { ...held, authScapeId: 'another' }];
    expect((await backlog.scanHeld(id, 10)).items).toEqual([held]);
    expect(await backlog.getHeld(id, mapping.id, asked)).toEqual([held]);
    await backlog.removeHeld(id, [{ ...held, category: 'key' }]);
    expect((await backlog.scanHeld(id, 10)).items).toEqual([held]);
    await backlog.removeHeld(id, [held]);
    expect((await backlog.scanHeld(id, 10)).items).toEqual([]);
  });

  it('of dead letters and failures count on', async () => {
    const { deadLetters } = stores;
    expect(await deadLetters.get(id, letter.id)).toEqual(letter);
    const unknown = { ...(letter.job as RecordJob), entity: 'Nobody', id: '1' };
    const cause = { code: 'internal_error', message: 'Text.' };
    await deadLetters.noteFailure(unknown, cause, at);
    const { firstFailedAt } = recordedJson<{ firstFailedAt: string }>('failures');
    const buried = await deadLetters.bury(unknown, cause, at);
    expect(buried).toMatchObject({ count: 6, firstFailedAt, lastFailedAt: at });
    expect(await deadLetters.bury(letter.job, cause, at)).toMatchObject({ count: letter.count + 1 });
    const { items } = await deadLetters.list(id, 10);
    for (const each of items) await deadLetters.remove(each);
    expect([items.length, (await deadLetters.list(id, 10)).items]).toEqual([2, []]);
  });

  it('of the log are listed each way and forgotten', async () => {
    const { logs } = stores;
    const { authScapeId, crmId, status } = entry;
    const only = { items: [entry], nextCursor: undefined };
    expect(await logs.list(id, { status }, 10)).toEqual(only);
    expect(await logs.list(id, { authScapeId: authScapeId ?? '' }, 10)).toEqual(only);
    expect(await logs.list(id, { crmId: crmId ?? '' }, 10)).toEqual(only);
    expect(await logs.listByRun(run, 10)).toEqual(only);
    await logs.append([{ ...entry, id: 'later', at }]);
    const first = await logs.listByRun(run, 1);
    const second = await logs.listByRun(run, 1, first.nextCursor);
    expect([...first.items, ...second.items].map((each) => each.id)).toEqual([entry.id, 'later']);
    expect((await logs.listByRun(run, 10)).items.map((each) => each.id)).toEqual([entry.id, 'later']);
    expect((await logs.list(id, {}, 10)).items.map((each) => each.id)).toEqual(['later', entry.id]);
    expect(await logs.removeOlderThan(id, at)).toBe(1);
    expect((await logs.list(id, { crmId: crmId ?? '' }, 10)).items).toHaveLength(1);
    expect((await logs.listByRun(run, 10)).items.map((each) => each.id)).toEqual(['later']);
  });

  it('of idempotency keys answer again, or wait for the first request', async () => {
    const { idempotency } = stores;
    const done = requestKey('POST /api/connections\ncreate-recorded');
    const fingerprint = String(recordedRow('answer').fingerprint);
    const answer = recordedJson<unknown>('answer', 'answer');
    expect(await idempotency.begin(done, fingerprint)).toEqual({ kind: 'done', answer });
    expect(await idempotency.begin(done, 'another')).toEqual({ kind: 'mismatch' });
    const pending = requestKey(`POST /api/connections/${partOf('mark', 0)}/mappings\nmap`);
    const asked = String(recordedRow('pending request').fingerprint);
    expect(await idempotency.begin(pending, asked)).toEqual({ kind: 'pending' });
    await idempotency.complete(pending, { status: 201, headers: {}, body: '' });
    expect(await idempotency.begin(pending, asked)).toMatchObject({ kind: 'done' });
    await idempotency.release(pending);
    expect(await idempotency.begin(pending, asked)).toEqual({ kind: 'fresh' });
  });

  it('of a run’s scratch are found by scans of the run that goes on, and purged', async () => {
    const { staging } = stores;
    const sets = [
      ['staged record of A', 'authScape'],
      ['staged row', 'dynamics'],
      ['staged linked row', 'dynamicsLinked'],
    ] as const;
    for (const [name, stagingSet] of sets) {
      const scope = scopeOf(name);
      const record = recordedJson<unknown>(name);
      expect((await staging.scanRecords(scope, stagingSet, 10)).items).toEqual([record]);
    }
    const { groups } = await staging.scanGroups(scopeOf('match group'), 10);
    expect(groups).toEqual([[recordedJson('match group')]]);
    const todos = await staging.scanRemovals(scopeOf('todo'), 10);
    expect(todos.items).toEqual([readRemoval(recordedJson('todo'))]);
    for (const name of ['match group', 'todo']) {
      expect(await staging.purge(id, partOf(name, 0), clock.now())).toBe(true);
    }
    expect((await staging.scanRemovals(scopeOf('todo'), 10)).items).toEqual([]);
  });

  it('are erased with their connection', async () => {
    const { connections, eraser } = stores;
    for (const owner of [id, partOf('mark', 0)]) expect(await eraser.erase(owner, clock.now())).toBe(true);
    const last = await connections.get(id);
    await connections.remove(last?.value ?? connection, last?.etag ?? '');
    const left: string[] = [];
    for (const table of new Set(recording.rows.map((each) => each.table))) {
      const client = TableClient.fromConnectionString(azurite.connectionString, table, {
        allowInsecureConnection: true,
      });
      for await (const row of client.listEntities()) left.push(`${table}: ${row.rowKey}`);
    }
    expect(left.filter((row) => !row.startsWith('Idempotency'))).toEqual([]);
  });
});
