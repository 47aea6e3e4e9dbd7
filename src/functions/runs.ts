import type { HttpRequest } from '@azure/functions';
import { z } from 'zod';
import type { Page, Stored } from '../application/ports/stores.js';
import type { SyncRequest } from '../application/runs/manage-runs.js';
import type { Change, LogEntry } from '../domain/change.js';
import type { Run } from '../domain/run.js';
import type { Answer, Handle } from './endpoint.js';
import { type CreationDeps, creation } from './idempotency.js';
import { listAnswer, listQuery } from './listing.js';
import { bare, withoutQuery } from './reject-input.js';
import { entityTag, readQuery, routeParameter } from './request.js';

export interface RunUseCases {
  readonly request: (request: SyncRequest) => Promise<Run>;
  readonly get: (runId: string) => Promise<Stored<Run>>;
  readonly list: (connectionId: string, limit: number, cursor?: string) => Promise<Page<Run>>;
  readonly changes: (runId: string, limit: number, cursor?: string) => Promise<Page<LogEntry>>;
  readonly cancel: (runId: string) => Promise<Run>;
  readonly decide: (runId: string, decision: 'approve' | 'reject') => Promise<Run>;
}

export const syncBody = z.strictObject({
  mode: z.enum(['full', 'incremental']),
  dryRun: z.boolean().default(false),
  mappingIds: z.array(z.string().min(1).max(100)).max(100).default([]),
});

/** Starting, watching and steering runs. */
export function runHandlers(useCases: RunUseCases, deps: CreationDeps) {
  return {
    request: withoutQuery(
      creation(deps)(syncBody, async (body, request) =>
        accepted(
          await useCases.request({ ...body, connectionId: routeParameter(request, 'id'), trigger: 'manual' }),
        ),
      ),
    ),

    get: bare(async (request) => {
      const { value, etag } = await useCases.get(runOf(request));
      return { status: 200, headers: { etag: entityTag(etag) }, body: runJson(value) };
    }),

    list: async (request: HttpRequest) => {
      const { limit, cursor } = readQuery(request, listQuery);
      const page = await useCases.list(routeParameter(request, 'id'), limit, cursor);
      return listAnswer({ items: page.items.map(runJson), nextCursor: page.nextCursor });
    },

    changes: async (request: HttpRequest) => {
      const { limit, cursor } = readQuery(request, listQuery);
      const page = await useCases.changes(runOf(request), limit, cursor);
      return listAnswer({ items: page.items.map(changeJson), nextCursor: page.nextCursor });
    },

    cancel: bare(async (request) => accepted(await useCases.cancel(runOf(request)))),
    approve: bare(async (request) => accepted(await useCases.decide(runOf(request), 'approve'))),
    reject: bare(async (request) => accepted(await useCases.decide(runOf(request), 'reject'))),
  } satisfies Record<string, Handle>;
}

function runOf(request: HttpRequest): string {
  return routeParameter(request, 'runId');
}

function accepted(run: Run): Answer {
  return { status: 202, headers: { location: `/api/runs/${run.id}` }, body: runJson(run) };
}

/** A run as callers see it; where its next step goes on is not theirs to know. */
function runJson(run: Run) {
  return {
    id: run.id,
    connectionId: run.connectionId,
    mode: run.mode,
    trigger: run.trigger,
    dryRun: run.dryRun,
    status: run.status,
    phase: run.phase,
    percent: run.percent,
    etaSeconds: run.etaSeconds,
    counts: run.counts,
    bySide: run.bySide,
    requests: run.requests,
    messages: run.messages,
    startedAt: run.startedAt,
    finishedAt: run.finishedAt,
    error: run.error,
  };
}

/** What was done to one side of one pair, without where and when. */
export function changeJson(entry: Change) {
  return {
    mappingId: entry.mappingId,
    entity: entry.entity,
    authScapeId: entry.authScapeId,
    crmEntity: entry.crmEntity,
    crmId: entry.crmId,
    side: entry.side,
    action: entry.action,
    fields: entry.fields,
    outcome: entry.outcome,
    error: entry.error,
  };
}
