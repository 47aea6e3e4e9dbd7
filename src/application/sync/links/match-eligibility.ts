import { goneSide, isUnlinked, type Link } from '../../../domain/link.js';
import type { Side } from '../../../domain/model.js';

/** How a link stands towards matching: a tombstone's survivor may be free again. */
export type MatchEligibility = 'free' | 'tombstone' | 'linked';

/**
 * A tombstone whose survivor was inactive, by our act or before, and which a person activated again is free like a new
 * record; other survivors may be matched but never get a new partner made; parted pairs stay out of matching. The record
 * that was gone and returned is free. What was read before the tombstone was made proves neither. Who was left behind by
 * a merge waits for a person.
 */
export function matchEligibility(
  link: Pick<Link, 'state' | 'tombstone'> | undefined,
  side: Side,
  record: { readonly active: boolean; readonly readAt: number },
): MatchEligibility {
  if (link === undefined) return 'free';
  if (link.state === 'linked' || link.tombstone === null) return 'linked';
  const { act, inactive, at } = link.tombstone;
  if (isUnlinked(link.tombstone) || link.tombstone.reason === 'merged') return 'linked';
  if (record.readAt <= Date.parse(at)) return 'tombstone';
  return goneSide(link.tombstone) === side || ((act === 'deactivated' || inactive === true) && record.active)
    ? 'free'
    : 'tombstone';
}
