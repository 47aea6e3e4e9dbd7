import { describe, expect, it } from 'vitest';
import { deleteMapping } from '../../../src/application/mappings/manage-mappings.js';
import type { EntityMapping } from '../../../src/domain/model.js';
import { aContact, aPair, aUser, contact, linkOf, mark, user, writesSince } from '../support/actors.js';
import { createHarness, type Harness } from '../support/harness.js';
import { changeMapping, USER_FIELDS, userMapping } from '../support/mappings.js';

async function remake(bridge: Harness, more: Partial<EntityMapping> = {}): Promise<void> {
  await remove(bridge);
  await bridge.storage.mappings.create(userMapping({ id: 'm_new', ...more }));
}

async function remove(bridge: Harness): Promise<void> {
  const [stored] = await bridge.storage.mappings.list(bridge.connection.id);
  if (stored === undefined) return;
  await deleteMapping({ ...bridge.storage, ...bridge.parts })(bridge.connection.id, stored.value.id);
}

async function byEvent(bridge: Harness, id: string): Promise<void> {
  await bridge.event('dynamics', 'contact', id);
  const job = bridge.storage.jobs.take();
  if (job !== undefined) await bridge.deliver(job);
}

/** A connection whose events were just worked on: what they need is in memory. */
async function warm(mappings?: readonly EntityMapping[]) {
  const bridge = await createHarness(mappings === undefined ? {} : { mappings });
  const pair = await aPair(bridge);
  await byEvent(bridge, pair.d);
  return { bridge, ...pair };
}

/** Does something between the reading of both records and the first effect of a call of that name. */
function justBefore(bridge: Harness, name: string, act: () => Promise<void>): void {
  let done = false;
  bridge.world.before = async (call) => {
    if (done || call.name !== name) return;
    done = true;
    await act();
  };
}

describe('[C8] events within a second of a change of the mappings', () => {
  it('link under the mapping that took the place of the deleted one', async () => {
    const { bridge } = await warm();
    const d = aContact(bridge, { emailaddress1: 'late@x.test' });
    const a = aUser(bridge, { email: 'late@x.test' });
    await remake(bridge);
    await byEvent(bridge, d);
    await bridge.drain();
    expect(await linkOf(bridge, a)).toBeUndefined();
    expect(await linkOf(bridge, a, 'm_new')).toMatchObject({ state: 'linked', crmId: d });
    const run = await bridge.sync('full');
    expect((await bridge.logs(run.id)).map(({ error }) => error?.code)).not.toContain('match_taken');
  });

  it('do nothing under a mapping that was switched off', async () => {
    const { bridge, a, d } = await warm();
    await changeMapping(bridge, () => ({ enabled: false }));
    bridge.d.people.set('contact', d, { firstname: 'Grace' });
    const start = mark(bridge);
    await byEvent(bridge, d);
    await bridge.drain();
    expect(writesSince(bridge, start)).toEqual([]);
    expect(user(bridge, a).firstName).toBe('Ada');
  });

  it('leave out what the new filter leaves out', async () => {
    const { bridge } = await warm();
    await changeMapping(bridge, () => ({ filter: 'new_level eq 2' }));
    const d = aContact(bridge, { new_level: 1 });
    const start = mark(bridge);
    await byEvent(bridge, d);
    await bridge.drain();
    expect(writesSince(bridge, start)).toEqual([]);
  });

  it('bring what the new filter lets in', async () => {
    const { bridge } = await warm([userMapping({ filter: 'new_level eq 2' })]);
    await changeMapping(bridge, () => ({ filter: null }));
    const d = aContact(bridge, { new_level: 1 });
    await byEvent(bridge, d);
    expect((await bridge.links()).map(({ crmId }) => crmId)).toContain(d);
  });

  it('do not write a field that is mapped no longer', async () => {
    const { bridge, a, d } = await warm();
    await changeMapping(bridge, () => ({
      fields: USER_FIELDS.filter(({ authScapeField }) => authScapeField !== 'firstName'),
    }));
    bridge.d.people.set('contact', d, { firstname: 'Grace', lastname: 'Hopper' });
    await byEvent(bridge, d);
    await bridge.drain();
    expect(user(bridge, a)).toMatchObject({ firstName: 'Ada', lastName: 'Hopper' });
  });
});

describe('[C8] a mapping that changes between the reading and the writing', () => {
  const change = (bridge: Harness) => changeMapping(bridge, () => ({ enabled: false }));

  it.each([
    [
      'an update of a contact',
      'get',
      async (bridge: Harness, a: string, _d: string) => {
        bridge.a.people.set('User', a, { firstName: 'Grace' });
        return ['authScape', 'User', a] as const;
      },
    ],
    [
      'an update of a user',
      'get',
      async (bridge: Harness, _a: string, d: string) => {
        bridge.d.people.set('contact', d, { firstname: 'Grace' });
        return ['dynamics', 'contact', d] as const;
      },
    ],
    [
      'a new contact',
      'findBy',
      async (bridge: Harness) => ['authScape', 'User', aUser(bridge, { email: 'new@x.test' })] as const,
    ],
    [
      'a new user',
      'findBy',
      async (bridge: Harness) =>
        ['dynamics', 'contact', aContact(bridge, { emailaddress1: 'new@x.test' })] as const,
    ],
    [
      'a new pair',
      'findBy',
      async (bridge: Harness) => {
        aUser(bridge, { email: 'new@x.test', phoneNumber: '7' });
        return ['dynamics', 'contact', aContact(bridge, { emailaddress1: 'new@x.test' })] as const;
      },
    ],
    [
      'the end of a pair',
      'get',
      async (bridge: Harness, _a: string, d: string) => {
        bridge.d.people.remove('contact', d);
        return ['dynamics', 'contact', d] as const;
      },
    ],
  ])('is seen before %s', async (_what, call, prepare) => {
    const { bridge, a, d } = await warm();
    const [source, entity, id] = await prepare(bridge, a, d);
    const start = mark(bridge);
    const before = (await bridge.links()).map(({ state, crmId }) => [state, crmId]);
    justBefore(bridge, call, () => change(bridge));
    await bridge.event(source, entity, id);
    await bridge.drain();
    expect(writesSince(bridge, start)).toEqual([]);
    expect((await bridge.links()).map(({ state, crmId }) => [state, crmId])).toEqual(before);
    await changeMapping(bridge, () => ({ enabled: true }));
    bridge.world.before = undefined;
    await bridge.sync('full');
    expect(writesSince(bridge, start)).not.toEqual([]);
  });

  it('is seen before a user is made that has waited for its turn', async () => {
    const { bridge } = await warm();
    const open = bridge.parts.systems.authScape;
    bridge.parts.systems.authScape = async () => {
      const system = await open();
      const create: typeof system.create = async (...call) => {
        bridge.clock.advance(1_500);
        await change(bridge);
        return system.create(...call);
      };
      return { ...system, create };
    };
    // The next event is worked on with systems that are opened anew.
    bridge.clock.advance(2_000);
    const d = aContact(bridge, { emailaddress1: 'new@x.test' });
    const start = mark(bridge);
    await byEvent(bridge, d);
    expect(writesSince(bridge, start)).toEqual([]);
    expect(
      await bridge.storage.links.pendingCreationOf(bridge.connection.id, { table: 'contact', crmId: d }),
    ).toBe(undefined);
  });

  it('ends a run, and the next one works with the mapping as it is', async () => {
    const { bridge, a, d } = await warm();
    bridge.d.people.set('contact', d, { firstname: 'Grace', lastname: 'Hopper' });
    justBefore(bridge, 'changes', () =>
      changeMapping(bridge, () => ({
        fields: USER_FIELDS.filter(({ authScapeField }) => authScapeField !== 'firstName'),
      })),
    );
    const run = await bridge.sync('incremental');
    expect(run).toMatchObject({ status: 'failed', error: { code: 'schema_changed' } });
    expect(user(bridge, a)).toMatchObject({ firstName: 'Ada', lastName: 'Lovelace' });
    await bridge.sync('incremental');
    expect(user(bridge, a)).toMatchObject({ firstName: 'Ada', lastName: 'Hopper' });
  });
});

describe('[C8][P13] a filter that changes between two steps of a run', () => {
  it('ends the run, and nothing joins that it had read under the former one', async () => {
    const bridge = await createHarness({ stepMs: 0 });
    await aPair(bridge);
    aContact(bridge, { new_level: 1 });
    const users = bridge.a.records.User.size;
    const run = await bridge.start('full');
    for (let count = 0; count < 50; count += 1) {
      if ((await bridge.getRun(run.id)).phase === 'comparing') break;
      const job = bridge.storage.jobs.take();
      if (job !== undefined) await bridge.deliver(job);
    }
    await changeMapping(bridge, () => ({ filter: 'new_level eq 2' }));
    expect(await bridge.finish(run.id)).toMatchObject({
      status: 'failed',
      error: { code: 'schema_changed' },
    });
    await bridge.sync('full');
    expect(bridge.a.records.User.size).toBe(users);
  });
});

describe('[P10][C8] a link that was left under a mapping that is gone', () => {
  async function withOrphan() {
    const { bridge, a, d } = await warm();
    const [link] = await bridge.links();
    if (link === undefined) throw new Error('a link is needed');
    await remake(bridge);
    expect((await bridge.storage.links.insert(link)).kind).toBe('inserted');
    return { bridge, a, d };
  }

  it.each(['full', 'incremental', 'event', 'event of the user'])(
    'is ended by the next one that meets it (%s)',
    async (how) => {
      const { bridge, a, d } = await withOrphan();
      if (how === 'event') await byEvent(bridge, d);
      else if (how === 'event of the user') await bridge.event('authScape', 'User', a);
      else await bridge.sync(how as 'full' | 'incremental');
      await bridge.drain();
      expect(await linkOf(bridge, a, 'm_new')).toMatchObject({ state: 'linked', crmId: d });
      expect(await bridge.links()).toEqual([]);
      expect(contact(bridge, d).firstname).toBe('Ada');
    },
  );

  it('holds no row from the partner that is made for it', async () => {
    const { bridge, a, d } = await withOrphan();
    bridge.a.people.remove('User', a);
    aUser(bridge);
    await bridge.sync('full');
    expect((await bridge.links('m_new')).find(({ crmId }) => crmId === d)).toMatchObject({ state: 'linked' });
    expect(await bridge.links()).toEqual([]);
  });
});
