import type { ResolvedField } from './fields.js';
import type { MassDeleteGuard, Side } from './model.js';
import { canonical, type FieldValue, isEmpty } from './values.js';

/** The writes that the mass guard counts. */
export type GuardedKind = 'removal' | 'clear' | 'key';

/** No guard is so tight that everyday work of a small table stops. */
const GUARD_FLOOR = 5;

/** How many deletes and deactivations may pass: count or percent of the links, whichever is less, at least 5. */
export function guardLimit(guard: MassDeleteGuard | null, links: number): number {
  if (guard === null) return Number.POSITIVE_INFINITY;
  return Math.max(GUARD_FLOOR, Math.min(guard.count, Math.floor((guard.percent * links) / 100)));
}

/**
 * What the guard counts together: all removals of a run over all mappings, and the clearings of one field or the changed
 * match keys of one mapping each on their own.
 */
export function guardCategory(
  kind: GuardedKind,
  mappingId: string,
  fieldId: string | null,
  side: 'authScape' | 'dynamics' | null,
): string {
  return kind === 'removal' ? 'removal' : `${kind}|${mappingId}|${fieldId ?? ''}|${side ?? ''}`;
}

/** The categories that have too many entries; none of their entries may be carried out. */
export function heldCategories(
  counts: ReadonlyMap<string, number>,
  guard: MassDeleteGuard | null,
  links: number,
): ReadonlySet<string> {
  const limit = guardLimit(guard, links);
  return new Set([...counts].filter(([, count]) => count > limit).map(([category]) => category));
}

/** What the guard calls a write: a deactivation, the clearing of a field, a changed match key; null: none of them. */
export function guardOf(
  field: ResolvedField,
  target: Side,
  { value, old }: { readonly value: FieldValue; readonly old: FieldValue },
): GuardedKind | null {
  const comparison = target === 'dynamics' ? field.dComparison : field.aComparison;
  if (field.isState) {
    const active = target === 'dynamics' ? Number(value) === 0 : isActiveInA(field, value);
    return active ? null : 'removal';
  }
  if (isEmpty(value, comparison) && !isEmpty(old, comparison)) return 'clear';
  return field.isMatchKey ? 'key' : null;
}

/** Does a value of A's state field say that the record is active? */
export function isActiveInA(field: ResolvedField, value: FieldValue): boolean {
  const flag = canonical(value, { kind: 'boolean' }) === true;
  return field.aName === 'isDeactivated' ? !flag : flag;
}

const ASKS = ': approve or reject them.';

/** What a run says of a category that the guard holds. */
export function heldMessage(count: number, changes: string): string {
  return `The mass-delete guard holds ${count} changes (${changes})${ASKS}`;
}

/** The messages of a run once a person has decided: nothing waits any more. */
export function afterDecision(
  messages: readonly string[],
  decision: 'approve' | 'reject',
): readonly string[] {
  const done = decision === 'approve' ? 'approved' : 'rejected';
  return messages.map((message) =>
    message.endsWith(ASKS)
      ? `${message.slice(0, -ASKS.length).replace(' holds ', ' held ')}: they were ${done}.`
      : message,
  );
}
