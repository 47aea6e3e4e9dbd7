import { ConflictError } from '../../../domain/errors.js';
import type { Link } from '../../../domain/link.js';
import type { SyncContext } from '../context/sync-context.js';

/** Stores the link; false when another worker changed it meanwhile. `change` as in `LinkStore.replace`. */
export async function saved(
  context: SyncContext,
  link: Link,
  etag: string,
  change?: 'samePair',
): Promise<boolean> {
  try {
    await context.links.replace(link, etag, change);
    return true;
  } catch (error) {
    if (error instanceof ConflictError) return false;
    throw error;
  }
}
