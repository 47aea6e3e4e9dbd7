import type { HttpRequest } from '@azure/functions';
import type { DeadLetter } from '../application/ports/dead-letters.js';
import type { Page } from '../application/ports/stores.js';
import type { Handle } from './endpoint.js';
import { listAnswer, listQuery } from './listing.js';
import { bare } from './reject-input.js';
import { readQuery, routeParameter } from './request.js';

export interface DeadLetterUseCases {
  readonly list: (connectionId: string, limit: number, cursor?: string) => Promise<Page<DeadLetter>>;
  readonly replay: (connectionId: string, id: string) => Promise<void>;
  readonly replayAll: (connectionId: string) => Promise<number>;
  readonly remove: (connectionId: string, id: string) => Promise<void>;
}

/** What could not be processed: look at it, try again, drop it. */
export function deadLetterHandlers(useCases: DeadLetterUseCases) {
  return {
    list: async (request: HttpRequest) => {
      const { limit, cursor } = readQuery(request, listQuery);
      const page = await useCases.list(routeParameter(request, 'id'), limit, cursor);
      return listAnswer({ items: page.items.map(letterJson), nextCursor: page.nextCursor });
    },

    replay: bare(async (request) => {
      await useCases.replay(routeParameter(request, 'id'), routeParameter(request, 'letterId'));
      return { status: 202, body: { replayed: 1 } };
    }),

    replayAll: bare(async (request) => ({
      status: 202,
      body: { replayed: await useCases.replayAll(routeParameter(request, 'id')) },
    })),

    remove: bare(async (request) => {
      await useCases.remove(routeParameter(request, 'id'), routeParameter(request, 'letterId'));
      return { status: 204 };
    }),
  } satisfies Record<string, Handle>;
}

/** A dead letter as callers see it. */
export function letterJson({ id, job, cause, count, firstFailedAt, lastFailedAt }: DeadLetter) {
  const { kind, v: _version, connectionId: _connection, ...input } = job;
  return { id, kind, input, cause, count, firstFailedAt, lastFailedAt };
}
