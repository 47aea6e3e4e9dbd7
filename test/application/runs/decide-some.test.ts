import { describe, expect, it } from 'vitest';
import { listChanges } from '../../../src/application/runs/list-changes.js';
import { pairs, user } from '../support/actors.js';
import { createHarness, type Harness } from '../support/harness.js';

/** Twelve pairs, six of whose rows were removed: a run holds the deactivations of their users. */
async function heldRun() {
  const bridge = await createHarness({ connection: { massDeleteGuard: { count: 5, percent: 50 } } });
  const held = (await pairs(bridge, 12)).slice(0, 6);
  for (const { d } of held) bridge.d.people.remove('contact', d);
  const run = await bridge.sync('incremental');
  expect(run.status).toBe('awaitingApproval');
  const { items } = await listChanges(bridge.storage)(run.id, { outcome: 'held' }, 100);
  expect(items).toHaveLength(6);
  const idOf = (a: string) => items.find(({ authScapeId }) => authScapeId === a)?.id ?? '';
  return { bridge, run, held, ids: held.map(({ a }) => idOf(a)) };
}

const inactive = (bridge: Harness, held: readonly { a: string }[]) =>
  held.flatMap(({ a }, index) => (user(bridge, a).isActive === false ? [index] : []));

describe('a decision about some of the held changes', () => {
  it('carries these out, and the run waits on with the others', async () => {
    const { bridge, run, held, ids } = await heldRun();
    const waiting = await bridge.decide(run.id, 'approve', ids.slice(0, 2));

    expect(waiting).toMatchObject({ status: 'awaitingApproval', counts: { deactivated: 2 } });
    expect(waiting.messages.at(-1)).toContain('4 held changes');
    expect(inactive(bridge, held)).toEqual([0, 1]);

    const rejected = await bridge.decide(run.id, 'reject', ids.slice(2, 3));
    expect(rejected.status).toBe('awaitingApproval');
    const ended = await bridge.decide(run.id, 'approve');
    expect(ended).toMatchObject({ status: 'succeeded', counts: { deactivated: 5 } });
    expect(inactive(bridge, held)).toEqual([0, 1, 3, 4, 5]);
    expect((await bridge.storage.backlog.scanHeld(bridge.connection.id, 10)).items).toEqual([]);
  });

  it('is refused for what the run does not hold, and then changes nothing', async () => {
    const { bridge, run, held, ids } = await heldRun();
    await bridge.decide(run.id, 'approve', ids.slice(0, 1));

    await expect(bridge.decide(run.id, 'approve', [...ids.slice(0, 2), 'x'])).rejects.toMatchObject({
      code: 'invalid_request',
      errors: [{ path: 'changeIds[0]' }, { path: 'changeIds[2]' }],
    });
    expect((await bridge.getRun(run.id)).status).toBe('awaitingApproval');
    expect(inactive(bridge, held)).toEqual([0]);
  });

  it('leaves a later run to the same held changes alone', async () => {
    const { bridge, run, held, ids } = await heldRun();
    await bridge.decide(run.id, 'approve', ids.slice(0, 2));
    await bridge.sync('full');
    expect(inactive(bridge, held)).toEqual([0, 1]);
    expect((await bridge.getRun(run.id)).status).toBe('awaitingApproval');
  });
});

describe('the changes of a run', () => {
  it('are filtered by outcome, side, entity and field, with cursors that go on', async () => {
    const bridge = await createHarness();
    const [first, second] = await pairs(bridge, 3);
    if (first === undefined || second === undefined) throw new Error('pairs are needed');
    bridge.clock.advance(60_000);
    bridge.a.people.set('User', first.a, { phoneNumber: '1' });
    bridge.d.people.set('contact', second.d, { lastname: 'Byron', telephone1: '2' });
    const run = await bridge.sync('incremental');
    const list = async (filter: Parameters<ReturnType<typeof listChanges>>[1]) =>
      (await listChanges(bridge.storage)(run.id, filter, 100)).items
        .map(({ authScapeId }) => authScapeId)
        .sort();

    expect(await list({})).toEqual([first.a, second.a].sort());
    expect(await list({ side: 'dynamics' })).toEqual([first.a]);
    expect(await list({ field: 'LastName' })).toEqual([second.a]);
    expect(await list({ field: 'phoneNumber' })).toEqual([second.a]);
    expect(await list({ outcome: 'updated', entity: 'User' })).toHaveLength(2);
    expect(await list({ outcome: 'created' })).toEqual([]);
    expect(await list({ entity: 'Company' })).toEqual([]);
    const page = await listChanges(bridge.storage)(run.id, {}, 1);
    const next = await listChanges(bridge.storage)(run.id, {}, 1, page.nextCursor);
    expect([...page.items, ...next.items]).toHaveLength(2);
  });
});
