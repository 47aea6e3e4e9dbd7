import { setTimeout as sleep } from 'node:timers/promises';

const healthyWithinMs = 15_000;

class NoFunctions extends Error {
  constructor(name: string) {
    super(`${name} serves no functions: the app could not be loaded.`);
  }
}

/**
 * Serving is any answer but 503, which says that storage or vault are not there yet, and 404: the host runs without
 * functions then, and what kept them from being loaded is on its standard error.
 */
export async function untilHealthy(name: string, url: string, isRunning: () => boolean): Promise<void> {
  const deadline = Date.now() + healthyWithinMs;
  let last = 'no answer';
  while (isRunning() && Date.now() < deadline) {
    try {
      const reply = await fetch(`${url}/api/health`, { signal: AbortSignal.timeout(5000) });
      const text = await reply.text();
      if (reply.status === 404) {
        throw new NoFunctions(name);
      }
      if (reply.status < 500) {
        return;
      }
      last = `${reply.status} ${text}`;
    } catch (error) {
      if (error instanceof NoFunctions) {
        throw error;
      }
      last = error instanceof Error ? error.message : String(error);
    }
    await sleep(100);
  }
  throw new Error(`${name} is not healthy: ${last}`);
}
