import type { HttpRequest } from '@azure/functions';
import { z } from 'zod';
import type { Act, Done } from '../application/audit/record-act.js';
import type { AuditFilter } from '../application/ports/audit.js';
import type { Page } from '../application/ports/stores.js';
import type { AuditEntry } from '../domain/audit.js';
import type { Answer, Handle } from './endpoint.js';
import { currentActor } from './invocation.js';
import { time } from './links-and-logs.js';
import { listAnswer } from './listing.js';
import { pageQuery, readQuery } from './request.js';

export type RecordAct = <T>(
  act: Act,
  run: () => Promise<T>,
  done: (result: T) => Done | undefined,
) => Promise<T>;

/** Writes down what a handler does for a person; `action` says what that is, undefined that it is none. */
export const audited = (record: RecordAct, action: string | undefined, handle: Handle): Handle => {
  if (action === undefined) return handle;
  return async (request) => {
    const { id } = request.params;
    return record(
      { actor: currentActor(), action, connectionId: id },
      () => handle(request),
      (answer) => doneOf(request, answer),
    );
  };
};

/** What was made is named by its address, everything else by the address that was called. */
function doneOf(request: HttpRequest, answer: Answer): Done | undefined {
  if (answer.isRepeat || answer.isPreview || answer.isAudited) return undefined;
  const isMade = answer.status === 201;
  const made = isMade ? answer.headers?.location : undefined;
  const target = answer.about ?? made ?? new URL(request.url).pathname;
  const [, ofAddress] = /^\/api\/connections\/([^/]+)/.exec(target) ?? [];
  const { connectionId: ofRun } = Object(answer.body) as { connectionId?: unknown };
  const connectionId = request.params.id ?? ofAddress ?? (typeof ofRun === 'string' ? ofRun : undefined);
  return { target, connectionId, isMade };
}

export const auditQuery = z.strictObject({
  since: time.optional(),
  actor: z.string().min(1).max(300).optional(),
  connectionId: z.string().min(1).max(100).optional(),
  ...pageQuery,
});

/** Who did what. */
export function auditHandlers(
  list: (filter: AuditFilter, limit: number, cursor?: string) => Promise<Page<AuditEntry>>,
) {
  return {
    list: async (request: HttpRequest) => {
      const { limit, cursor, ...filter } = readQuery(request, auditQuery);
      const page = await list(filter, limit, cursor);
      return listAnswer({ items: page.items, nextCursor: page.nextCursor });
    },
  } satisfies Record<string, Handle>;
}
