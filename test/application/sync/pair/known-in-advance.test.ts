import { describe, expect, it } from 'vitest';
import type { FieldMapping } from '../../../../src/domain/model.js';
import { aColumn, aFieldMapping } from '../../../support/builders.js';
import { aPair, aUser, contact, linkOf, logged } from '../../support/actors.js';
import { createHarness } from '../../support/harness.js';
import { USER_FIELDS, userMapping } from '../../support/mappings.js';

describe('[E5] what is known in advance is checked in advance, in dry runs too', () => {
  const others = USER_FIELDS.filter(({ id }) => id !== 'f_phoneNumber');
  const mapped = (crmField: string, more: Partial<FieldMapping> = {}) => ({
    mappings: [
      userMapping({
        fields: [...others, aFieldMapping({ id: 'f_x', authScapeField: 'phoneNumber', crmField, ...more })],
      }),
    ],
  });

  it('a date before 1753 leaves its field out of a new contact', async () => {
    const bridge = await createHarness(mapped('birthdate', { direction: 'Outbound' }));
    const a = aUser(bridge, { phoneNumber: '0001-01-01' });
    const dry = await bridge.sync('full', { dryRun: true });
    expect((await bridge.logs(dry.id)).map(({ error }) => error?.code)).toContain('out_of_range');
    await bridge.sync('full');
    expect(contact(bridge, (await linkOf(bridge, a))?.crmId ?? '')).toMatchObject({ firstname: 'Ada' });
    expect(await logged(bridge, a)).toContain('failed birthdate out_of_range');
  });

  it('a status reason of the other state leaves its field out, and the others arrive', async () => {
    const label = { transform: { type: 'optionSet', by: 'label' }, direction: 'Outbound' } as const;
    const bridge = await createHarness(mapped('statuscode', label));
    const table = bridge.d.tables.get('contact');
    if (table === undefined) throw new Error('no contacts');
    const options = [
      { value: 1, label: 'Active', state: 0 },
      { value: 2, label: 'Inactive', state: 1 },
    ];
    const column = aColumn('statuscode', { type: 'status', options });
    table.schema = { ...table.schema, columns: [...table.schema.columns, column] };
    const { a, d } = await aPair(bridge, { phoneNumber: 'Active' });
    bridge.a.people.set('User', a, { phoneNumber: 'Inactive', firstName: 'Augusta' });
    await bridge.sync('incremental');
    expect(contact(bridge, d).firstname).toBe('Augusta');
    expect(await logged(bridge, a)).toContain('failed statuscode invalid_status');
  });
});
