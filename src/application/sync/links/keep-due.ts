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
  if (stored === undefined || stored.value.state !== 'linked' || !stored.value.clean) return;
  await saved(context, { ...stored.value, clean: false }, stored.etag);
}
