import type { GroupShare } from '../../ports/staging.js';
import { factsOf, partsOf, readPosition, type UnitInput } from '../unit/unit.js';

/** Place of a part; without a share the position is the cursor alone. */
interface PlaceInShare {
  readonly share: GroupShare;
  readonly cursor: string | null;
}

/** A sample counts as it goes: it is no work for several workers. */
export function groupParts(input: UnitInput): readonly string[] | undefined {
  const { candidates = 0 } = factsOf(input.run, input.scope.mappingId);
  const many = input.run.sample === undefined ? partsOf(input, candidates) : 1;
  const of = ([16, 8, 4] as const).find((shares) => shares <= many);
  if (of === undefined) return undefined;
  return Array.from({ length: of }, (_, index) => nextPosition('', { index, of }) ?? '');
}

export function placeOf(position: string | null): {
  cursor: string | undefined;
  share: GroupShare | undefined;
} {
  if (position === null || !position.startsWith('{'))
    return { cursor: position ?? undefined, share: undefined };
  const { cursor, share } = readPosition<PlaceInShare | null>(position, null) ?? {};
  return { cursor: cursor ?? undefined, share };
}

export function nextPosition(cursor: string | undefined, share: GroupShare | undefined): string | null {
  if (cursor === undefined) return null;
  if (share === undefined) return cursor;
  const place: PlaceInShare = { share, cursor: cursor === '' ? null : cursor };
  return JSON.stringify(place);
}
