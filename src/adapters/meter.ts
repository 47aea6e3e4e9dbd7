import type { RequestMeter, Requests } from '../application/ports/runtime.js';
import type { Metrics } from '../application/ports/telemetry.js';
import { createOfCallChain } from './call-chain.js';
import { NO_TELEMETRY } from './telemetry/telemetry.js';

/** What adapters see of the meter: they report each request that they send. */
export interface CountingMeter extends RequestMeter {
  count(kind: keyof Requests, n?: number): void;
  /** How a request ended: its HTTP status, or what went wrong instead. */
  answered(side: Exclude<keyof Requests, 'storage'>, status: string): void;
  /** What was waited before a request, in milliseconds. */
  waited(reason: string, ms: number): void;
}

interface Measurement {
  readonly counts: { -readonly [kind in keyof Requests]: number };
  readonly outer: Measurement | undefined;
}

const NOTHING: Requests = { dynamics: 0, authScape: 0, storage: 0 };

/**
 * Counts requests per measurement. Measurements follow the asynchronous call chain, so parallel steps in one process
 * do not mix; what an inner measurement counts belongs to the outer ones too.
 */
export function createMeter(metrics: Metrics = NO_TELEMETRY): CountingMeter {
  const measurements = createOfCallChain<Measurement>();
  return {
    async measure(work) {
      const measurement = { counts: { ...NOTHING }, outer: measurements.get() };
      const result = await measurements.run(measurement, work);
      return { result, requests: () => ({ ...measurement.counts }) };
    },
    current: () => ({ ...(measurements.get()?.counts ?? NOTHING) }),
    count(kind, n = 1) {
      for (let each = measurements.get(); each !== undefined; each = each.outer) {
        each.counts[kind] += n;
      }
    },
    answered: (side, status) => metrics.count('bridge.requests', 1, { side, status }),
    waited: (reason, ms) => metrics.duration('bridge.wait', ms, { reason }),
  };
}
