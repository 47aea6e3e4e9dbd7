import { describe, expect, it } from 'vitest';
import { UnknownOutcomeError } from '../../../../src/application/ports/systems.js';
import { aPair, aUser, linkOf } from '../../support/actors.js';
import { createHarness, type Harness } from '../../support/harness.js';

type Effect = 'update' | 'create' | 'remove';

/** Loses the first of these calls, and notes of each whether it went alone. */
function loseFirst(bridge: Harness, effect: Effect): readonly boolean[] {
  const { system } = bridge.d;
  const alone: boolean[] = [];
  let depth = 0;
  Object.assign(system, {
    async alone<T>(work: () => Promise<T>) {
      depth += 1;
      try {
        return await work();
      } finally {
        depth -= 1;
      }
    },
  });
  bridge.world.before = ({ name, side }) => {
    if (side !== 'dynamics' || name !== effect) return;
    alone.push(depth > 0);
    if (alone.length === 1) throw new UnknownOutcomeError('No answer.', { timedOut: true });
  };
  return alone;
}

describe('a write whose predecessor was not answered goes alone:', () => {
  const CLAIM_OVER_MS = 700_000;

  it('an update', async () => {
    const bridge = await createHarness();
    const { a } = await aPair(bridge);
    bridge.a.people.set('User', a, { phoneNumber: '5' });
    const alone = loseFirst(bridge, 'update');
    await bridge.sync('incremental');
    expect(alone).toEqual([false, true]);
  });

  it('an insertion', async () => {
    const bridge = await createHarness();
    aUser(bridge);
    const alone = loseFirst(bridge, 'create');
    await bridge.sync('full');
    expect(alone).toEqual([false, true]);
  });

  it('a removal', async () => {
    const bridge = await createHarness({ connection: { deletePolicy: 'delete' } });
    const { a } = await aPair(bridge);
    aUser(bridge);
    await bridge.sync('full');
    bridge.a.people.remove('User', a);
    await bridge.sync('incremental');
    const alone = loseFirst(bridge, 'remove');
    await bridge.sync('incremental');
    bridge.clock.advance(CLAIM_OVER_MS);
    await bridge.sync('incremental');
    expect(alone).toEqual([false, true]);
    expect((await linkOf(bridge, a))?.state).toBe('tombstone');
  });
});
