import { isInsertPending, type Link } from '../../../domain/link.js';
import type { RowOwner } from '../../ports/links.js';
import type { MappingContext, SyncContext } from '../context/sync-context.js';

/**
 * The links and tombstones that hold these rows, by D id. What a mapping that is gone has left holds nothing: it is
 * removed. Nor does half a pair.
 */
export async function ownersOf(
  context: SyncContext,
  table: string,
  crmIds: readonly string[],
): Promise<ReadonlyMap<string, Link>> {
  const { links, connection } = context;
  const owners = new Map<string, Link>();
  for (const [crmId, owner] of await links.rowOwnersOf(connection.id, table, crmIds)) {
    if (await endedOrphan(context, owner)) continue;
    const stored = await links.get(connection.id, owner.mappingId, owner.authScapeId);
    if (stored !== undefined) owners.set(crmId, stored.value);
  }
  return owners;
}

/** Was the owner's mapping deleted, so that the row is free? What is left of that link is removed. */
export async function endedOrphan(context: SyncContext, owner: RowOwner): Promise<boolean> {
  const isKnown = context.mappings.some(({ mapping }) => mapping.id === owner.mappingId);
  if (isKnown || (await context.isMappingStored(owner.mappingId))) return false;
  if (!context.dryRun) await context.links.removeOrphan(context.connection.id, owner);
  return true;
}

/** Is the row of a link gone, as Dynamics says when asked by id? */
export async function isVacated(context: MappingContext, link: Link): Promise<boolean> {
  const { columns } = context.resolved;
  if (link.state !== 'linked' || isInsertPending(link)) return false;
  if (link.claim !== null && link.claim.until > context.clock.now()) return false;
  return (await context.dynamics.get(link.table, link.crmId, columns)) === undefined;
}
