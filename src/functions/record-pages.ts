import type { HttpRequest } from '@azure/functions';
import { z } from 'zod';
import type { HeldChange, RetryMark } from '../application/ports/staging.js';
import type { LinkedByHand, LinkRequest } from '../application/records/link-records.js';
import type { FoundRecord, SearchResult } from '../application/records/search-records.js';
import type { FieldView, RecordAddress, RecordView } from '../application/records/view-record.js';
import type { Link } from '../domain/link.js';
import { AUTHSCAPE_ENTITIES, type AuthScapeEntity } from '../domain/model.js';
import { problemId, type RecordProblem } from '../domain/problem.js';
import { letterJson } from './dead-letters.js';
import type { Answer, Handle } from './endpoint.js';
import { type CreationDeps, creation } from './idempotency.js';
import { linkJson, logJson } from './links-and-logs.js';
import { guid } from './records.js';
import { check, readQuery, recordId, routeParameter } from './request.js';
import { changeJson } from './runs.js';

export interface RecordPageUseCases {
  readonly view: (connectionId: string, address: RecordAddress) => Promise<RecordView>;
  readonly search: (connectionId: string, search: string, entity?: AuthScapeEntity) => Promise<SearchResult>;
  readonly link: (
    connectionId: string,
    request: LinkRequest,
    options: { readonly preview: boolean },
  ) => Promise<LinkedByHand>;
}

const entity = z.enum(AUTHSCAPE_ENTITIES);
const addressSchema = z.strictObject({ entity, authScapeId: recordId });

export const recordQuery = z.strictObject({ mappingId: z.string().min(1).max(100).optional() });
export const searchQuery = z.strictObject({
  search: z.string().trim().min(2).max(200),
  entity: entity.optional(),
});
export const linkBody = z.strictObject({
  mappingId: z.string().min(1).max(100),
  authScapeId: recordId,
  crmId: guid,
});
export const linkQuery = z.strictObject({
  preview: z
    .enum(['true', 'false'])
    .default('false')
    .transform((text) => text === 'true'),
});

/** Finding records, everything about one of them, and saying that two belong together. */
export function recordPageHandlers(useCases: RecordPageUseCases, deps: CreationDeps) {
  return {
    view: async (request: HttpRequest) => {
      const { mappingId } = readQuery(request, recordQuery);
      const parameters = {
        entity: routeParameter(request, 'entity'),
        authScapeId: routeParameter(request, 'authScapeId'),
      };
      const address = check(addressSchema, parameters, 'The address is not valid.');
      const view = await useCases.view(routeParameter(request, 'id'), { ...address, mappingId });
      return { status: 200, body: viewJson(view) };
    },

    search: async (request: HttpRequest) => {
      const query = readQuery(request, searchQuery);
      const found = await useCases.search(routeParameter(request, 'id'), query.search, query.entity);
      return { status: 200, body: { items: found.items.map(foundJson), truncated: found.truncated } };
    },

    link: creation(deps)(linkBody, async (body, request) => {
      const options = readQuery(request, linkQuery);
      return linkedAnswer(body, await useCases.link(routeParameter(request, 'id'), body, options));
    }),
  } satisfies Record<string, Handle>;
}

function linkedAnswer(asked: LinkRequest, { link, mapping, result }: LinkedByHand): Answer {
  const what = {
    outcome: result.outcome,
    changes: result.changes.map(changeJson),
    ...(result.error === null ? {} : { error: result.error }),
  };
  if (link !== undefined) {
    const body = { ...linkJson(link), ...what };
    const location = `/api/connections/${link.connectionId}/links/${body.id}`;
    return { status: 201, headers: { location }, body };
  }
  const { authScapeId, crmId, mappingId } = asked;
  const pair = {
    mappingId,
    entity: mapping.authScapeEntity,
    authScapeId,
    crmEntity: mapping.crmEntity,
    crmId,
  };
  return { status: 200, isPreview: true, body: { ...pair, ...what } };
}

function foundJson({ link, ...found }: FoundRecord) {
  return { ...found, link: link === null ? null : linkJson(link) };
}

function viewJson(view: RecordView) {
  const { authScape, dynamics, mapping } = view;
  return {
    entity: mapping.authScapeEntity,
    authScapeId: view.authScapeId,
    crmEntity: mapping.crmEntity,
    crmId: view.crmId,
    mappingId: mapping.id,
    mappingIds: view.mappingIds,
    link: view.link === null ? null : linkDetail(view.link),
    authScape: authScape && { active: authScape.active, readAt: new Date(authScape.readAt).toISOString() },
    dynamics: dynamics && {
      active: dynamics.active,
      modifiedOn: dynamics.modifiedOn,
      mergedInto: dynamics.mergedInto,
      readAt: new Date(dynamics.readAt).toISOString(),
    },
    unavailable: view.unavailable,
    fields: view.fields.map(fieldJson),
    log: view.log.map(logJson),
    failures: view.failures.map(failureJson),
    marks: view.marks.map(markJson),
    held: view.held.map(heldJson),
    deadLetters: view.deadLetters.map(letterJson),
  };
}

function linkDetail(link: Link) {
  return { ...linkJson(link), clean: link.clean, tombstone: link.tombstone };
}

/** A value that could not be read is null here; `unread` names the sides. */
function fieldJson({ authScape, dynamics, ...field }: FieldView) {
  const unread = [
    ...(authScape === undefined ? ['authScape'] : []),
    ...(dynamics === undefined ? ['dynamics'] : []),
  ];
  return { ...field, authScape: authScape ?? null, dynamics: dynamics ?? null, unread };
}

function failureJson(problem: RecordProblem) {
  const { attempts, code, field, kind, lastSeenAt, message, runId, since } = problem;
  const id = problemId({ of: 'record', ...problem });
  return { id, kind, code, message, field, since, lastSeenAt, attempts, runId };
}

function markJson({ attempts, notBefore, reason }: RetryMark) {
  return { reason, attempts, notBefore: new Date(notBefore).toISOString() };
}

function heldJson(held: HeldChange) {
  const { category, heldAt, runId } = held;
  return { id: problemId({ of: 'held', ...held }), category: category.split('|')[0], runId, heldAt };
}
