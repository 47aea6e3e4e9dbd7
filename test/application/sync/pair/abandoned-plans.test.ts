import { describe, expect, it } from 'vitest';
import { aFieldMapping } from '../../../support/builders.js';
import { CrashError } from '../../../support/memory-systems-world.js';
import { aPair, contact, logged, user } from '../../support/actors.js';
import { createHarness, type Harness } from '../../support/harness.js';
import { changeMapping, USER_FIELDS, userMapping } from '../../support/mappings.js';

/** The next worker whose write of this name arrives dies with it. */
function dieAfter(bridge: Harness, name: string): void {
  bridge.world.after = (call) => {
    if (call.name !== name) return;
    bridge.world.after = undefined;
    throw new CrashError('The process is dead.');
  };
}

describe('[W3] the plan of a worker that died', () => {
  it('[M10] holds a long value that the write replaced in full, for the log', async () => {
    const bridge = await createHarness();
    const { a, d } = await aPair(bridge);
    bridge.clock.advance(60_000);
    const long = 'x'.repeat(600);
    bridge.a.people.set('User', a, { firstName: long });
    bridge.d.people.set('contact', d, { firstname: 'D' });
    dieAfter(bridge, 'update.write');
    await bridge.sync('incremental');
    await bridge.sync('incremental');
    expect(user(bridge, a).firstName).toBe('D');
    expect(await logged(bridge, a)).toContain(`conflict firstName: ${long} -> D (conflict)`);
  });

  it('[M10] tells what it replaced, also where the mapping has lost the field since', async () => {
    const bridge = await createHarness();
    const { a, d } = await aPair(bridge);
    bridge.clock.advance(60_000);
    bridge.a.people.set('User', a, { lastName: 'A1' });
    bridge.clock.advance(60_000);
    bridge.d.people.set('contact', d, { lastname: 'D2' });
    dieAfter(bridge, 'update.write');
    const run = await bridge.start('incremental');
    const job = bridge.storage.jobs.take();
    if (job !== undefined) await bridge.deliver(job);
    expect(user(bridge, a).lastName).toBe('D2');
    await changeMapping(bridge, ({ fields }) => ({
      fields: fields.filter(({ authScapeField }) => authScapeField !== 'lastName'),
    }));
    await bridge.finish(run.id);
    await bridge.sync('full');
    expect(await logged(bridge, a)).toContain('conflict lastName: A1 -> D2 (conflict)');
  });

  it('[B3] is no base for a transform that the field has since', async () => {
    const level = (map: Readonly<Record<string, number>>) =>
      aFieldMapping({
        id: 'f_level',
        authScapeField: 'phoneNumber',
        crmField: 'new_level',
        transform: { type: 'valueMap', map },
      });
    const others = USER_FIELDS.filter(({ id }) => id !== 'f_phoneNumber');
    const fields = [...others, level({ bronze: 3, gold: 1 })];
    const bridge = await createHarness({
      connection: { conflictPolicy: 'authScapeWins' },
      mappings: [userMapping({ fields })],
    });
    const { a, d } = await aPair(bridge, { phoneNumber: 'bronze' });
    bridge.clock.advance(60_000);
    bridge.a.people.set('User', a, { phoneNumber: 'gold' });
    dieAfter(bridge, 'update');
    const run = await bridge.start('incremental');
    const job = bridge.storage.jobs.take();
    if (job !== undefined) await bridge.deliver(job);
    expect(contact(bridge, d).new_level).toBe(1);
    await changeMapping(bridge, () => ({ fields: [...others, level({ gold: 4, bronze: 1 })] }));
    await bridge.finish(run.id);
    await bridge.sync('full');
    expect(user(bridge, a).phoneNumber).toBe('gold');
    expect(contact(bridge, d).new_level).toBe(4);
    expect(await logged(bridge, a)).toEqual(
      expect.arrayContaining([expect.stringContaining('new_level: 3 -> 1')]),
    );
  });
});
