import type { HttpRequest } from '@azure/functions';
import { BridgeError } from '../domain/errors.js';
import { AUTHSCAPE_ENTITIES, type AuthScapeEntity } from '../domain/model.js';
import type { Column, EntityField, Table } from '../domain/schema.js';
import type { Handle } from './endpoint.js';
import { listAnswer, listQuery, pageOf } from './listing.js';
import { readQuery, routeParameter } from './request.js';

export interface SchemaUseCases {
  readonly tables: (connectionId: string) => Promise<readonly Table[]>;
  readonly columns: (connectionId: string, logicalName: string) => Promise<readonly Column[]>;
  readonly entityFields: (entity: AuthScapeEntity) => Promise<readonly EntityField[]>;
}

/** What each side offers for mapping. */
export function schemaHandlers(useCases: SchemaUseCases) {
  return {
    tables: async (request: HttpRequest) => {
      const page = readQuery(request, listQuery);
      const tables = await useCases.tables(routeParameter(request, 'id'));
      return listAnswer(pageOf(tables, page));
    },

    columns: async (request: HttpRequest) => {
      const page = readQuery(request, listQuery);
      const logicalName = routeParameter(request, 'logicalName');
      const columns = await useCases.columns(routeParameter(request, 'id'), logicalName);
      return listAnswer(pageOf(columns.map(columnJson), page));
    },

    entityFields: async (request: HttpRequest) => {
      const page = readQuery(request, listQuery);
      const fields = await useCases.entityFields(entityOf(routeParameter(request, 'entity')));
      return listAnswer(pageOf(fields.map(fieldJson), page));
    },
  } satisfies Record<string, Handle>;
}

/** Entities are named without case in addresses. */
function entityOf(text: string): AuthScapeEntity {
  const entity = AUTHSCAPE_ENTITIES.find((known) => known.toLowerCase() === text.toLowerCase());
  if (entity) return entity;
  throw new BridgeError('not_found', `AuthScape has no entity "${text}".`, {
    hint: `Known entities: ${AUTHSCAPE_ENTITIES.join(', ')}.`,
  });
}

function columnJson(column: Column) {
  return { ...column, readOnly: !column.updatable };
}

function fieldJson(field: EntityField) {
  return { ...field, readOnly: !field.writable };
}
