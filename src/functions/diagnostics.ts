import type { Diagnosis } from '../application/inspection/diagnose.js';
import type { Handle } from './endpoint.js';
import { bare } from './reject-input.js';
import { routeParameter } from './request.js';

export interface DiagnosticsUseCases {
  readonly diagnose: (connectionId: string) => Promise<Diagnosis>;
}

/** How a connection stands, and what a person should do about it. */
export function diagnosticsHandlers(useCases: DiagnosticsUseCases) {
  return {
    get: bare(async (request) => ({
      status: 200,
      body: await useCases.diagnose(routeParameter(request, 'id')),
    })),
  } satisfies Record<string, Handle>;
}
