import { describe, expect, it } from 'vitest';
import { RecordRejectedError } from '../../../../src/domain/errors.js';
import type { FieldMapping } from '../../../../src/domain/model.js';
import { aPair, contact, linkOf, logged, user } from '../../support/actors.js';
import { createHarness, type Harness } from '../../support/harness.js';
import { locationMapping } from '../../support/mappings.js';

/** Refuses the first calls of a name, in their order, each for the field that stands there. */
function refuse(bridge: Harness, name: string, ...fields: readonly (string | undefined)[]): void {
  const left = [...fields];
  bridge.world.before = (call) => {
    if (call.name !== name || left.length === 0) return;
    const field = left.shift();
    throw new RecordRejectedError('invalid_value', 'No.', field === undefined ? {} : { field });
  };
}

const LOCATION_FIELDS = locationMapping().fields.map(
  (field): FieldMapping => ({ ...field, required: false }),
);

describe('a field that fails is left out, and the rest is written', () => {
  it('where AuthScape needs a value and Dynamics has none', async () => {
    const bridge = await createHarness({ mappings: [locationMapping({ fields: LOCATION_FIELDS })] });
    const a = bridge.a.people.insert('Location', { title: 'Depot', address: 'Old' });
    await bridge.sync('full');
    const d = (await linkOf(bridge, a, 'm_location'))?.crmId ?? '';
    bridge.d.people.set('account', d, { name: null, address1_line1: null });
    const run = await bridge.sync('full');
    expect(run.counts).toMatchObject({ failed: 1 });
    expect(bridge.a.records.Location.get(a)?.values).toMatchObject({ title: 'Depot', address: null });
    expect(await logged(bridge, a)).toContain('failed title required_value_missing');
  });

  it('where Dynamics refuses several by name', async () => {
    const bridge = await createHarness();
    const { a, d } = await aPair(bridge);
    bridge.a.people.set('User', a, { firstName: 'Augusta', lastName: 'King', phoneNumber: '5' });
    refuse(bridge, 'update', 'telephone1', 'lastname');
    const run = await bridge.sync('incremental');
    expect(run.counts).toMatchObject({ failed: 1 });
    expect(contact(bridge, d)).toMatchObject({ firstname: 'Augusta', lastname: 'Lovelace' });
    expect(await logged(bridge, a)).toEqual(
      expect.arrayContaining([
        'failed telephone1 invalid_value',
        'failed lastname invalid_value',
        'success firstname: Ada -> Augusta (authScapeChanged)',
      ]),
    );
  });

  it('where AuthScape refuses it by name after it was asked', async () => {
    const bridge = await createHarness();
    const { a, d } = await aPair(bridge);
    bridge.d.people.set('contact', d, { firstname: 'Augusta', telephone1: '5' });
    refuse(bridge, 'update.write', 'firstName');
    await bridge.sync('incremental');
    expect(user(bridge, a)).toMatchObject({ firstName: 'Ada', phoneNumber: '5' });
    expect(await logged(bridge, a)).toContain('failed firstName invalid_value');
  });

  it('where the answer does not say which field it is, and each is taken by itself', async () => {
    const bridge = await createHarness();
    const { a, d } = await aPair(bridge);
    bridge.a.people.set('User', a, { firstName: 'Augusta', phoneNumber: '5' });
    refuse(bridge, 'update', undefined);
    await bridge.sync('incremental');
    expect(contact(bridge, d)).toMatchObject({ firstname: 'Augusta', telephone1: '5' });
  });

  it('in a new location', async () => {
    const fields = LOCATION_FIELDS.map((field): FieldMapping => {
      if (field.authScapeField !== 'city') return field;
      return { ...field, transform: { type: 'valueMap', map: { York: 'YRK' } } };
    });
    const bridge = await createHarness({ mappings: [locationMapping({ fields })] });
    bridge.d.people.insert('account', { name: 'Depot', address1_line1: 'Quay', address1_city: 'HUL' });
    const run = await bridge.sync('full');
    expect([...bridge.a.records.Location.values()].map(({ values }) => values)).toMatchObject([
      { title: 'Depot', address: 'Quay', city: null },
    ]);
    expect(run.counts).toMatchObject({ failed: 1 });
  });
});
