import type { GroupShare } from '../../ports/staging.js';
import { factsOf, partsOf, type UnitInput } from '../unit/unit.js';

/** Place of a part, or of all groups. Positions of earlier versions without a share are the cursor alone. */
export interface Place {
  readonly share?: GroupShare | undefined;
  /** Null: at the start. */
  readonly cursor: string | null;
  /** Rows of groups that a page may have, as far as the pages before tell; absent at the start. */
  readonly rows?: number | undefined;
}

/** A sample counts as it goes: it is no work for several workers. */
export function groupParts(input: UnitInput): readonly string[] | undefined {
  const { candidates = 0 } = factsOf(input.run, input.scope.mappingId);
  const many = input.run.sample === undefined ? partsOf(input, candidates) : 1;
  const of = ([16, 8, 4] as const).find((shares) => shares <= many);
  if (of === undefined) return undefined;
  return Array.from({ length: of }, (_, index) => atPlace({ share: { index, of }, cursor: null }));
}

export function placeOf(position: string | null): Place {
  if (position === null) return { cursor: null };
  return position.startsWith('{') ? (JSON.parse(position) as Place) : { cursor: position };
}

export function atPlace(place: Place): string {
  return JSON.stringify(place);
}
