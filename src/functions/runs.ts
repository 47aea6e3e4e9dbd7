import type { HttpRequest } from '@azure/functions';
import { z } from 'zod';
import type { Page, Stored } from '../application/ports/stores.js';
import type { TakenBack } from '../application/records/take-back-sample.js';
import type { Decision } from '../application/runs/decide-run.js';
import type { ChangeFilter } from '../application/runs/list-changes.js';
import type { SyncRequest } from '../application/runs/manage-runs.js';
import type { Change, LogEntry } from '../domain/change.js';
import { AUTHSCAPE_ENTITIES } from '../domain/model.js';
import type { Run } from '../domain/run.js';
import { changesCsv } from './csv.js';
import type { Answer, Handle } from './endpoint.js';
import { type CreationDeps, creation } from './idempotency.js';
import { listAnswer, listQuery } from './listing.js';
import { bare, withoutQuery } from './reject-input.js';
import {
  check,
  entityTag,
  pageQuery,
  parseJson,
  readQuery,
  readText,
  recordId,
  routeParameter,
} from './request.js';

export interface RunUseCases {
  readonly request: (request: SyncRequest) => Promise<Run>;
  readonly get: (runId: string) => Promise<Stored<Run>>;
  readonly list: (connectionId: string, limit: number, cursor?: string) => Promise<Page<Run>>;
  readonly changes: (
    runId: string,
    filter: ChangeFilter,
    limit: number,
    cursor?: string,
  ) => Promise<Page<LogEntry>>;
  readonly allChanges: (runId: string, filter: ChangeFilter) => Promise<AsyncIterable<LogEntry>>;
  readonly cancel: (runId: string) => Promise<Run>;
  readonly takeBack: (runId: string) => Promise<TakenBack>;
  readonly decide: (runId: string, decision: Decision, changeIds?: readonly string[]) => Promise<Run>;
}

const sampleIds = z
  .array(recordId)
  .min(1)
  .max(500)
  .refine((ids) => new Set(ids).size === ids.length, { message: 'Each record is named once.' });

export const syncBody = z
  .strictObject({
    mode: z.enum(['full', 'incremental']),
    dryRun: z.boolean().default(false),
    mappingIds: z.array(z.string().min(1).max(100)).max(100).default([]),
    sample: z.union([z.number().int().min(1).max(500), sampleIds]).optional(),
  })
  .refine(({ mode, sample }) => mode === 'full' || sample === undefined, {
    path: ['sample'],
    message: 'A sample is a try of a full run.',
  });

const OUTCOMES = [
  'created',
  'updated',
  'unchanged',
  'linked',
  'deactivated',
  'deleted',
  'skipped',
  'conflict',
  'failed',
  'held',
] as const;

export const changesQuery = z.strictObject({
  outcome: z.enum(OUTCOMES).optional(),
  entity: z.enum(AUTHSCAPE_ENTITIES).optional(),
  side: z.enum(['authScape', 'dynamics']).optional(),
  field: z.string().trim().min(1).max(200).optional(),
  ...pageQuery,
});

export const decisionBody = z.strictObject({
  changeIds: z.array(z.string().min(1).max(2048)).min(1).max(500).optional(),
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
      const { limit, cursor, ...filter } = readQuery(request, changesQuery);
      if (wantsCsv(request)) {
        const all = await useCases.allChanges(runOf(request), filter);
        return { status: 200, headers: CSV_HEADERS, stream: changesCsv(all) };
      }
      const page = await useCases.changes(runOf(request), filter, limit, cursor);
      return listAnswer({ items: page.items.map(runChangeJson), nextCursor: page.nextCursor });
    },

    cancel: bare(async (request) => accepted(await useCases.cancel(runOf(request)))),
    takeBack: bare(async (request) => ({ status: 200, body: await useCases.takeBack(runOf(request)) })),
    approve: decision(useCases, 'approve'),
    reject: decision(useCases, 'reject'),
  } satisfies Record<string, Handle>;
}

/** Without a body, or without `changeIds`, it is about everything that the run holds. */
function decision(useCases: RunUseCases, verdict: Decision): Handle {
  return withoutQuery(async (request) => {
    const text = await readText(request);
    const body: unknown = text.trim() === '' ? {} : parseJson(request, text);
    const changeIds = check(decisionBody.nullable(), body)?.changeIds;
    return accepted(await useCases.decide(runOf(request), verdict, changeIds));
  });
}

const CSV_HEADERS = {
  'content-type': 'text/csv; charset=utf-8; header=present',
  'content-disposition': 'attachment; filename="changes.csv"',
};

function wantsCsv(request: HttpRequest): boolean {
  return /\btext\/csv\b/i.test(request.headers.get('accept') ?? '');
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
    sample: run.sample,
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

/** A change in the list of its run, which names it for decisions. */
function runChangeJson(entry: LogEntry) {
  return { id: entry.id, at: entry.at, ...changeJson(entry) };
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
