import { expect, it } from 'vitest';
import { cancelRun } from '../../../src/application/runs/manage-runs.js';
import { differences, playAtEach, playRun, undisturbed } from './outcome.js';
import { PAIRS, type Scene, withScene } from './scene.js';
import { standStillAt } from './stand-still.js';

/** A worker looks for a request to cancel so often. */
const LOOK_MS = 5_000;
const MOST_MS = 10_000;

async function cancel({ bridge }: Scene, id: string): Promise<void> {
  await cancelRun({ ...bridge.parts, ...bridge.storage, queue: bridge.storage.jobs })(id);
  bridge.clock.advance(LOOK_MS);
}

it('a run that is cancelled before any effect ends within ten seconds, and the next one does the rest once', {
  timeout: 300_000,
}, async () => {
  const { inStep: _, status: __, ...wanted } = await undisturbed();
  const { faults, places } = await playAtEach(async (scene, n) => {
    const { bridge } = scene;
    let cancelledAt = Number.NaN;
    const { id } = await bridge.start('full');
    const run = standStillAt(scene, n, 'before', () => {
      cancelledAt = bridge.clock.now();
      return cancel(scene, id);
    });
    const { finishedAt, status } = await bridge.finish(id);
    const tookMs = Date.parse(finishedAt ?? '') - cancelledAt;
    const happened = run.happened();
    bridge.clock.advance(700_000);
    return {
      happened,
      faults: [
        ...(tookMs > MOST_MS ? [`It took ${tookMs} ms.`] : []),
        ...(happened === null || status === 'cancelled' ? [] : [status]),
        ...differences(wanted, await playRun(scene)),
      ],
    };
  });
  expect(faults).toEqual([]);
  expect(places).toBeGreaterThan(PAIRS.length);
});

it('a run that is cancelled in the middle of a unit counts what the unit has written', () =>
  withScene(async (scene) => {
    const { bridge } = scene;
    const { id } = await bridge.start('full');
    bridge.world.after = async ({ name, side }) => {
      if (side !== 'authScape' || name !== 'create') return;
      bridge.world.after = undefined;
      await scene.outside(() => cancel(scene, id));
    };
    const { bySide, counts, status } = await bridge.finish(id);
    expect((await scene.look()).users).toHaveLength(PAIRS.length);
    expect({ status, created: bySide.authScape.created, counted: counts.created }).toEqual({
      ...{ status: 'cancelled', created: 2, counted: 2 },
    });
  }));
