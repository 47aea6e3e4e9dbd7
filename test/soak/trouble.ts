import { setTimeout as sleep } from 'node:timers/promises';
import type { Journey } from '../journeys/support/journey.js';
import { until } from '../journeys/support/wait.js';

const BURST_EVERY_MS = 45_000;
const BURST_MS = 10_000;
const RESTART_EVERY_MS = 180_000;

/** Restarts of the functions process and bursts of refusals, until the signal; returns what happened. */
export async function makeTrouble(journey: Journey, forMs: number, over: AbortSignal): Promise<string[]> {
  const told: string[] = [];
  const began = Date.now();
  const note = (what: string) => told.push(`after ${Math.round((Date.now() - began) / 1000)} s: ${what}`);
  // A short soak has at least one of each.
  await Promise.all([
    again(Math.min(RESTART_EVERY_MS, forMs / 2.5), over, (count) => restart(journey, count, note)),
    again(Math.min(BURST_EVERY_MS, forMs / 3), over, (count) => burst(journey, count, note)),
  ]);
  return told;
}

async function again(everyMs: number, over: AbortSignal, work: (count: number) => Promise<void>) {
  for (let count = 0; !over.aborted; count += 1) {
    await sleep(everyMs, undefined, { signal: over }).catch(() => undefined);
    if (!over.aborted) await work(count);
  }
}

async function restart({ api, stack }: Journey, count: number, note: (what: string) => void): Promise<void> {
  const signal = count % 2 === 0 ? 'SIGKILL' : 'SIGTERM';
  note(`the functions process got ${signal}`);
  await stack.kill('functions', signal);
  await until('the functions serve again', () =>
    api.ask('GET', 'health', { anonymous: true }).then(
      ({ status }) => status === 200,
      () => false,
    ),
  );
}

async function burst(journey: Journey, count: number, note: (what: string) => void): Promise<void> {
  const status = count % 2 === 0 ? 429 : 503;
  const side = count % 4 < 2 ? 'dynamics' : 'authScape';
  note(`${side} answered ${status} to four of ten requests for ${BURST_MS / 1000} s`);
  await journey[side].faults({ match: '* *', probability: 0.4, status, retryAfter: 2 });
  await sleep(BURST_MS);
  await journey[side].clearFaults();
}
