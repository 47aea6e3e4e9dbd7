import { describe, expect, it } from 'vitest';
import { aPair, contact, linkOf, pairs, user } from '../../support/actors.js';
import { createHarness, type Harness } from '../../support/harness.js';

/** Both systems answer a change of the state with 200 and keep the record as it is, until the returned function is called. */
function ignoreStates({ a, d }: Harness): () => void {
  const [update, patch] = [a.system.update, d.system.update];
  a.system.update = async (entity, id, _values, { guard }) => {
    await guard();
    const record = await a.system.get(entity, id, []);
    return record === undefined ? { kind: 'gone' } : { kind: 'written', record, undone: [] };
  };
  d.system.update = async (table, id, _etag, _values, columns) => {
    const row = await d.system.get(table, id, columns);
    return row === undefined ? { kind: 'gone' } : { kind: 'written', row };
  };
  return () => {
    a.system.update = update;
    d.system.update = patch;
  };
}

const FAILED = { deactivated: 0, failed: 1 };

describe('[D3] a state that the other side takes and does not keep', () => {
  it('is a failed removal of the user, made up for when it is kept', async () => {
    const bridge = await createHarness();
    const { a, d } = await aPair(bridge);
    bridge.d.people.remove('contact', d);
    const mend = ignoreStates(bridge);
    const run = await bridge.sync('incremental');
    expect(run.counts).toMatchObject(FAILED);
    expect(run.status).toBe('partiallySucceeded');
    expect(await linkOf(bridge, a)).toMatchObject({ state: 'linked' });
    mend();
    await bridge.sync('full');
    expect(user(bridge, a).isActive).toBe(false);
    expect(await linkOf(bridge, a)).toMatchObject({ tombstone: { act: 'deactivated' } });
  });

  it('is a failed removal of the contact, made up for when it is kept', async () => {
    const bridge = await createHarness();
    const [gone] = await pairs(bridge, 3);
    if (gone === undefined) throw new Error('a pair is needed');
    bridge.a.people.remove('User', gone.a);
    await bridge.sync('incremental');
    const mend = ignoreStates(bridge);
    expect((await bridge.sync('incremental')).counts).toMatchObject(FAILED);
    expect(contact(bridge, gone.d).statecode).toBe(0);
    mend();
    await bridge.sync('full');
    expect(contact(bridge, gone.d).statecode).toBe(1);
  });

  it('keeps a returned record from being linked again before its partner is active', async () => {
    const bridge = await createHarness();
    const { a, d } = await aPair(bridge);
    bridge.d.people.remove('contact', d);
    await bridge.sync('incremental');
    bridge.d.people.restore('contact', d);
    const mend = ignoreStates(bridge);
    await bridge.sync('full');
    expect(user(bridge, a).isActive).toBe(false);
    expect(await linkOf(bridge, a)).toMatchObject({ state: 'tombstone' });
    mend();
    await bridge.sync('full');
    expect(user(bridge, a).isActive).toBe(true);
    expect(contact(bridge, d).statecode).toBe(0);
  });
});
