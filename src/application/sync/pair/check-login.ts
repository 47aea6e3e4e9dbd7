import type { ResolvedField } from '../../../domain/fields.js';
import type { Link } from '../../../domain/link.js';
import type { FieldError, FieldWrite } from '../../../domain/merge.js';
import type { AuthScapeRecord } from '../../../domain/records.js';
import { baseForm } from '../../../domain/values.js';
import type { MappingContext } from '../context/sync-context.js';

/**
 * The e-mail of a user is the login: it is never taken from Dynamics for an administrator and never set to an address
 * that another user has. A taken address may become free within the run, when its holder's own change is written.
 */
export async function checkLogin(
  context: MappingContext,
  link: Link,
  record: AuthScapeRecord,
  write: FieldWrite,
): Promise<FieldError | null> {
  if (write.side !== 'authScape' || !write.field.isLogin) return null;
  const roles =
    record.roles ??
    (await context.authScape.get('User', link.authScapeId, context.resolved.keys))?.roles ??
    [];
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
  const others = holders.filter((holder) => holder.id !== link.authScapeId);
  if (others.length === 0) return null;
  if (context.dryRun && (await allMoveAway(context, write.field, others, [link.authScapeId]))) {
    return null;
  }
  return {
    field: write.field,
    side: 'authScape',
    reason: 'email_taken',
    message: 'Another AuthScape user has this e-mail address.',
  };
}

/**
 * A plan writes nothing, so that the logins of a chain stay taken: does each holder's own row give it another login that
 * is free, or becomes free in the same way? A ring (a true swap) never comes loose.
 */
async function allMoveAway(
  context: MappingContext,
  field: ResolvedField,
  holders: readonly { readonly id: string }[],
  before: readonly string[],
): Promise<boolean> {
  for (const { id } of holders) {
    const next = before.includes(id) ? null : await nextLogin(context, field, id);
    if (next === null) return false;
    const found = await context.authScape.findBy('User', { [field.aKey]: next }, [field.aKey]);
    const others = found.filter((other) => other.id !== id);
    if (!(await allMoveAway(context, field, others, [...before, id]))) return false;
  }
  return true;
}

/** The login that a user is about to get from its row; null when it keeps the one it has. */
async function nextLogin(context: MappingContext, field: ResolvedField, id: string) {
  const link = (await context.links.get(context.connection.id, context.resolved.mapping.id, id))?.value;
  if (link?.state !== 'linked') return null;
  const row = await context.dynamics.get(link.table, link.crmId, context.resolved.columns);
  const value = row?.values[field.column] ?? null;
  const entry = link.base[field.id];
  if (entry === undefined || entry.d === baseForm(value, field.dComparison)) return null;
  const converted = field.converter.toAuthScape(value);
  return converted.ok ? converted.value : null;
}
