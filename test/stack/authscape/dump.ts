import type { Platform } from './model.js';
import type { Store } from './store.js';
import { roleNames } from './users.js';

/** Every row, with null for what is empty. */
export function dump(store: Store) {
  return {
    users: store.users.people().map((user) => ({
      id: user.id,
      firstName: user.firstName,
      lastName: user.lastName,
      email: user.userName,
      phoneNumber: user.phoneNumber,
      companyId: user.companyId,
      locationId: user.locationId,
      isActive: user.isActive,
      emailConfirmed: user.emailConfirmed,
      archived: user.archived,
      created: user.created,
      locale: user.locale,
      roles: roleNames(store, user),
      permissions: user.permissionClaims
        .flatMap((claim) => claim.split(','))
        .flatMap((id) => store.permissions.get(id) ?? []),
      customFields: values(store, 1, user.id),
    })),
    companies: [...store.companies.values()].map((company) => ({
      ...company,
      isActive: !company.isDeactivated,
      customFields: values(store, 2, company.id),
    })),
    locations: [...store.locations.values()].map((location) => ({
      ...location,
      isActive: !location.isDeactivated,
      customFields: values(store, 3, location.id),
    })),
  };
}

/** Values of custom fields whose record does not exist. */
export function orphans(store: Store) {
  const exists = (platform: Platform, id: number) =>
    [store.users.get(id), store.companies.get(id), store.locations.get(id)][platform - 1] !== undefined;
  return ([1, 2, 3] as const).flatMap((platform) =>
    [...store.fieldValues[platform].keys()]
      .filter((recordId) => !exists(platform, recordId))
      .flatMap((recordId) =>
        values(store, platform, recordId).map((value) => ({ platform, recordId, ...value })),
      ),
  );
}

function values(store: Store, platform: Platform, recordId: number) {
  return [...(store.fieldValues[platform].get(recordId) ?? [])].map(([customFieldId, value]) => ({
    customFieldId,
    name: store.customFields.get(customFieldId)?.name ?? null,
    value,
  }));
}
