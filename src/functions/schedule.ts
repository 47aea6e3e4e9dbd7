import type { TimerHandler } from '@azure/functions';
import { inInvocation } from './invocation.js';

/** Each tick looks which connections are due and which runs are without a worker. Errors reach the host, which logs them. */
export function scheduleHandler(scheduleDueSyncs: () => Promise<void>): TimerHandler {
  return (_timer, context) => inInvocation(context, scheduleDueSyncs);
}
