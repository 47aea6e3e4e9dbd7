import { AsyncLocalStorage } from 'node:async_hooks';
import type { Interruption } from '../application/ports/runtime.js';
import { BridgeError } from '../domain/errors.js';

/** Follows the asynchronous call chain: every call within `run` heeds the signal. */
const signals = new AsyncLocalStorage<AbortSignal>();

export const systemInterruption: Interruption = {
  run: (signal, work) => {
    const outer = signals.getStore();
    return signals.run(outer === undefined ? signal : AbortSignal.any([outer, signal]), work);
  },
};

/** The signal of the work that is under way, when it has one. */
export function interruption(): AbortSignal | undefined {
  return signals.getStore();
}

/** Throws `connection_timeout` when no caller waits for the work any more: called before anything is sent. */
export function refuseIfInterrupted(): void {
  if (signals.getStore()?.aborted !== true) return;
  throw new BridgeError(
    'connection_timeout',
    'The work was stopped: its time was over, or it was cancelled.',
    {
      hint: 'Dynamics or AuthScape answers slowly. The log of the connection says what was done.',
    },
  );
}
