import { describe, expect, it } from 'vitest';
import {
  aContact,
  aPair,
  aUser,
  contact,
  linkOf,
  mark,
  pairs,
  user,
  writesSince,
} from '../../support/actors.js';
import { createHarness, type Harness } from '../../support/harness.js';

const COUNT = 8;
const GUARD = { count: 5, percent: 5 } as const;

/** Linked pairs whose contacts are deleted. */
async function withDeleted(bridge: Harness, count = COUNT) {
  const made = await pairs(bridge, count);
  const emails = made.map(({ a }) => user(bridge, a).email ?? null);
  aUser(bridge, { email: 'witness@x.test' });
  await bridge.sync('full');
  return {
    made,
    remove: () => {
      for (const { d } of made) bridge.d.people.remove('contact', d);
    },
    importAnew: () => emails.map((emailaddress1) => aContact(bridge, { emailaddress1 })),
  };
}

async function expectLinked(bridge: Harness, ids: readonly string[], rows: readonly string[]) {
  for (const [index, a] of ids.entries()) {
    expect(await linkOf(bridge, a)).toMatchObject({ state: 'linked', crmId: rows[index] });
    expect(user(bridge, a).isActive).toBe(true);
    expect(contact(bridge, rows[index] ?? '').statecode).toBe(0);
  }
}

const archived = (bridge: Harness, start: number) =>
  writesSince(bridge, start).filter((line) => line.includes('isActive') && line.endsWith('false'));

describe('[D7] contacts that are deleted and imported anew under other ids', () => {
  it.each(['incremental', 'full'] as const)(
    'are linked by the run that sees both, and no user is archived on the way (%s)',
    async (mode) => {
      const bridge = await createHarness({ connection: { massDeleteGuard: GUARD } });
      const { made, remove, importAnew } = await withDeleted(bridge);
      const start = mark(bridge);
      remove();
      const rows = importAnew();
      const run = await bridge.sync(mode);
      expect(run.status).toBe('succeeded');
      await expectLinked(
        bridge,
        made.map(({ a }) => a),
        rows,
      );
      expect(archived(bridge, start)).toEqual([]);
      await bridge.sync('full');
      await expectLinked(
        bridge,
        made.map(({ a }) => a),
        rows,
      );
    },
  );

  it('are linked where the new ones came before the old ones went', async () => {
    const bridge = await createHarness();
    const { made, remove, importAnew } = await withDeleted(bridge);
    const start = mark(bridge);
    const rows = importAnew();
    await bridge.sync('incremental');
    remove();
    await bridge.sync('incremental');
    await expectLinked(
      bridge,
      made.map(({ a }) => a),
      rows,
    );
    expect(archived(bridge, start)).toEqual([]);
  });

  it.each(['dynamicsWins', 'authScapeWins', 'lastWriteWins'] as const)(
    'give users back that were archived before (%s)',
    async (conflictPolicy) => {
      const bridge = await createHarness({ connection: { conflictPolicy } });
      const { made, remove, importAnew } = await withDeleted(bridge);
      remove();
      await bridge.sync('incremental');
      expect(made.map(({ a }) => user(bridge, a).isActive)).toEqual(Array(COUNT).fill(false));
      const rows = importAnew();
      await bridge.sync('incremental');
      await expectLinked(
        bridge,
        made.map(({ a }) => a),
        rows,
      );
    },
  );

  it.each(['approve', 'reject', 'wait'] as const)(
    'are linked where the deletes are held and then decided upon (%s)',
    async (decision) => {
      const bridge = await createHarness({ connection: { massDeleteGuard: GUARD } });
      const { made, remove, importAnew } = await withDeleted(bridge);
      const start = mark(bridge);
      remove();
      const held = await bridge.sync('incremental');
      expect(held.status).toBe('awaitingApproval');
      const rows = importAnew();
      if (decision !== 'wait') {
        await bridge.decide(held.id, decision);
        expect(decision === 'approve' ? archived(bridge, start) : []).toEqual([]);
      }
      await bridge.sync('incremental');
      await expectLinked(
        bridge,
        made.map(({ a }) => a),
        rows,
      );
      if (decision === 'wait') await bridge.decide(held.id, 'approve');
      await expectLinked(
        bridge,
        made.map(({ a }) => a),
        rows,
      );
      expect(archived(bridge, start)).toEqual([]);
    },
  );

  it.each(['delete first', 'create first', 'create only'])('are linked by events (%s)', async (order) => {
    const bridge = await createHarness();
    const { a, d } = await aPair(bridge, { email: 'ada@x.test' });
    aUser(bridge);
    await bridge.sync('full');
    const start = mark(bridge);
    bridge.d.people.remove('contact', d);
    const anew = aContact(bridge, { emailaddress1: 'ada@x.test' });
    const events = order === 'create only' ? [anew] : order === 'delete first' ? [d, anew] : [anew, d];
    for (const id of events) {
      await bridge.event('dynamics', 'contact', id);
      await bridge.drain();
    }
    await expectLinked(bridge, [a], [anew]);
    expect(archived(bridge, start)).toEqual([]);
  });

  it('are left to a person where two have the key', async () => {
    const bridge = await createHarness();
    const { a, d } = await aPair(bridge, { email: 'ada@x.test' });
    bridge.d.people.remove('contact', d);
    aContact(bridge, { emailaddress1: 'ada@x.test' });
    aContact(bridge, { emailaddress1: 'ada@x.test' });
    await bridge.sync('incremental');
    expect(await linkOf(bridge, a)).toMatchObject({ tombstone: { reason: 'goneInDynamics' } });
  });
});

describe('[D7] a user that is deleted and made anew under another id', () => {
  it('is linked with the contact, which is not deactivated on the way', async () => {
    const bridge = await createHarness();
    const { a, d } = await aPair(bridge, { email: 'ada@x.test' });
    aUser(bridge);
    await bridge.sync('full');
    bridge.a.people.remove('User', a);
    const anew = aUser(bridge, { email: 'ada@x.test' });
    const start = mark(bridge);
    for (let count = 0; count < 3; count += 1) await bridge.sync('incremental');
    expect(await linkOf(bridge, anew)).toMatchObject({ state: 'linked', crmId: d });
    expect(writesSince(bridge, start).filter((line) => line.includes('statecode'))).toEqual([]);
  });
});
