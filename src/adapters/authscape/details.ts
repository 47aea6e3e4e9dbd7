import { BridgeError, RecordRejectedError } from '../../domain/errors.js';
import type { AuthScapeEntity } from '../../domain/model.js';
import type { AuthScapeRecord } from '../../domain/records.js';
import type { FieldValue } from '../../domain/values.js';
import { type AuthScapeApi, type Reply, shaped } from './api.js';
import { saysNotFound } from './failures.js';
import { customKey } from './fields.js';
import { customValue, idNumber, referenceNumber, textValue } from './values.js';
import { companyDetail, locationDetail, userDetail, type WireCustomField } from './wire.js';

/** Members that a full replace may change, by field key, as stored. */
export type Members = Readonly<Record<string, string | null>>;

export interface CustomFieldInput {
  readonly customFieldId: string;
  readonly name: string;
  readonly value: string;
}

/** One record in full, with all that a full replace has to send back. */
export interface Detail {
  readonly record: AuthScapeRecord;
  readonly members: Members;
  readonly customFields: readonly WireCustomField[];
  /** The body of the full replace that sets these members and custom fields and changes nothing else. */
  body(members: Members, customFields: readonly CustomFieldInput[]): Readonly<Record<string, unknown>>;
}

export interface Details {
  /**
   * Undefined when AuthScape cannot read it: for a Company and a Location this means that there is none, a User fails in
   * the same way for other reasons. Throws `RecordRejectedError` for every other answer about the record.
   */
  read(entity: AuthScapeEntity, id: string): Promise<Detail | undefined>;
}

interface Reader {
  readonly action: string;
  readonly parameter: string;
  isMissing(reply: Reply): boolean;
  detail(id: number, reply: Reply): Detail;
}

const READERS: Readonly<Record<AuthScapeEntity, Reader>> = {
  User: {
    action: 'GetUser',
    parameter: 'userId',
    isMissing: (reply) => reply.status === 500 || reply.status === 204,
    detail: userOf,
  },
  Company: {
    action: 'GetCompany',
    parameter: 'companyId',
    isMissing: (reply) => reply.status === 400 && saysNotFound(reply.data),
    detail: companyOf,
  },
  Location: {
    action: 'GetLocation',
    parameter: 'locationId',
    isMissing: (reply) => reply.status === 204,
    detail: locationOf,
  },
};

export function createDetails(api: AuthScapeApi): Details {
  return {
    read: async (entity, id) => {
      const number = idNumber(id);
      if (number === undefined) return undefined;
      const { action, detail, isMissing, parameter } = READERS[entity];
      const reply = await api.readRecord({ method: 'GET', action, query: { [parameter]: String(number) } });
      if (isMissing(reply)) return undefined;
      if (reply.status !== 200) throw unreadable(entity, action, reply.status);
      try {
        return detail(number, reply);
      } catch (error) {
        // Another form of one answer says nothing of the others.
        if (error instanceof BridgeError && error.code === 'authscape_error') {
          throw unreadable(entity, action, reply.status);
        }
        throw error;
      }
    },
  };
}

function unreadable(entity: AuthScapeEntity, action: string, status: number): RecordRejectedError {
  const odd: Readonly<Record<number, string>> = {
    0: 'gave no answer in time',
    200: 'answered in another form',
  };
  const what = odd[status] ?? `answered ${status}`;
  return new RecordRejectedError(
    'record_unreadable',
    `AuthScape cannot read the ${entity.toLowerCase()}: ${action} ${what}, while other questions are answered.`,
    { unproven: `${action} ${status}` },
  );
}

/** The answer has no id, and its `email` is the user name. */
function userOf(id: number, reply: Reply): Detail {
  const user = shaped(userDetail, reply.data, 'GetUser');
  const { firstName, lastName, email, phoneNumber, companyId, locationId, isActive, emailConfirmed } = user;
  const text = { firstName, lastName, email, phoneNumber };
  return {
    record: {
      id: String(id),
      values: {
        id: String(id),
        ...textValues(text),
        companyId,
        locationId,
        isActive,
        emailConfirmed,
        ...customValues(user.customFields),
      },
      active: isActive,
      roles: user.roles,
      complete: true,
      readAt: reply.sentAt,
    },
    members: { ...text, companyId, locationId },
    customFields: user.customFields,
    body: (members, customFields) => ({
      id,
      ...members,
      // These columns take no null.
      firstName: members.firstName ?? '',
      lastName: members.lastName ?? '',
      ...references(members, ['companyId', 'locationId']),
      isActive,
      emailConfirmed,
      roles: user.roles,
      // An empty list would be stored as a blank claim, which breaks every list that holds the user.
      ...(user.permissions.length === 0 ? {} : { permissions: user.permissions }),
      customFields,
    }),
  };
}

function companyOf(_id: number, reply: Reply): Detail {
  const company = shaped(companyDetail, reply.data, 'GetCompany');
  const { id, title, description, isDeactivated } = company;
  return {
    record: {
      id,
      values: {
        id,
        ...textValues({ title, description }),
        isDeactivated,
        ...customValues(company.customFields),
      },
      active: !isDeactivated,
      complete: true,
      readAt: reply.sentAt,
    },
    members: { title },
    customFields: company.customFields,
    body: (members, customFields) => ({
      id: Number(id),
      title: members.title,
      isDeactivated,
      // What is left out here is detached or deleted.
      locations: company.locations.map((location) => ({ id: Number(location.id) })),
      domains: company.emailDomains,
      customFields,
    }),
  };
}

function locationOf(_id: number, reply: Reply): Detail {
  const location = shaped(locationDetail, reply.data, 'GetLocation');
  const { id, title, address, city, state, zipCode, companyId, isDeactivated } = location;
  const text = { title, address, city, state, zipCode };
  return {
    record: {
      id,
      values: { id, ...textValues(text), companyId, isDeactivated, ...customValues(location.customFields) },
      active: !isDeactivated,
      complete: true,
      readAt: reply.sentAt,
    },
    members: { ...text, companyId },
    customFields: location.customFields,
    body: (members, customFields) => ({ ...locationBody(Number(id), members, isDeactivated), customFields }),
  };
}

/** A location as UpdateLocation takes it: reads say `zipCode`, writes say `postalCode`. */
export function locationBody(
  id: number,
  members: Members,
  isDeactivated: boolean,
): Readonly<Record<string, unknown>> {
  const { zipCode, ...rest } = members;
  return { id, ...rest, postalCode: zipCode, ...references(members, ['companyId']), isDeactivated };
}

function references(members: Members, names: readonly string[]): Record<string, number | null> {
  return Object.fromEntries(names.map((name) => [name, referenceNumber(members[name] ?? null, name)]));
}

function textValues(members: Members): Record<string, FieldValue> {
  return Object.fromEntries(Object.entries(members).map(([name, value]) => [name, textValue(value)]));
}

function customValues(fields: readonly WireCustomField[]): Record<string, FieldValue> {
  return Object.fromEntries(fields.map((field) => [customKey(field.customFieldId), customValue(field)]));
}
