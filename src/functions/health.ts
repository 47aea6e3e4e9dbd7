import type { Health } from '../application/inspection/check-health.js';
import type { Handle } from './endpoint.js';

/** Tells the deployed version; 200 while storage and vault answer, else 503; what is wrong is in the log, not in the answer. */
export function healthHandlers(check: () => Promise<Health>, version: string) {
  return {
    get: async () => {
      const { ok, checks } = await check();
      return { status: ok ? 200 : 503, body: { status: ok ? 'healthy' : 'unhealthy', version, checks } };
    },
  } satisfies Record<string, Handle>;
}
