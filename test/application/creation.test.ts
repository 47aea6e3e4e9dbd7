import { describe, expect, it } from 'vitest';
import { createHarness } from './support/harness.js';

describe('creation', () => {
  it('makes partners on both sides and finds nothing to do afterwards', async () => {
    const bridge = await createHarness();
    const ada = bridge.a.people.insert('User', {
      firstName: 'Ada',
      lastName: 'L',
      email: 'ada@x.test',
      isActive: true,
    });
    bridge.d.people.insert('contact', { firstname: 'Bob', lastname: 'M', emailaddress1: 'bob@x.test' });
    const run = await bridge.sync('full');
    expect(run).toMatchObject({ status: 'succeeded', error: null, counts: { created: 2, failed: 0 } });
    expect(bridge.a.records.User.size).toBe(2);
    expect(bridge.d.tables.get('contact')?.rows.size).toBe(2);
    expect(await bridge.links()).toHaveLength(2);
    const before = bridge.world.changes.length;
    const again = await bridge.sync('full');
    expect(again.counts).toMatchObject({ unchanged: 2, created: 0, updated: 0, failed: 0 });
    expect(bridge.world.changes.length).toBe(before);
    expect(ada).toBe('101');
  });
});
