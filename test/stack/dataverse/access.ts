import type { SimReply } from '../control.js';
import type { TokenVerifier } from '../tokens.js';
import type { Call } from './call.js';
import type { ApplicationUser, Environment } from './environment.js';
import { badRequest, DataverseError, errorReply } from './errors.js';
import type { TableDefinition } from './tables/schema.js';
import type { Row } from './tables/table-store.js';
import { bypassedLogic, bypassedStepIds } from './webhooks/events.js';

export type Verb = 'Read' | 'Create' | 'Write' | 'Delete';

/** The claims' user, or the 401 that the present switch asks for. */
export function authenticate(
  environment: Environment,
  verifier: TokenVerifier,
  header: string | undefined,
): { appId: string } | SimReply {
  const token = /^Bearer\s+(\S+)$/i.exec(header ?? '')?.[1];
  const claims = token === undefined ? undefined : verifier.verify(token);
  if (claims === undefined || !isAudience(environment.domain, claims.audience)) {
    return unauthorized(environment);
  }
  return { appId: claims.appId };
}

/** Both hosts of the environment are accepted, with or without the slash at the end. */
function isAudience(domain: string, audience: string): boolean {
  const [name = '', ...region] = domain.split('.');
  const hosts = [domain, [name, 'api', ...region].join('.')];
  return hosts.some((host) => audience.replace(/\/$/, '').toLowerCase() === `https://${host.toLowerCase()}`);
}

function unauthorized(environment: Environment): SimReply {
  const challenge = `Bearer authorization_uri=https://login.microsoftonline.com/common/oauth2/authorize, resource_id=https://${environment.domain}/`;
  const headers = { 'WWW-Authenticate': challenge };
  switch (environment.behaviour.unauthorizedBody) {
    case 'empty':
      return { status: 401, headers };
    case 'text':
      return {
        status: 401,
        headers: { ...headers, 'Content-Type': 'text/plain' },
        body: 'Access token is not valid.',
      };
    case 'json': {
      const reply = errorReply(
        401,
        '0x0',
        'The access token is missing, expired or not meant for this host.',
      );
      return { ...reply, headers: { ...reply.headers, ...headers } };
    }
  }
}

/** The application user of an application, with any rights or none. */
export function findUser(environment: Environment, appId: string): ApplicationUser | undefined {
  return environment.users.find((known) => known.appId.toLowerCase() === appId.toLowerCase());
}

/** The application user behind the token; 403 where the environment has none that may do anything. */
export function requireUser(environment: Environment, appId: string): ApplicationUser {
  const user = findUser(environment, appId);
  if (user === undefined || user.state === 'none') {
    throw new DataverseError(403, '0x80072560', 'The user is not a member of the organization.');
  }
  if (user.state === 'noRole') {
    throw new DataverseError(
      403,
      '0x80042f09',
      `Principal user (Id=${user.userId}, type=8) is not assigned any roles, it misses the prvReadOrganization privilege.`,
    );
  }
  if (user.state === 'disabled') {
    throw new DataverseError(
      403,
      '0x80040225',
      'The specified user is either disabled or is not a member of any business unit.',
    );
  }
  return user;
}

/** 403 when the user's role is set to lack the privilege that the verb needs on the table. */
export function requirePrivilege(user: ApplicationUser, verb: Verb, table: TableDefinition): void {
  const name = `prv${verb}${table.schemaName}`;
  const isForCustomizers = table.writing === 'customizer' && verb !== 'Read';
  if (lacks(user, name) || (isForCustomizers && user.state === 'notCustomizer')) {
    throw new DataverseError(
      403,
      '0x80040220',
      `Principal user (Id=${user.userId}, type=8, roleCount=1, privilegeCount=500, accessMode=4) is missing ${name} privilege on OTC=${table.typeCode} for entity '${table.name}'.`,
    );
  }
}

function lacks(user: ApplicationUser, privilege: string): boolean {
  return user.state === 'missingPrivilege' && user.privilege?.toLowerCase() === privilege.toLowerCase();
}

/** Silencing custom logic needs a privilege, and three steps are the most that one request can name. */
export function requireBypass({ user, headers }: Pick<Call, 'user' | 'headers'>): void {
  const privilege = 'prvBypassCustomBusinessLogic';
  if (lacks(user, privilege) && (bypassedLogic(headers).length > 0 || bypassedStepIds(headers).length > 0)) {
    throw new DataverseError(
      403,
      '0x80040220',
      `Principal user (Id=${user.userId}, type=8) is missing ${privilege} privilege.`,
    );
  }
  if (bypassedStepIds(headers).length > 3) {
    throw badRequest('No more than 3 steps can be bypassed in one request.', '0x80040203');
  }
}

/** Change tracking needs read access to all rows of the organization. */
export function requireGlobalRead(user: ApplicationUser, table: TableDefinition): void {
  if (user.state === 'noGlobalRead') {
    throw new DataverseError(
      403,
      '0x80040220',
      `Principal user (Id=${user.userId}, type=8) is missing prvRead${table.schemaName} privilege with global depth for entity '${table.name}'.`,
    );
  }
}

/** 403 for a row that is not shared with the user. */
export function requireAccess(
  user: ApplicationUser,
  table: TableDefinition,
  id: string,
  right: 'Read' | 'Write',
): void {
  if (user.deniedRows.has(id)) {
    throw new DataverseError(
      403,
      '0x80048306',
      `Principal with id ${user.userId} does not have ${right}Access right(s) for record with id ${id} of entity ${table.name}.`,
    );
  }
}

/** Rows that are not shared with the user are left out of results, which makes short pages. */
export function withoutDenied(call: Pick<Call, 'user'>, rows: readonly Row[]): readonly Row[] {
  const { deniedRows } = call.user;
  return deniedRows.size === 0 ? rows : rows.filter((row) => !deniedRows.has(row.id));
}

/** 403 when one of the properties written is under column security. */
export function requireColumnAccess(
  user: ApplicationUser,
  table: TableDefinition,
  properties: Iterable<string>,
): void {
  for (const property of properties) {
    const name = table.byProperty.get(property)?.name ?? property;
    if (user.securedColumns.has(`${table.name}.${name}`)) {
      throw new DataverseError(
        403,
        '0x8004f507',
        `Caller user with Id ${user.userId} does not have update permissions to a ${name} secured field on entity ${table.name}.`,
      );
    }
  }
}
