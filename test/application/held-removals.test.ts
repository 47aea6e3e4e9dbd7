import { describe, expect, it } from 'vitest';
import { linkOf, pairs, user } from './support/actors.js';
import { createHarness, type Harness, type HarnessOptions } from './support/harness.js';

const GUARDED: HarnessOptions = { connection: { massDeleteGuard: { count: 5, percent: 50 } } };

/** Twelve pairs, and a run that holds what was done to the rows of the first six. */
async function heldRun(act: (bridge: Harness, d: string) => void) {
  const bridge = await createHarness(GUARDED);
  const held = (await pairs(bridge, 12)).slice(0, 6);
  for (const { d } of held) act(bridge, d);
  const run = await bridge.sync('incremental');
  expect(run.status).toBe('awaitingApproval');
  const [first] = held;
  if (first === undefined) throw new Error('a pair is needed');
  return { bridge, run, held, first };
}

/** The row was merged into one that is gone, with the reference to it. */
function mergeIntoNothing(bridge: Harness, d: string): void {
  const row = bridge.d.tables.get('contact')?.rows.get(d);
  if (row === undefined) throw new Error('a row is needed');
  row.mergedInto = d;
  bridge.d.people.set('contact', d, { statecode: 1 });
}

const heldIds = async (bridge: Harness) =>
  (await bridge.storage.backlog.scanHeld(bridge.connection.id, 100)).items.map(
    ({ authScapeId }) => authScapeId,
  );

describe('a full run beside a run that holds removals', () => {
  it('leaves those of rows whose surviving row is gone', async () => {
    const { bridge, run, held } = await heldRun(mergeIntoNothing);
    await bridge.sync('full');
    expect(await heldIds(bridge)).toHaveLength(6);
    expect((await bridge.decide(run.id, 'approve')).counts.deactivated).toBe(6);
    expect(held.map(({ a }) => user(bridge, a).isActive)).not.toContain(true);
  });

  it('drops those of such rows that stand for themselves again', async () => {
    const { bridge, first, held } = await heldRun(mergeIntoNothing);
    bridge.d.people.set('contact', first.d, { statecode: 0 });
    await bridge.sync('full');
    expect(await heldIds(bridge)).toEqual(held.slice(1).map(({ a }) => a));
    expect((await linkOf(bridge, first.a))?.state).toBe('linked');
  });
});
