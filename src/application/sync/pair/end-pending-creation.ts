import type { PendingCreation } from '../../../domain/link.js';
import { isOwnUser } from '../../../domain/match.js';
import { forMapping, logChanges, type MappingContext, type SyncContext } from '../context/sync-context.js';
import { insertLink } from '../links/insert-link.js';
import { linkOfPendingCreation, pendingCreationRowOf } from '../links/pending-creation-link.js';
import { isProvenOrigin } from './proven-origin.js';

/**
 * A partner was to be made for the surviving row, and no worker may come back for it: the row has another key by now, say,
 * or the partner is inactive. The record that came of it is linked; where none did, or one that has a partner of its own,
 * the row is let go. Then null; else until when to wait, in milliseconds.
 */
export async function endPendingCreationOf(
  context: SyncContext,
  table: string,
  rowId: string,
  pendingCreation: PendingCreation,
): Promise<number | null> {
  const [maker, ...others] = context.mappings.filter(
    ({ mapping }) => mapping.crmEntity === table && context.authScape.canCreate(mapping.authScapeEntity),
  );
  // Of which of several mappings it is, the next creation for the row finds out.
  if (maker === undefined || others.length > 0 || pendingCreation.until > context.clock.now())
    return pendingCreation.until;
  const [id, ...rivals] = await newcomersOf(forMapping(context, maker), rowId, pendingCreation);
  // It is unknown which of them it was.
  if (rivals.length > 0) return pendingCreation.until;
  if (id === undefined) {
    await context.links.endPendingCreation(
      context.connection.id,
      pendingCreationRowOf(maker, { id: rowId }),
      pendingCreation,
    );
    return null;
  }
  const { link, change } = linkOfPendingCreation(
    forMapping(context, maker),
    { authScapeId: id, crmId: rowId },
    pendingCreation,
  );
  const inserted = await insertLink(
    forMapping(context, maker),
    link,
    Number.POSITIVE_INFINITY,
    pendingCreation,
  );
  if (inserted.kind === 'inserted') {
    await logChanges(context, [change]);
    await context.syncRelated?.({ side: 'authScape', entity: maker.mapping.authScapeEntity, id });
  }
  return null;
}

/** Records without partner that may have come of the pending creation. */
async function newcomersOf(
  context: MappingContext,
  rowId: string,
  pendingCreation: PendingCreation,
): Promise<readonly string[]> {
  const { resolved: maker } = context;
  const { authScapeEntity, crmEntity, id } = maker.mapping;
  const found = await context.authScape.findBy(authScapeEntity, pendingCreation.criteria, maker.keys);
  const row = found.length === 0 ? undefined : await context.dynamics.get(crmEntity, rowId, maker.columns);
  const ids: string[] = [];
  for (const record of found) {
    if (isOwnUser(context, maker, record.id)) continue;
    if (await isProvenOrigin(context, record, row, pendingCreation)) ids.push(record.id);
  }
  const links = await context.links.getMany(context.connection.id, id, ids);
  return ids.filter((each) => !links.has(each));
}
