import { isSettled, type Link } from '../../domain/link.js';
import { isOwnUser } from '../../domain/match.js';
import { forMapping, type MappingContext, type SyncContext } from './context/sync-context.js';
import { isRowUnchanged, proofOf, type UnchangedProof } from './context/unchanged-proof.js';

/**
 * By what an event about the row of a pair ends as an echo; null where only a look at both records can tell, as it is where
 * a person asked.
 */
export function echoProof({ trigger }: Pick<SyncContext, 'trigger'>, link: Link): UnchangedProof | null {
  return trigger === 'event' ? proofOf({ ...link, settled: isSettled(link) }) : null;
}

/** Ids of those rows of a table that are as both sides had agreed, and nothing is due for their pairs: few requests for many. */
export async function rowsAtRest(
  context: SyncContext,
  table: string,
  ids: readonly string[],
): Promise<ReadonlySet<string>> {
  const claims = await context.links.rowOwnersOf(context.connection.id, table, ids);
  const atRest = new Set<string>();
  for (const resolved of context.mappings) {
    if (resolved.mapping.crmEntity !== table) continue;
    const owned = new Map(
      ids.flatMap((id): [string, string][] => {
        const claim = claims.get(id);
        const isOwned = claim?.mappingId === resolved.mapping.id;
        return isOwned && !isOwnUser(context, resolved, claim.authScapeId) ? [[id, claim.authScapeId]] : [];
      }),
    );
    for (const id of await unchangedRows(forMapping(context, resolved), owned)) atRest.add(id);
  }
  return atRest;
}

/** `owned`: rows with the A ids of their pairs. */
async function unchangedRows(
  context: MappingContext,
  owned: ReadonlyMap<string, string>,
): Promise<readonly string[]> {
  if (owned.size === 0) return [];
  const { columns, mapping } = context.resolved;
  const links = await context.links.getMany(context.connection.id, mapping.id, [...owned.values()]);
  const proofs = new Map<string, UnchangedProof>();
  for (const [id, authScapeId] of owned) {
    const link = links.get(authScapeId)?.value;
    const proof =
      link === undefined || link.crmId.toLowerCase() !== id.toLowerCase() ? null : echoProof(context, link);
    if (proof !== null) proofs.set(id, proof);
  }
  if (proofs.size === 0) return [];
  const rows = await context.dynamics.getMany(mapping.crmEntity, [...proofs.keys()], columns);
  return [...proofs].flatMap(([id, proof]) => {
    const row = rows.get(id);
    return row !== undefined && isRowUnchanged(context.resolved, proof, row) ? [id] : [];
  });
}
