import { describe, expect, it } from 'vitest';
import { aContact, aPair, aUser, contacts, linkOf, mark, user, writesSince } from '../support/actors.js';
import { rowId } from '../support/deeds.js';
import { createHarness } from '../support/harness.js';
import { companyMapping, userMapping } from '../support/mappings.js';

describe('a full run of a sample', () => {
  it('[C13] links and creates so many pairs, and does nothing else', async () => {
    const bridge = await createHarness();
    const both = { email: 'both@x.test' };
    aUser(bridge, both);
    aContact(bridge, { emailaddress1: both.email });
    for (let count = 0; count < 4; count += 1) {
      aUser(bridge);
      aContact(bridge);
    }
    aContact(bridge, { emailaddress1: null });
    const run = await bridge.sync('full', { sample: 3 });

    expect(run).toMatchObject({ status: 'succeeded', sample: 3 });
    expect(await bridge.links()).toHaveLength(3);
    const { created, linked, skipped, updated } = run.counts;
    expect([created + linked, updated, skipped]).toEqual([3, 0, 0]);
    expect(bridge.a.records.User.size + contacts(bridge).length).toBe(11 + created);
  });

  it('takes as many of each mapping', async () => {
    const bridge = await createHarness({ mappings: [companyMapping(), userMapping()] });
    for (let count = 0; count < 3; count += 1) {
      aUser(bridge);
      bridge.a.people.insert('Company', { title: `Company ${count}`, isDeactivated: false });
    }
    await bridge.sync('full', { sample: 2 });

    expect(await bridge.links()).toHaveLength(2);
    expect(await bridge.links('m_company')).toHaveLength(2);
  });

  it('concludes nothing of the rest: no first run, no start, no positions, no problem settled', async () => {
    const bridge = await createHarness();
    const { connection, storage } = bridge;
    aUser(bridge);
    const note = {
      ...({ kind: 'failed', mappingId: 'm_1234567890', entity: 'User', crmEntity: 'contact' } as const),
      ...{ authScapeId: '99', crmId: null, code: 'refused', message: 'Refused.', field: null, runId: null },
    };
    const at = '2026-01-01T00:00:00.000Z';
    await storage.problems.note(connection.id, [{ ...note, lastSeenAt: at }]);
    await bridge.sync('full', { sample: 1 });

    expect(await storage.connections.getState(connection.id)).toMatchObject({
      firstFullSyncAt: null,
      lastFullStartedAt: null,
      lastIncrementalStartedAt: null,
    });
    expect(await storage.feeds.get(connection.id, 'm_1234567890')).toBeUndefined();
    expect((await storage.problems.scan(connection.id, 10)).items).toHaveLength(1);
  });

  it('leaves pairs alone that are linked already, changed or gone', async () => {
    const bridge = await createHarness();
    const changed = await aPair(bridge);
    const gone = await aPair(bridge);
    bridge.clock.advance(60_000);
    bridge.d.people.set('contact', changed.d, { telephone1: '1' });
    bridge.d.people.remove('contact', gone.d);
    aUser(bridge);
    const before = await bridge.storage.feeds.get(bridge.connection.id, 'm_1234567890');
    const since = mark(bridge);
    await bridge.sync('full', { sample: 5 });

    expect(await bridge.links()).toHaveLength(3);
    expect(writesSince(bridge, since).filter((line) => line.startsWith('authScape'))).toEqual([]);
    expect(await linkOf(bridge, gone.a)).toMatchObject({ state: 'linked' });
    expect(await bridge.storage.feeds.get(bridge.connection.id, 'm_1234567890')).toEqual(before);
    // What it has left is done by the next run.
    await bridge.sync('full');
    expect(user(bridge, changed.a).phoneNumber).toBe('1');
    expect(await linkOf(bridge, gone.a)).toMatchObject({ state: 'tombstone' });
  });

  it('takes no part of an ambiguous group for a pair', async () => {
    const bridge = await createHarness();
    aUser(bridge, { email: 'twice@x.test' });
    aContact(bridge, { emailaddress1: 'twice@x.test' });
    aContact(bridge, { emailaddress1: 'twice@x.test' });
    const run = await bridge.sync('full', { sample: 5 });

    expect(await bridge.links()).toEqual([]);
    expect(run.counts.skipped).toBe(0);
  });

  it('counts no creation that the other side cannot take', async () => {
    const bridge = await createHarness({ mappings: [companyMapping()] });
    for (const id of [501, 502]) bridge.d.people.insert('account', { name: `Firm ${id}` }, rowId(id));
    const run = await bridge.sync('full', { sample: 2 });

    expect(run.counts).toMatchObject({ created: 0, skipped: 0 });
  });

  it('of named records takes these of all mappings alone, and tells why one gets no partner', async () => {
    const bridge = await createHarness({ mappings: [companyMapping(), userMapping()] });
    const met = aUser(bridge, { email: 'both@x.test' });
    aContact(bridge, { emailaddress1: 'both@x.test' });
    const [alone, twice, keyless] = [
      aUser(bridge),
      aUser(bridge, { email: 'twice@x.test' }),
      aUser(bridge, { email: null }),
    ];
    aContact(bridge, { emailaddress1: 'twice@x.test' });
    aContact(bridge, { emailaddress1: 'twice@x.test' });
    const others = [aUser(bridge), aUser(bridge, { email: 'other@x.test' })];
    aContact(bridge, { emailaddress1: 'other@x.test' });
    aContact(bridge);
    const firm = bridge.a.people.insert('Company', { title: 'Firm', isDeactivated: false });
    bridge.a.people.insert('Company', { title: 'Other', isDeactivated: false });
    const since = mark(bridge);
    const sample = [met, alone, twice, keyless, firm, '999'];
    const run = await bridge.sync('full', { sample });

    expect(run).toMatchObject({
      ...{ status: 'succeeded', sample },
      counts: { linked: 1, created: 2, skipped: 2, failed: 0, updated: 0 },
    });
    expect((await bridge.links()).map(({ authScapeId }) => authScapeId).sort()).toEqual([met, alone].sort());
    expect(await bridge.links('m_company')).toMatchObject([{ authScapeId: firm }]);
    const told = (await bridge.logs(run.id)).flatMap(({ authScapeId }) => authScapeId ?? []);
    expect(told.filter((id) => others.includes(id))).toEqual([]);
    expect(writesSince(bridge, since).filter((line) => line.startsWith('authScape'))).toEqual([]);
    const state = await bridge.storage.connections.getState(bridge.connection.id);
    expect(state).toMatchObject({ firstFullSyncAt: null, lastFullStartedAt: null });
    expect(await bridge.engine.takeBackSample(run.id)).toMatchObject({ unlinked: 3, kept: [] });
    expect([...(await bridge.links()), ...(await bridge.links('m_company'))]).toEqual([]);
  });

  it('of named records leaves linked ones alone, and writes nothing as a dry run', async () => {
    const bridge = await createHarness();
    const { a, d } = await aPair(bridge);
    bridge.d.people.set('contact', d, { telephone1: '1' });
    const next = aUser(bridge);
    const since = mark(bridge);
    const plan = await bridge.sync('full', { sample: [a, next], dryRun: true });
    expect(plan.counts).toMatchObject({ created: 1, updated: 0 });
    expect(writesSince(bridge, since)).toEqual([]);
    const run = await bridge.sync('full', { sample: [a] });
    expect(run.counts).toMatchObject({ created: 0, updated: 0, linked: 0 });
    expect(user(bridge, a).phoneNumber ?? null).toBeNull();
  });

  it('is followed by the first full run, which brings the rest and repeats nothing', async () => {
    const bridge = await createHarness();
    for (let count = 0; count < 5; count += 1) aUser(bridge);
    await bridge.sync('full', { sample: 2, dryRun: true });
    expect(contacts(bridge)).toHaveLength(0);
    await bridge.sync('full', { sample: 2 });
    expect(contacts(bridge)).toHaveLength(2);
    const run = await bridge.sync('full');

    expect(run.counts).toMatchObject({ created: 3, unchanged: 2 });
    expect(contacts(bridge)).toHaveLength(5);
    const state = await bridge.storage.connections.getState(bridge.connection.id);
    expect(state.firstFullSyncAt).not.toBeNull();
  });
});
