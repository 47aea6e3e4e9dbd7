import { describe, expect, it } from 'vitest';
import { aFieldMapping } from '../../../support/builders.js';
import { aPair, user } from '../../support/actors.js';
import { createHarness } from '../../support/harness.js';
import { USER_FIELDS, userMapping } from '../../support/mappings.js';

describe('[V4] a value map', () => {
  it('carries the state both ways', async () => {
    const state = aFieldMapping({
      id: 'f_isActive',
      authScapeField: 'isActive',
      crmField: 'statecode',
      transform: { type: 'valueMap', map: { true: 0, false: 1 } },
    });
    const fields = [...USER_FIELDS.filter(({ id }) => id !== state.id), state];
    const bridge = await createHarness({ mappings: [userMapping({ fields })] });
    const { a, d } = await aPair(bridge);
    bridge.d.people.set('contact', d, { statecode: 1 });
    expect(await bridge.sync('incremental')).toMatchObject({ status: 'succeeded' });
    expect(user(bridge, a).isActive).toBe(false);
    bridge.d.people.set('contact', d, { statecode: 0 });
    await bridge.sync('incremental');
    expect(user(bridge, a).isActive).toBe(true);
  });
});
