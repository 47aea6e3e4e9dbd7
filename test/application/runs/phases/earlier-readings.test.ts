import { describe, expect, it } from 'vitest';
import type { Pair } from '../../support/actors.js';
import type { Harness } from '../../support/harness.js';
import { callsOf, changeRun, named, slowRows, workUntil } from '../../support/slow-rows.js';

describe('a run that the version before began', () => {
  const LONG = 60;

  async function begun(): Promise<{ bridge: Harness; all: readonly Pair[]; id: string }> {
    const { bridge, all } = await slowRows(LONG, { stepMs: 1 });
    Object.assign(bridge.d, { pageSize: 5 });
    for (const { d } of all.slice(-3)) bridge.d.people.set('contact', d, { firstname: 'Edited' });
    for (const { a } of all.slice(0, 3)) bridge.a.people.set('User', a, { firstName: 'Edited' });
    const { id } = await bridge.start('full');
    return { bridge, all, id };
  }

  const inStep = { status: 'succeeded', counts: { updated: 6, unchanged: LONG - 6, failed: 0 } };

  it('in the middle of Dynamics goes on there, and reads AuthScape beside it', async () => {
    const { bridge, id } = await begun();
    await workUntil(
      bridge,
      id,
      ({ phase, cursor }) => phase === 'readingDynamics' && cursor.position !== null,
    );
    await changeRun(bridge, id, ({ cursor }) => ({
      cursor: { ...cursor, facts: { ...cursor.facts, scan: undefined } },
    }));
    const calls = callsOf(bridge);
    expect(await bridge.finish(id)).toMatchObject(inStep);
    expect(named(calls, 'changes')).toBe(LONG / 5 - 4);
  });

  it('at the start of AuthScape reads it, and Dynamics no more', async () => {
    const { bridge, id } = await begun();
    await workUntil(bridge, id, ({ cursor }) =>
      Object.values(cursor.facts.ofMapping ?? {}).some(({ fullRead }) => fullRead),
    );
    await changeRun(bridge, id, ({ cursor }) => ({
      phase: 'readingAuthScape',
      cursor: { ...cursor, position: null, facts: { ...cursor.facts, scan: undefined } },
    }));
    const calls = callsOf(bridge);
    expect(await bridge.finish(id)).toMatchObject(inStep);
    expect(named(calls, 'changes')).toBe(0);
    expect(named(calls, 'scan')).toBeGreaterThan(0);
  });

  it('and of one that began with AuthScape that is not read again', async () => {
    const { bridge, id } = await begun();
    await workUntil(bridge, id, ({ phase }) => phase === 'readingDynamics');
    await changeRun(bridge, id, ({ cursor }) => ({
      phase: 'readingAuthScape',
      cursor: { ...cursor, position: null, facts: { ...cursor.facts, ofMapping: {}, scan: undefined } },
    }));
    await workUntil(bridge, id, ({ phase }) => phase === 'readingDynamics');
    const calls = callsOf(bridge);
    expect(await bridge.finish(id)).toMatchObject(inStep);
    expect(named(calls, 'changes')).toBe(LONG / 5);
    expect(named(calls, 'scan')).toBe(0);
  });
});
