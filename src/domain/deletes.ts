import type { MassDeleteGuard } from './model.js';

/** No guard is so tight that everyday work of a small table stops. */
export const GUARD_FLOOR = 5;

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
  kind: 'removal' | 'clear' | 'key',
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
