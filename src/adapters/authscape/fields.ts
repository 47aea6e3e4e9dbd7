import type { AuthScapeEntity } from '../../domain/model.js';
import type { EntityField } from '../../domain/schema.js';

type Traits = Partial<Pick<EntityField, 'type' | 'maxLength' | 'required' | 'writable' | 'inList'>>;

function field(name: string, traits: Traits = {}): EntityField {
  return {
    name,
    key: name,
    type: 'string',
    maxLength: null,
    required: false,
    readable: true,
    writable: true,
    inList: true,
    options: null,
    custom: false,
    ...traits,
  };
}

const DETAIL_ONLY: Traits = { inList: false };
const READ_ONLY: Traits = { writable: false };
const EMAIL_LENGTH = 256;

export const BUILT_IN_FIELDS: Readonly<Record<AuthScapeEntity, readonly EntityField[]>> = {
  User: [
    field('id', READ_ONLY),
    field('firstName'),
    field('lastName'),
    field('email', { required: true, maxLength: EMAIL_LENGTH }),
    field('phoneNumber'),
    field('isActive', { type: 'boolean' }),
    field('companyId', { type: 'reference', ...DETAIL_ONLY }),
    field('locationId', { type: 'reference', ...DETAIL_ONLY }),
    field('emailConfirmed', { type: 'boolean', ...READ_ONLY, ...DETAIL_ONLY }),
  ],
  Company: [
    field('id', READ_ONLY),
    field('title', { required: true }),
    field('description', { type: 'memo', ...READ_ONLY, ...DETAIL_ONLY }),
    field('isDeactivated', { type: 'boolean' }),
  ],
  Location: [
    field('id', READ_ONLY),
    field('title', { required: true }),
    field('address'),
    field('city'),
    field('state'),
    field('zipCode'),
    field('isDeactivated', { type: 'boolean' }),
    field('companyId', { type: 'reference' }),
  ],
};

export const CUSTOM_PREFIX = 'customFields.';

/** The key of a custom field in mappings and values; names are not unique in AuthScape, ids are. */
export function customKey(fieldId: string): string {
  return CUSTOM_PREFIX + fieldId;
}

/** The id of a custom field's key; undefined for a built-in field. */
export function customFieldIdOf(key: string): string | undefined {
  return key.startsWith(CUSTOM_PREFIX) ? key.slice(CUSTOM_PREFIX.length).toLowerCase() : undefined;
}

/** Do the lists carry all of these fields? */
export function listCarries(entity: AuthScapeEntity, keys: readonly string[]): boolean {
  return keys.every((key) => BUILT_IN_FIELDS[entity].some((known) => known.key === key && known.inList));
}
