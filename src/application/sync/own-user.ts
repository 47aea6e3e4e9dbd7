import type { ResolvedMapping } from '../../domain/fields.js';
import type { SyncContext } from './context.js';

/** The user that the service signs in as is no person and is never synced. */
export function isOwnUser(
  context: Pick<SyncContext, 'ownUserId'>,
  resolved: ResolvedMapping,
  id: string,
): boolean {
  return resolved.mapping.authScapeEntity === 'User' && id === context.ownUserId;
}
