import { randomUUID } from 'node:crypto';
import type { Action } from './action.js';
import { detailFields, listedFields } from './custom-fields.js';
import { neverDate, serverTime, type UserRow } from './model.js';
import { envelope, pageOf, searchText } from './paging.js';
import { emptyOk, nullReference, nullSource, ServerError, saveFailed } from './replies.js';
import type { Store } from './store.js';
import { isTied } from './user-table.js';

/** Of the column in the database. */
export const userNameLimit = 256;
/** Characters the identity library allows in a user name by default. */
const allowedUserName = /^[a-zA-Z0-9\-._@+]+$/;

export const getUsers: Action = ({ store, body }) => {
  const input = body();
  const offset = input.int32('offset') ?? 0;
  const length = input.int32('length') ?? 0;
  const search = searchText(input.text('searchByName'));
  const companyId = input.integer('searchByCompanyId');
  const roleId = input.integer('searchByRoleId');
  const emailConfirmed = input.boolean('emailConfirmed');
  const isActive = input.boolean('isActive') ?? false;
  input.finish();
  const isFiltered = companyId !== undefined || roleId !== undefined || emailConfirmed !== undefined;
  const matches = (user: UserRow) =>
    (companyId === undefined || user.companyId === companyId) &&
    (roleId === undefined || user.roleIds.includes(roleId)) &&
    (emailConfirmed === undefined || user.emailConfirmed === emailConfirmed);
  const rows = store.users.list(isActive, search, isFiltered ? matches : undefined);
  const page = pageOf(rows, isTied, { offset, length, ties: store.ties });
  return envelope(
    rows.length,
    page.map((user) => listedUser(store, user)),
  );
};

/** The list's projection: what it does not fill shows the type's default, which is not data. */
function listedUser(store: Store, user: UserRow) {
  const company = user.companyId === null ? undefined : store.companies.get(user.companyId);
  const location = user.locationId === null ? undefined : store.locations.get(user.locationId);
  return {
    id: user.id,
    firstName: user.firstName,
    lastName: user.lastName,
    userName: user.userName,
    isActive: user.isActive,
    archived: user.archived,
    phoneNumber: user.phoneNumber,
    company: { id: 0, title: company?.title ?? '', isDeactivated: false },
    location: { id: 0, title: location?.title ?? '', isDeactivated: false, isActive: false },
    roles: user.roleIds.length === 0 ? undefined : roleNames(store, user).join(','),
    permissions: listedPermissions(store, user),
    customFields: listedFields(store, 1, user.id),
    created: neverDate,
    lastLoggedIn: neverDate,
    emailConfirmed: false,
    phoneNumberConfirmed: false,
    twoFactorEnabled: false,
    lockoutEnabled: false,
    accessFailedCount: 0,
    // The constructor of the projected object makes a new one at every read.
    concurrencyStamp: randomUUID(),
  };
}

/** Fails, as AuthScape does, for a blank, a second and a dangling claim. */
function listedPermissions(store: Store, user: UserRow): string | undefined {
  const [claim, second] = user.permissionClaims;
  if (claim === undefined) {
    return undefined;
  }
  if (second !== undefined) {
    throw new ServerError(`An item with the same key has already been added. Key: ${user.id}`);
  }
  if (claim.trim() === '') {
    throw nullSource();
  }
  const names = claim.split(',').map((id) => {
    const name = store.permissions.get(id);
    if (name === undefined) {
      throw new ServerError(`The given key '${id}' was not present in the dictionary.`);
    }
    return name;
  });
  return names.join(',');
}

export const getUser: Action = ({ store, query, identity }) => {
  const user = store.users.get(query.integer('userId'));
  if (user === undefined) {
    throw nullReference();
  }
  store.replaces.noteRead(identity?.id, { entity: 'User', id: user.id });
  const company = user.companyId === null ? undefined : store.companies.get(user.companyId);
  const location = user.locationId === null ? undefined : store.locations.get(user.locationId);
  return {
    firstName: user.firstName,
    lastName: user.lastName,
    companyId: user.companyId,
    locationId: user.locationId,
    email: user.userName,
    phoneNumber: user.phoneNumber,
    isActive: user.isActive,
    emailConfirmed: user.emailConfirmed,
    roles: roleNames(store, user),
    permissions: (user.permissionClaims[0] ?? '').split(',').flatMap((id) => store.permissions.get(id) ?? []),
    customFields: detailFields(store, 1, user.id),
    company: company && { id: company.id, title: company.title, isDeactivated: false },
    location: location && { id: location.id, title: location.title, isDeactivated: false, isActive: false },
  };
};

export const createAccount: Action = ({ store, body }) => {
  const input = body();
  const firstName = input.requiredText('firstName');
  const lastName = input.requiredText('lastName');
  const userName = input.requiredText('email');
  input.finish();
  if (userName.length > userNameLimit) {
    throw saveFailed();
  }
  if (!allowedUserName.test(userName) || store.users.findByName(userName) !== undefined) {
    return undefined;
  }
  const user = store.newUser(
    { firstName, lastName, userName },
    {
      emailConfirmed: true,
      isActive: true,
      created: serverTime(store.now()),
      locale: 'Eastern Standard Time',
    },
  );
  store.users.insert(user);
  store.recordChange('User', user.id, 'created');
  store.recordHook('CreateAccount', 'User', user.id);
  return user.id;
};

export const archiveUser: Action = ({ store, query }) => {
  const user = store.users.get(query.integer('id'));
  if (user !== undefined) {
    store.users.update(user, { isActive: false, archived: serverTime(store.now()) });
    store.recordChange('User', user.id, 'updated');
  }
  return emptyOk;
};

export const activateUser: Action = ({ store, query }) => {
  const user = store.users.get(query.integer('id'));
  if (user !== undefined) {
    store.users.update(user, { isActive: true, archived: null });
    store.recordChange('User', user.id, 'updated');
  }
  return emptyOk;
};

export function roleNames(store: Store, user: UserRow): string[] {
  return user.roleIds.flatMap((id) => store.roles.get(id) ?? []);
}
