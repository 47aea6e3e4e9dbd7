import { describe, expect, it } from 'vitest';
import { diagnose } from '../../../src/application/inspection/diagnose.js';
import { BridgeError } from '../../../src/domain/errors.js';
import { aContact, aPair, aUser, mark, writesSince } from '../support/actors.js';
import { createHarness, type Harness } from '../support/harness.js';
import { userMapping } from '../support/mappings.js';

const well = { name: 'token', ok: true };
const look = (bridge: Harness, steps: readonly object[] = [well]) =>
  diagnose({
    ...bridge.storage,
    ...bridge.parts,
    test: async () => ({ steps: steps as (typeof well)[] }),
    webhook: async () => ({ registration: null, drift: [] }),
  })(bridge.connection.id);

describe('diagnostics', () => {
  it('count both sides of a mapping and write nothing', async () => {
    const bridge = await createHarness();
    await aPair(bridge);
    aUser(bridge, { isActive: false });
    aContact(bridge, { emailaddress1: null });
    await bridge.sync('full');
    const start = mark(bridge);
    const { mappings, recommendations } = await look(bridge);

    expect(mappings).toEqual([
      {
        ...{
          mappingId: 'm_1234567890',
          entity: 'User',
          crmEntity: 'contact',
          failed: 0,
          waiting: 1,
          held: 0,
        },
        authScape: { total: 2, active: 1, linked: 1, unlinked: 1, withoutMatchKey: 0 },
        dynamics: { total: 2, active: 2, linked: 1, unlinked: 1, withoutMatchKey: 1, totalIsEstimate: false },
      },
    ]);
    expect(recommendations.map(({ code }) => code)).toEqual(['webhook_missing']);
    expect(writesSince(bridge, start)).toEqual([]);
  });

  it('count the rows of the filter only, and name a key that is not mapped', async () => {
    const mapping = userMapping({ filter: "telephone1 eq '1'", matchBy: ['description'] });
    const bridge = await createHarness({ mappings: [mapping] });
    aContact(bridge, { telephone1: '1' });
    aContact(bridge, { telephone1: '2' });
    const { mappings, recommendations } = await look(bridge);
    expect(mappings[0]?.dynamics.total).toBe(1);
    expect(recommendations.map(({ code }) => code)).toContain('no_match_key');
  });

  it('say what is wrong when a system is away, instead of failing', async () => {
    const bridge = await createHarness();
    bridge.parts.systems.dynamics = () => Promise.reject(new BridgeError('dynamics_unavailable', 'Away.'));
    const step = { name: 'whoAmI', ok: false, code: 'dynamics_unavailable', detail: 'Away.' };
    const { mappings, recommendations } = await look(bridge, [step]);
    expect(mappings).toEqual([]);
    expect(recommendations[0]).toMatchObject({ code: 'connection_failing', severity: 'error' });
  });
});
