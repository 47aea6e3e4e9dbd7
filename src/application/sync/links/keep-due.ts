import { dueAgain, mayRest } from '../../../domain/waits.js';
import type { MappingContext } from '../context/sync-context.js';
import { saved } from './save-link.js';

/**
 * The work on a linked pair ended before its records could be compared: what of them changed is not used up, so that the
 * next run looks at the pair even if feed and scan do not bring it.
 */
export async function keepDue(context: MappingContext, authScapeId: string): Promise<void> {
  if (context.dryRun) return;
  const { connection, links, resolved } = context;
  const stored = await links.get(connection.id, resolved.mapping.id, authScapeId);
  if (stored === undefined || stored.value.state !== 'linked' || !mayRest(stored.value)) return;
  await saved(context, dueAgain(stored.value), stored.etag);
}
