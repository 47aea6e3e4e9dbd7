import { expect, it } from 'vitest';
import { aUser } from '../support/actors.js';
import { createHarness, type Harness } from '../support/harness.js';
import { companyMapping, USER_COMPANY, userMapping } from '../support/mappings.js';

interface Calls {
  dynamics: number;
  authScape: number;
  storage: number;
}

/** Users of ten companies, all linked and in step, in pages as long as those of the real systems. */
async function givenInStep(count: number): Promise<Harness> {
  const bridge = await createHarness({
    mappings: [companyMapping(), userMapping({ relationships: [USER_COMPANY] })],
  });
  Object.assign(bridge.a, { pageSize: 500 });
  Object.assign(bridge.d, { pageSize: 5_000 });
  const companies = Array.from({ length: 10 }, (_, n) =>
    bridge.a.people.insert('Company', { title: `Company ${n}`, isDeactivated: false }),
  );
  for (let n = 0; n < count; n += 1) aUser(bridge, { companyId: companies[n % 10] ?? null });
  await bridge.sync('full');
  // Brings the rows that the first run made itself.
  await bridge.sync('incremental');
  return bridge;
}

async function callsOf(bridge: Harness, mode: 'full' | 'incremental'): Promise<Calls> {
  const calls: Calls = { dynamics: 0, authScape: 0, storage: 0 };
  bridge.world.before = ({ side }) => {
    calls[side] += 1;
  };
  bridge.storage.tables.before = () => {
    calls.storage += 1;
  };
  const { counts } = await bridge.sync(mode);
  expect(counts).toMatchObject({ failed: 0, skipped: 0, updated: 0 });
  return calls;
}

it.each(['full', 'incremental'] as const)(
  'a %s run that finds nothing to do asks little, of however many pairs',
  async (mode) => {
    const few = await callsOf(await givenInStep(20), mode);
    const many = await callsOf(await givenInStep(160), mode);
    expect(many).toEqual(few);
    expect(many.dynamics).toBeLessThanOrEqual(10);
    expect(many.authScape).toBeLessThanOrEqual(10);
    expect(many.storage).toBeLessThanOrEqual(100);
  },
);
