import { z } from 'zod';
import { ControlError } from '../control.js';
import { type Platform, serverTime } from './model.js';
import type { Store } from './store.js';

const ENTITIES = { 1: 'User', 2: 'Company', 3: 'Location' } as const;

const valuesSchema = z.array(z.strictObject({ customFieldId: z.string(), value: z.string() })).default([]);
const textSchema = z.string().nullable().default(null);
const idSchema = z.int().nullable().default(null);

const companySchema = z.strictObject({
  title: z.string(),
  description: textSchema,
  logo: textSchema,
  isDeactivated: z.boolean().default(false),
  emailDomains: z.array(z.string()).default([]),
  customFields: valuesSchema,
});

const locationSchema = z.strictObject({
  title: z.string(),
  address: textSchema,
  city: textSchema,
  state: textSchema,
  zipCode: textSchema,
  lat: z.number().nullable().default(null),
  lng: z.number().nullable().default(null),
  companyId: idSchema,
  isDeactivated: z.boolean().default(false),
  customFields: valuesSchema,
});

const userSchema = z.strictObject({
  firstName: z.string().default(''),
  lastName: z.string().default(''),
  email: z.string(),
  phoneNumber: textSchema,
  companyId: idSchema,
  locationId: idSchema,
  isActive: z.boolean().default(true),
  emailConfirmed: z.boolean().default(true),
  archived: textSchema,
  roles: z.array(z.string()).default(['User']),
  permissions: z.array(z.string()).exactOptional(),
  /** Claims as they stand in the table: lists of permission ids, blank, double or dangling ones too. */
  permissionClaims: z.array(z.string()).exactOptional(),
  customFields: valuesSchema,
});

const insertSchema = z.strictObject({
  companies: z.array(companySchema).default([]),
  locations: z.array(locationSchema).default([]),
  users: z.array(userSchema).default([]),
});

const deleteSchema = z.strictObject({
  entity: z.enum(['User', 'Company', 'Location', 'Permission']),
  id: z.union([z.int(), z.string()]),
});

/** Adds rows past the API, as a database admin can; answers their ids. Throws ZodError and ControlError. */
export function insertRows(store: Store, body: unknown) {
  const { companies, locations, users } = insertSchema.parse(body);
  return {
    companies: companies.map(({ customFields, ...row }) =>
      withValues(store, 2, store.addCompany(row).id, customFields),
    ),
    locations: locations.map(({ customFields, ...row }) => {
      requireReferences(store, row.companyId, null);
      return withValues(store, 3, store.addLocation(row).id, customFields);
    }),
    users: users.map((user) => withValues(store, 1, insertUser(store, user), user.customFields)),
  };
}

function insertUser(store: Store, given: z.infer<typeof userSchema>): number {
  const { firstName, lastName, email: userName, roles, permissions, permissionClaims, ...rest } = given;
  const { customFields: _, ...columns } = rest;
  if (store.users.findByName(userName) !== undefined) {
    throw new ControlError(400, `There is a user ${userName} already.`);
  }
  requireReferences(store, columns.companyId, columns.locationId);
  const claims = permissions === undefined ? [] : [store.permissionIdsOf(permissions).join(',')];
  const user = store.newUser(
    { firstName, lastName, userName },
    {
      ...columns,
      created: serverTime(store.now()),
      roleIds: store.roleIdsOf(roles),
      permissionClaims: permissionClaims ?? claims,
    },
  );
  store.users.insert(user);
  return user.id;
}

function requireReferences(store: Store, companyId: number | null, locationId: number | null): void {
  if (!store.hasReferences(companyId, locationId)) {
    throw new ControlError(400, `There is no company ${companyId} or no location ${locationId}.`);
  }
}

function withValues(
  store: Store,
  platform: Platform,
  id: number,
  values: z.infer<typeof valuesSchema>,
): number {
  for (const { customFieldId, value } of values) {
    if (!store.customFields.has(customFieldId)) {
      throw new ControlError(400, `There is no custom field ${customFieldId}.`);
    }
    store.setValue(platform, id, customFieldId, value);
  }
  store.recordChange(ENTITIES[platform], id, 'created');
  return id;
}

/** Removes a row for good; references to it become null, its custom field values go with it. */
export function removeRow(store: Store, body: unknown): object {
  const { entity, id } = deleteSchema.parse(body);
  if (!removers[entity](store, id)) {
    throw new ControlError(400, `There is no ${entity} ${id}.`);
  }
  if (entity !== 'Permission') {
    store.recordChange(entity, Number(id), 'deleted');
  }
  return {};
}

const removers: Record<
  z.infer<typeof deleteSchema>['entity'],
  (store: Store, id: number | string) => boolean
> = {
  User(store, id) {
    const user = store.users.get(Number(id));
    if (user === undefined) {
      return false;
    }
    store.users.delete(user);
    store.fieldValues[1].delete(user.id);
    return true;
  },
  Company(store, id) {
    for (const row of [...store.users.all(), ...store.locations.values()]) {
      row.companyId = row.companyId === Number(id) ? null : row.companyId;
    }
    store.fieldValues[2].delete(Number(id));
    return store.companies.delete(Number(id));
  },
  Location(store, id) {
    for (const user of store.users.all()) {
      user.locationId = user.locationId === Number(id) ? null : user.locationId;
    }
    store.fieldValues[3].delete(Number(id));
    return store.locations.delete(Number(id));
  },
  /** The claims that name it stay. */
  Permission: (store, id) => store.permissions.delete(String(id)),
};
