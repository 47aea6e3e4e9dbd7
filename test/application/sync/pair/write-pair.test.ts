import { describe, expect, it } from 'vitest';
import { BridgeError, RecordRejectedError } from '../../../../src/domain/errors.js';
import { CrashError, type SystemCall } from '../../../support/memory-systems-world.js';
import { aPair, aUser, contact, linkOf, logged, mark, user, writesSince } from '../../support/actors.js';
import { createHarness, type Harness } from '../../support/harness.js';

/** Does something once, directly before or after the first call of this name. */
function once(bridge: Harness, at: 'before' | 'after', name: string, work: (call: SystemCall) => void): void {
  let isDone = false;
  bridge.world[at] = (call) => {
    if (isDone || call.name !== name) return;
    isDone = true;
    work(call);
  };
}

describe('the writes of one linked pair', () => {
  it('[W4] reads again when the row was changed before the write (412)', async () => {
    const bridge = await createHarness();
    const { a, d } = await aPair(bridge);
    bridge.a.people.set('User', a, { firstName: 'A' });
    once(bridge, 'before', 'update', () => bridge.d.people.set('contact', d, { telephone1: '7' }));
    expect((await bridge.sync('incremental')).counts).toMatchObject({ updated: 1, failed: 0 });
    expect([contact(bridge, d).firstname, user(bridge, a).phoneNumber]).toEqual(['A', '7']);
  });

  it('[W5] starts over when AuthScape moved between the merge and the write', async () => {
    const bridge = await createHarness();
    const { a, d } = await aPair(bridge);
    bridge.d.people.set('contact', d, { firstname: 'D' });
    once(bridge, 'before', 'update.read', () => bridge.a.people.set('User', a, { phoneNumber: '7' }));
    await bridge.sync('incremental');
    expect([user(bridge, a).firstName, contact(bridge, d).telephone1]).toEqual(['D', '7']);
  });

  it('[W5] does not replace an edit of the same field that it has not seen', async () => {
    const bridge = await createHarness({ connection: { conflictPolicy: 'authScapeWins' } });
    const { a, d } = await aPair(bridge);
    bridge.d.people.set('contact', d, { telephone1: '7' });
    once(bridge, 'before', 'update.read', () => bridge.a.people.set('User', a, { phoneNumber: '8' }));
    await bridge.sync('incremental');
    expect([user(bridge, a).phoneNumber, contact(bridge, d).telephone1]).toEqual(['8', '8']);
  });

  it('[W7] tells of an edit that its full replace undid', async () => {
    const bridge = await createHarness();
    const { a, d } = await aPair(bridge);
    bridge.d.people.set('contact', d, { firstname: 'D' });
    once(bridge, 'before', 'update.write', () => bridge.a.people.set('User', a, { phoneNumber: '7' }));
    await bridge.sync('incremental');
    expect(user(bridge, a)).toMatchObject({ firstName: 'D', phoneNumber: null });
    expect((await logged(bridge, a)).join()).toMatch(/conflict phoneNumber: .* \(undone\)/);
  });

  it('[W11] does not take an edit after its write for agreed', async () => {
    const bridge = await createHarness();
    const { a, d } = await aPair(bridge);
    bridge.d.people.set('contact', d, { firstname: 'D' });
    once(bridge, 'before', 'update.readBack', () => bridge.a.people.set('User', a, { firstName: 'Newer' }));
    await bridge.sync('incremental');
    await bridge.sync('incremental');
    expect([user(bridge, a).firstName, contact(bridge, d).firstname]).toEqual(['Newer', 'Newer']);
  });

  it('[W10] makes a write that is taken and ignored a field error, and writes the rest', async () => {
    const bridge = await createHarness();
    const { a, d } = await aPair(bridge);
    bridge.d.ignored.add('firstname');
    bridge.a.people.set('User', a, { firstName: 'A', lastName: 'B' });
    const run = await bridge.sync('incremental');
    expect(run).toMatchObject({ status: 'partiallySucceeded', counts: { failed: 1 } });
    expect(contact(bridge, d)).toMatchObject({ firstname: 'Ada', lastname: 'B' });
    expect(await logged(bridge, a)).toContain('failed firstname write_ignored');
    bridge.d.ignored.clear();
    await bridge.sync('incremental');
    expect(contact(bridge, d).firstname).toBe('A');
  });

  it('[W12] learns the form that the server gives to a value', async () => {
    const bridge = await createHarness();
    const { a, d } = await aPair(bridge);
    bridge.d.forms.set('lastname', (value) => (value === null ? null : String(value).toUpperCase()));
    bridge.a.people.set('User', a, { lastName: 'Byron' });
    for (let count = 0; count < 3; count += 1) await bridge.sync('incremental');
    expect([user(bridge, a).lastName, contact(bridge, d).lastname]).toEqual(['BYRON', 'BYRON']);
    const start = mark(bridge);
    await bridge.sync('full');
    expect(writesSince(bridge, start)).toEqual([]);
  });

  it('[W13] lets a field rest that gets the same value from us for the fifth time within the hour', async () => {
    const bridge = await createHarness();
    const { a, d } = await aPair(bridge);
    bridge.a.people.set('User', a, { firstName: 'Mine' });
    let last = await bridge.sync('incremental');
    for (let count = 0; count < 5; count += 1) {
      // A rule in Dynamics turns the value back, and AuthScape is edited to it again.
      bridge.d.people.set('contact', d, { firstname: 'Other' });
      await bridge.sync('incremental');
      bridge.a.people.set('User', a, { firstName: 'Mine' });
      last = await bridge.sync('incremental');
    }
    expect(last.counts.failed).toBe(1);
    expect((await logged(bridge, a)).join()).toContain('field_oscillates');
    await bridge.sync('full');
    expect(contact(bridge, d).firstname).toBe('Mine');
  });

  it.each<[string, (bridge: Harness) => Error | undefined]>([
    ['that Dynamics was not there for', () => new BridgeError('dynamics_unavailable', 'It does not answer.')],
    ['that Dynamics refused', () => new RecordRejectedError('access_denied', 'No.')],
    [
      'that another writer was faster than',
      ({ d: { people, tables } }) => {
        const [row] = tables.get('contact')?.rows.keys() ?? [];
        people.set('contact', row ?? '', { fullname: 'touched' });
        return undefined;
      },
    ],
  ])('[W13] counts no write %s', async (_what, meet) => {
    const bridge = await createHarness();
    const { a, d } = await aPair(bridge);
    bridge.a.people.set('User', a, { firstName: 'Mine' });
    let left = 6;
    bridge.world.before = ({ side, name }) => {
      if (side !== 'dynamics' || name !== 'update' || left === 0) return;
      left -= 1;
      const error = meet(bridge);
      if (error !== undefined) throw error;
    };
    for (let count = 0; count < 20; count += 1) {
      await bridge.sync('incremental');
      bridge.clock.advance(120_000);
    }
    expect(left).toBe(0);
    expect(contact(bridge, d).firstname).toBe('Mine');
  });

  it('[V6][V8] keeps the e-mail of an administrator and never empties a login', async () => {
    const bridge = await createHarness();
    const a = bridge.a.people.insert('User', { firstName: 'Root', email: 'root@x.test', isActive: true }, [
      'Admin',
    ]);
    await bridge.sync('full');
    const d = (await linkOf(bridge, a))?.crmId ?? '';
    bridge.d.people.set('contact', d, { emailaddress1: 'other@x.test' });
    await bridge.sync('incremental');
    expect(user(bridge, a).email).toBe('root@x.test');
    expect((await logged(bridge, a)).join()).toContain('admin_login_protected');
  });

  it('[W3] resolves the plan of a worker that died after its write, and logs what it wrote', async () => {
    const bridge = await createHarness();
    const { a, d } = await aPair(bridge);
    bridge.d.people.set('contact', d, { firstname: 'D' });
    once(bridge, 'after', 'update.write', () => {
      const worker = bridge.world.worker();
      if (worker !== undefined) worker.dead = true;
      throw new CrashError('died');
    });
    await bridge.sync('incremental');
    expect(await logged(bridge, a)).toContain('success firstName: Ada -> D (dynamicsChanged)');
    bridge.a.people.set('User', a, { firstName: 'Newest' });
    expect((await bridge.sync('incremental')).counts).toMatchObject({ updated: 1, conflicts: 0 });
    expect(contact(bridge, d).firstname).toBe('Newest');
  });

  it('[W3] logs what a dead worker may have replaced, although another writer wrote over it', async () => {
    const bridge = await createHarness({ connection: { conflictPolicy: 'dynamicsWins' } });
    const { a, d } = await aPair(bridge);
    bridge.a.people.set('User', a, { firstName: 'Loser' });
    bridge.d.people.set('contact', d, { firstname: 'Winner' });
    once(bridge, 'after', 'update.write', () => {
      bridge.a.people.set('User', a, { firstName: 'Later' });
      const worker = bridge.world.worker();
      if (worker !== undefined) worker.dead = true;
      throw new CrashError('died');
    });
    await bridge.sync('incremental');
    expect(await logged(bridge, a)).toContain('conflict firstName: Loser -> Winner (conflict)');
  });

  it('[P11] knows its own values in a row whose maker died before it stored the link', async () => {
    const bridge = await createHarness();
    const a = aUser(bridge, { firstName: 'First' });
    once(bridge, 'after', 'create', () => {
      bridge.a.people.set('User', a, { firstName: 'Second' });
      const worker = bridge.world.worker();
      if (worker !== undefined) worker.dead = true;
      throw new CrashError('died');
    });
    await bridge.sync('full');
    await bridge.sync('full');
    const d = (await linkOf(bridge, a))?.crmId ?? '';
    expect([user(bridge, a).firstName, contact(bridge, d).firstname]).toEqual(['Second', 'Second']);
  });
});
