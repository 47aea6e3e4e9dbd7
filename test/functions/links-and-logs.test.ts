import { beforeEach, describe, expect, it } from 'vitest';
import type { LogEntry } from '../../src/domain/change.js';
import { linkId } from '../../src/domain/link.js';
import type { AuthScapeRecord, DynamicsRow } from '../../src/domain/records.js';
import { call, faultsOf, givenMapping, type TestBridge, textAt } from '../support/bridge.js';
import { aLink } from '../support/builders.js';
import { givenMapped } from './support/openings.js';

let bridge: TestBridge;
let connection: string;
let users: string;
let companies: string;
beforeEach(async () => {
  ({ bridge, connection, mapping: users } = await givenMapped());
  companies = textAt(
    await givenMapping(bridge, connection, { authScapeEntity: 'Company', crmEntity: 'account' }),
    'id',
  );
});

const rowId = (n: number) => `6f0d1c1e-1111-4a2b-9c3d-${String(n).padStart(12, '0')}`;

async function link(n: number, overrides: Parameters<typeof aLink>[0] = {}): Promise<void> {
  await bridge.storage.links.insert(
    aLink({
      connectionId: connection,
      mappingId: users,
      authScapeId: String(n),
      crmId: rowId(n),
      ...overrides,
    }),
  );
}

const links = (query: Record<string, string> = {}) =>
  call(bridge.linksAndLogs.links, { params: { id: connection }, query });
const unlink = (id: string) =>
  call(bridge.linksAndLogs.unlink, { params: { id: connection, linkId: id }, method: 'DELETE' });

describe('links', () => {
  it('are listed over all mappings, page by page, each once', async () => {
    for (let n = 1; n <= 7; n += 1) await link(n);
    for (let n = 11; n <= 13; n += 1)
      await link(n, { mappingId: companies, entity: 'Company', table: 'account' });
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await links(cursor === undefined ? { limit: '4' } : { limit: '4', cursor });
      const body = page.body as { items: { authScapeId: string }[]; nextCursor?: string };
      seen.push(...body.items.map(({ authScapeId }) => authScapeId));
      cursor = body.nextCursor;
    } while (cursor !== undefined);
    expect(seen.sort((a, b) => Number(a) - Number(b))).toEqual([
      '1',
      '2',
      '3',
      '4',
      '5',
      '6',
      '7',
      '11',
      '12',
      '13',
    ]);
  });

  it('are found by either id and by entity', async () => {
    await link(1);
    await link(2, { mappingId: companies, entity: 'Company', table: 'account' });
    const first = {
      id: linkId(users, '1'),
      mappingId: users,
      entity: 'User',
      authScapeId: '1',
      crmEntity: 'contact',
      crmId: rowId(1),
      state: 'linked',
      createdAt: '2026-03-01T08:00:00.000Z',
      lastSyncedAt: '2026-03-01T08:00:00.000Z',
    };
    expect((await links({ authScapeId: '1' })).body).toEqual({ items: [first] });
    expect((await links({ crmId: rowId(1).toUpperCase() })).body).toEqual({ items: [first] });
    expect((await links({ authScapeId: '2', crmId: rowId(1) })).body).toEqual({ items: [] });
    expect((await links({ entity: 'Company' })).body).toMatchObject({ items: [{ authScapeId: '2' }] });
    expect(faultsOf(await links({ entity: 'Lead' }))[0]).toBe('400 invalid_request');
    expect(faultsOf(await links({ cursor: 'zzz' }))[0]).toBe('400 invalid_request');
  });

  it('[D6] are parted by a person, and forgotten when the tombstone is deleted too', async () => {
    await link(1);
    const id = textAt(await links(), 'items', 0, 'id');
    expect((await unlink(id)).status).toBe(204);
    expect((await links()).body).toEqual({ items: [] });
    expect((await links({ state: 'tombstone' })).body).toMatchObject({ items: [{ id, state: 'tombstone' }] });
    expect((await bridge.storage.links.get(connection, users, '1'))?.value.tombstone?.reason).toBe('parted');
    expect((await unlink(id)).status).toBe(204);
    expect((await links({ state: 'tombstone' })).body).toEqual({ items: [] });
    expect((await bridge.storage.links.rowOwnersOf(connection, 'contact', [rowId(1)])).size).toBe(0);
    expect(faultsOf(await unlink(id))).toEqual(['404 link_not_found']);
    expect(faultsOf(await unlink('nonsense'))).toEqual(['404 link_not_found']);
  });

  it('[W2] are not parted under a worker’s hands', async () => {
    await link(1, { claim: { owner: 'w', until: bridge.clock.now() + 4_500 } });
    const reply = await unlink(linkId(users, '1'));
    expect([faultsOf(reply), reply.headers['retry-after']]).toEqual([['409 record_busy'], '5']);
  });
});

describe('logs', () => {
  const entry = (id: string, at: string, overrides: Partial<LogEntry> = {}): LogEntry => ({
    id,
    connectionId: connection,
    at,
    runId: null,
    trigger: 'event',
    runOnly: false,
    status: 'success',
    entity: 'User',
    mappingId: users,
    authScapeId: '1',
    crmEntity: 'contact',
    crmId: rowId(1),
    side: 'dynamics',
    action: 'update',
    fields: [],
    outcome: 'updated',
    ...overrides,
  });
  const logs = (query: Record<string, string> = {}) =>
    call(bridge.linksAndLogs.logs, { params: { id: connection }, query });

  it('are filtered, the newest first, and removed by age', async () => {
    await bridge.storage.logs.append([
      entry('a', '2026-02-01T00:00:00.000Z'),
      entry('b', '2026-02-02T00:00:00.000Z', { status: 'failed', outcome: 'failed' }),
      entry('c', '2026-02-03T00:00:00.000Z', { authScapeId: '2' }),
    ]);
    expect((await logs()).body).toMatchObject({ items: [{ id: 'c' }, { id: 'b' }, { id: 'a' }] });
    const { connectionId: _c, runOnly: _o, ...shown } = entry('a', '2026-02-01T00:00:00.000Z');
    expect((await logs({ limit: '3' })).body).toMatchObject({ items: [{}, {}, shown] });
    expect((await logs({ status: 'failed' })).body).toMatchObject({ items: [{ id: 'b' }] });
    expect((await logs({ since: '2026-02-02' })).body).toMatchObject({ items: [{ id: 'c' }, { id: 'b' }] });
    expect((await logs({ authScapeId: '2', entity: 'User' })).body).toMatchObject({ items: [{ id: 'c' }] });
    const remove = (query: Record<string, string>) =>
      call(bridge.linksAndLogs.removeLogs, { params: { id: connection }, query, method: 'DELETE' });
    expect((await remove({ olderThan: '2026-02-02T12:00:00Z' })).body).toEqual({ removed: 2 });
    expect((await logs()).body).toMatchObject({ items: [{ id: 'c' }] });
    expect(faultsOf(await remove({}))[0]).toBe('400 invalid_request');
    expect(faultsOf(await remove({ olderThan: 'yesterday' }))[0]).toBe('400 invalid_request');
    // Read as 2 March it would take what was not meant.
    expect(faultsOf(await remove({ olderThan: '2026-02-30' }))[0]).toBe('400 invalid_request');
    expect(faultsOf(await logs({ since: '2026-02-29T08:00:00Z' }))[0]).toBe('400 invalid_request');
    expect((await logs({ since: '2024-02-29T08:00:00+01:00' })).status).toBe(200);
  });
});

describe('duplicates', () => {
  const user = (id: number, email: string | null): AuthScapeRecord => ({
    id: String(id),
    values: { email },
    active: true,
    complete: true,
    readAt: 0,
  });
  const contact = (id: number, emailaddress1: string | null): DynamicsRow => ({
    id: rowId(id),
    values: { emailaddress1 },
    active: true,
    etag: null,
    modifiedOn: null,
    mergedInto: null,
    readAt: 0,
  });

  it('are groups on a side, and pairs that nothing links', async () => {
    bridge.systems.records.set('User', [
      user(1, 'a@x.y'),
      user(2, 'A@X.Y '),
      user(3, 'c@x.y'),
      user(4, 'd@x.y'),
      user(5, null),
    ]);
    bridge.systems.rows.set('contact', [
      contact(3, 'C@x.y'),
      contact(4, 'd@x.y'),
      contact(6, 'f@x.y'),
      contact(7, 'F@x.y'),
      contact(8, null),
    ]);
    await link(4);
    const reply = await call(bridge.linksAndLogs.duplicates, { params: { id: connection } });
    const group = { mappingId: users, entity: 'User', crmEntity: 'contact' };
    expect(reply.body).toEqual({
      truncated: false,
      items: [
        { ...group, kind: 'authScape', key: ['a@x.y'], authScapeIds: ['1', '2'], crmIds: [] },
        { ...group, kind: 'dynamics', key: ['f@x.y'], authScapeIds: [], crmIds: [rowId(6), rowId(7)] },
        { ...group, kind: 'unlinkedPair', key: ['c@x.y'], authScapeIds: ['3'], crmIds: [rowId(3)] },
      ],
    });
  });
});
