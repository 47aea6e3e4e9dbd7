import { describe, expect, it } from 'vitest';
import { BridgeError } from '../../../../src/domain/errors.js';
import { aUser, contact, linkOf, type Pair, user } from '../../support/actors.js';
import { createHarness, type Harness } from '../../support/harness.js';
import { companyMapping, USER_COMPANY, userMapping } from '../../support/mappings.js';
import { callsOf, named, slowRows, workUntil } from '../../support/slow-rows.js';

/** Pages that read a whole side. */
const READINGS = ['changes', 'scan'];

/** Does something between the nth and the next call of a kind. */
function behind(bridge: Harness, name: string, nth: number, deed: () => void): void {
  let count = 0;
  bridge.world.after = (call) => {
    if (call.name !== name) return;
    count += 1;
    if (count === nth) deed();
  };
}

const firstNames = (bridge: Harness, all: readonly Pair[]) =>
  all.map(({ a, d }) => [user(bridge, a).firstName, contact(bridge, d).firstname]);

describe('[C1] both sides are read at the same time', () => {
  it('so that neither waits for the other', async () => {
    const { bridge } = await slowRows(3);
    const begun = new Set<string>();
    let meet = (): void => undefined;
    const met = new Promise<void>((resolve) => {
      meet = resolve;
    });
    bridge.world.before = async ({ name }) => {
      if (!READINGS.includes(name)) return;
      begun.add(name);
      if (begun.size === READINGS.length) meet();
      await met;
    };
    expect(await bridge.sync('full')).toMatchObject({ status: 'succeeded', counts: { unchanged: 3 } });
  });

  it('and each page once, also where Dynamics is through first', async () => {
    const { bridge } = await slowRows(60);
    Object.assign(bridge.d, { pageSize: 100 });
    const calls = callsOf(bridge);
    expect((await bridge.sync('full')).counts).toMatchObject({ unchanged: 60 });
    expect([named(calls, 'changes'), named(calls, 'scan')]).toEqual([1, 60 / 4 + 1]);
  });

  it('and where one fails the other is waited for, before anything is tried again', async () => {
    const { bridge } = await slowRows(1);
    const told: string[] = [];
    let failures = 0;
    bridge.world.before = async ({ name }) => {
      if (name === 'scan' && failures === 0) {
        failures += 1;
        throw new BridgeError('authscape_unreachable', 'AuthScape does not answer.');
      }
      if (name !== 'changes') return;
      told.push('a page begins');
      for (let turns = 0; turns < 20; turns += 1) await new Promise((resolve) => setImmediate(resolve));
      told.push('a page ends');
    };
    expect(await bridge.sync('full')).toMatchObject({ status: 'succeeded', counts: { unchanged: 1 } });
    expect(told).toEqual(['a page begins', 'a page ends', 'a page begins', 'a page ends']);
  });

  it.each(['full', 'incremental'] as const)(
    'a %s run brings each change, whichever side of the pair was read first',
    async (mode) => {
      const { bridge, all } = await slowRows(12);
      for (const { a, d } of all) {
        if (Number(a) % 2 === 0) bridge.d.people.set('contact', d, { firstname: `D${d}` });
        if (Number(a) % 3 === 0) bridge.a.people.set('User', a, { phoneNumber: `+1 ${a}` });
      }
      const run = await bridge.sync(mode);
      const changed = all.filter(({ a }) => Number(a) % 2 === 0 || Number(a) % 3 === 0);
      expect(run.counts).toMatchObject({
        updated: changed.length,
        unchanged: all.length - changed.length,
        failed: 0,
      });
      for (const { a, d } of all) {
        expect(user(bridge, a).firstName).toBe(Number(a) % 2 === 0 ? `D${d}` : 'Ada');
        expect(contact(bridge, d).telephone1 ?? null).toBe(Number(a) % 3 === 0 ? `+1 ${a}` : null);
      }
      expect((await bridge.sync('full')).counts).toMatchObject({ updated: 0, unchanged: all.length });
    },
  );

  it('a row of which only an unmapped column changed asks AuthScape for nothing', async () => {
    const { bridge, all } = await slowRows(12);
    for (const { d } of all) bridge.d.people.set('contact', d, { fullname: 'Touched' });
    const calls = callsOf(bridge);
    expect((await bridge.sync('full')).counts).toMatchObject({ unchanged: 12, updated: 0 });
    expect(named(calls, 'get', 'getMany')).toBe(0);
  });

  it('a row that is gone is asked for before its record is', async () => {
    const { bridge, all } = await slowRows(12);
    const last = all.at(-1);
    bridge.d.people.remove('contact', last?.d ?? '');
    const calls = callsOf(bridge);
    await bridge.sync('full');
    const asked = calls.filter(({ name }) => name === 'get').map(({ side }) => side);
    expect(asked[0]).toBe('dynamics');
    expect(user(bridge, last?.a ?? '').isActive).toBe(false);
  });

  it.each([
    [
      'a user behind its page',
      'scan',
      (bridge: Harness, { a }: Pair) => bridge.a.people.set('User', a, { firstName: 'Late' }),
    ],
    [
      'a row before its page',
      'scan',
      (bridge: Harness, { d }: Pair) => bridge.d.people.set('contact', d, { firstname: 'Late' }),
    ],
    [
      'a row behind its page',
      'changes',
      (bridge: Harness, { d }: Pair) => bridge.d.people.set('contact', d, { firstname: 'Late' }),
    ],
  ] as const)('an edit in between is not lost: of %s', async (_title, name, edit) => {
    for (const { pair, nth } of [
      { pair: 0, nth: 1 },
      { pair: 5, nth: 1 },
      { pair: 11, nth: 2 },
    ]) {
      const { bridge, all } = await slowRows(12);
      const edited = all[pair];
      if (edited === undefined) throw new Error('no such pair');
      behind(bridge, name, nth, () => edit(bridge, edited));
      expect((await bridge.sync('full')).counts).toMatchObject({ failed: 0, conflicts: 0 });
      bridge.world.after = undefined;
      await bridge.sync('incremental');
      expect(firstNames(bridge, [edited])).toEqual([['Late', 'Late']]);
      expect((await bridge.sync('full')).counts).toMatchObject({ unchanged: 12, updated: 0 });
    }
  });

  it('a user that is removed after it was listed, while its row changes, is told and settled by the next run', async () => {
    const { bridge, all } = await slowRows(12);
    const gone = all[11];
    behind(bridge, 'scan', 4, () => {
      bridge.a.people.remove('User', gone?.a ?? '');
      bridge.d.people.set('contact', gone?.d ?? '', { firstname: 'Late' });
    });
    expect((await bridge.sync('full')).counts).toMatchObject({ failed: 1, deactivated: 0, deleted: 0 });
    bridge.world.after = undefined;
    expect(contact(bridge, gone?.d ?? '').statecode).toBe(0);
    for (let runs = 0; runs < 3; runs += 1) await bridge.sync('full');
    expect(contact(bridge, gone?.d ?? '').statecode).toBe(1);
  });

  it('a company that is removed after it was listed, while its row changes, takes its partner along in time', async () => {
    const bridge = await createHarness({ mappings: [companyMapping()] });
    const companies = Array.from({ length: 12 }, (_, n) =>
      bridge.a.people.insert('Company', { title: `Company ${n}`, isDeactivated: false }),
    );
    for (const mode of ['full', 'incremental'] as const) await bridge.sync(mode);
    Object.assign(bridge.d, { pageSize: 1 });
    const gone = companies[11] ?? '';
    const { crmId = '' } = (await linkOf(bridge, gone, 'm_company')) ?? {};
    behind(bridge, 'scan', 4, () => {
      bridge.a.people.remove('Company', gone);
      bridge.d.people.set('account', crmId, { name: 'Late' });
    });
    expect((await bridge.sync('full')).counts).toMatchObject({ failed: 0, created: 0 });
    bridge.world.after = undefined;
    for (let runs = 0; runs < 3; runs += 1) await bridge.sync('full');
    expect(bridge.d.tables.get('account')?.rows.get(crmId)?.values.statecode).toBe(1);
  });

  it('[C3] a position that is lost when AuthScape is read already: all of Dynamics is read, and nothing is passed over', async () => {
    const { bridge, all } = await slowRows(12);
    for (const { d } of all) bridge.d.people.set('contact', d, { firstname: 'Edited' });
    let pages = 0;
    bridge.world.before = ({ name }) => {
      if (name !== 'changes') return;
      pages += 1;
      if (pages === 6) bridge.d.expireDeltaLinks();
    };
    const run = await bridge.sync('incremental');
    expect(run.messages.join()).toContain('read in full');
    expect(run.counts).toMatchObject({ updated: 12, failed: 0 });
    expect(firstNames(bridge, all)).toEqual(all.map(() => ['Edited', 'Edited']));
  });

  it('[C3] a delete that comes behind many edits is not passed over, though its record was read before', async () => {
    const { bridge, all } = await slowRows(12);
    const [deleted, ...edited] = all;
    for (const { d } of edited) bridge.d.people.set('contact', d, { firstname: 'Edited' });
    bridge.d.people.remove('contact', deleted?.d ?? '');
    expect((await bridge.sync('incremental')).counts).toMatchObject({ updated: 11, deactivated: 1 });
    expect(user(bridge, deleted?.a ?? '').isActive).toBe(false);
  });

  it('each may be at another mapping', async () => {
    const mappings = [companyMapping(), userMapping({ relationships: [USER_COMPANY] })];
    const bridge = await createHarness({ mappings, stepMs: 1 });
    const companies = Array.from({ length: 6 }, (_, n) =>
      bridge.a.people.insert('Company', { title: `Company ${n}`, isDeactivated: false }),
    );
    const users = Array.from({ length: 50 }, (_, n) =>
      aUser(bridge, { companyId: companies[n % 6] ?? null }),
    );
    const { id } = await bridge.start('full');
    Object.assign(bridge.d, { pageSize: 1 });
    await bridge.finish(id);
    for (const mode of ['incremental', 'full'] as const) {
      for (const a of users.slice(0, 9)) bridge.a.people.set('User', a, { firstName: mode });
      const { crmId = '' } = (await linkOf(bridge, companies[5] ?? '', 'm_company')) ?? {};
      bridge.d.people.set('account', crmId, { name: mode });
      const places: unknown[] = [];
      const { id: next } = await bridge.start(mode);
      await workUntil(bridge, next, ({ cursor, phase }) => {
        const scans = Object.values(cursor.facts.ofMapping ?? {}).map(({ scannedFrom }) => scannedFrom);
        if (phase === 'readingDynamics') {
          places.push([cursor.mappingIndex, cursor.facts.scan?.mapping]);
          // By such a fact the version before would take all of AuthScape for read.
          expect(scans.filter((from) => from !== undefined)).toEqual([]);
        }
        return phase === 'comparing';
      });
      if (mode === 'full') expect(places).toContainEqual([0, 1]);
      expect((await bridge.finish(next)).counts).toMatchObject({ updated: 10, failed: 0 });
      expect(bridge.a.records.Company.get(companies[5] ?? '')?.values.title).toBe(mode);
    }
  });
});
