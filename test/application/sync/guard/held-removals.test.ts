import { describe, expect, it } from 'vitest';
import { RecordRejectedError } from '../../../../src/domain/errors.js';
import { linkOf, pairs, user } from '../../support/actors.js';
import { crashAt } from '../../support/crash.js';
import { createHarness, type Harness, type HarnessOptions } from '../../support/harness.js';

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

function hide(bridge: Harness, d: string): void {
  bridge.world.before = ({ side, name, id }) => {
    if (side === 'dynamics' && name === 'get' && id === d)
      throw new RecordRejectedError('forbidden', 'The principal may not read the row.');
  };
}

const remove = (bridge: Harness, d: string) => bridge.d.people.remove('contact', d);
const clear = (bridge: Harness, d: string) => bridge.d.people.set('contact', d, { firstname: null });

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

  it('leaves that of a row that may not be read', async () => {
    const { bridge, first } = await heldRun(remove);
    hide(bridge, first.d);
    expect((await bridge.sync('full')).status).toBe('succeeded');
    expect(await heldIds(bridge)).toHaveLength(6);
  });
});

describe('a decision about a record that may not be read', () => {
  it.each([
    ['approve', 'removals', remove],
    ['reject', 'removals', remove],
    ['reject', 'clearings', clear],
  ] as const)('waits, while the others are decided (%s, %s)', async (decision, _name, act) => {
    const { bridge, run, first, held } = await heldRun(act);
    const isDone = async (a: string) =>
      act === remove
        ? (await linkOf(bridge, a))?.state === 'tombstone'
        : (await linkOf(bridge, a))?.base.f_firstName?.d === null;
    hide(bridge, first.d);
    expect(await bridge.decide(run.id, decision)).toMatchObject({ status: 'awaitingApproval' });
    expect(await heldIds(bridge)).toEqual([first.a]);
    expect(await Promise.all(held.map(({ a }) => isDone(a)))).toEqual([false, true, true, true, true, true]);
    bridge.world.before = undefined;
    expect((await bridge.sync('full')).status).toBe('succeeded');
    expect(user(bridge, first.a)).toMatchObject({ firstName: 'Ada', isActive: true });
    expect(await bridge.decide(run.id, decision)).toMatchObject({ status: 'succeeded' });
    expect(await heldIds(bridge)).toEqual([]);
    expect(await isDone(first.a)).toBe(true);
  });
});

describe('an approving run whose worker dies', () => {
  it.each([
    ['removals', remove, 'deactivated'],
    ['clearings', clear, 'updated'],
  ] as const)('counts each pair once, wherever it dies among them (%s)', async (_name, act, counter) => {
    for (let effect = 1, isAmong = true; isAmong; effect += 1) {
      const { bridge, run } = await heldRun(act);
      const before = run.counts[counter];
      const crash = crashAt(bridge, effect, 'before');
      const { counts, bySide } = await bridge.decide(run.id, 'approve');
      const what = `${effect}: ${crash.happened()}`;
      isAmong = crash.happened() !== 'Backlog transact' && crash.happened() !== null;
      expect([counts[counter], bySide.authScape[counter]], what).toEqual([before + 6, 6]);
    }
  });
});
