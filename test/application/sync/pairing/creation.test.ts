import { describe, expect, it } from 'vitest';
import { aContact, aUser, contacts, linkOf, logged, mark, user, writesSince } from '../../support/actors.js';
import { createHarness, type Harness } from '../../support/harness.js';

/** Names of the calls in their order. */
function calls(bridge: Harness): readonly string[] {
  const names: string[] = [];
  bridge.world.before = ({ side, name }) => {
    names.push(`${side} ${name}`);
  };
  return names;
}

describe('[P6] creation', () => {
  it('comes after both sides were read to the end, and after a question for the key', async () => {
    const bridge = await createHarness();
    for (let count = 0; count < 9; count += 1) aUser(bridge);
    for (let count = 0; count < 9; count += 1) aContact(bridge);
    const names = calls(bridge);
    expect((await bridge.sync('full')).counts).toMatchObject({ created: 18 });
    for (const side of ['authScape', 'dynamics'] as const) {
      const first = names.indexOf(`${side} create`);
      expect(names.lastIndexOf('authScape scan')).toBeLessThan(first);
      expect(names.lastIndexOf('dynamics changes')).toBeLessThan(first);
      expect(names.slice(0, first)).toContain(`${side} findBy`);
    }
  });

  it('of a row keeps its claim while the row is made, however long storage takes with the link', async () => {
    const bridge = await createHarness();
    const a = aUser(bridge);
    let left = 0;
    bridge.storage.tables.before = ({ table, kind }) => {
      // As the link would be stored by a process that stands still.
      if (table === 'Links' && kind === 'insert') bridge.clock.advance(60_000);
    };
    bridge.world.before = async ({ side, name }) => {
      if (side !== 'dynamics' || name !== 'create') return;
      bridge.storage.tables.before = undefined;
      left = ((await linkOf(bridge, a))?.claim?.until ?? 0) - bridge.clock.now();
    };
    await bridge.sync('full');
    expect(left).toBeGreaterThan(bridge.a.writeTimeoutMs);
    expect(await linkOf(bridge, a)).toMatchObject({ clean: true, plan: null, claim: null });
  });

  it('of a row is sent under its claim only, however long it waits for its turn', async () => {
    const bridge = await createHarness();
    const a = aUser(bridge);
    let turns = 0;
    let left = 0;
    bridge.world.turn = async () => {
      turns += 1;
      if (turns <= 2) bridge.clock.advance(10 * 60_000);
    };
    bridge.world.before = async ({ side, name }) => {
      if (side !== 'dynamics' || name !== 'create') return;
      left = ((await linkOf(bridge, a))?.claim?.until ?? 0) - bridge.clock.now();
    };
    await bridge.sync('full');
    expect(left).toBeGreaterThan(bridge.a.writeTimeoutMs);
    expect([turns, contacts(bridge).length, (await linkOf(bridge, a))?.clean]).toEqual([3, 1, true]);
  });

  it('of a row that waited is left to the worker that made it meanwhile, and to the person who removed it', async () => {
    const bridge = await createHarness();
    const a = aUser(bridge);
    let made: readonly string[] = [];
    bridge.world.turn = async () => {
      bridge.world.turn = undefined;
      bridge.clock.advance(10 * 60_000);
      await bridge.engine.records.authScape('User', a);
      made = contacts(bridge);
      bridge.d.people.remove('contact', made[0] ?? '');
    };
    await bridge.sync('full');
    await bridge.sync('full');
    expect([made.length, contacts(bridge), user(bridge, a).isActive]).toEqual([1, [], false]);
  });

  it('of a row leaves the link to a worker that took it meanwhile', async () => {
    const bridge = await createHarness();
    const a = aUser(bridge);
    let taken = false;
    bridge.storage.tables.before = async ({ table, kind }) => {
      if (table === 'Links' && kind === 'insert') bridge.clock.advance(60_000);
      if (table !== 'Links' || kind !== 'replace' || taken) return;
      taken = true;
      const [link] = await bridge.links();
      const stored = await bridge.storage.links.get(bridge.connection.id, link?.mappingId ?? '', a);
      if (stored !== undefined) await bridge.storage.links.remove(stored.value, stored.etag);
    };
    await bridge.sync('full');
    expect([taken, contacts(bridge).length, (await linkOf(bridge, a))?.clean]).toEqual([true, 1, true]);
  });

  it('is not spared by a row of the same key that is gone since Dynamics was read', async () => {
    const bridge = await createHarness();
    const gone = aContact(bridge, { emailaddress1: 'same@x.test' });
    let a = '';
    bridge.world.before = ({ side, name }) => {
      if (side !== 'authScape' || name !== 'scan' || a !== '') return;
      bridge.d.people.remove('contact', gone);
      a = aUser(bridge, { email: 'same@x.test' });
      bridge.clock.advance(120_000);
    };
    await bridge.sync('full');
    expect((await linkOf(bridge, a))?.crmId).not.toBe(gone);
    await bridge.sync('full');
    expect(await linkOf(bridge, a)).toMatchObject({ state: 'linked', clean: true });
    expect([contacts(bridge).length, user(bridge, a).isActive]).toEqual([1, true]);
  });

  it('is not spared by such a row in an incremental run, which asks for the key of each new row', async () => {
    const bridge = await createHarness();
    await bridge.sync('full');
    const gone = aContact(bridge, { emailaddress1: 'same@x.test' });
    let a = '';
    bridge.world.before = ({ side, name }) => {
      if (side !== 'authScape' || name !== 'findBy' || a !== '') return;
      bridge.d.people.remove('contact', gone);
      a = aUser(bridge, { email: 'same@x.test' });
      bridge.clock.advance(120_000);
    };
    await bridge.sync('incremental');
    expect(a).not.toBe('');
    expect((await linkOf(bridge, a))?.crmId).not.toBe(gone);
    await bridge.sync('full');
    expect(await linkOf(bridge, a)).toMatchObject({ state: 'linked', clean: true });
    expect([contacts(bridge).length, user(bridge, a).isActive]).toEqual([1, true]);
  });

  it('meets a row that came with the same key after Dynamics was read', async () => {
    const bridge = await createHarness();
    const a = aUser(bridge, { email: 'late@x.test' });
    let late: string | undefined;
    bridge.world.before = ({ name }) => {
      if (name !== 'findBy' || late !== undefined) return;
      late = aContact(bridge, { emailaddress1: 'LATE@x.test' });
    };
    await bridge.sync('full');
    bridge.world.before = undefined;
    await bridge.sync('full');
    expect(contacts(bridge)).toEqual([late]);
    expect((await linkOf(bridge, a))?.crmId).toBe(late);
  });

  it('meets a user that came with the same key after AuthScape was read', async () => {
    const bridge = await createHarness();
    aContact(bridge, { emailaddress1: 'late@x.test' });
    let late: string | undefined;
    bridge.world.before = ({ side, name }) => {
      if (side !== 'authScape' || name !== 'findBy' || late !== undefined) return;
      late = aUser(bridge, { email: 'Late@x.test' });
    };
    await bridge.sync('full');
    bridge.world.before = undefined;
    await bridge.sync('full');
    expect([...bridge.a.records.User.keys()]).toEqual([late]);
    expect(await bridge.links()).toMatchObject([{ authScapeId: late }]);
  });
});

describe('[P5] what AuthScape does not create is skipped with the reason', () => {
  it('a contact without e-mail', async () => {
    const bridge = await createHarness();
    aContact(bridge, { emailaddress1: null });
    const run = await bridge.sync('full');
    expect(run.counts).toMatchObject({ created: 0, skipped: 1, failed: 0 });
    expect(bridge.a.records.User.size).toBe(0);
  });

  it('an e-mail that AuthScape refuses', async () => {
    const bridge = await createHarness();
    bridge.a.refusedEmails.add("o'brien@x.test");
    aContact(bridge, { emailaddress1: "o'brien@x.test" });
    const run = await bridge.sync('full');
    expect(run.counts.created).toBe(0);
    expect((await bridge.logs(run.id)).map(({ error }) => error?.code)).toContain('email_refused');
  });
});

/** Two pairs in step, whose contacts get other addresses. */
async function twoPairs(first: string, second: string) {
  const bridge = await createHarness();
  const one = aUser(bridge, { email: 'one@x.test' });
  const two = aUser(bridge, { email: 'two@x.test' });
  await bridge.sync('full');
  const row = async (a: string) => (await linkOf(bridge, a))?.crmId ?? '';
  bridge.d.people.set('contact', await row(one), { emailaddress1: first });
  bridge.d.people.set('contact', await row(two), { emailaddress1: second });
  const emails = () => [one, two].map((id) => bridge.a.records.User.get(id)?.values.email);
  return { bridge, one, two, emails };
}

describe('[V7] a login is never set to an address that another user has', () => {
  it('a taken one is an error of the field, and comes once it is free', async () => {
    const { bridge, one, two, emails } = await twoPairs('two@x.test', 'two@x.test');
    const run = await bridge.sync('full');
    expect(run.status).toBe('partiallySucceeded');
    expect(emails()).toEqual(['one@x.test', 'two@x.test']);
    expect(await logged(bridge, one)).toContain('failed email email_taken');
    bridge.a.people.set('User', two, { email: 'free@x.test' });
    bridge.clock.advance(4_000_000);
    await bridge.sync('full');
    await bridge.sync('full');
    expect(emails()).toEqual(['two@x.test', 'free@x.test']);
  });

  it.each([
    ['two@x.test', 'three@x.test'],
    ['three@x.test', 'one@x.test'],
  ])('of a chain the holder goes first: %s, %s', async (first, second) => {
    const { bridge, emails } = await twoPairs(first, second);
    const run = await bridge.sync('full');
    expect(emails()).toEqual([first, second]);
    expect(run.counts).toMatchObject({ updated: 2, failed: 0 });
  });

  it('a swap is reported and writes neither', async () => {
    const { bridge, one, two, emails } = await twoPairs('two@x.test', 'one@x.test');
    const start = mark(bridge);
    await bridge.sync('full');
    expect(emails()).toEqual(['one@x.test', 'two@x.test']);
    expect(writesSince(bridge, start)).toEqual([]);
    for (const id of [one, two]) expect(await logged(bridge, id)).toContain('failed email email_taken');
  });
});
