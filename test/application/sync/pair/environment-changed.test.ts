import { describe, expect, it } from 'vitest';
import { aPair, aUser, mark, writesSince } from '../../support/actors.js';
import { createHarness, type Harness } from '../../support/harness.js';

describe('[R4] a run writes nothing where the other end is not the one of the links', () => {
  it.each<[string, (bridge: Harness) => void]>([
    [
      'a copy of the environment: another organization',
      (bridge) => {
        bridge.d.organizationId = '0f6a0c3e-9999-4000-8000-000000000009';
      },
    ],
    [
      'another AuthScape',
      (bridge) => {
        bridge.a.address = 'https://other.example';
      },
    ],
    [
      'a Dynamics restored to an older state: rows with versions below their links’',
      (bridge) => {
        for (const row of bridge.d.tables.get('contact')?.rows.values() ?? []) row.version = 7;
      },
    ],
  ])('%s', async (_what, change) => {
    const bridge = await createHarness();
    const { a } = await aPair(bridge);
    bridge.a.people.set('User', a, { firstName: 'Edited' });
    aUser(bridge);
    change(bridge);
    const start = mark(bridge);
    const run = await bridge.sync('full');
    expect(run).toMatchObject({ status: 'failed', error: { code: 'environment_changed' } });
    expect(writesSince(bridge, start)).toEqual([]);
  });
});
