import type { AuthScapeEntity, Direction, FieldMapping, Transform } from './model.js';

/** What a mapping starts with when nothing else is said: the fields that nearly every organisation wants. */

type DefaultField = Omit<FieldMapping, 'id'>;

function field(
  authScapeField: string,
  crmField: string,
  more: { direction?: Direction; transform?: Transform; required?: boolean } = {},
): DefaultField {
  return {
    authScapeField,
    crmField,
    direction: more.direction ?? 'Bidirectional',
    enabled: true,
    required: more.required ?? false,
    syncNullValues: true,
    transform: more.transform ?? null,
  };
}

const INVERTED_STATE: Transform = { type: 'stateCode', inverted: true };

const DEFAULTS: Readonly<Record<string, readonly DefaultField[]>> = {
  'User|contact': [
    field('firstName', 'firstname'),
    field('lastName', 'lastname'),
    field('email', 'emailaddress1'),
    field('phoneNumber', 'telephone1'),
    field('isActive', 'statecode', { transform: { type: 'stateCode' } }),
  ],
  'Company|account': [
    field('title', 'name', { required: true }),
    // The description of a company can be read from AuthScape but not written.
    field('description', 'description', { direction: 'Outbound' }),
    field('isDeactivated', 'statecode', { transform: INVERTED_STATE }),
  ],
  'Location|account': [
    field('title', 'name', { required: true }),
    field('address', 'address1_line1'),
    field('city', 'address1_city'),
    field('state', 'address1_stateorprovince'),
    field('zipCode', 'address1_postalcode'),
    field('isDeactivated', 'statecode', { transform: INVERTED_STATE }),
  ],
};

/** The default field mappings of a pair; none for pairs that are not of the standard. */
export function defaultFields(entity: AuthScapeEntity, table: string): readonly DefaultField[] {
  return DEFAULTS[`${entity}|${table}`] ?? [];
}

const MATCH_BY: Readonly<Record<AuthScapeEntity, readonly string[]>> = {
  User: ['email'],
  Company: ['title'],
  Location: ['title', 'companyId'],
};

export function defaultMatchBy(entity: AuthScapeEntity): readonly string[] {
  return MATCH_BY[entity];
}
