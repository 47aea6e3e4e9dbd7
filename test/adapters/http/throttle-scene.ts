import { createThrottle, type Throttle, type ThrottleOptions } from '../../../src/adapters/http/throttle.js';
import { type VirtualClock, virtualClock } from './virtual-clock.js';

export const PATIENT = 600_000;

/** A throttle on a clock that jumps. */
export function setUp(options: Partial<ThrottleOptions> = {}) {
  const clock = virtualClock();
  const waits = new Map<string, number>();
  const throttle = createThrottle({
    concurrency: 52,
    clock,
    waited: (reason, ms) => waits.set(reason, (waits.get(reason) ?? 0) + ms),
    ...options,
  });
  return { clock, throttle, waits, ...counting(throttle, clock) };
}

/** Calls that take a while; counts those under way. */
function counting(throttle: Throttle, clock: VirtualClock) {
  const seen = { running: 0, most: 0, order: [] as string[] };
  const call = (name = '', ms = 100, kind?: string) =>
    throttle.run(
      async () => {
        seen.order.push(name);
        seen.running += 1;
        seen.most = Math.max(seen.most, seen.running);
        await clock.sleep(ms);
        seen.running -= 1;
      },
      PATIENT,
      kind,
    );
  const calls = (count: number, name = '', ms = 100, kind?: string) =>
    Promise.all(Array.from({ length: count }, () => call(name, ms, kind)));
  /** The most at once of so many calls. */
  const mostOf = async (count: number, ms?: number, kind?: string) => {
    seen.most = 0;
    await clock.until(calls(count, '', ms, kind));
    return seen.most;
  };
  return { seen, call, calls, mostOf };
}
