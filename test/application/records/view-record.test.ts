import { describe, expect, it } from 'vitest';
import { BridgeError } from '../../../src/domain/errors.js';
import { aContact, aPair, aUser, pairs } from '../support/actors.js';
import { createHarness, type Harness } from '../support/harness.js';

const view = (bridge: Harness, authScapeId: string, mappingId?: string) =>
  bridge.engine.recordPages.view(bridge.connection.id, { entity: 'User', authScapeId, mappingId });

describe('the page of a record', () => {
  it('shows both sides field by field, what they agreed on, and what wrote it', async () => {
    const bridge = await createHarness();
    const { a, d } = await aPair(bridge);
    bridge.clock.advance(60_000);
    bridge.d.people.set('contact', d, { lastname: 'Byron' });
    const run = await bridge.sync('incremental');
    bridge.clock.advance(60_000);
    bridge.a.people.set('User', a, { firstName: 'Augusta' });
    const page = await view(bridge, a);

    expect(page).toMatchObject({
      ...{ authScapeId: a, crmId: d, mappingIds: ['m_1234567890'], unavailable: null },
      link: { state: 'linked', crmId: d },
      authScape: { id: a, active: true },
      dynamics: { id: d, active: true },
    });
    expect(page.fields.find(({ authScapeField }) => authScapeField === 'firstName')).toEqual({
      ...{
        id: 'f_firstName',
        authScapeField: 'firstName',
        crmField: 'firstname',
        direction: 'Bidirectional',
      },
      ...{ authScape: 'Augusta', dynamics: 'Ada', base: { authScape: 'Ada', dynamics: 'Ada' } },
      ...{ differs: true, changed: ['authScape'] },
      lastChange: expect.objectContaining({ side: 'dynamics', rule: 'created', to: 'Ada' }),
    });
    expect(page.fields.find(({ authScapeField }) => authScapeField === 'lastName')).toMatchObject({
      ...{ authScape: 'Byron', differs: false, changed: [] },
      lastChange: {
        side: 'authScape',
        rule: 'dynamicsChanged',
        from: 'Lovelace',
        to: 'Byron',
        runId: run.id,
      },
    });
    expect(page.log).toHaveLength(2);
    expect([page.failures, page.marks, page.held, page.deadLetters]).toEqual([[], [], [], []]);
  });

  it('shows what failed, what is held, and dead letters', async () => {
    const bridge = await createHarness({ connection: { massDeleteGuard: { count: 5, percent: 50 } } });
    const all = await pairs(bridge, 12);
    for (const { a } of all) bridge.a.people.set('User', a, { phoneNumber: '1' });
    await bridge.sync('incremental');
    const [first] = all;
    if (first === undefined) throw new Error('a pair is needed');
    for (const { a } of all.slice(0, 6)) bridge.a.people.set('User', a, { phoneNumber: null });
    bridge.a.people.set('User', first.a, { email: 'no address' });
    await bridge.sync('incremental');
    await bridge.event('authScape', 'User', first.a);
    await bridge.drain();
    const page = await view(bridge, first.a);

    expect(page.failures).toMatchObject([{ code: 'invalid_email', field: 'emailaddress1' }]);
    expect(page.held).toHaveLength(1);
    expect(page.deadLetters).toHaveLength(1);
  });

  it('of a record without partner has no link and no row', async () => {
    const bridge = await createHarness();
    const a = aUser(bridge);
    const page = await view(bridge, a);
    expect(page).toMatchObject({ link: null, crmId: null, dynamics: null });
    expect(page.fields[0]).toMatchObject({ authScape: 'Ada', base: null, differs: null });
    expect(page.fields[0]?.dynamics).toBeUndefined();
  });

  it('shows what is stored when a system is away, and says why it shows no more', async () => {
    const bridge = await createHarness();
    const { a } = await aPair(bridge);
    const away = new BridgeError('dynamics_unavailable', 'Dynamics is not available (503).');
    bridge.parts.systems.dynamics = () => Promise.reject(away);
    const page = await view(bridge, a);

    expect(page).toMatchObject({ authScape: null, unavailable: { code: 'dynamics_unavailable' } });
    expect(page.link?.state).toBe('linked');
    expect(page.fields.find(({ authScapeField }) => authScapeField === 'firstName')).toMatchObject({
      base: { authScape: 'Ada', dynamics: 'Ada' },
      differs: null,
    });
  });

  it('is none for what neither side has, nor under a mapping that is none', async () => {
    const bridge = await createHarness();
    const { a } = await aPair(bridge);
    await expect(view(bridge, '999')).rejects.toMatchObject({ code: 'record_not_found' });
    await expect(view(bridge, a, 'm_none')).rejects.toMatchObject({ code: 'mapping_not_found' });
  });
});

describe('searching records', () => {
  const search = (bridge: Harness, text: string) =>
    bridge.engine.recordPages.search(bridge.connection.id, text);

  it('finds both sides by name, e-mail and id, a linked pair as one', async () => {
    const bridge = await createHarness();
    const { a, d } = await aPair(bridge, { lastName: 'Byron', email: 'augusta@x.test' });
    const alone = aContact(bridge, { lastname: 'Byron', emailaddress1: 'other@x.test' });

    const { items, truncated } = await search(bridge, 'byr');
    expect(truncated).toBe(false);
    expect(items).toMatchObject([
      {
        ...{ authScapeId: a, crmId: d, entity: 'User', crmEntity: 'contact' },
        authScape: { name: 'Ada Byron', email: 'augusta@x.test', active: true },
        dynamics: { email: 'augusta@x.test', active: true },
        link: { state: 'linked' },
      },
      { authScapeId: null, crmId: alone, authScape: null, link: null },
    ]);
    for (const text of ['AUGUSTA@', a, d]) {
      expect((await search(bridge, text)).items).toMatchObject([{ authScapeId: a, crmId: d }]);
    }
    expect((await search(bridge, 'nobody')).items).toEqual([]);
  });

  it('shows at most fifty', async () => {
    const bridge = await createHarness();
    for (let n = 0; n < 60; n += 1) aUser(bridge, { lastName: 'Byron' });
    const { items, truncated } = await search(bridge, 'Byron');
    expect([items.length, truncated]).toEqual([50, true]);
  });
});
