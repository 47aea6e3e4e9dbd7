import { describe, expect, it } from 'vitest';
import { createLanes } from '../../../src/adapters/lanes.js';
import { gatherReads } from '../../../src/adapters/storage/gathered-reads.js';
import { groupWrites } from '../../../src/adapters/storage/grouped-writes.js';
import { createStores } from '../../../src/adapters/storage/stores.js';
import { systemClock } from '../../../src/adapters/system.js';
import { newRunId, sampleLink, sampleLog } from '../../contracts/stores-samples.js';
import { createMemoryTables } from '../../support/memory-tables.js';

const numbers = (count: number) => Array.from({ length: count }, (_, index) => index);

/** The stores as the product puts them together, on tables in memory that write down what they are asked. */
function open() {
  const memory = createMemoryTables();
  const sent: string[] = [];
  memory.before = ({ kind, table }) => void sent.push(`${table} ${kind}`);
  const stores = createStores(gatherReads(groupWrites(memory, systemClock)), systemClock);
  return { ...stores, sent };
}

const problemOf = (authScapeId: string) => ({
  kind: 'failed' as const,
  code: 'email_refused',
  message: 'Refused.',
  field: null,
  entity: 'User' as const,
  mappingId: 'm_users',
  crmEntity: 'contact',
  authScapeId,
  crmId: null,
  runId: null,
  lastSeenAt: '2026-03-01T08:00:00.000Z',
});

describe('forty pairs side by side', () => {
  it('note their problems by one question and one write', async () => {
    const { problems, sent } = open();
    await createLanes(40).map(numbers(40), (id) => problems.note('c', [problemOf(`${id}`)]));
    expect(sent).toEqual(['Problems query', 'Problems transact']);
  });

  it('log the first that their run does, after its hour, in as few writes as later ones', async () => {
    const { logs, sent } = open();
    const runId = newRunId(Date.parse('2026-03-01T08:00:00Z'));
    const log = () =>
      createLanes(40).map(numbers(40), (id) => logs.append([sampleLog('c', { id: `l${id}`, runId })]));
    await log();
    expect(sent[0]).toBe('Logs put');
    const first = sent.splice(0).length;
    await log();
    expect(first).toBe(sent.length + 1);
    expect(sent.length).toBeLessThanOrEqual(4);
  });

  it('let their rows go again in one write, when none of them is made', async () => {
    const { links, sent } = open();
    await createLanes(40).map(numbers(40), async (id) => {
      const row = { table: 'contact', crmId: `row-${id}`, mappingId: 'm_users' };
      const madeAt = systemClock.now();
      const pending = { owner: `o${id}`, madeAt, until: madeAt + 60_000, criteria: {}, base: {} };
      await links.putPendingCreation('c', row, pending);
      await links.endPendingCreation('c', row, pending);
    });
    expect(sent).toEqual(['LinkClaims transact', 'LinkClaims transact']);
  });
});

describe('a pending creation', () => {
  it('that became a link is not let go by its maker', async () => {
    const { links } = open();
    const row = { table: 'contact', crmId: 'row', mappingId: 'm_users' };
    const madeAt = systemClock.now();
    const pending = { owner: 'o', madeAt, until: madeAt + 60_000, criteria: {}, base: {} };
    await links.putPendingCreation('c', row, pending);
    await links.insert(sampleLink('c', { authScapeId: '1', crmId: 'row' }), pending);
    await links.endPendingCreation('c', row, pending);
    expect((await links.rowOwnersOf('c', 'contact', ['row'])).get('row')).toMatchObject({ authScapeId: '1' });
  });

  it('is let go under its condition where its time is nearly over', async () => {
    const { links, sent } = open();
    const row = { table: 'contact', crmId: 'row', mappingId: 'm_users' };
    const madeAt = systemClock.now();
    const pending = { owner: 'o', madeAt, until: madeAt + 20_000, criteria: {}, base: {} };
    await links.putPendingCreation('c', row, pending);
    await links.endPendingCreation('c', row, pending);
    expect(sent).toEqual(['LinkClaims insert', 'LinkClaims get', 'LinkClaims remove']);
  });
});

describe('links of a mapping', () => {
  async function withLinks(count: number) {
    const opened = open();
    await Promise.all(
      numbers(count).map((id) =>
        opened.links.insert(
          sampleLink('c', {
            authScapeId: `${id}`,
            crmId: `row-${id}`,
            state: id % 10 === 0 ? 'tombstone' : 'linked',
          }),
        ),
      ),
    );
    opened.sent.length = 0;
    return opened;
  }

  it.each([
    [900, 1],
    [1_500, 2],
    [3_900, 4],
    [6_000, 15],
  ])('%i of them are counted by %i requests at the most', async (count, most) => {
    const { links, sent } = await withLinks(count);
    expect(await links.count('c', 'm_users')).toBe(count - Math.ceil(count / 10));
    expect(sent.length).toBeLessThanOrEqual(most);
  });

  it.each([
    ['two that lie close together', ['100', '101'], 1],
    ['three of which two are not there', ['100', '100x', '100y'], 1],
    ['two far apart', ['1', '999'], 2],
    ['a page of them', numbers(400).map((id) => `${id}`), 2],
  ])('come by few requests: %s', async (_what, ids, most) => {
    const { links, sent } = await withLinks(1_000);
    const found = await links.getMany('c', 'm_users', ids);
    expect([...found.keys()].sort()).toEqual(ids.filter((id) => /^\d+$/.test(id)).sort());
    expect(sent.length).toBeLessThanOrEqual(most);
  });

  it('of the same pairs as before may be written without telling', async () => {
    const { links } = await withLinks(2);
    const before = links.writesTo('c', 'm_users');
    const stored = await links.get('c', 'm_users', '1');
    if (stored === undefined) throw new Error('a link is needed');
    await links.replace({ ...stored.value, clean: true }, stored.etag, 'samePair');
    expect(links.writesTo('c', 'm_users')).toBe(before);
    expect((await links.get('c', 'm_users', '1'))?.value.clean).toBe(true);
  });

  it('are told to have been written to, and others not', async () => {
    const { links } = await withLinks(1);
    const before = links.writesTo('c', 'm_users');
    const stored = await links.get('c', 'm_users', '0');
    if (stored === undefined) throw new Error('a link is needed');
    const next = await links.replace({ ...stored.value, clean: true }, stored.etag);
    expect(links.writesTo('c', 'm_users')).toBe(before + 1);
    await links.remove(next.value, next.etag);
    expect(links.writesTo('c', 'm_users')).toBe(before + 2);
    expect(links.writesTo('c', 'm_other')).toBe(0);
  });
});
