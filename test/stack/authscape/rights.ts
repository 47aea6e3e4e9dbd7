import type { Action } from './action.js';
import type { BodyReader } from './binding.js';
import { emptyOk, saveFailed } from './replies.js';
import type { Store } from './store.js';

export const getRoles: Action = ({ store }) =>
  [...store.roles].map(([id, name]) => ({
    id,
    name,
    normalizedName: store.normalizedRoleName(id, name),
    concurrencyStamp: `role-${id}`,
  }));

export const getPermissions: Action = ({ store }) =>
  [...store.permissions].map(([id, name]) => ({ id, name }));

export const assignUserToRole: Action = ({ store, body }) => {
  const { user, roleId } = readAssignment(store, body());
  if (user === undefined || !store.roles.has(roleId) || user.roleIds.includes(roleId)) {
    throw saveFailed();
  }
  user.roleIds.push(roleId);
  store.recordChange('User', user.id, 'updated');
  return emptyOk;
};

export const removeUserFromRole: Action = ({ store, body }) => {
  const { user, roleId } = readAssignment(store, body());
  if (user !== undefined) {
    user.roleIds = user.roleIds.filter((id) => id !== roleId);
    store.recordChange('User', user.id, 'updated');
  }
  return emptyOk;
};

function readAssignment(store: Store, input: BodyReader) {
  const userId = input.integer('userId') ?? 0;
  const roleId = input.integer('roleId') ?? 0;
  input.finish();
  return { user: store.users.get(userId), roleId };
}

export const addRole: Action = ({ store, body }) => {
  const input = body();
  const name = input.requiredText('role');
  input.finish();
  store.addRole(name);
  return emptyOk;
};

export const addPermission: Action = ({ store, body }) => {
  const input = body();
  const name = input.requiredText('name');
  input.finish();
  store.addPermission(name);
  return emptyOk;
};

/** The claims of users that name it stay: from then on they break every list with such a user. */
export const deletePermission: Action = ({ store, query }) => {
  store.permissions.delete(query.guid('id'));
  return emptyOk;
};
