import type { HttpRequest } from '@azure/functions';
import {
  type FieldInput,
  type MappingPath,
  type PartView,
  type Patch,
  requireField,
} from '../application/mappings/manage-fields.js';
import type { SaveOptions } from '../application/mappings/manage-mappings.js';
import type { MappingView } from '../application/mappings/save-mapping.js';
import type { Precondition } from '../application/shared/precondition.js';
import type { FieldMapping } from '../domain/model.js';
import type { Answer, Handle } from './endpoint.js';
import { type CreationDeps, creation } from './idempotency.js';
import { listAnswer, listQuery, pageOf } from './listing.js';
import { fieldBody, fieldPatch, fieldsBody } from './mapping-schemas.js';
import { connectionOf, mappingOf, saveOptions } from './mappings.js';
import { bare } from './reject-input.js';
import { entityTag, readBody, readPrecondition, readQuery, routeParameter } from './request.js';

export interface FieldUseCases {
  readonly view: (path: MappingPath) => Promise<MappingView>;
  readonly add: (
    path: MappingPath,
    input: FieldInput,
    options: SaveOptions,
  ) => Promise<PartView<FieldMapping>>;
  readonly patch: (
    path: MappingPath,
    fieldId: string,
    patch: Patch<FieldInput>,
    options: SaveOptions,
  ) => Promise<PartView<FieldMapping>>;
  readonly replace: (
    path: MappingPath,
    inputs: readonly FieldInput[],
    options: SaveOptions,
  ) => Promise<MappingView>;
  readonly remove: (
    path: MappingPath,
    kind: 'fields' | 'relationships',
    partId: string,
    precondition: Precondition,
  ) => Promise<void>;
}

/** The HTTP side of field mappings; they carry the ETag of their mapping. */
export function fieldHandlers(useCases: FieldUseCases, deps: CreationDeps) {
  return {
    list: async (request: HttpRequest) => {
      const page = readQuery(request, listQuery);
      const view = await useCases.view(pathOf(request));
      return tagged(listAnswer(pageOf(view.mapping.fields, page)), view.etag);
    },

    add: creation(deps)(fieldBody, async (body, request) => {
      const { connectionId, mappingId } = pathOf(request);
      const { part, etag } = await useCases.add(pathOf(request), body, saveOptions(request));
      const location = `/api/connections/${connectionId}/mappings/${mappingId}/fields/${part.id}`;
      return tagged({ status: 201, headers: { location }, body: part }, etag);
    }),

    replace: async (request: HttpRequest) => {
      const body = await readBody(request, fieldsBody);
      const view = await useCases.replace(pathOf(request), body.fields, saveOptions(request));
      return tagged({ status: 200, body: { items: view.mapping.fields } }, view.etag);
    },

    get: bare(async (request) => {
      const view = await useCases.view(pathOf(request));
      const field = requireField(view.mapping, routeParameter(request, 'fieldId'));
      return tagged({ status: 200, body: field }, view.etag);
    }),

    patch: async (request: HttpRequest) => {
      const body = await readBody(request, fieldPatch);
      const fieldId = routeParameter(request, 'fieldId');
      const { part, etag } = await useCases.patch(pathOf(request), fieldId, body, saveOptions(request));
      return tagged({ status: 200, body: part }, etag);
    },

    remove: bare(async (request) => {
      const fieldId = routeParameter(request, 'fieldId');
      await useCases.remove(pathOf(request), 'fields', fieldId, readPrecondition(request));
      return { status: 204 };
    }),
  } satisfies Record<string, Handle>;
}

export function pathOf(request: HttpRequest): MappingPath {
  return { connectionId: connectionOf(request), mappingId: mappingOf(request) };
}

export function tagged(answer: Answer, etag: string): Answer {
  return { ...answer, headers: { ...answer.headers, etag: entityTag(etag) } };
}
