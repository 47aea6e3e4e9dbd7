import { describe, expect, it } from 'vitest';
import { findDuplicates } from '../../../../src/application/inspection/find-duplicates.js';
import { unlink } from '../../../../src/application/inspection/links-and-logs.js';
import { linkId } from '../../../../src/domain/link.js';
import type { AuthScapeEntity } from '../../../../src/domain/model.js';
import type { FieldValues } from '../../../../src/domain/values.js';
import { linkOf, mark, writesSince } from '../../support/actors.js';
import { rowId } from '../../support/deeds.js';
import { createHarness, type Harness } from '../../support/harness.js';
import { companyMapping, userMapping } from '../../support/mappings.js';

interface Kind {
  readonly entity: AuthScapeEntity;
  readonly table: string;
  readonly mappingId: string;
  readonly record: (name: string) => FieldValues;
  readonly row: (name: string) => FieldValues;
}

const USERS: Kind = {
  entity: 'User',
  table: 'contact',
  mappingId: 'm_1234567890',
  record: (name) => ({ firstName: name, lastName: name, email: `${name}@x.test`, isActive: true }),
  row: (name) => ({ firstname: name, lastname: name, emailaddress1: `${name}@x.test` }),
};
const COMPANIES: Kind = {
  entity: 'Company',
  table: 'account',
  mappingId: 'm_company',
  record: (name) => ({ title: name }),
  row: (name) => ({ name }),
};
const KINDS = [
  ['users', USERS],
  ['companies', COMPANIES],
] as const;

let rows = 0;

async function bridgeFor(kind: Kind): Promise<Harness> {
  return createHarness({ mappings: [kind === USERS ? userMapping() : companyMapping()] });
}

function both(bridge: Harness, kind: Kind, name: string): { a: string; d: string } {
  rows += 1;
  return {
    a: bridge.a.people.insert(kind.entity, kind.record(name)),
    d: bridge.d.people.insert(kind.table, kind.row(name), rowId(9_000 + rows)),
  };
}

/** P and q are on both sides, each with a key of its own; another pair keeps the systems from being empty. */
function twoOnBothSides(bridge: Harness, kind: Kind) {
  both(bridge, kind, 'other');
  return { p: both(bridge, kind, 'p'), q: both(bridge, kind, 'q') };
}

const valuesOf = (bridge: Harness, kind: Kind, id: string) => ({
  ...bridge.a.records[kind.entity].get(id)?.values,
});
const rowOf = (bridge: Harness, kind: Kind, id: string) => bridge.d.tables.get(kind.table)?.rows.get(id);

async function work(bridge: Harness, kind: Kind, how: string, authScapeId: string): Promise<void> {
  if (how === 'single') {
    await bridge.engine.records.authScape(kind.entity, authScapeId);
  } else if (how === 'event') {
    await bridge.event('authScape', kind.entity, authScapeId);
    await bridge.drain();
  } else await bridge.sync(how === 'full' ? 'full' : 'incremental');
}

/** A dry run lists nothing and a full run links, writes and logs nothing but those that wait for a person. */
async function expectQuiet(bridge: Harness, waiting: readonly string[] = []): Promise<void> {
  const [start, known] = [mark(bridge), (await bridge.logs()).length];
  for (const dryRun of [true, false]) {
    const run = await bridge.sync('full', { dryRun });
    expect(run.counts).toMatchObject({ linked: 0, created: 0, updated: 0, deactivated: 0, failed: 0 });
    const entries = await bridge.logs(run.id);
    expect(entries.map(({ error }) => error?.code)).toEqual(waiting);
  }
  expect(writesSince(bridge, start)).toEqual([]);
  // What waits is listed under its run alone: the log of the connection says it once.
  expect((await bridge.logs()).length).toBe(known);
}

describe.each(KINDS)('[D8] a row that was merged away before the first sync (%s)', (_name, kind) => {
  it.each(['full', 'single', 'event', 'incremental'])(
    'is matched with no record: its user keeps what it has and waits for a person (%s)',
    async (how) => {
      const bridge = await bridgeFor(kind);
      const { p, q } = twoOnBothSides(bridge, kind);
      bridge.d.people.merge(kind.table, q.d, p.d);
      const before = valuesOf(bridge, kind, q.a);
      if (how === 'event' || how === 'incremental') {
        // Nothing is done by events before a first full run: these two come to a connection that has no links yet.
        await bridge.storage.connections.updateState(bridge.connection.id, (state) => ({
          ...state,
          firstFullSyncAt: new Date(bridge.clock.now()).toISOString(),
        }));
      }
      await work(bridge, kind, how, q.a);
      for (let count = 0; count < 2; count += 1) await bridge.sync('full');
      expect(valuesOf(bridge, kind, q.a)).toEqual(before);
      expect(await linkOf(bridge, p.a, kind.mappingId)).toMatchObject({ crmId: p.d, state: 'linked' });
      expect(await linkOf(bridge, q.a, kind.mappingId)).toBeUndefined();
      expect(bridge.d.tables.get(kind.table)?.rows.size).toBe(3);
      await expectQuiet(bridge, ['merged_away']);
    },
  );

  it('is shown under duplicates with both candidates', async () => {
    const bridge = await bridgeFor(kind);
    const { p, q } = twoOnBothSides(bridge, kind);
    bridge.d.people.merge(kind.table, q.d, p.d);
    await bridge.sync('full');
    const { items } = await findDuplicates({ ...bridge.storage, ...bridge.parts })(bridge.connection.id);
    expect(items).toMatchObject([{ kind: 'merged', authScapeIds: [q.a, p.a], crmIds: [q.d, p.d] }]);
  });
});

describe.each([
  ['users', USERS, 40],
  ['companies', COMPANIES, 20],
] as const)('[D8] many rows that were merged away before the first sync (%s)', (_name, kind, merged) => {
  it('give no record the values of another one, in 300 records', { timeout: 60_000 }, async () => {
    const bridge = await bridgeFor(kind);
    const pairs = Array.from({ length: 150 }, (_, index) => both(bridge, kind, `n${index}`));
    const before = pairs.map(({ a }) => valuesOf(bridge, kind, a));
    for (let index = 0; index < merged; index += 1) {
      const [p, q] = [pairs[2 * index], pairs[2 * index + 1]];
      if (p !== undefined && q !== undefined) bridge.d.people.merge(kind.table, q.d, p.d);
    }
    const run = await bridge.sync('full');
    expect(run.counts).toMatchObject({ linked: 150 - merged, updated: 0, created: 0, failed: 0 });
    const links = new Map((await bridge.links(kind.mappingId)).map((link) => [link.authScapeId, link.crmId]));
    const wrong = pairs.filter(({ a, d }, index) => {
      const isMergedAway = index < 2 * merged && index % 2 === 1;
      return links.get(a) !== (isMergedAway ? undefined : d);
    });
    expect(wrong).toEqual([]);
    expect(pairs.map(({ a }) => valuesOf(bridge, kind, a))).toEqual(before);
    const entries = (await bridge.logs()).length;
    await bridge.sync('full');
    expect((await bridge.logs()).length).toBe(entries);
  });
});

describe.each(KINDS)('[D6][D8] linked rows that are merged (%s)', (_name, kind) => {
  it('leave the record of the one behind, and a second run has nothing to do', async () => {
    const bridge = await bridgeFor(kind);
    const { p, q } = twoOnBothSides(bridge, kind);
    await bridge.sync('full');
    const before = valuesOf(bridge, kind, q.a);
    bridge.d.people.merge(kind.table, q.d, p.d);
    await bridge.sync('full');
    expect(await linkOf(bridge, q.a, kind.mappingId)).toMatchObject({
      crmId: q.d,
      tombstone: { reason: 'merged', masterId: p.d },
    });
    expect(valuesOf(bridge, kind, q.a)).toEqual(before);
    await expectQuiet(bridge);
    const { items } = await findDuplicates({ ...bridge.storage, ...bridge.parts })(bridge.connection.id);
    expect(items).toMatchObject([{ kind: 'merged', authScapeIds: [q.a, p.a], crmIds: [q.d, p.d] }]);
  });

  it.each(['at once', 'after a run'])(
    'leave it alone when the other record is deleted then (%s)',
    async (when) => {
      const bridge = await bridgeFor(kind);
      const { p, q } = twoOnBothSides(bridge, kind);
      await bridge.sync('full');
      const before = valuesOf(bridge, kind, q.a);
      bridge.d.people.merge(kind.table, q.d, p.d);
      if (when === 'after a run') await bridge.sync('incremental');
      bridge.a.people.remove(kind.entity, p.a);
      for (let count = 0; count < 4; count += 1) await bridge.sync('full');
      expect(valuesOf(bridge, kind, q.a)).toEqual(before);
      expect(await linkOf(bridge, q.a, kind.mappingId)).toMatchObject({ tombstone: { reason: 'merged' } });
      expect(await linkOf(bridge, p.a, kind.mappingId)).toMatchObject({
        tombstone: { reason: 'goneInAuthScape' },
      });
      expect(rowOf(bridge, kind, p.d)?.values.statecode).toBe(1);
      await expectQuiet(bridge);
    },
  );

  it('give the link to a row without partner, unless another record has its key', async () => {
    const bridge = await bridgeFor(kind);
    both(bridge, kind, 'other');
    const [q, s] = [both(bridge, kind, 'q'), both(bridge, kind, 's')];
    await bridge.sync('full');
    const [free, wanted] = ['free', 'wanted'].map((name) => {
      rows += 1;
      return bridge.d.people.insert(kind.table, { ...kind.row(name) }, rowId(9_000 + rows));
    }) as [string, string];
    const rival = bridge.a.people.insert(kind.entity, kind.record('wanted'));
    bridge.d.people.merge(kind.table, q.d, free);
    bridge.d.people.merge(kind.table, s.d, wanted);
    const before = valuesOf(bridge, kind, s.a);
    await bridge.sync('full');
    expect(await linkOf(bridge, q.a, kind.mappingId)).toMatchObject({ state: 'linked', crmId: free });
    expect(await linkOf(bridge, s.a, kind.mappingId)).toMatchObject({ tombstone: { reason: 'merged' } });
    expect(await linkOf(bridge, rival, kind.mappingId)).toMatchObject({ state: 'linked', crmId: wanted });
    expect(valuesOf(bridge, kind, s.a)).toEqual(before);
    await bridge.sync('full');
    await expectQuiet(bridge);
  });

  it('leave the link where the surviving row was deactivated with its own partner', async () => {
    const bridge = await bridgeFor(kind);
    const { p, q } = twoOnBothSides(bridge, kind);
    await bridge.sync('full');
    bridge.a.people.remove(kind.entity, p.a);
    for (let count = 0; count < 2; count += 1) await bridge.sync('full');
    expect(rowOf(bridge, kind, p.d)?.values.statecode).toBe(1);
    const before = valuesOf(bridge, kind, q.a);
    bridge.d.people.merge(kind.table, q.d, p.d);
    for (let count = 0; count < 2; count += 1) await bridge.sync('full');
    expect(valuesOf(bridge, kind, q.a)).toEqual(before);
    expect(await linkOf(bridge, q.a, kind.mappingId)).toMatchObject({ tombstone: { reason: 'merged' } });
  });

  it('keep who was left behind from a new row with its key, until a person deletes the tombstone', async () => {
    const bridge = await bridgeFor(kind);
    const { p, q } = twoOnBothSides(bridge, kind);
    await bridge.sync('full');
    bridge.d.people.merge(kind.table, q.d, p.d);
    await bridge.sync('full');
    const anew = both(bridge, kind, 'q').d;
    bridge.a.people.remove(kind.entity, [...bridge.a.records[kind.entity].keys()].at(-1) ?? '');
    const run = await bridge.sync('full');
    expect((await bridge.logs(run.id)).map(({ error }) => error?.code)).toEqual(['match_taken']);
    await unlink({ ...bridge.storage, clock: bridge.clock })(
      bridge.connection.id,
      linkId(kind.mappingId, q.a),
    );
    await bridge.sync('full');
    expect(await linkOf(bridge, q.a, kind.mappingId)).toMatchObject({ state: 'linked', crmId: anew });
  });

  it('wait on when a person deletes the tombstone', async () => {
    const bridge = await bridgeFor(kind);
    const { p, q } = twoOnBothSides(bridge, kind);
    await bridge.sync('full');
    const before = valuesOf(bridge, kind, q.a);
    bridge.d.people.merge(kind.table, q.d, p.d);
    await bridge.sync('full');
    await unlink({ ...bridge.storage, clock: bridge.clock })(
      bridge.connection.id,
      linkId(kind.mappingId, q.a),
    );
    for (let count = 0; count < 2; count += 1) await bridge.sync('full');
    expect(await linkOf(bridge, q.a, kind.mappingId)).toBeUndefined();
    expect(valuesOf(bridge, kind, q.a)).toEqual(before);
    expect(bridge.d.tables.get(kind.table)?.rows.size).toBe(3);
  });
});
