import { z } from 'zod';

/**
 * Answers of the AuthScape user management module, as far as they are data. Nulls are left out of its answers, so
 * absent is null; what lists show in place of columns that they do not read (type defaults) is not named here.
 */
const text = z
  .string()
  .nullish()
  .transform((value) => value ?? null);
const flag = z
  .boolean()
  .nullish()
  .transform((value) => value ?? false);
const id = z.union([z.int(), z.string()]).transform(String);
const reference = id.nullish().transform((value) => value ?? null);
const names = z
  .array(z.string())
  .nullish()
  .transform((value) => value ?? []);
/** Joined by commas in lists. */
const joinedNames = z
  .string()
  .nullish()
  .transform((value) => (value ?? '').split(',').filter((name) => name !== ''));

const fieldId = z.string().transform((value) => value.toLowerCase());

/** A custom field of one record: the definition and, where one is stored, the value. */
const customField = z.object({
  customFieldId: fieldId,
  name: z.string().catch(''),
  customFieldType: z.int().catch(1),
  isRequired: flag,
  properties: text,
  value: text,
});
export type WireCustomField = z.output<typeof customField>;
const customFields = z
  .array(customField)
  .nullish()
  .transform((value) => value ?? []);

/** The same as a definition, where type and id have other names. */
export const customFieldDefinitions = z.array(
  z.object({ id: fieldId, name: z.string(), fieldType: z.int().catch(1), isRequired: flag }),
);
export const customFieldProperties = z.object({ properties: text });
/** Options of a drop-down are a JSON text inside the definition. */
export const dropDownOptions = z.array(z.object({ key: z.coerce.string(), value: text }));

export const page = z.object({ recordsTotal: z.int(), data: z.array(z.unknown()) });

export const userRow = z.object({
  id,
  firstName: text,
  lastName: text,
  /** The e-mail: the list has no other. */
  userName: text,
  phoneNumber: text,
  isActive: flag,
  roles: joinedNames,
});
/** The answer has no id, and almost all of it may be absent: an object that says nothing of a user is no user without values. */
export const userDetail = z
  .looseObject({})
  .refine((user) => ['email', 'isActive', 'emailConfirmed'].some((name) => name in user))
  .pipe(
    z.object({
      firstName: text,
      lastName: text,
      email: text,
      phoneNumber: text,
      companyId: reference,
      locationId: reference,
      isActive: flag,
      emailConfirmed: flag,
      roles: names,
      permissions: names,
      customFields,
    }),
  );

/** A row of POST GetCompanies, the only company list whose `isActive` is true data. */
export const companyRow = z.object({ id, title: text, isActive: flag });
export const companyDetail = z.object({
  id,
  title: text,
  description: text,
  isDeactivated: flag,
  locations: z
    .array(z.object({ id }))
    .nullish()
    .transform((value) => value ?? []),
  customFields,
  emailDomains: names,
});

const location = {
  id,
  title: text,
  address: text,
  city: text,
  state: text,
  zipCode: text,
  companyId: reference,
  /** True data everywhere; `isActive` of a location is false in most answers. */
  isDeactivated: flag,
};
export const locationRows = z.array(z.object(location));
export type WireLocation = z.output<typeof locationRows>[number];
export const locationDetail = z.object({ ...location, customFields });

/** GET UserManagement: who the token speaks for. */
export const signedInUser = z.object({ id });

/** What CreateAccount answers: the bare id. */
export const createdId = id;

/** The custom fields of a full replace as they were sent. */
export const sentCustomFields = z.object({ customFields: z.array(z.object({ customFieldId: z.string() })) });

/** What an update answers: the members that it found different from what was sent. */
export const changedMembers = z.array(z.object({ name: z.string(), value: text }));

export const tokenAnswer = z.object({
  access_token: z.string().min(1),
  /** Seconds. */
  expires_in: z.number().catch(3600),
  refresh_token: z.string().min(1).nullish(),
});
export const oauthError = z.object({ error: z.string().regex(/^[a-z_]{1,40}$/) });
/** AuthScape's own error body. */
export const errorBody = z.object({ error: z.string() });
/** ASP.NET Core's validation problem: members and what is wrong with them. */
export const validationProblem = z.object({ errors: z.record(z.string(), z.unknown()) });
