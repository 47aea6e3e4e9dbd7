import type { EntityMapping, FieldMapping, RelationshipMapping } from '../../../src/domain/model.js';
import { aFieldMapping, aMapping } from '../../support/builders.js';
import type { Harness } from './harness.js';

function field(authScapeField: string, crmField: string, more: Partial<FieldMapping> = {}): FieldMapping {
  return aFieldMapping({ id: `f_${authScapeField}`, authScapeField, crmField, ...more });
}

export const USER_FIELDS: readonly FieldMapping[] = [
  field('firstName', 'firstname'),
  field('lastName', 'lastname'),
  field('email', 'emailaddress1'),
  field('phoneNumber', 'telephone1'),
  field('isActive', 'statecode', { transform: { type: 'stateCode' } }),
];

const LOCATION_FIELDS: readonly FieldMapping[] = [
  field('title', 'name', { required: true }),
  field('address', 'address1_line1'),
  field('city', 'address1_city'),
  field('isDeactivated', 'statecode', { transform: { type: 'stateCode', inverted: true } }),
];

const COMPANY_FIELDS: readonly FieldMapping[] = [
  field('title', 'name', { required: true }),
  field('isDeactivated', 'statecode', { transform: { type: 'stateCode', inverted: true } }),
];

export const USER_COMPANY: RelationshipMapping = {
  id: 'r_company',
  authScapeField: 'companyId',
  relatedEntity: 'Company',
  crmLookupField: 'parentcustomerid',
  crmRelatedEntity: 'account',
  direction: 'Bidirectional',
  enabled: true,
  syncNullValues: true,
  autoCreateRelated: false,
};

export function userMapping(more: Partial<EntityMapping> = {}): EntityMapping {
  return aMapping({ fields: USER_FIELDS, ...more });
}

export function companyMapping(more: Partial<EntityMapping> = {}): EntityMapping {
  return aMapping({
    id: 'm_company',
    authScapeEntity: 'Company',
    crmEntity: 'account',
    matchBy: ['title'],
    fields: COMPANY_FIELDS,
    ...more,
  });
}

export function locationMapping(more: Partial<EntityMapping> = {}): EntityMapping {
  return aMapping({
    id: 'm_location',
    authScapeEntity: 'Location',
    crmEntity: 'account',
    matchBy: ['title'],
    fields: LOCATION_FIELDS,
    ...more,
  });
}

/** A person changes a mapping: it is stored under its next version. */
export async function changeMapping(
  bridge: Harness,
  change: (mapping: EntityMapping) => Partial<EntityMapping>,
  mappingId = 'm_1234567890',
): Promise<void> {
  const stored = await bridge.storage.mappings.get(bridge.connection.id, mappingId);
  if (stored === undefined) throw new Error(`no mapping ${mappingId}`);
  const { value, etag } = stored;
  await bridge.storage.mappings.replace({ ...value, ...change(value), version: value.version + 1 }, etag);
}
