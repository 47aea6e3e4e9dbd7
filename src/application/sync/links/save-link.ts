import { ConflictError } from '../../../domain/errors.js';
import type { Link } from '../../../domain/link.js';
import type { SyncContext } from '../context/sync-context.js';

/** Stores the link; false when another worker changed it meanwhile. */
export async function saved(context: SyncContext, link: Link, etag: string): Promise<boolean> {
  try {
    await context.links.replace(link, etag);
    return true;
  } catch (error) {
    if (error instanceof ConflictError) return false;
    throw error;
  }
}
