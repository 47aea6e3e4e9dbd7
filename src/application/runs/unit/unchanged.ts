import type { ResolvedMapping } from '../../../domain/fields.js';
import { keyHash, matchKey } from '../../../domain/match.js';
import type { Side } from '../../../domain/model.js';
import type { FieldValues } from '../../../domain/values.js';
import { SEEN_HASH, type SeenRecord } from '../../ports/staging.js';

/** The match key of an unchanged record has to be known from what was read: linked records count in match groups. */
export function canLeaveOut({ matchFields }: ResolvedMapping): boolean {
  return matchFields.every(({ inList, lookup }) => inList && lookup === null);
}

export function seenRecord(
  { matchFields }: ResolvedMapping,
  side: Side,
  authScapeId: string,
  record: { readonly values: FieldValues; readonly active: boolean },
): SeenRecord {
  const key = matchKey(matchFields, { side, values: record.values });
  return {
    authScapeId,
    keyHash: key === null ? null : keyHash(key).slice(0, SEEN_HASH),
    active: record.active,
    changed: false,
  };
}
