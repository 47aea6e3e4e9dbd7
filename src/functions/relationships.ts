import type { HttpRequest } from '@azure/functions';
import {
  type MappingPath,
  type PartView,
  type Patch,
  type RelationshipInput,
  requireRelationship,
} from '../application/mappings/manage-fields.js';
import type { SaveOptions } from '../application/mappings/manage-mappings.js';
import type { RelationshipMapping } from '../domain/model.js';
import type { Handle } from './endpoint.js';
import { type FieldUseCases, pathOf, tagged } from './fields.js';
import { type CreationDeps, creation } from './idempotency.js';
import { listAnswer, listQuery, pageOf } from './listing.js';
import { relationshipBody, relationshipPatch } from './mapping-schemas.js';
import { saveOptions } from './mappings.js';
import { bare } from './reject-input.js';
import { readBody, readPrecondition, readQuery, routeParameter } from './request.js';

export interface RelationshipUseCases extends Pick<FieldUseCases, 'view' | 'remove'> {
  readonly add: (
    path: MappingPath,
    input: RelationshipInput,
    options: SaveOptions,
  ) => Promise<PartView<RelationshipMapping>>;
  readonly patch: (
    path: MappingPath,
    relationshipId: string,
    patch: Patch<RelationshipInput>,
    options: SaveOptions,
  ) => Promise<PartView<RelationshipMapping>>;
}

/** The HTTP side of relationships (lookups); they carry the ETag of their mapping. */
export function relationshipHandlers(useCases: RelationshipUseCases, deps: CreationDeps) {
  return {
    list: async (request: HttpRequest) => {
      const page = readQuery(request, listQuery);
      const view = await useCases.view(pathOf(request));
      return tagged(listAnswer(pageOf(view.mapping.relationships, page)), view.etag);
    },

    add: creation(deps)(relationshipBody, async (body, request) => {
      const { connectionId, mappingId } = pathOf(request);
      const { part, etag } = await useCases.add(pathOf(request), body, saveOptions(request));
      const location = `/api/connections/${connectionId}/mappings/${mappingId}/relationships/${part.id}`;
      return tagged({ status: 201, headers: { location }, body: part }, etag);
    }),

    get: bare(async (request) => {
      const view = await useCases.view(pathOf(request));
      const relationship = requireRelationship(view.mapping, relationshipOf(request));
      return tagged({ status: 200, body: relationship }, view.etag);
    }),

    patch: async (request: HttpRequest) => {
      const body = await readBody(request, relationshipPatch);
      const id = relationshipOf(request);
      const { part, etag } = await useCases.patch(pathOf(request), id, body, saveOptions(request));
      return tagged({ status: 200, body: part }, etag);
    },

    remove: bare(async (request) => {
      const precondition = readPrecondition(request);
      await useCases.remove(pathOf(request), 'relationships', relationshipOf(request), precondition);
      return { status: 204 };
    }),
  } satisfies Record<string, Handle>;
}

function relationshipOf(request: HttpRequest): string {
  return routeParameter(request, 'relationshipId');
}
