import type { Clock } from '../../application/ports/runtime.js';
import { BridgeError, RecordRejectedError } from '../../domain/errors.js';
import type { AuthScapeEntity } from '../../domain/model.js';
import type { EntityField, EntitySchema } from '../../domain/schema.js';
import { jsonOf } from '../http/failure.js';
import { type AuthScapeApi, shaped } from './api.js';
import type { Detail, Details } from './details.js';
import { BUILT_IN_FIELDS, CUSTOM_PREFIX, customKey } from './fields.js';
import type { Lists } from './lists.js';
import {
  customFieldDefinitions,
  customFieldProperties,
  dropDownOptions,
  type WireCustomField,
} from './wire.js';

/** Definitions change rarely, and a mapping is checked against them at each save. */
const CACHE_MS = 10 * 60_000;

const PLATFORM: Readonly<Record<AuthScapeEntity, string>> = { User: '1', Company: '2', Location: '3' };
const DROP_DOWN = 7;

const CUSTOM_TYPES: Readonly<Record<number, EntityField['type']>> = {
  1: 'string',
  2: 'memo',
  3: 'number',
  4: 'date',
  5: 'boolean',
  6: 'image',
  [DROP_DOWN]: 'choice',
};

interface Definition {
  readonly id: string;
  readonly name: string;
  readonly type: number;
  readonly isRequired: boolean;
  readonly properties: string | null;
}

interface Schemas {
  schema(entity: AuthScapeEntity, options?: { fresh?: boolean }): Promise<EntitySchema>;
}

/** What each entity offers, custom fields included; custom fields are looked up once in ten minutes. */
export function createSchemas(api: AuthScapeApi, lists: Lists, details: Details, clock: Clock): Schemas {
  const cache = new Map<AuthScapeEntity, { schema: EntitySchema; until: number }>();

  async function definitions(entity: AuthScapeEntity): Promise<readonly Definition[]> {
    const reply = await api.read(
      {
        method: 'GET',
        action: 'GetCustomFields',
        query: { platformType: PLATFORM[entity], IsDatagrid: 'false' },
      },
      [500],
    );
    // The action needs the signed-in user, which a token without identity does not name.
    if (reply.status !== 200) return definitionsOfAnyRecord(entity);
    const listed = shaped(customFieldDefinitions, reply.data, 'GetCustomFields');
    const found: Definition[] = [];
    for (const { id, name, fieldType, isRequired } of listed) {
      const properties = fieldType === DROP_DOWN ? await propertiesOf(id) : null;
      found.push({ id, name, type: fieldType, isRequired, properties });
    }
    return found;
  }

  /** The list of definitions leaves the options out. */
  async function propertiesOf(id: string): Promise<string | null> {
    const reply = await api.read({ method: 'GET', action: 'GetCustomField', query: { id } }, [500]);
    return reply.status === 200
      ? shaped(customFieldProperties, reply.data, 'GetCustomField').properties
      : null;
  }

  /** The detail of a record names all fields of its kind; without any record there is nothing to map yet. */
  async function definitionsOfAnyRecord(entity: AuthScapeEntity): Promise<readonly Definition[]> {
    const id = await lists.anyId(entity);
    const detail = id === undefined ? undefined : await readAny(entity, id);
    return (detail?.customFields ?? []).map(definitionOf);
  }

  /** Without the definitions nothing can be said of any record. */
  async function readAny(entity: AuthScapeEntity, id: string): Promise<Detail | undefined> {
    try {
      return await details.read(entity, id);
    } catch (error) {
      if (!(error instanceof RecordRejectedError)) throw error;
      throw new BridgeError('authscape_error', error.message);
    }
  }

  return {
    schema: async (entity, options = {}) => {
      const known = cache.get(entity);
      if (known !== undefined && known.until > clock.now() && options.fresh !== true) return known.schema;
      const custom = (await definitions(entity)).map(customField);
      const schema: EntitySchema = { entity, fields: [...BUILT_IN_FIELDS[entity], ...custom] };
      cache.set(entity, { schema, until: clock.now() + CACHE_MS });
      return schema;
    },
  };
}

function definitionOf(field: WireCustomField): Definition {
  const { customFieldId, customFieldType, name, isRequired, properties } = field;
  return { id: customFieldId, name, type: customFieldType, isRequired, properties };
}

function customField(definition: Definition): EntityField {
  return {
    name: CUSTOM_PREFIX + definition.name,
    key: customKey(definition.id),
    type: CUSTOM_TYPES[definition.type] ?? 'string',
    maxLength: null,
    required: definition.isRequired,
    readable: true,
    writable: true,
    inList: false,
    options: definition.type === DROP_DOWN ? optionsOf(definition.properties) : null,
    custom: true,
  };
}

function optionsOf(properties: string | null): EntityField['options'] {
  const parsed = dropDownOptions.safeParse(jsonOf(properties ?? ''));
  if (!parsed.success) return null;
  return parsed.data.map(({ key, value }) => ({ key, label: value ?? key }));
}
