import { describe, expect, it } from 'vitest';
import { type Pair, pairs, user } from '../../support/actors.js';
import { createHarness, type Harness } from '../../support/harness.js';

/** Gives the rows these e-mails; undefined leaves one as it is. */
function setLogins(bridge: Harness, all: readonly Pair[], emails: readonly string[]): void {
  for (const [index, email] of emails.entries()) {
    bridge.d.people.set('contact', all[index]?.d ?? '', { emailaddress1: email });
  }
}

const loginsOf = (bridge: Harness, all: readonly Pair[]) => all.map(({ a }) => user(bridge, a).email);

describe('the e-mail as login', () => {
  it.each(['full', 'incremental'] as const)(
    'goes along a chain within one run: the user that has the address moves on first (%s)',
    async (mode) => {
      const bridge = await createHarness();
      const all = await pairs(bridge, 4);
      const before = loginsOf(bridge, all).map(String);
      const after = [...before.slice(1), 'free@x.test'];
      setLogins(bridge, all, after);
      expect(await bridge.sync(mode)).toMatchObject({
        status: 'succeeded',
        counts: { updated: 4, failed: 0 },
      });
      expect(loginsOf(bridge, all)).toEqual(after);
    },
  );

  it('is not swapped: both are reported and keep their own', async () => {
    const bridge = await createHarness();
    const all = await pairs(bridge, 2);
    const before = loginsOf(bridge, all).map(String);
    setLogins(bridge, all, [...before].reverse());
    expect(await bridge.sync('incremental')).toMatchObject({ counts: { updated: 0, failed: 2 } });
    expect(loginsOf(bridge, all)).toEqual(before);
  });

  it.each([['approve', 7] as const, ['reject', 0] as const])(
    'goes along a chain that the guard held as a person decides (%s)',
    async (decision, updated) => {
      const bridge = await createHarness({ connection: { massDeleteGuard: { count: 5, percent: 50 } } });
      const all = (await pairs(bridge, 12)).slice(0, 7);
      const before = loginsOf(bridge, all).map(String);
      const after = [...before.slice(1), 'free@x.test'];
      setLogins(bridge, all, after);
      const run = await bridge.sync('incremental');
      expect(run.status).toBe('awaitingApproval');
      expect(await bridge.decide(run.id, decision)).toMatchObject({
        status: 'succeeded',
        counts: { updated, failed: 0 },
      });
      expect((await bridge.sync('full')).status).toBe('succeeded');
      expect(loginsOf(bridge, all)).toEqual(decision === 'approve' ? after : before);
    },
  );

  it('is not swapped when a person approves it either', async () => {
    const bridge = await createHarness({ connection: { massDeleteGuard: { count: 5, percent: 50 } } });
    const all = (await pairs(bridge, 12)).slice(0, 8);
    const before = loginsOf(bridge, all).map(String);
    const [first = '', second = '', ...others] = before;
    const after = [second, first, ...others.slice(1), 'free@x.test'];
    setLogins(bridge, all, after);
    const run = await bridge.sync('incremental');
    expect(await bridge.decide(run.id, 'approve')).toMatchObject({ counts: { updated: 6, failed: 2 } });
    expect(loginsOf(bridge, all)).toEqual([first, second, ...after.slice(2)]);
    expect((await bridge.storage.backlog.scanHeld(bridge.connection.id, 10)).items).toEqual([]);
  });
});
