import { describe, expect, it } from 'vitest';
import type { FieldMapping } from '../../../src/domain/model.js';
import { aFieldMapping } from '../../support/builders.js';
import {
  aContact,
  aPair,
  aUser,
  contact,
  linkOf,
  logged,
  mark,
  user,
  writesSince,
} from '../support/actors.js';
import { createHarness, type Harness } from '../support/harness.js';
import {
  changeMapping,
  companyMapping,
  locationMapping,
  USER_FIELDS,
  userMapping,
} from '../support/mappings.js';

const phone = (more: Partial<FieldMapping> = {}): FieldMapping =>
  aFieldMapping({ id: 'f_new', authScapeField: 'phoneNumber', crmField: 'telephone1', ...more });
const WITHOUT_PHONE = USER_FIELDS.filter(({ authScapeField }) => authScapeField !== 'phoneNumber');

/** A pair whose phone numbers are not mapped, and differ. */
async function unmappedPhones() {
  const bridge = await createHarness({ mappings: [userMapping({ fields: WITHOUT_PHONE })] });
  const pair = await aPair(bridge);
  bridge.a.people.set('User', pair.a, { phoneNumber: '1' });
  bridge.d.people.set('contact', pair.d, { telephone1: '2' });
  return { bridge, ...pair };
}

async function changeField(bridge: Harness, authScapeField: string, more: Partial<FieldMapping>) {
  await changeMapping(bridge, ({ fields }) => ({
    fields: fields.map((field) => (field.authScapeField === authScapeField ? { ...field, ...more } : field)),
  }));
}

describe.each(['full', 'incremental'] as const)(
  'a field mapping changes on linked records (%s run)',
  (mode) => {
    it('[C9][M13] a new one makes a first merge of its field, and of no other', async () => {
      const { bridge, a, d } = await unmappedPhones();
      bridge.a.people.set('User', a, { firstName: 'Augusta' });
      await changeMapping(bridge, ({ fields }) => ({ fields: [...fields, phone()] }));
      const start = mark(bridge);
      await bridge.sync(mode);
      expect([...writesSince(bridge, start)].sort()).toEqual([
        'authScape phoneNumber: 1 -> 2',
        'dynamics firstname: Ada -> Augusta',
      ]);
      const told = await logged(bridge, a);
      expect(told).toContain('success phoneNumber: 1 -> 2 (firstMerge)');
      expect(told).toContain('success firstname: Ada -> Augusta (authScapeChanged)');
      expect(contact(bridge, d).telephone1).toBe('2');
    });

    it('[C9] a new one empties nothing', async () => {
      const { bridge, a, d } = await unmappedPhones();
      bridge.d.people.set('contact', d, { telephone1: null });
      await changeMapping(bridge, ({ fields }) => ({ fields: [...fields, phone({ direction: 'Inbound' })] }));
      const start = mark(bridge);
      await bridge.sync(mode);
      expect(writesSince(bridge, start)).toEqual([]);
      expect(user(bridge, a).phoneNumber).toBe('1');
    });

    it('[C9] a removed one leaves both sides as they are, and was never merged when it is made again', async () => {
      const bridge = await createHarness();
      const { a, d } = await aPair(bridge, { phoneNumber: '1' });
      await changeMapping(bridge, () => ({ fields: WITHOUT_PHONE }));
      const start = mark(bridge);
      bridge.a.people.set('User', a, { phoneNumber: null });
      await bridge.sync(mode);
      expect(contact(bridge, d).telephone1).toBe('1');
      await changeMapping(bridge, () => ({ fields: [...WITHOUT_PHONE, phone()] }));
      await bridge.sync(mode);
      expect(writesSince(bridge, start)).toEqual(['authScape phoneNumber: null -> 1']);
    });

    it('[C9][V9] one that is switched off for a while is merged with its old base afterwards', async () => {
      const bridge = await createHarness();
      const { a, d } = await aPair(bridge, { phoneNumber: '1' });
      await changeField(bridge, 'phoneNumber', { enabled: false });
      bridge.a.people.set('User', a, { phoneNumber: null });
      await bridge.sync(mode);
      expect(contact(bridge, d).telephone1).toBe('1');
      await changeField(bridge, 'phoneNumber', { enabled: true });
      await bridge.sync(mode);
      expect(contact(bridge, d).telephone1).toBeNull();
    });

    it('[M8] a changed direction holds for edits made before it', async () => {
      const bridge = await createHarness();
      const { a, d } = await aPair(bridge, { phoneNumber: '1' });
      bridge.a.people.set('User', a, { phoneNumber: '2' });
      await changeField(bridge, 'phoneNumber', { direction: 'Inbound' });
      const start = mark(bridge);
      await bridge.sync(mode);
      expect(writesSince(bridge, start)).toEqual(['authScape phoneNumber: 2 -> 1']);
      expect(await logged(bridge, a)).toContain('success phoneNumber: 2 -> 1 (setBack)');
      expect(contact(bridge, d).telephone1).toBe('1');
    });

    it('[B3] another column starts over with a first merge, and the old column is left alone', async () => {
      const bridge = await createHarness();
      const { a, d } = await aPair(bridge, { firstName: 'Ada', lastName: 'Byron' });
      await changeField(bridge, 'phoneNumber', { enabled: false });
      await changeField(bridge, 'firstName', { crmField: 'telephone1' });
      await bridge.sync(mode);
      expect(contact(bridge, d)).toMatchObject({ firstname: 'Ada', telephone1: 'Ada' });
      expect(await logged(bridge, a)).toContain('success telephone1: null -> Ada (firstMerge)');
    });
  },
);

describe('a mapping changes on linked records', () => {
  it('[P13] a filter that no longer takes a linked row keeps it linked, and lets no other such row join', async () => {
    const bridge = await createHarness();
    const { a, d } = await aPair(bridge);
    await changeMapping(bridge, () => ({ filter: 'new_level eq 2' }));
    const other = aContact(bridge);
    bridge.d.people.set('contact', d, { firstname: 'Outside' });
    await bridge.sync('full');
    expect(user(bridge, a).firstName).toBe('Outside');
    expect((await bridge.links()).map(({ crmId }) => crmId)).not.toContain(other);
  });

  it('[M8] a mapping that became Outbound creates nothing in AuthScape and takes nothing from Dynamics', async () => {
    const bridge = await createHarness();
    const { a, d } = await aPair(bridge);
    await changeMapping(bridge, () => ({ direction: 'Outbound' }));
    aContact(bridge);
    bridge.d.people.set('contact', d, { firstname: 'Mine' });
    const start = mark(bridge);
    await bridge.sync('full');
    expect(writesSince(bridge, start)).toEqual(['dynamics firstname: Mine -> Ada']);
    expect(bridge.a.records.User.size).toBe(1);
    expect(user(bridge, a).firstName).toBe('Ada');
  });

  it('[M8] the direction binds deletes: under Outbound a contact that is gone removes no user', async () => {
    const bridge = await createHarness({ connection: { direction: 'Outbound' } });
    const { a, d } = await aPair(bridge);
    bridge.d.people.remove('contact', d);
    await bridge.sync('full');
    expect(user(bridge, a).isActive).toBe(true);
  });

  it('[C7] a mapping that is switched off rests, and merges with its old base when it is back', async () => {
    const bridge = await createHarness();
    const { a, d } = await aPair(bridge, { phoneNumber: '1' });
    const another = aUser(bridge, { isActive: false });
    await changeMapping(bridge, () => ({ enabled: false }));
    bridge.a.people.set('User', a, { phoneNumber: null });
    const start = mark(bridge);
    await bridge.event('authScape', 'User', a);
    await bridge.drain();
    expect(writesSince(bridge, start)).toEqual([]);
    await changeMapping(bridge, () => ({ enabled: true }));
    await bridge.sync('incremental');
    expect(writesSince(bridge, start)).toEqual(['dynamics telephone1: 1 -> null']);
    expect(contact(bridge, d).telephone1).toBeNull();
    expect(await linkOf(bridge, another)).toBeUndefined();
  });
});

describe('[C2] a mapping is switched while a run is under way', () => {
  /** Three mappings, and a run that has read both sides when it comes to compare locations. */
  async function comparing(companiesOn: boolean) {
    const mappings = [companyMapping({ enabled: companiesOn }), locationMapping(), userMapping()];
    const bridge = await createHarness({ mappings, stepMs: 0 });
    const a = aUser(bridge);
    bridge.a.people.insert('Company', { title: 'Firm' });
    bridge.a.people.insert('Location', { title: 'Shop' });
    await bridge.sync('full');
    const d = (await linkOf(bridge, a))?.crmId ?? '';
    bridge.d.people.set('contact', d, { telephone1: 'edit' });
    bridge.clock.advance(1_000);
    const run = await bridge.start('incremental');
    const isThere = async () => {
      const { phase, cursor } = await bridge.getRun(run.id);
      return phase === 'comparing' && cursor.mappingIndex === (companiesOn ? 1 : 0);
    };
    for (let count = 0; count < 50 && !(await isThere()); count += 1) {
      const job = bridge.storage.jobs.take();
      if (job !== undefined) await bridge.deliver(job);
    }
    expect(await isThere()).toBe(true);
    return { bridge, a, run };
  }

  it('one that goes off ends the run, and the next one brings what this one had read', async () => {
    const { bridge, a, run } = await comparing(true);
    await changeMapping(bridge, () => ({ enabled: false }), 'm_company');
    expect(await bridge.finish(run.id)).toMatchObject({
      status: 'failed',
      error: { code: 'schema_changed' },
    });
    expect((await bridge.sync('incremental')).status).toBe('succeeded');
    expect(user(bridge, a).phoneNumber).toBe('edit');
  });

  it('one that comes waits for the next run', async () => {
    const { bridge, a, run } = await comparing(false);
    await changeMapping(bridge, () => ({ enabled: true }), 'm_company');
    expect(await bridge.finish(run.id)).toMatchObject({ status: 'succeeded', counts: { updated: 1 } });
    expect(user(bridge, a).phoneNumber).toBe('edit');
    expect(await bridge.links('m_company')).toEqual([]);
    await bridge.sync('incremental');
    expect(await bridge.links('m_company')).toHaveLength(1);
  });
});
