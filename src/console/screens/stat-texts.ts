import type { Stats } from '../api/types';
import { formatDuration } from '../parts/format';

/** How long events took from their arrival until both sides agreed. */
export function latencyText(events: Stats['events'] | undefined): string {
  if (events === undefined || events.received === 0 || events.medianLatencyMs === null) return 'not measured';
  const p95 = events.p95LatencyMs === null ? '' : `, 95 % within ${formatDuration(events.p95LatencyMs)}`;
  return `median ${formatDuration(events.medianLatencyMs)}${p95}`;
}
