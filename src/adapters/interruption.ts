import { setMaxListeners } from 'node:events';
import type { Interruption } from '../application/ports/runtime.js';
import { BridgeError } from '../domain/errors.js';
import { createOfCallChain } from './call-chain.js';

/** Every call within `run` heeds the signal. */
const signals = createOfCallChain<AbortSignal>();

export const systemInterruption: Interruption = {
  run: (signal, work) => {
    const outer = signals.get();
    return signals.run(shared(outer === undefined ? signal : AbortSignal.any([outer, signal])), work);
  },
};

/** Many pairs side by side listen to one signal, which Node takes for a leak and warns of. */
function shared(signal: AbortSignal): AbortSignal {
  setMaxListeners(0, signal);
  return signal;
}

/** The signal of the work that is under way, when it has one. */
export function interruption(): AbortSignal | undefined {
  return signals.get();
}

/** Runs work that is shared by callers with these signals: it is interrupted when none of them waits any more. */
export function whileAnyWaits<T>(
  callers: readonly (AbortSignal | undefined)[],
  work: () => Promise<T>,
): Promise<T> {
  const each = callers.filter((signal) => signal !== undefined);
  if (each.length < callers.length) return signals.run(undefined, work);
  const all = new AbortController();
  const check = () => {
    if (each.every((signal) => signal.aborted)) all.abort();
  };
  check();
  for (const signal of new Set(each)) signal.addEventListener('abort', check, { signal: shared(all.signal) });
  // Ends the listening as well.
  return signals.run(all.signal, work).finally(() => all.abort());
}

/** Throws `connection_timeout` when no caller waits for the work any more: called before anything is sent. */
export function refuseIfInterrupted(): void {
  if (signals.get()?.aborted !== true) return;
  throw new BridgeError(
    'connection_timeout',
    'The work was stopped: its time was over, or it was cancelled.',
    {
      hint: 'Dynamics or AuthScape answers slowly. The log of the connection says what was done.',
    },
  );
}
