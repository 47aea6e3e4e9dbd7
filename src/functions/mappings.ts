import type { HttpRequest } from '@azure/functions';
import type { MappingInput, MappingPatch, SaveOptions } from '../application/mappings/manage-mappings.js';
import type { MappingView } from '../application/mappings/save-mapping.js';
import type { Precondition } from '../application/shared/precondition.js';
import type { Answer, Handle } from './endpoint.js';
import { type CreationDeps, creation } from './idempotency.js';
import { listAnswer, listQuery, pageOf } from './listing.js';
import { mappingBody, mappingPatch } from './mapping-schemas.js';
import { bare } from './reject-input.js';
import {
  entityTag,
  readBody,
  readPrecondition,
  readQuery,
  routeParameter,
  validateQuery,
} from './request.js';

export interface MappingUseCases {
  readonly create: (
    connectionId: string,
    input: MappingInput,
    options: Pick<SaveOptions, 'validate'>,
  ) => Promise<MappingView>;
  readonly list: (connectionId: string) => Promise<readonly MappingView[]>;
  readonly get: (connectionId: string, mappingId: string) => Promise<MappingView>;
  readonly patch: (
    connectionId: string,
    mappingId: string,
    patch: MappingPatch,
    options: SaveOptions,
  ) => Promise<MappingView>;
  readonly remove: (connectionId: string, mappingId: string, precondition?: Precondition) => Promise<void>;
}

/** The HTTP side of entity mappings. */
export function mappingHandlers(useCases: MappingUseCases, deps: CreationDeps) {
  return {
    create: creation(deps)(mappingBody, async (body, request) => {
      const view = await useCases.create(connectionOf(request), body, readQuery(request, validateQuery));
      const { connectionId, id } = view.mapping;
      return one(view, 201, { location: `/api/connections/${connectionId}/mappings/${id}` });
    }),

    list: async (request: HttpRequest) => {
      const page = readQuery(request, listQuery);
      const views = await useCases.list(connectionOf(request));
      return listAnswer(pageOf(views.map(mappingJson), page));
    },

    get: bare(async (request) => one(await useCases.get(connectionOf(request), mappingOf(request)), 200)),

    patch: async (request: HttpRequest) => {
      const body = await readBody(request, mappingPatch);
      return one(
        await useCases.patch(connectionOf(request), mappingOf(request), body, saveOptions(request)),
        200,
      );
    },

    remove: bare(async (request) => {
      await useCases.remove(connectionOf(request), mappingOf(request), readPrecondition(request));
      return { status: 204 };
    }),
  } satisfies Record<string, Handle>;
}

export function connectionOf(request: HttpRequest): string {
  return routeParameter(request, 'id');
}

export function mappingOf(request: HttpRequest): string {
  return routeParameter(request, 'mappingId');
}

export function saveOptions(request: HttpRequest): SaveOptions {
  const { validate } = readQuery(request, validateQuery);
  return { validate, precondition: readPrecondition(request) };
}

function one(view: MappingView, status: number, headers: Record<string, string> = {}): Answer {
  return { status, headers: { etag: entityTag(view.etag), ...headers }, body: mappingJson(view) };
}

function mappingJson({ mapping }: MappingView) {
  return {
    id: mapping.id,
    connectionId: mapping.connectionId,
    authScapeEntity: mapping.authScapeEntity,
    crmEntity: mapping.crmEntity,
    direction: mapping.direction,
    enabled: mapping.enabled,
    filter: mapping.filter,
    matchBy: mapping.matchBy,
    fields: mapping.fields,
    relationships: mapping.relationships,
    createdAt: mapping.createdAt,
    updatedAt: mapping.updatedAt,
  };
}
