import { describe, expect, it } from 'vitest';
import { UnknownOutcomeError } from '../../../../src/application/ports/systems.js';
import { RecordRejectedError } from '../../../../src/domain/errors.js';
import { CrashError } from '../../../support/memory-systems-world.js';
import {
  aContact,
  aPair,
  aUser,
  contact,
  contacts,
  linkOf,
  logged,
  mark,
  pairs,
  user,
  writesSince,
} from '../../support/actors.js';
import { createHarness } from '../../support/harness.js';
import { companyMapping, USER_COMPANY, userMapping } from '../../support/mappings.js';

describe('a row that is gone in Dynamics', () => {
  it.each([
    { policy: 'deactivate', active: false, counts: { deactivated: 1 } },
    { policy: 'delete', active: false, counts: { deactivated: 1 } },
    { policy: 'unlink', active: true, counts: { deactivated: 0 } },
    { policy: 'ignore', active: true, counts: { deactivated: 0 } },
  ] as const)(
    '[D3][D6] does to the user what $policy says, and is not made anew',
    async ({ policy, active, counts }) => {
      const bridge = await createHarness({ connection: { deletePolicy: policy } });
      const { a, d } = await aPair(bridge);
      bridge.d.people.remove('contact', d);
      const run = await bridge.sync('incremental');
      expect(run.counts).toMatchObject(counts);
      expect(user(bridge, a).isActive).toBe(active);
      expect((await linkOf(bridge, a))?.tombstone).toMatchObject({ reason: 'goneInDynamics' });
      await bridge.sync('full');
      expect(contacts(bridge)).toEqual([]);
    },
  );

  it('is not taken for gone while it may not be read, and the run goes on', async () => {
    const bridge = await createHarness();
    const { a, d } = await aPair(bridge);
    bridge.d.people.remove('contact', d);
    bridge.world.before = ({ side, name, id }) => {
      if (side === 'dynamics' && name === 'get' && id === d) {
        throw new RecordRejectedError('access_denied', 'The principal may not read the row.');
      }
    };
    expect((await bridge.sync('full')).status).toBe('succeeded');
    expect(user(bridge, a).isActive).toBe(true);
    expect(await linkOf(bridge, a)).toMatchObject({ state: 'linked' });
  });

  it('rests while it may not be read, keeps no other pair from its work, and merges when it may', async () => {
    const bridge = await createHarness();
    const [hidden, other] = await pairs(bridge, 2);
    if (hidden === undefined || other === undefined) throw new Error('two pairs are needed');
    await bridge.sync('incremental');
    bridge.a.people.set('User', hidden.a, { firstName: 'Augusta' });
    bridge.a.people.set('User', other.a, { firstName: 'Augusta' });
    bridge.world.before = ({ side, name, id }) => {
      if (side === 'dynamics' && name === 'get' && id === hidden.d) {
        throw new RecordRejectedError('access_denied_to_row', 'The principal may not read the row.');
      }
    };
    const run = await bridge.sync('incremental');
    expect(run).toMatchObject({ status: 'succeeded', counts: { updated: 1, skipped: 1, failed: 0 } });
    const told = (await bridge.logs(run.id)).map(({ authScapeId, error }) => [authScapeId, error?.code]);
    expect(told).toContainEqual([hidden.a, 'access_denied_to_row']);
    bridge.world.before = undefined;
    await bridge.sync('incremental');
    expect(contact(bridge, hidden.d).firstname).toBe('Augusta');
  });

  it('fails alone when Dynamics refuses what its return asks for', async () => {
    const bridge = await createHarness();
    const [gone, other] = await pairs(bridge, 3);
    if (gone === undefined || other === undefined) throw new Error('two pairs are needed');
    bridge.a.people.remove('User', gone.a);
    await bridge.sync('incremental');
    await bridge.sync('incremental');
    bridge.a.people.restore('User', gone.a);
    bridge.a.people.set('User', other.a, { firstName: 'Augusta' });
    bridge.world.before = ({ side, name, id }) => {
      if (side === 'dynamics' && name === 'update' && id === gone.d) {
        throw new RecordRejectedError('business_rule', 'The row may not be activated.');
      }
    };
    const run = await bridge.sync('incremental');
    expect(run).toMatchObject({ status: 'partiallySucceeded', counts: { updated: 1, failed: 1 } });
    bridge.world.before = undefined;
    await bridge.sync('incremental');
    expect(contact(bridge, gone.d).statecode).toBe(0);
  });

  it('is linked again although the answer to the activation of its partner is lost', async () => {
    const bridge = await createHarness();
    const { a, d } = await aPair(bridge);
    bridge.d.people.remove('contact', d);
    await bridge.sync('incremental');
    bridge.d.people.restore('contact', d);
    bridge.world.after = ({ side, effect }) => {
      if (side !== 'authScape' || !effect) return;
      bridge.world.after = undefined;
      throw new UnknownOutcomeError('The answer was lost.');
    };
    expect((await bridge.sync('incremental')).status).toBe('succeeded');
    expect(await linkOf(bridge, a)).toMatchObject({ state: 'linked', crmId: d });
    expect([user(bridge, a).isActive, contact(bridge, d).statecode]).toEqual([true, 0]);
    expect((await logged(bridge, a)).join('\n')).toContain('(restored)');
  });

  it('[D5] wins over an edit on the other side', async () => {
    const bridge = await createHarness();
    const { a, d } = await aPair(bridge);
    bridge.a.people.set('User', a, { firstName: 'Edited' });
    bridge.d.people.remove('contact', d);
    await bridge.sync('incremental');
    expect(user(bridge, a)).toMatchObject({ firstName: 'Edited', isActive: false });
  });

  it.each(['full', 'incremental'] as const)(
    '[D7] is linked again with its old base when it is restored (%s)',
    async (mode) => {
      const bridge = await createHarness({ connection: { conflictPolicy: 'authScapeWins' } });
      const { a, d } = await aPair(bridge);
      bridge.d.people.remove('contact', d);
      await bridge.sync('incremental');
      bridge.d.people.restore('contact', d);
      bridge.d.people.set('contact', d, { firstname: 'Restored' });
      const start = mark(bridge);
      await bridge.sync(mode);
      expect(writesSince(bridge, start)).toEqual([
        'authScape isActive: false -> true',
        'authScape firstName: Ada -> Restored',
      ]);
      expect(await linkOf(bridge, a)).toMatchObject({ state: 'linked', crmId: d });
    },
  );

  it('is revived, not linked anew, when an event of its user comes first', async () => {
    const bridge = await createHarness({ connection: { conflictPolicy: 'authScapeWins' } });
    const { a, d } = await aPair(bridge);
    bridge.d.people.remove('contact', d);
    await bridge.sync('incremental');
    bridge.d.people.restore('contact', d);
    bridge.a.people.set('User', a, { firstName: 'A' });
    await bridge.event('authScape', 'User', a);
    await bridge.drain();
    await bridge.sync('incremental');
    expect([user(bridge, a).isActive, contact(bridge, d).statecode]).toEqual([true, 0]);
    expect(contact(bridge, d).firstname).toBe('A');
  });

  it('does not deactivate the restored row by our own act, when a worker died before the tombstone', async () => {
    const bridge = await createHarness();
    const { a, d } = await aPair(bridge);
    bridge.d.people.remove('contact', d);
    bridge.world.after = (call) => {
      if (call.name !== 'update.state') return;
      const worker = bridge.world.worker();
      if (worker !== undefined) worker.dead = true;
      bridge.d.people.restore('contact', d);
      bridge.world.after = undefined;
      throw new CrashError('died');
    };
    await bridge.sync('incremental');
    await bridge.sync('full');
    expect([user(bridge, a).isActive, contact(bridge, d).statecode]).toEqual([true, 0]);
  });

  it('[W1] makes no second partner from what was read before the tombstone', async () => {
    const bridge = await createHarness({ stepMs: 1, concurrency: 1 });
    const { a, d } = await aPair(bridge);
    const run = await bridge.start('full');
    const isMatching = async () => (await bridge.getRun(run.id)).phase === 'comparing';
    for (let count = 0; count < 20 && !(await isMatching()); count += 1) {
      const job = bridge.storage.jobs.take();
      if (job !== undefined) await bridge.deliver(job);
    }
    bridge.d.people.remove('contact', d);
    const job = bridge.storage.jobs.take();
    await bridge.event('dynamics', 'contact', d);
    await bridge.drain();
    expect(user(bridge, a).isActive).toBe(false);
    if (job !== undefined) await bridge.deliver(job);
    await bridge.finish(run.id);
    await bridge.sync('full');
    expect(contacts(bridge)).toEqual([]);
    expect((await linkOf(bridge, a))?.state).toBe('tombstone');
  });

  it('[D8] moves the link to the master when it was merged away', async () => {
    const bridge = await createHarness();
    const { a, d } = await aPair(bridge);
    const master = aContact(bridge, { emailaddress1: null, firstname: 'Master', statecode: 1 });
    await bridge.sync('incremental');
    bridge.d.people.set('contact', master, { statecode: 0 });
    bridge.d.people.merge('contact', d, master);
    await bridge.sync('incremental');
    expect(await linkOf(bridge, a)).toMatchObject({ state: 'linked', crmId: master });
    expect(user(bridge, a)).toMatchObject({ firstName: 'Master', isActive: true });
  });

  it('[D8] becomes a tombstone when its master has a partner of its own', async () => {
    const bridge = await createHarness();
    const [one, two] = await pairs(bridge, 2);
    if (one === undefined || two === undefined) throw new Error('two pairs are needed');
    bridge.d.people.merge('contact', one.d, two.d);
    const run = await bridge.sync('incremental');
    expect((await linkOf(bridge, one.a))?.tombstone).toMatchObject({ reason: 'merged', masterId: two.d });
    expect(user(bridge, one.a).isActive).toBe(true);
    const codes = (await bridge.logs(run.id)).map(({ error }) => error?.code);
    expect(codes).toContain('merged_into_linked');
  });
});

describe('[D2] a user that is gone in AuthScape', () => {
  it.each([
    { policy: 'deactivate', state: 1 },
    { policy: 'delete', state: undefined },
    { policy: 'unlink', state: 0 },
    { policy: 'ignore', state: 0 },
  ] as const)('does to the row what $policy says, after two complete scans', async ({ policy, state }) => {
    const bridge = await createHarness({ connection: { deletePolicy: policy } });
    const [gone] = await pairs(bridge, 3);
    if (gone === undefined) throw new Error('a pair is needed');
    bridge.a.people.remove('User', gone.a);
    const start = mark(bridge);
    await bridge.sync('incremental');
    expect(writesSince(bridge, start)).toEqual([]);
    await bridge.sync('incremental');
    expect(bridge.d.tables.get('contact')?.rows.get(gone.d)?.values.statecode).toBe(state);
    expect((await linkOf(bridge, gone.a))?.tombstone).toMatchObject({ reason: 'goneInAuthScape' });
    expect(bridge.a.records.User.size).toBe(2);
    await bridge.sync('full');
    expect(bridge.a.records.User.size).toBe(2);
  });

  it('is asked for only when both scans follow on each other', async () => {
    const bridge = await createHarness();
    const [gone] = await pairs(bridge, 3);
    if (gone === undefined) throw new Error('a pair is needed');
    bridge.a.people.remove('User', gone.a);
    await bridge.sync('incremental');
    bridge.a.people.restore('User', gone.a);
    await bridge.sync('incremental');
    bridge.a.people.remove('User', gone.a);
    await bridge.sync('incremental');
    expect(contact(bridge, gone.d).statecode).toBe(0);
    await bridge.sync('incremental');
    expect(contact(bridge, gone.d).statecode).toBe(1);
  });

  it('[D7] is linked again with its old base when it returns, and the row is active again', async () => {
    const bridge = await createHarness();
    const [gone] = await pairs(bridge, 3);
    if (gone === undefined) throw new Error('a pair is needed');
    bridge.a.people.remove('User', gone.a);
    await bridge.sync('incremental');
    await bridge.sync('incremental');
    bridge.a.people.restore('User', gone.a);
    bridge.a.people.set('User', gone.a, { email: 'other@x.test' });
    await bridge.sync('incremental');
    expect(await linkOf(bridge, gone.a)).toMatchObject({ state: 'linked', crmId: gone.d });
    expect(contact(bridge, gone.d)).toMatchObject({ statecode: 0, emailaddress1: 'other@x.test' });
    expect(contacts(bridge)).toHaveLength(3);
  });

  it('[D4] leaves an account that has contacts, where it would be deleted, only inactive', async () => {
    const bridge = await createHarness({
      mappings: [userMapping({ relationships: [USER_COMPANY] }), companyMapping()],
      connection: { deletePolicy: 'delete' },
    });
    const company = bridge.a.people.insert('Company', { title: 'Firm' });
    bridge.a.people.insert('Company', { title: 'Stays' });
    const a = aUser(bridge, { companyId: company });
    await bridge.sync('full');
    const account = (await linkOf(bridge, company, 'm_company'))?.crmId ?? '';
    bridge.a.people.remove('Company', company);
    await bridge.sync('incremental');
    expect(bridge.d.tables.get('account')?.rows.get(account)?.values.statecode).toBe(1);
    expect(contact(bridge, (await linkOf(bridge, a))?.crmId ?? '').statecode).toBe(0);
  });
});
