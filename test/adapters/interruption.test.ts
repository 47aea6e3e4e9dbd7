import { afterEach, beforeEach, expect, it } from 'vitest';
import { interruption, systemInterruption, whileAnyWaits } from '../../src/adapters/interruption.js';

const warnings: string[] = [];
const note = ({ name }: Error) => {
  warnings.push(name);
};
beforeEach(() => {
  warnings.length = 0;
  process.on('warning', note);
});
afterEach(() => {
  process.off('warning', note);
});

/** Node tells of a warning in the next turn. */
const turn = () => new Promise((done) => setImmediate(done));

it('lets many pairs listen to the signal of their run without a warning of a leak', async () => {
  const stop = new AbortController();
  await systemInterruption.run(stop.signal, async () => {
    for (let pair = 0; pair < 96; pair += 1) interruption()?.addEventListener('abort', () => {});
    const inner = new AbortController();
    await systemInterruption.run(inner.signal, async () => {
      for (let pair = 0; pair < 96; pair += 1) interruption()?.addEventListener('abort', () => {});
    });
  });
  await turn();
  expect(warnings).toEqual([]);
});

it('interrupts what many callers share when none of them waits any more, without a warning', async () => {
  const callers = Array.from({ length: 20 }, () => new AbortController());
  const listening = Array.from({ length: 96 }, (_, index) => callers[index % 20]?.signal);
  let seen: AbortSignal | undefined;
  await whileAnyWaits(listening, async () => {
    seen = interruption();
    for (let part = 0; part < 20; part += 1) seen?.addEventListener('abort', () => {});
    for (const caller of callers.slice(1)) caller.abort();
    expect(seen?.aborted).toBe(false);
    callers[0]?.abort();
    expect(seen?.aborted).toBe(true);
  });
  await turn();
  expect(warnings).toEqual([]);
});
