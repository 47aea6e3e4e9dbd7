import { type Action, booleanText, type Change } from './action.js';
import type { BodyReader } from './binding.js';
import { planFields, readField } from './custom-fields.js';
import type { UserRow } from './model.js';
import { nullReference, nullSource, saveFailed, trackedTwice, UnsupportedError } from './replies.js';
import type { Store } from './store.js';
import { userNameLimit } from './users.js';

/** Members of a nested company and of a nested location which C# does not let be null. */
const companyMembers = [
  'title',
  'users',
  'storeCredits',
  'locations',
  'dnsRecords',
  'customFields',
  'emailDomains',
];
const locationMembers = ['title', 'users', 'userLocations', 'customFields'];

type UserInput = ReturnType<typeof readUser>;

/**
 * Replaces a user wholly: what the body leaves out is cleared. All or nothing for an existing user; with id -1
 * a user is made, and stays when what follows (roles, permissions, custom fields) fails.
 */
export const updateUser: Action = ({ store, body, identity }) => {
  const input = readUser(body());
  const isNew = input.id === -1;
  const existing = input.id === undefined || isNew ? undefined : store.users.get(input.id);
  if (existing === undefined && !isNew) {
    return undefined;
  }
  const columns = columnsOf(store, input, existing);
  const changed = changedMembers(input, existing);
  const user = existing ?? store.newUser(columns, columns);
  if (isNew) {
    store.users.insert(user);
    store.recordChange('User', user.id, 'created');
  }
  const rights = rightsOf(store, input, user);
  if (input.customFields === undefined) {
    throw nullSource();
  }
  const fields = planFields(store, 1, user.id, input.customFields);
  fields.apply();
  store.users.update(user, { ...columns, ...rights });
  if (!isNew) {
    store.recordChange('User', user.id, 'updated');
    store.replaces.noteReplace(identity?.id, { entity: 'User', id: user.id }, changed);
  }
  store.recordHook('UpdateUser', 'User', user.id);
  const changes: Change[] = changed.map(({ name, value }) => ({ name, value }));
  return [...changes, ...fields.changes];
};

function readUser(body: BodyReader) {
  const input = {
    id: body.integer('id'),
    firstName: body.text('firstName'),
    lastName: body.text('lastName'),
    companyId: body.integer('companyId') ?? null,
    locationId: body.integer('locationId') ?? null,
    email: body.text('email'),
    phoneNumber: body.text('phoneNumber') ?? null,
    isActive: body.boolean('isActive') ?? false,
    emailConfirmed: body.boolean('emailConfirmed') ?? false,
    roles: body.texts('roles') ?? [],
    permissions: body.texts('permissions'),
    customFields: body.list('customFields', readField),
  };
  const hasCompany = body.nested('company', companyMembers);
  const hasLocation = body.nested('location', locationMembers);
  body.finish();
  if (hasCompany || hasLocation) {
    throw new UnsupportedError('UpdateUser with a nested company or location.');
  }
  return input;
}

/** Checks what the database would: NOT NULL, lengths, the unique user name, the foreign keys. */
function columnsOf(store: Store, input: UserInput, existing: UserRow | undefined) {
  const { firstName, lastName, email: userName, companyId, locationId } = input;
  if (userName === undefined) {
    throw nullReference();
  }
  const owner = store.users.findByName(userName);
  const isTaken = owner !== undefined && owner !== existing;
  if (firstName === undefined || lastName === undefined || isTaken || userName.length > userNameLimit) {
    throw saveFailed();
  }
  if (!store.hasReferences(companyId, locationId)) {
    throw saveFailed();
  }
  const { phoneNumber, isActive, emailConfirmed } = input;
  return { firstName, lastName, userName, phoneNumber, companyId, locationId, isActive, emailConfirmed };
}

function changedMembers(input: UserInput, existing: UserRow | undefined) {
  const pairs: [name: string, now: string | null | undefined, before: string | null | undefined][] = [
    ['FirstName', input.firstName, existing?.firstName],
    ['LastName', input.lastName, existing?.lastName],
    ['Email', input.email, existing?.userName],
    ['IsActive', booleanText(input.isActive), booleanText(existing?.isActive ?? false)],
    ['EmailConfirmed', booleanText(input.emailConfirmed), booleanText(existing?.emailConfirmed ?? false)],
    ['PhoneNumber', input.phoneNumber, existing?.phoneNumber ?? null],
    ['CompanyId', String(input.companyId ?? ''), String(existing?.companyId ?? '')],
    ['LocationId', String(input.locationId ?? ''), String(existing?.locationId ?? '')],
  ];
  return pairs
    .filter(([, now, before]) => now !== before)
    .map(([name, now, before]) => ({ name, value: now ?? null, before: before ?? null }));
}

/** Unknown names drop out without an error; a list of permissions that ends up empty still becomes a (blank) claim. */
function rightsOf(store: Store, input: UserInput, user: UserRow) {
  const roleIds = input.roles.flatMap((name) => store.roleIdsOf([name]));
  if (new Set(roleIds).size !== roleIds.length) {
    throw trackedTwice();
  }
  const [, ...otherClaims] = user.permissionClaims;
  const claim = input.permissions && store.permissionIdsOf(input.permissions).join(',');
  return { roleIds, permissionClaims: claim === undefined ? otherClaims : [claim, ...otherClaims] };
}
