import { describe, expect, it } from 'vitest';
import { LEASE_MS } from '../../application/support/harness.js';
import { differences, playAtEach, playRun, undisturbed } from './outcome.js';
import { PAIRS, type Scene } from './scene.js';
import { standStillAt } from './stand-still.js';

/** The lease and all claims of the first worker have run out; the timer hands the run on, and the second works to its end. */
async function takeOverLate({ bridge }: Scene): Promise<void> {
  bridge.clock.advance(LEASE_MS + 1_000);
  await bridge.tick();
}

/** The run is taken over while the first worker's claims still hold: the second one meets its pairs. */
async function takeOverAtOnce({ bridge }: Scene): Promise<void> {
  const run = await bridge.storage.runs.blocking(bridge.connection.id);
  const stored = run && (await bridge.storage.runs.get(run.id));
  if (stored?.value.lease === undefined || stored.value.lease === null) return;
  const { value, etag } = stored;
  await bridge.storage.runs.replace({ ...value, lease: { ...stored.value.lease, until: 0 } }, etag);
  await bridge.deliver({ v: 1, kind: 'run', connectionId: value.connectionId, runId: value.id });
}

describe.each([
  ['late', takeOverLate],
  ['at once', takeOverAtOnce],
])('a run that is taken over %s from a worker that lives on', (_how, takeOver) => {
  it.each(['before', 'after'] as const)(
    '%s an effect: comes to the same',
    { timeout: 300_000 },
    async (when) => {
      const wanted = await undisturbed();
      const { faults, places } = await playAtEach(async (scene, n) => {
        const first = standStillAt(scene, n, when, () => takeOver(scene));
        const found = await playRun(scene);
        return { happened: first.happened(), faults: differences(wanted, found) };
      });
      expect(faults).toEqual([]);
      expect(places).toBeGreaterThan(PAIRS.length);
    },
  );
});
