import type { ResolvedMapping } from '../../domain/fields.js';
import type { Link } from '../../domain/link.js';
import type { FieldError, FieldWrite } from '../../domain/merge.js';
import type { ARecord } from '../../domain/records.js';
import type { SyncContext } from './context.js';

/**
 * The e-mail of a user is the login: it is never taken from Dynamics for an administrator and never set to an address
 * that another user has. A taken address may become free within the run, when its holder's own change is written.
 */
export async function checkLogin(
  context: SyncContext,
  resolved: ResolvedMapping,
  link: Link,
  record: ARecord,
  write: FieldWrite,
): Promise<FieldError | null> {
  if (write.side !== 'authScape' || !write.field.isLogin) return null;
  const roles =
    record.roles ?? (await context.authScape.get('User', link.authScapeId, resolved.keys))?.roles ?? [];
  if (roles.some((role) => role.toLowerCase() === 'admin')) {
    return {
      field: write.field,
      side: 'authScape',
      reason: 'admin_login_protected',
      message: 'The e-mail of an administrator is the login and is not taken from Dynamics.',
    };
  }
  const holders = await context.authScape.findBy('User', { [write.field.aKey]: write.value }, [
    write.field.aKey,
  ]);
  if (holders.every((holder) => holder.id === link.authScapeId)) return null;
  return {
    field: write.field,
    side: 'authScape',
    reason: 'email_taken',
    message: 'Another AuthScape user has this e-mail address.',
  };
}
