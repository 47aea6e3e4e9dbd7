import type { Action } from './action.js';
import * as companies from './companies.js';
import * as fields from './custom-fields.js';
import * as locations from './locations.js';
import { UnsupportedError } from './replies.js';
import * as rights from './rights.js';
import { updateUser } from './update-user.js';
import * as users from './users.js';

export interface Route {
  /** The action's name as AuthScape spells it. */
  name: string;
  verbs: Partial<Record<string, Action>>;
  /** Name of the body's parameter in C#. */
  parameter: string;
}

const unsupported: Action = () => {
  throw new UnsupportedError('this operation exists in AuthScape, but not here.');
};

const actions: Record<string, Route['verbs']> = {
  GetUsers: { POST: users.getUsers },
  GetUser: { GET: users.getUser },
  UpdateUser: { PUT: updateUser },
  CreateAccount: { POST: users.createAccount },
  ArchiveUser: { DELETE: users.archiveUser },
  ActivateUser: { DELETE: users.activateUser },
  GetRoles: { GET: rights.getRoles },
  GetPermissions: { GET: rights.getPermissions },
  AssignUserToRole: { POST: rights.assignUserToRole },
  RemoveUserFromRole: { DELETE: rights.removeUserFromRole },
  GetCompanies: { GET: companies.findCompanies, POST: companies.listCompanies },
  GetAllCompanies: { GET: companies.getAllCompanies },
  GetCompaniesForLocation: { GET: companies.getCompaniesForLocation },
  GetCompany: { GET: companies.getCompany },
  UpdateCompany: { POST: companies.updateCompany },
  ArchiveCompany: { DELETE: companies.archiveCompany },
  ActivateCompany: { DELETE: companies.activateCompany },
  GetLocations: { GET: locations.getLocations, POST: locations.listLocations },
  GetLocation: { GET: locations.getLocation },
  UpdateLocation: { POST: locations.updateLocation },
  ArchiveLocation: { DELETE: locations.archiveLocation },
  ActivateLocation: { DELETE: locations.activateLocation },
  GetCustomFields: { GET: fields.getCustomFields },
  GetCustomField: { GET: fields.getCustomField },
  GetCustomTabs: { GET: fields.getCustomTabs },
  CreateTab: { POST: unsupported },
  AddOrUpdateCustomField: { POST: unsupported },
  DeleteCustomField: { DELETE: unsupported },
  DeleteCustomTab: { DELETE: unsupported },
  ChangeUserPassword: { PUT: unsupported },
  UploadUsers: { POST: unsupported },
  UploadLogo: { POST: unsupported },
  UploadCustomFieldImage: { POST: unsupported },
  GetDownloadTemplate: { GET: unsupported },
  AddRole: { POST: rights.addRole },
  DeleteRole: { DELETE: unsupported },
  AddPermission: { POST: rights.addPermission },
  DeletePermission: { DELETE: rights.deletePermission },
};

const byName = new Map<string, Route>(
  Object.entries(actions).map(([name, verbs]) => [
    name.toLowerCase(),
    { name, verbs, parameter: name === 'UpdateUser' ? 'user' : 'param' },
  ]),
);

/** Null: the signed-in user is not known, which answers without a body. */
const whoAmI: Route = {
  name: 'UserManagement',
  verbs: { GET: ({ identity }) => identity },
  parameter: 'param',
};

const sampleCompanies: Route = {
  name: 'Companies',
  parameter: 'company',
  verbs: { PUT: companies.sampleCreateCompany, GET: unsupported, POST: unsupported, DELETE: unsupported },
};

/** Which parts this installation has. */
export interface Installation {
  /** The user management module. */
  module: boolean;
  /** The template host's `api/Companies`. */
  sampleCompanies: boolean;
}

/** The route of a path, matched without regard to case; undefined: AuthScape has nothing there. */
export function findRoute(pathname: string, installed: Installation): Route | undefined {
  const [root, controller, action, ...rest] = segmentsOf(pathname);
  if (root !== 'api' || rest.length > 0) {
    return undefined;
  }
  if (controller === 'usermanagement') {
    if (action === undefined) {
      return whoAmI;
    }
    return installed.module ? byName.get(action) : undefined;
  }
  return controller === 'companies' && action === undefined && installed.sampleCompanies
    ? sampleCompanies
    : undefined;
}

/** Where AuthScape answers 404 for what it does not have; elsewhere the simulator does not know. */
export function isKnownAbsence(pathname: string): boolean {
  const [root, controller] = segmentsOf(pathname);
  return (root === 'api' && controller !== undefined) || root === 'scim';
}

/** The label by which requests are counted and faults are matched. */
export function labelOf(method: string, pathname: string): string {
  const route = findRoute(pathname, { module: true, sampleCompanies: true });
  return `${method} ${route?.name ?? pathname.replace(/^\/+|\/+$/g, '')}`;
}

function segmentsOf(pathname: string): string[] {
  return pathname
    .toLowerCase()
    .split('/')
    .filter((segment) => segment !== '');
}
