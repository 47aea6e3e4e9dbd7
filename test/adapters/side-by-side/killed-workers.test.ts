import { describe, expect, it } from 'vitest';
import { isBulk } from '../../../src/adapters/bulk-work.js';
import { crashAt } from '../../application/support/crash.js';
import { differences, playAtEach, playRun, undisturbed } from './outcome.js';
import { PAIRS, withScene } from './scene.js';

it('two pairs of each kind share their requests, which let those of events go first', () =>
  withScene(async (scene) => {
    const sent: string[] = [];
    scene.bridge.world.before = ({ effect, name, side }) => {
      if (side === 'dynamics' && effect) sent.push(`${isBulk() ? 'run' : 'event'} ${name}`);
    };
    await scene.bridge.sync('full');
    // Edits of pairs in step, rows that are made, and values of pairs that are linked.
    expect(sent).toEqual(['run POST $batch', 'run POST $batch', 'run POST $batch']);
    scene.bridge.a.people.set('User', scene.userId('edited-1@x.test'), { lastName: 'Byron' });
    await scene.bridge.event('authScape', 'User', scene.userId('edited-1@x.test'));
    await scene.bridge.drain();
    expect(sent.slice(3)).toEqual(['event PATCH contacts']);
  }));

describe('[R1] a worker that dies', () => {
  it.each(['before', 'after'] as const)(
    '%s any effect of a run changes nothing in the end, nor what is counted',
    { timeout: 300_000 },
    async (when) => {
      const wanted = await undisturbed();
      expect(wanted).toMatchObject({ inStep: PAIRS.length, isAtRest: true, status: 'succeeded' });
      const { faults, places } = await playAtEach(async (scene, n) => {
        const crash = crashAt(scene.bridge, n, when);
        const found = await playRun(scene);
        return { happened: crash.happened(), faults: differences(wanted, found) };
      });
      expect(faults).toEqual([]);
      expect(places).toBeGreaterThan(4 * PAIRS.length);
    },
  );
});
