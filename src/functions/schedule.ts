import type { TimerHandler } from '@azure/functions';
import type { Telemetry } from '../application/ports/telemetry.js';
import { inInvocation } from './invocation.js';

/** Each tick looks which connections are due and which runs are without a worker. Errors reach the host, which logs them. */
export function scheduleHandler(
  scheduleDueSyncs: () => Promise<void>,
  telemetry: Pick<Telemetry, 'count' | 'span'>,
): TimerHandler {
  return (_timer, context) =>
    inInvocation(telemetry, context, async () => {
      telemetry.count('bridge.timer.ticks', 1);
      await scheduleDueSyncs();
    });
}
