import { describe, expect, it } from 'vitest';
import { RecordRejectedError } from '../../../../src/domain/errors.js';
import { aUser, contact, linkOf, user } from '../../support/actors.js';
import { createHarness, type Harness } from '../../support/harness.js';
import { changeMapping, companyMapping, USER_COMPANY, userMapping } from '../../support/mappings.js';

/** Users of a company that has no partner: no account is made for it. */
async function givenWaiting(count = 1, lookup: Partial<typeof USER_COMPANY> = {}) {
  const bridge = await createHarness({
    mappings: [
      companyMapping({ direction: 'Inbound' }),
      userMapping({ relationships: [{ ...USER_COMPANY, ...lookup }] }),
    ],
  });
  const company = bridge.a.people.insert('Company', { title: 'Late Ltd', isDeactivated: false });
  const users = Array.from({ length: count }, () => aUser(bridge, { companyId: company }));
  await bridge.sync('full');
  // Brings the rows that the first run made itself.
  await bridge.sync('incremental');
  const [a = ''] = users;
  const d = (await linkOf(bridge, a))?.crmId ?? '';
  return { a, bridge, company, d };
}

/** Reads and writes of single users and contacts from now on. */
function callsOf(bridge: Harness): () => readonly string[] {
  const calls: string[] = [];
  bridge.world.before = ({ entity, name }) => {
    const isPair = entity === 'User' || entity === 'contact';
    if (isPair && !['scan', 'changes', 'getMany'].includes(name)) calls.push(`${name} ${entity}`);
  };
  return () => calls;
}

async function partnerFor(bridge: Harness): Promise<string> {
  const account = bridge.d.people.insert('account', { name: 'Late Ltd' });
  return `account:${account}`;
}

describe('a pair that waits for a related record', () => {
  it.each(['full', 'incremental'] as const)(
    'costs no request of a %s run, which lists it all the same',
    async (mode) => {
      const { bridge } = await givenWaiting(12);
      const calls = callsOf(bridge);
      let rows = 0;
      bridge.storage.tables.before = ({ table }) => {
        if (table === 'Links' || table === 'Problems' || table === 'Logs') rows += 1;
      };
      const run = await bridge.sync(mode);
      expect(calls()).toEqual([]);
      expect(rows).toBeLessThan(30);
      expect(run.counts.skipped).toBe(13);
      const listed = (await bridge.logs(run.id)).filter(({ error }) => error?.code === 'waiting_for_related');
      expect(listed).toHaveLength(12);
    },
  );

  it.each(['full', 'incremental'] as const)(
    'is brought into step by a %s run once that one has a partner',
    async (mode) => {
      const { bridge, d } = await givenWaiting();
      const account = await partnerFor(bridge);
      await bridge.sync(mode);
      expect(contact(bridge, d).parentcustomerid).toBe(account);
    },
  );

  it('takes edits of other fields on either side meanwhile', async () => {
    const { a, bridge, d } = await givenWaiting();
    bridge.a.people.set('User', a, { firstName: 'Augusta' });
    await bridge.sync('incremental');
    bridge.d.people.set('contact', d, { lastname: 'King' });
    await bridge.sync('incremental');
    expect(contact(bridge, d)).toMatchObject({ firstname: 'Augusta', lastname: 'King' });
    expect(user(bridge, a)).toMatchObject({ firstName: 'Augusta', lastName: 'King' });
    const account = await partnerFor(bridge);
    await bridge.sync('incremental');
    expect(contact(bridge, d).parentcustomerid).toBe(account);
  });

  it('is ended when its row is deleted', async () => {
    const { a, bridge, d } = await givenWaiting();
    bridge.d.people.remove('contact', d);
    await bridge.sync('incremental');
    expect((await linkOf(bridge, a))?.state).toBe('tombstone');
    expect(user(bridge, a).isActive).toBe(false);
  });

  it('is looked at by the next run where this one could not apply what it read', async () => {
    const { a, bridge, d } = await givenWaiting();
    bridge.d.people.set('contact', d, { lastname: 'King' });
    bridge.world.before = ({ entity, name }) => {
      if (name === 'get' && entity === 'User') throw new RecordRejectedError('forbidden', 'Not now.');
    };
    await bridge.sync('incremental');
    expect(user(bridge, a).lastName).toBe('Lovelace');
    bridge.world.before = undefined;
    await bridge.sync('incremental');
    expect(user(bridge, a).lastName).toBe('King');
  });

  it('is looked at under another mapping, and under another rule of the connection', async () => {
    const mapped = await givenWaiting();
    await changeMapping(mapped.bridge, ({ relationships }) => ({ relationships }));
    const calls = callsOf(mapped.bridge);
    await mapped.bridge.sync('incremental');
    expect(calls()).toContain('get contact');

    const { bridge, d } = await givenWaiting();
    const account = bridge.d.people.insert('account', { name: 'Other Ltd' });
    bridge.d.people.set('contact', d, { parentcustomerid: `account:${account}` });
    await bridge.sync('incremental');
    const stored = await bridge.storage.connections.get(bridge.connection.id);
    if (stored === undefined) throw new Error('The connection is gone.');
    const conflictPolicy = stored.value.conflictPolicy === 'dynamicsWins' ? 'authScapeWins' : 'dynamicsWins';
    await bridge.storage.connections.replace({ ...stored.value, conflictPolicy }, stored.etag);
    const again = callsOf(bridge);
    await bridge.sync('incremental');
    expect(again().length).toBeGreaterThan(0);
  });
});
