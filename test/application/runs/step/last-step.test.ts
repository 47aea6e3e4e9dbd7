import { expect, it } from 'vitest';
import type { Job } from '../../../../src/domain/job.js';
import { hasEnded } from '../../../../src/domain/run.js';
import { aUser, contacts } from '../../support/actors.js';
import { createHarness, type Harness, LEASE_MS } from '../../support/harness.js';

/** A message that fails is seen again after half a minute; a lease ends, and its message comes a second later. */
const MOST_MS = LEASE_MS + 31_000;
/** All that come after the link of the pair. */
const LAST_REQUESTS = 24;

/** Starts a run and works on its first message; the worker dies at the n-th request to storage. */
async function work(at: number) {
  const bridge = await createHarness();
  aUser(bridge);
  const run = await bridge.start('full');
  const job = bridge.storage.jobs.take('run');
  if (job === undefined) throw new Error('There is no job.');
  const worker = { name: 'victim', dead: false };
  let requests = 0;
  bridge.storage.tables.before = () => {
    if (bridge.world.worker() === worker) requests += 1;
    if (requests === at) worker.dead = true;
    bridge.world.breathe();
  };
  await bridge.deliver(job, worker);
  return { bridge, run, requests, isDead: worker.dead };
}

/** What the host and the queue do by themselves, without the timer. */
async function untilEnded(bridge: Harness, runId: string): Promise<void> {
  const seen = new Set<Job>();
  for (let count = 0; count < 20; count += 1) {
    if (hasEnded((await bridge.getRun(runId)).status)) return;
    const { jobs } = bridge.storage;
    const watches = jobs.watches().filter(({ job }) => !seen.has(job));
    const next = Math.min(...[...jobs.waiting(), ...watches].map(({ visibleAt }) => visibleAt));
    bridge.clock.advance(Math.max(0, next - bridge.clock.now()));
    const watch = watches.find(({ visibleAt }) => visibleAt <= bridge.clock.now());
    if (watch !== undefined) seen.add(watch.job);
    const job = jobs.take() ?? watch?.job;
    if (job === undefined) throw new Error('Nothing is left that would take the run over.');
    await bridge.deliver(job);
  }
}

it('a run whose worker dies at any of its last requests is ended without the timer, when its lease ends', async () => {
  const { requests } = await work(Number.POSITIVE_INFINITY);
  expect(requests).toBeGreaterThan(LAST_REQUESTS);
  for (let at = requests - LAST_REQUESTS; at <= requests; at += 1) {
    const { bridge, run, isDead } = await work(at);
    expect([at, isDead]).toEqual([at, true]);
    const from = bridge.clock.now();
    await untilEnded(bridge, run.id);
    const { counts, status } = await bridge.getRun(run.id);
    expect([at, status, counts.created]).toEqual([at, 'succeeded', 1]);
    expect(bridge.clock.now() - from).toBeLessThanOrEqual(MOST_MS);
    expect(contacts(bridge)).toHaveLength(1);
    const day = new Date(from).toISOString().slice(0, 10);
    const stats = await bridge.storage.stats.days(run.connectionId, day, day);
    expect([at, stats.get(day)?.totals.created, stats.get(day)?.runs.succeeded]).toEqual([at, 1, 1]);
  }
});
