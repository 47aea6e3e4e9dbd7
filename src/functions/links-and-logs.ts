import type { HttpRequest } from '@azure/functions';
import { z } from 'zod';
import type { Erased, RecordToErase } from '../application/inspection/erase-record.js';
import type { DuplicateReport } from '../application/inspection/find-duplicates.js';
import type { LinkFilter } from '../application/inspection/links-and-logs.js';
import type { LogFilter, Page } from '../application/ports/stores.js';
import type { LogEntry } from '../domain/change.js';
import { type Link, linkId } from '../domain/link.js';
import { AUTHSCAPE_ENTITIES } from '../domain/model.js';
import type { Handle } from './endpoint.js';
import { listAnswer } from './listing.js';
import { guid } from './records.js';
import { bare, withoutQuery } from './reject-input.js';
import { recordId as anyId, pageQuery, readBody, readQuery, routeParameter } from './request.js';
import { changeJson } from './runs.js';

export interface LinkAndLogUseCases {
  readonly links: (
    connectionId: string,
    filter: LinkFilter,
    limit: number,
    cursor?: string,
  ) => Promise<Page<Link>>;
  readonly unlink: (connectionId: string, linkId: string) => Promise<void>;
  readonly logs: (
    connectionId: string,
    filter: LogFilter,
    limit: number,
    cursor?: string,
  ) => Promise<Page<LogEntry>>;
  readonly removeLogs: (connectionId: string, olderThan: string) => Promise<number>;
  readonly duplicates: (connectionId: string) => Promise<DuplicateReport>;
  readonly erase: (connectionId: string, record: RecordToErase) => Promise<Erased>;
}

const entity = z.enum(['User', 'Company', 'Location']).optional();
const recordId = z.string().trim().min(1).max(200).optional();
/** A day or a time; without a zone it is UTC. */
export const time = z
  .string()
  .refine((text) => isDay(text.slice(0, 10)) && !Number.isNaN(Date.parse(utc(text))), {
    message: 'Must be an ISO 8601 time, as in "2026-01-31T08:00:00Z".',
  })
  .transform((text) => new Date(utc(text)).toISOString());

export const linksQuery = z.strictObject({
  entity,
  authScapeId: recordId,
  crmId: recordId,
  state: z.enum(['linked', 'tombstone']).default('linked'),
  ...pageQuery,
});

export const logsQuery = z.strictObject({
  status: z.enum(['success', 'conflict', 'skipped', 'failed', 'held']).optional(),
  since: time.optional(),
  entity,
  authScapeId: recordId,
  crmId: recordId,
  ...pageQuery,
});

export const removeLogsQuery = z.strictObject({ olderThan: time });

/** Names a record by the id of one side, or by both. */
export const eraseBody = z
  .strictObject({ entity: z.enum(AUTHSCAPE_ENTITIES), authScapeId: anyId.optional(), crmId: guid.optional() })
  .refine(({ authScapeId, crmId }) => authScapeId !== undefined || crmId !== undefined, {
    message: 'Name the record by authScapeId, by crmId or by both.',
  });

/** What syncing has left: links, logs, and what it will not touch by itself. */
export function linkAndLogHandlers(useCases: LinkAndLogUseCases) {
  return {
    links: async (request: HttpRequest) => {
      const { limit, cursor, ...filter } = readQuery(request, linksQuery);
      const page = await useCases.links(routeParameter(request, 'id'), filter, limit, cursor);
      return listAnswer({ items: page.items.map(linkJson), nextCursor: page.nextCursor });
    },

    unlink: bare(async (request) => {
      await useCases.unlink(routeParameter(request, 'id'), routeParameter(request, 'linkId'));
      return { status: 204 };
    }),

    logs: async (request: HttpRequest) => {
      const { limit, cursor, ...filter } = readQuery(request, logsQuery);
      const page = await useCases.logs(routeParameter(request, 'id'), filter, limit, cursor);
      return listAnswer({ items: page.items.map(logJson), nextCursor: page.nextCursor });
    },

    removeLogs: async (request: HttpRequest) => {
      const { olderThan } = readQuery(request, removeLogsQuery);
      const removed = await useCases.removeLogs(routeParameter(request, 'id'), olderThan);
      return { status: 200, body: { removed } };
    },

    duplicates: bare(async (request) => ({
      status: 200,
      body: await useCases.duplicates(routeParameter(request, 'id')),
    })),

    erase: withoutQuery(async (request) => {
      const id = routeParameter(request, 'id');
      const record = await readBody(request, eraseBody);
      const body = await useCases.erase(id, record);
      const place = record.authScapeId === undefined ? `?crmId=${record.crmId}` : `/${record.authScapeId}`;
      return { status: 200, body, about: `/api/connections/${id}/records/${record.entity}${place}` };
    }),
  } satisfies Record<string, Handle>;
}

/** The calendar has no 30 February, which the parser reads as a day of March. */
function isDay(text: string): boolean {
  const time = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(text) : Number.NaN;
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text);
}

function utc(text: string): string {
  return /^\d{4}-\d{2}-\d{2}T[\d:.]+$/.test(text) ? `${text}Z` : text;
}

/** A link as callers see it. */
export function linkJson(link: Link) {
  return {
    id: linkId(link.mappingId, link.authScapeId),
    mappingId: link.mappingId,
    entity: link.entity,
    authScapeId: link.authScapeId,
    crmEntity: link.table,
    crmId: link.crmId,
    state: link.state,
    createdAt: link.createdAt,
    lastSyncedAt: link.lastSyncedAt,
  };
}

/** An entry of the log as callers see it. */
export function logJson(entry: LogEntry) {
  const { id, at, status, trigger, runId } = entry;
  return { id, at, status, trigger, runId, ...changeJson(entry) };
}
