import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { RunLease } from '../../../../src/application/runs/step/run-lease.js';
import { BridgeError } from '../../../../src/domain/errors.js';
import { createHarness, LEASE_MS } from '../../support/harness.js';

async function heldRun() {
  const bridge = await createHarness();
  const { id } = await bridge.start('full');
  const stored = await bridge.storage.runs.get(id);
  if (stored === undefined) throw new Error('a run is needed');
  const mine = { ...stored.value, lease: { owner: 'me', until: 1 } };
  const deps = { ...bridge.storage, clock: bridge.clock, options: { leaseMs: LEASE_MS } };
  const held = new RunLease(deps, 'me', await bridge.storage.runs.replace(mine, stored.etag));
  return { bridge, held, id };
}

describe('[R1] the lease of a run', () => {
  it('is renewed while it is held', async () => {
    const { bridge, held, id } = await heldRun();
    await held.renew();
    expect((await bridge.getRun(id)).lease).toEqual({ owner: 'me', until: bridge.clock.now() + LEASE_MS });
  });

  it('is not taken back by a renewal that was due when the run was handed on', async () => {
    const { bridge, held, id } = await heldRun();
    const handedOn = held.save((run) => ({ ...run, lease: { owner: '', until: 5 } }));
    const renewed = held.renew();
    await handedOn;
    const next = await bridge.storage.runs.get(id);
    await renewed;
    expect(await bridge.storage.runs.get(id)).toEqual(next);
    expect(next?.value.lease).toEqual({ owner: '', until: 5 });
  });

  it('is renewed again after storage was away for a moment', async () => {
    const { bridge, id } = await heldRun();
    const { replace } = bridge.storage.runs;
    let seen: { until: number; now: number } | null = null;
    bridge.world.before = async () => {
      bridge.world.before = undefined;
      bridge.storage.runs.replace = async () => {
        bridge.storage.runs.replace = replace;
        throw new BridgeError('storage_unavailable', 'Away.');
      };
      for (let count = 0; count < 4; count += 1) {
        bridge.clock.advance(LEASE_MS / 3);
        await setImmediate();
      }
      seen = { until: (await bridge.getRun(id)).lease?.until ?? 0, now: bridge.clock.now() };
    };
    await bridge.finish(id);
    expect(seen).toMatchObject({ now: expect.any(Number) });
    const { until, now } = seen ?? { until: 0, now: 0 };
    expect(until - now).toBeGreaterThan(LEASE_MS / 2);
  });
});
