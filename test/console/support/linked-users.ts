import { bothSides, type User } from '../../journeys/support/journey.js';
import type { ConsoleUnderTest } from './console.js';

/** Active users that are linked with contacts which are there. */
export async function linkedUsers({ connectionId, journey }: ConsoleUnderTest): Promise<User[]> {
  const links = await journey.api.links(connectionId, '?entity=User');
  const { authScape, dynamics } = await bothSides(journey);
  const rows = new Set(dynamics.contacts.map(({ contactid }) => contactid));
  const linked = new Set(links.filter(({ crmId }) => rows.has(crmId)).map(({ authScapeId }) => authScapeId));
  return authScape.users.filter(({ id, isActive }) => isActive && linked.has(String(id)));
}
