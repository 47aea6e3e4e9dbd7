import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import {
  claimFromRow,
  linkFromRow,
  pendingCreationFromRow,
} from '../../../src/adapters/storage/link-rows.js';
import { createStores, type Stores } from '../../../src/adapters/storage/stores.js';
import type { StoredRow, TableName } from '../../../src/adapters/storage/table.js';
import type { DeadLetter } from '../../../src/application/ports/dead-letters.js';
import type { RetryMark } from '../../../src/application/ports/staging.js';
import type { WebhookRegistration } from '../../../src/application/ports/webhooks.js';
import type { RecordJob } from '../../../src/domain/job.js';
import { keyHash } from '../../../src/domain/match.js';
import type { Connection, EntityMapping } from '../../../src/domain/model.js';
import { createMemoryClock } from '../../support/memory-clock.js';
import { createMemoryTables } from '../../support/memory-tables.js';
import { recordedHeld, recordedJson, recordedRow, recordedRun, recording } from './recorded.js';

const connection = recordedJson<Connection>('connection');
const mapping = recordedJson<EntityMapping>('mapping');
const run = recordedRun('run');
const held = recordedHeld('held');
const letter = recordedJson<DeadLetter>('dead letter');
const { authScapeId = '', crmId } = recordedJson<{ authScapeId: string; crmId: string }>('log entry');
const id = connection.id;
const { environment } = connection;
/** As the row is found, before another worker makes a later one of it. */
const stored = (name: string) => ({ ...recordedRow(name), etag: 'W/"0"' }) as StoredRow;
const link = linkFromRow(stored('link')).value;
const claim = claimFromRow(stored('claim of link'));
const scope = { connectionId: id, runId: run.id, mappingId: mapping.id };
const mark: RetryMark = recordedJson('mark');
const [markConnection = ''] = recordedRow('mark').partitionKey.split('|');
const failing: RecordJob = {
  ...{ v: 1, kind: 'record', connectionId: id, source: 'authScape', entity: 'Nobody', id: '1' },
  receivedAt: '2026-11-26T19:04:17.382Z',
};
const cause = { code: 'internal_error', message: 'Text.' };
const at = '2026-11-27T00:00:00.000Z';
const claimedKey = `${mapping.id}|${keyHash(JSON.stringify(['ada.recorded@example.com']))}`;
const requestKey = createHash('sha256').update('POST /api/connections\ncreate-recorded').digest('hex');
/** The recorded rows, and one whose key has changed since. */
const ROWS = [
  ...recording.rows,
  {
    name: 'held by category',
    table: 'Backlog' as const,
    row: { ...recordedRow('held'), rowKey: `${held.authScapeId}|${held.category}` },
  },
];
const FAR = Number.MAX_SAFE_INTEGER;

type Act = (stores: Stores) => Promise<unknown>;

/** Everything that reads or writes the row. */
const ACTS: Record<string, Record<string, Act>> = {
  connection: {
    get: ({ connections }) => connections.get(id),
    list: ({ connections }) => connections.list(10),
    replace: ({ connections }) => connections.replace(connection, 'W/"1"'),
    remove: ({ connections }) => connections.remove(connection, 'W/"1"'),
    'take its name': ({ connections }) => connections.create({ ...connection, id: 'c_2' }),
  },
  name: {
    'take it': ({ connections }) => connections.create({ ...connection, id: 'c_2' }),
    'leave it for another': async ({ connections }) => {
      const before = await connections.get(id);
      return connections.replace({ ...connection, name: 'Other' }, before?.etag ?? '');
    },
    'remove the connection': async ({ connections }) =>
      connections.remove(connection, (await connections.get(id))?.etag ?? ''),
  },
  state: {
    get: ({ connections }) => connections.getState(id),
    update: ({ connections }) => connections.updateState(id, (state) => ({ ...state, echoes: 0 })),
    'remove the connection': async ({ connections }) =>
      connections.remove(connection, (await connections.get(id))?.etag ?? ''),
  },
  mapping: {
    get: ({ mappings }) => mappings.get(id, mapping.id),
    list: ({ mappings }) => mappings.list(id),
    erase: ({ eraser }) => eraser.erase(id, FAR),
  },
  reservation: {
    take: ({ mappings }) => mappings.reserveTable(environment, 'contact', 'c_2'),
    'take again': ({ mappings }) => mappings.reserveTable(environment, 'contact', id),
    release: ({ mappings }) => mappings.releaseTable(environment, 'contact', id),
    erase: ({ eraser }) => eraser.erase(id, FAR),
  },
  feed: {
    get: ({ feeds }) => feeds.get(id, mapping.id),
    put: ({ feeds }) => feeds.put(id, mapping.id, { deltaLink: null, columns: [], scannedFrom: null }),
    erase: ({ eraser }) => eraser.erase(id, FAR),
  },
  webhook: {
    get: ({ webhooks }) => webhooks.get(id),
    put: ({ webhooks }) => webhooks.put(recordedJson<WebhookRegistration>('webhook')),
    remove: ({ webhooks }) => webhooks.remove(id),
    erase: ({ eraser }) => eraser.erase(id, FAR),
  },
  run: {
    get: ({ runs }) => runs.get(run.id),
    list: ({ runs }) => runs.list(id, 10),
    blocking: ({ runs }) => runs.blocking(id),
    open: ({ runs }) => runs.open({ ...run, id: 'r_2' }),
    erase: ({ eraser }) => eraser.erase(id, FAR),
  },
  'run index': { get: ({ runs }) => runs.get(run.id) },
  slot: {
    blocking: ({ runs }) => runs.blocking(id),
    open: ({ runs }) => runs.open({ ...run, id: 'r_2' }),
    reopen: async ({ runs }) => runs.reopen((await runs.get(run.id)) ?? { value: run, etag: '' }),
    erase: ({ eraser }) => eraser.erase(id, FAR),
  },
  'held by category': {
    put: ({ backlog }) => backlog.putHeld(id, [held]),
    get: ({ backlog }) => backlog.getHeld(id, mapping.id, [held]),
    scan: ({ backlog }) => backlog.scanHeld(id, 10),
    remove: ({ backlog }) => backlog.removeHeld(id, [held]),
  },
  held: {
    get: ({ backlog }) => backlog.getHeld(id, mapping.id, [held]),
    scan: ({ backlog }) => backlog.scanHeld(id, 10),
    remove: ({ backlog }) => backlog.removeHeld(id, [held]),
    erase: ({ eraser }) => eraser.erase(id, FAR),
  },
  mark: {
    put: ({ backlog }) => backlog.putMarks(markConnection, [mark]),
    scan: ({ backlog }) => backlog.scanMarks(markConnection, mark.mappingId, 10),
    erase: ({ eraser }) => eraser.erase(markConnection, FAR),
  },
  'dead letter': {
    get: ({ deadLetters }) => deadLetters.get(id, letter.id),
    list: ({ deadLetters }) => deadLetters.list(id, 10),
    bury: ({ deadLetters }) => deadLetters.bury(letter.job, cause, at),
    remove: ({ deadLetters }) => deadLetters.remove(letter),
    erase: ({ eraser }) => eraser.erase(id, FAR),
  },
  failures: {
    note: ({ deadLetters }) => deadLetters.noteFailure(failing, cause, at),
    bury: ({ deadLetters }) => deadLetters.bury(failing, cause, at),
  },
  'log entry': {
    list: ({ logs }) => logs.list(id, {}, 10),
    'remove old ones': ({ logs }) => logs.removeOlderThan(id, at),
    erase: ({ eraser }) => eraser.erase(id, FAR),
  },
  'log entry by A id': { list: ({ logs }) => logs.list(id, { authScapeId }, 10) },
  'log entry by D id': { list: ({ logs }) => logs.list(id, { crmId }, 10) },
  'log entry of the run': { list: ({ logs }) => logs.listByRun(run, 10) },
  'hour of the run': { 'remove old ones': ({ logs }) => logs.removeOlderThan(id, at) },
  answer: {
    begin: ({ idempotency }) => idempotency.begin(requestKey, 'print'),
    complete: ({ idempotency }) => idempotency.complete(requestKey, { status: 201, headers: {}, body: '' }),
    release: ({ idempotency }) => idempotency.release(requestKey),
  },
  link: {
    get: ({ links }) => links.get(id, mapping.id, link.authScapeId),
    'get many': ({ links }) => links.getMany(id, mapping.id, [link.authScapeId]),
    scan: ({ links }) => links.scan(id, mapping.id, 10),
    insert: ({ links }) => links.insert(link),
    'remove all': ({ links }) => links.removeAll(id, mapping.id, 'contact', FAR),
    erase: ({ eraser }) => eraser.erase(id, FAR),
  },
  'claim of link': {
    get: ({ links }) => links.rowOwnersOf(id, 'contact', [link.crmId]),
    insert: ({ links }) => links.insert({ ...link, authScapeId: 'another' }),
    'ask for its pending creation': ({ links }) => links.pendingCreationOf(id, link),
    'remove it': ({ links }) => links.removeClaim(id, { ...claim, authScapeId: 'another', createdAt: 0 }),
    'remove all': ({ links }) => links.removeAll(id, mapping.id, 'contact', FAR),
    erase: ({ eraser }) => eraser.erase(id, FAR),
  },
  'key claim': {
    'see who holds it': ({ keyReservations }) => keyReservations.holder(id, claimedKey),
    take: ({ keyReservations }) => keyReservations.take(id, claimedKey, 'me', Date.parse(at) + 9, 'x'),
    erase: ({ eraser }) => eraser.erase(id, FAR),
  },
  'staged record of A': {
    scan: ({ staging }) => staging.scanRecords(scope, 'authScape', 10),
  },
  todo: { scan: ({ staging }) => staging.scanRemovals(scope, 10) },
};

const rowsOf = (tables: ReturnType<typeof createMemoryTables>) =>
  [...new Set(recording.rows.map(({ table }) => table))].flatMap((name: TableName) =>
    tables.rows(name).map((row) => [name, row] as const),
  );

const CLEARING = ['erase', 'remove all'];
const ADDED = { added: 'by a later build' };

/** All recorded rows, one of them with other columns. */
async function open(later: string, columns: Record<string, string | number>) {
  const tables = createMemoryTables();
  for (const { name, table, row } of ROWS) {
    if (name === 'held by category' && name !== later) continue;
    await tables.table(table).put(name === later ? { ...row, ...columns } : row);
  }
  return { tables, stores: createStores(tables, createMemoryClock(Date.parse(at))) };
}

const cases = Object.entries(ACTS).flatMap(([name, acts]) =>
  Object.entries(acts).map(([what, act]) => ({ name, what, act })),
);

describe('a row of a later layout version', () => {
  it.each(cases)('of a $name is refused and left alone: $what', async ({ name, what, act }) => {
    const { tables, stores } = await open(name, { ...ADDED, v: 2 });
    // Clearing goes page by page, and may have got through other tables by then.
    const shown = () => rowsOf(tables).filter(([, row]) => !CLEARING.includes(what) || row.v !== 1);
    const before = shown();
    await expect(act(stores)).rejects.toThrow('layout version 2');
    expect(shown()).toEqual(before);
  });

  it('of a staged record is refused where it is asked for by its key', async () => {
    const { tables, stores } = await open('todo', {});
    const [record] = (await stores.staging.scanRecords(scope, 'authScape', 1)).items;
    if (record === undefined) throw new Error('a record is needed');
    const other = { ...scope, mappingId: 'm_other' };
    await stores.staging.putRecords(other, 'authScape', [record]);
    const row = tables.rows('Staging').find(({ partitionKey }) => partitionKey.includes('m_other'));
    if (row === undefined) throw new Error('its row is needed');
    await tables.table('Staging').put({ ...row, v: 2 });
    await expect(stores.staging.getRecords(other, 'authScape', [record.key])).rejects.toThrow(
      'layout version 2',
    );
  });

  it('of a pending creation is refused', () => {
    const born = { ...stored('claim of link'), v: 2, born: true };
    expect(() => pendingCreationFromRow(born)).toThrow('layout version 2');
  });
});

const READS = ['get', 'get many', 'list', 'scan', 'blocking', 'see who holds it'];

describe('a row of this layout version', () => {
  it.each(cases.filter(({ what }) => READS.includes(what)))(
    'of a $name is read whatever columns a later build has added: $what',
    async ({ name, act }) => {
      const [{ stores }, plain] = await Promise.all([open(name, ADDED), open(name, {})]);
      expect(await act(stores)).toEqual(await act(plain.stores));
    },
  );
});
