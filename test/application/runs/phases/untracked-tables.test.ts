import { describe, expect, it } from 'vitest';
import { aPair, contact, contacts, user } from '../../support/actors.js';
import { createHarness, type Harness } from '../../support/harness.js';

/** A table whose changes Dynamics does not track. */
async function untracked(): Promise<Harness> {
  const bridge = await createHarness();
  for (const table of bridge.d.tables.values()) table.schema = { ...table.schema, changeTracking: false };
  return bridge;
}

const HOUR = 3_600_000;

describe('a table without change tracking', () => {
  it('is read by the time of modification, and the run says so', async () => {
    const bridge = await untracked();
    const { a, d } = await aPair(bridge);
    for (let count = 0; count < 8; count += 1) await aPair(bridge);
    bridge.clock.advance(HOUR);
    await bridge.sync('full');
    bridge.clock.advance(HOUR);
    bridge.d.people.set('contact', d, { firstname: 'Edited' });
    const run = await bridge.sync('incremental');
    expect(run.counts).toMatchObject({ updated: 1, unchanged: 8, failed: 0 });
    expect(user(bridge, a).firstName).toBe('Edited');
    expect(run.messages.join()).toMatch(/Change tracking is off for contact: .*time of modification/);
  });

  it('has an overlap: what was committed a little before the last read is not missed', async () => {
    const bridge = await untracked();
    const { a, d } = await aPair(bridge);
    bridge.clock.advance(HOUR);
    bridge.d.clockOffset = 120_000;
    await bridge.sync('incremental');
    bridge.d.people.set('contact', d, { firstname: 'Late' });
    const row = bridge.d.tables.get('contact')?.rows.get(d);
    if (row !== undefined) row.modifiedAt -= 240_000;
    await bridge.sync('incremental');
    expect(user(bridge, a).firstName).toBe('Late');
  });

  it('brings new rows; deletes are seen by full runs only', async () => {
    const bridge = await untracked();
    const { a, d } = await aPair(bridge);
    bridge.clock.advance(HOUR);
    bridge.d.people.insert('contact', { lastname: 'New', emailaddress1: 'new@x.test' }, 'f'.repeat(8));
    bridge.d.people.remove('contact', d);
    expect((await bridge.sync('incremental')).counts).toMatchObject({ created: 1, deactivated: 0 });
    expect(user(bridge, a).isActive).toBe(true);
    expect((await bridge.sync('full')).counts).toMatchObject({ deactivated: 1 });
    expect(contacts(bridge)).toHaveLength(1);
    expect(contact(bridge, 'f'.repeat(8)).lastname).toBe('New');
  });
});
