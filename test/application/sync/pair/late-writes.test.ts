import { expect, it } from 'vitest';
import { aPair, contact, logged, user } from '../../support/actors.js';
import { createHarness } from '../../support/harness.js';

/** A place where a worker waits until it is let on. */
function gate() {
  let open = () => {};
  let reach = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  const reached = new Promise<void>((resolve) => {
    reach = resolve;
  });
  const pass = async () => {
    reach();
    await opened;
  };
  return { open, reached, pass };
}

it('[W3] a write that lands after its worker was given up is no edit of a person', async () => {
  const bridge = await createHarness({ connection: { conflictPolicy: 'dynamicsWins' } });
  const { a, d } = await aPair(bridge);
  bridge.a.people.set('User', a, { lastName: 'Byron' });
  const gates = { slow: gate(), next: gate() };
  bridge.world.before = async ({ side, name }) => {
    const worker = bridge.world.worker()?.name;
    if (side === 'dynamics' && name === 'update' && worker !== undefined && worker in gates)
      await gates[worker as keyof typeof gates].pass();
  };
  const start = async (name: keyof typeof gates) => {
    await bridge.event('authScape', 'User', a);
    const job = bridge.storage.jobs.take();
    if (job === undefined) throw new Error('no job');
    const done = bridge.deliver(job, { name, dead: false });
    await gates[name].reached;
    return { done };
  };
  const slow = await start('slow');
  bridge.clock.advance(200_000);
  const next = await start('next');
  gates.slow.open();
  await slow.done;
  expect(contact(bridge, d).lastname).toBe('Byron');
  bridge.a.people.set('User', a, { lastName: 'King' });
  gates.next.open();
  await next.done;
  await bridge.drain();
  await bridge.sync('incremental');
  expect([user(bridge, a).lastName, contact(bridge, d).lastname]).toEqual(['King', 'King']);
  expect(await logged(bridge, a)).not.toContain('conflict');
});
