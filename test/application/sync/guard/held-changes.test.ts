import { describe, expect, it } from 'vitest';
import { cancelRun } from '../../../../src/application/runs/manage-runs.js';
import type { FieldValues } from '../../../../src/domain/values.js';
import { contact, linkOf, mark, type Pair, pairs, user, writesSince } from '../../support/actors.js';
import { createHarness, type Harness, type HarnessOptions } from '../../support/harness.js';
import { USER_FIELDS, userMapping } from '../../support/mappings.js';

const GUARDED: HarnessOptions = { connection: { massDeleteGuard: { count: 5, percent: 50 } } };

/** Twelve pairs, and a run that holds what was done to the rows of the first six. */
async function heldRun(what: FieldValues | 'removed', more: HarnessOptions = {}) {
  const bridge = await createHarness({ ...GUARDED, ...more });
  const all = await pairs(bridge, 12);
  for (const { a } of all) bridge.a.people.set('User', a, { phoneNumber: '1' });
  await bridge.sync('incremental');
  const held = all.slice(0, 6);
  for (const { d } of held) {
    if (what === 'removed') bridge.d.people.remove('contact', d);
    else bridge.d.people.set('contact', d, what);
  }
  const run = await bridge.sync('incremental');
  expect(run.status).toBe('awaitingApproval');
  const [first] = held;
  if (first === undefined) throw new Error('a pair is needed');
  return { bridge, run, held, first };
}

const cancel = (bridge: Harness, runId: string) =>
  cancelRun({ ...bridge.parts, ...bridge.storage, queue: bridge.storage.jobs })(runId);

const inactive = (bridge: Harness, held: readonly Pair[]) =>
  held.filter(({ a }) => user(bridge, a).isActive === false).length;

describe('a rejection drops what is still due, and no more', () => {
  it('[D11] a value that the row got since goes to AuthScape', async () => {
    const { bridge, run, first, held } = await heldRun({ telephone1: null });
    bridge.d.people.set('contact', first.d, { telephone1: 'new' });
    await bridge.decide(run.id, 'reject');
    await bridge.sync('full');
    expect(held.map(({ a }) => user(bridge, a).phoneNumber)).toEqual(['new', '1', '1', '1', '1', '1']);
    expect(contact(bridge, held[1]?.d ?? '').telephone1).toBeNull();
  });

  it('a value that the user got since goes to the row', async () => {
    const { bridge, run, first } = await heldRun({ telephone1: null });
    bridge.a.people.set('User', first.a, { phoneNumber: 'new' });
    await bridge.decide(run.id, 'reject');
    await bridge.sync('full');
    expect(contact(bridge, first.d).telephone1).toBe('new');
    expect(user(bridge, first.a).phoneNumber).toBe('new');
  });

  it('what an Inbound field was to be set back to stays unwritten', async () => {
    const fields = USER_FIELDS.map((field) =>
      field.authScapeField === 'phoneNumber' ? { ...field, direction: 'Inbound' as const } : field,
    );
    const bridge = await createHarness({ ...GUARDED, mappings: [userMapping({ fields })] });
    const held = (await pairs(bridge, 12)).slice(0, 6);
    for (const { a } of held) bridge.a.people.set('User', a, { phoneNumber: '2' });
    const start = mark(bridge);
    const run = await bridge.sync('incremental');
    expect(run.status).toBe('awaitingApproval');
    await bridge.decide(run.id, 'reject');
    expect((await bridge.sync('full')).status).toBe('succeeded');
    expect(writesSince(bridge, start)).toEqual([]);
  });

  it('[D11] a row that came back keeps its partner', async () => {
    const { bridge, run, first } = await heldRun('removed');
    bridge.d.people.restore('contact', first.d);
    await bridge.decide(run.id, 'reject');
    bridge.d.people.set('contact', first.d, { telephone1: 'new' });
    await bridge.sync('incremental');
    expect(user(bridge, first.a).phoneNumber).toBe('new');
  });

  it.each(['run', 'event'] as const)(
    '[D7] a row that comes back after it is linked again (%s)',
    async (how) => {
      const { bridge, run, first, held } = await heldRun('removed');
      await bridge.decide(run.id, 'reject');
      bridge.d.people.restore('contact', first.d);
      bridge.d.people.set('contact', first.d, { telephone1: 'new' });
      if (how === 'event') await bridge.event('dynamics', 'contact', first.d);
      await (how === 'event' ? bridge.drain() : bridge.sync('incremental'));
      expect(await linkOf(bridge, first.a)).toMatchObject({ state: 'linked', crmId: first.d });
      expect(user(bridge, first.a).phoneNumber).toBe('new');
      expect(inactive(bridge, held)).toBe(0);
    },
  );
});

describe('what a run holds waits for a person', () => {
  it.each([
    ['removals', 'removed'],
    ['deactivations', { statecode: 1 }],
    ['clearings', { telephone1: null }],
  ] as const)('[D9] events of the same records carry out none of it (%s)', async (_name, what) => {
    const { bridge, run, held } = await heldRun(what);
    const start = mark(bridge);
    for (const { a, d } of held) {
      await bridge.event('dynamics', 'contact', d);
      await bridge.event('authScape', 'User', a);
    }
    await bridge.drain();
    expect(writesSince(bridge, start)).toEqual([]);
    await bridge.decide(run.id, 'approve');
    expect(writesSince(bridge, start)).toHaveLength(6);
  });

  it('[D9] a later run that has counted carries it out neither, though the first run is cancelled then', async () => {
    const { bridge, run, held } = await heldRun({ statecode: 1 }, { stepMs: 0, concurrency: 1 });
    bridge.clock.advance(1_000);
    const later = await bridge.start('full');
    const hasCounted = async () => (await bridge.getRun(later.id)).cursor.position?.includes('"apply"');
    for (let count = 0; count < 50 && !(await hasCounted()); count += 1) {
      const job = bridge.storage.jobs.take();
      if (job !== undefined) await bridge.deliver(job);
    }
    expect(await hasCounted()).toBe(true);
    await cancel(bridge, run.id);
    expect((await bridge.finish(later.id)).status).toBe('succeeded');
    expect(inactive(bridge, held)).toBe(0);
    expect((await bridge.sync('incremental')).status).toBe('awaitingApproval');
  });

  it.each(['full', 'incremental'] as const)(
    '[D11] users that are gone are all removed on approval, after a %s run beside',
    async (mode) => {
      const bridge = await createHarness(GUARDED);
      const held = (await pairs(bridge, 12)).slice(0, 6);
      for (const { a } of held) bridge.a.people.remove('User', a);
      await bridge.sync('incremental');
      const run = await bridge.sync('incremental');
      expect(run.status).toBe('awaitingApproval');
      expect((await bridge.sync(mode)).status).toBe('succeeded');
      await bridge.decide(run.id, 'approve');
      expect(held.map(({ d }) => contact(bridge, d).statecode)).toEqual([1, 1, 1, 1, 1, 1]);
    },
  );

  it('[D11] users that came back are dropped by a full run', async () => {
    const bridge = await createHarness(GUARDED);
    const held = (await pairs(bridge, 12)).slice(0, 6);
    for (const { a } of held) bridge.a.people.remove('User', a);
    await bridge.sync('incremental');
    const run = await bridge.sync('incremental');
    bridge.a.people.restore('User', held[0]?.a ?? '');
    await bridge.sync('full');
    const { items } = await bridge.storage.backlog.scanHeld(bridge.connection.id, 100);
    expect(items.map(({ authScapeId, runId }) => [authScapeId, runId])).toEqual(
      held.slice(1).map(({ a }) => [a, run.id]),
    );
  });

  it('[C2] deletes are met again by the next run when the one that held them is cancelled', async () => {
    const { bridge, run, held } = await heldRun('removed');
    await cancel(bridge, run.id);
    const next = await bridge.sync('incremental');
    expect(next.status).toBe('awaitingApproval');
    await bridge.decide(next.id, 'approve');
    expect(inactive(bridge, held)).toBe(6);
  });
});
