import { RecordRejectedError } from '../../../domain/errors.js';
import type { ResolvedMapping } from '../../../domain/fields.js';
import {
  changeOf,
  logChanges,
  type MappingContext,
  NOTHING,
  type PairRef,
  type PairResult,
} from './sync-context.js';

/** Nothing is written for a stated reason. Not a failure: it is not tried again by itself. */
export function skipped(
  resolved: ResolvedMapping,
  pair: PairRef,
  reason: string,
  message = SKIP_TEXT[reason] ?? reason,
): PairResult {
  return {
    ...NOTHING,
    outcome: 'skipped',
    changes: [
      changeOf(resolved, pair, {
        side: null,
        action: 'none',
        outcome: 'skipped',
        error: { code: reason, message },
      }),
    ],
  };
}

const SKIP_TEXT: Readonly<Record<string, string>> = {
  ambiguous_match: 'Several records have this match key; a person has to say which belong together.',
  match_taken: 'The record with this match key has another partner.',
  near_match:
    'Dynamics takes the two e-mail addresses for one, but they differ in accents or width of letters; a person has to say whether they belong together.',
  inactive: 'An inactive record without a partner is left alone.',
  no_match_key: 'The record has no value in the fields that records are matched by.',
  create_not_supported: 'AuthScape cannot create this record over its API.',
  direction: 'The direction of the mapping does not allow to create this record.',
  shared_table: 'Two mappings share the table and their filters do not exclude each other.',
  not_in_filter: 'An active row has this match key, and the filter of the mapping leaves it out.',
  merged_away:
    'The row with this match key was merged into another one; a person has to say who it belongs to.',
  tombstone: 'Its partner was deleted, or the pair was parted: the survivor is left alone.',
  own_user: 'The user that the service signs in as is not synced.',
};

/** The record failed; told to a person, tried again by a later run. */
export async function failRecord(
  context: MappingContext,
  pair: PairRef,
  error: { code: string; message: string; field?: string },
): Promise<PairResult> {
  const change = changeOf(context.resolved, pair, { side: null, action: 'none', outcome: 'failed', error });
  await logChanges(context, [change]);
  return { ...NOTHING, outcome: 'failed', changes: [change] };
}

/** What is refused while one record is looked at concerns this record alone: it does not stop the others. */
export async function isolateFailure<T>(
  work: () => Promise<T>,
  tell: (error: { code: string; message: string }) => T | Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof RecordRejectedError)) throw error;
    return tell({ code: error.reason, message: error.message });
  }
}
