import type { Clock, Interruption } from '../ports/runtime.js';

/** The work's result, or what `late` makes of it when `ms` have gone by first. The work itself is not stopped. */
export async function within<T>(
  clock: Clock,
  ms: number,
  work: Promise<T>,
  late: () => T | Promise<T>,
): Promise<T> {
  const TOO_LATE = Symbol('late');
  const done = new AbortController();
  try {
    const first = await Promise.race([work, clock.sleep(ms, done.signal).then(() => TOO_LATE)]);
    return first === TOO_LATE ? await late() : (first as T);
  } finally {
    done.abort();
  }
}

/** The same, but what the work still has to send is not sent once the time is over. */
export function stoppedAfter<T>(
  { clock, interruption }: { readonly clock: Clock; readonly interruption: Interruption },
  ms: number,
  work: () => Promise<T>,
  late: () => T | Promise<T>,
): Promise<T> {
  const stop = new AbortController();
  return within(clock, ms, interruption.run(stop.signal, work), () => {
    stop.abort();
    return late();
  });
}
