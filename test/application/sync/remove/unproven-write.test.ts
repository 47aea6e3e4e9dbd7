import { expect, it } from 'vitest';
import { deleteMapping } from '../../../../src/application/mappings/manage-mappings.js';
import { CrashError } from '../../../support/memory-systems-world.js';
import { aPair, contact, linkOf, logged, pairs, user } from '../../support/actors.js';
import { createHarness, type Harness, type HarnessOptions } from '../../support/harness.js';

/** The next write to the contact is made, and its worker does not live to keep that. */
async function dieBehindWrite(bridge: Harness, a: string): Promise<void> {
  bridge.world.after = ({ effect, name, side }) => {
    if (side !== 'dynamics' || !effect || !name.startsWith('update')) return;
    bridge.world.after = undefined;
    const worker = bridge.world.worker();
    if (worker !== undefined) worker.dead = true;
    throw new CrashError('The process died.');
  };
  await bridge.event('authScape', 'User', a);
  const job = bridge.storage.jobs.take();
  if (job === undefined) throw new Error('no job');
  await bridge.deliver(job, { name: 'mortal', dead: false });
  expect((await linkOf(bridge, a))?.plan).not.toBeNull();
}

it.each<[string, HarnessOptions]>([
  ['whose partner was deactivated meanwhile', { connection: { deletePolicy: 'deactivate' } }],
  ['whose partner was left alone', { connection: { deletePolicy: 'ignore' } }],
])(
  '[E4] what was written last to a contact that is removed and restored, and %s, was no edit there',
  async (_title, options) => {
    const bridge = await createHarness(options);
    await pairs(bridge, 2);
    const { a, d } = await aPair(bridge, { firstName: 'Ada' });
    bridge.a.people.set('User', a, { firstName: 'Older' });
    await dieBehindWrite(bridge, a);
    expect(contact(bridge, d).firstname).toBe('Older');
    bridge.d.people.remove('contact', d);
    bridge.clock.advance(700_000);
    await bridge.sync('full');
    expect(await linkOf(bridge, a)).toMatchObject({ state: 'tombstone' });
    bridge.a.people.set('User', a, { firstName: 'Newer' });
    bridge.clock.advance(700_000);
    bridge.d.people.restore('contact', d);
    await bridge.sync('full');
    expect([user(bridge, a).firstName, contact(bridge, d).firstname]).toEqual(['Newer', 'Newer']);
    expect(await linkOf(bridge, a)).toMatchObject({ state: 'linked', plan: null, clean: true });
    expect((await logged(bridge, a)).filter((line) => line.startsWith('conflict'))).toEqual([]);
    expect((await bridge.sync('full')).counts).toMatchObject({ updated: 0, unchanged: 3 });
  },
);

it('[V5] what was written last is in the log when the mapping is deleted before anyone has seen it', async () => {
  const bridge = await createHarness();
  const { a } = await aPair(bridge, { firstName: 'Ada' });
  const { mappingId = '' } = (await linkOf(bridge, a)) ?? {};
  bridge.a.people.set('User', a, { firstName: 'Older' });
  await dieBehindWrite(bridge, a);
  const before = await logged(bridge, a);
  await deleteMapping({ ...bridge.storage, ...bridge.parts })(bridge.connection.id, mappingId);
  expect((await logged(bridge, a)).filter((line) => !before.includes(line))).toEqual([
    'success firstname: Ada -> Older (authScapeChanged)',
  ]);
});
