import type { AuthScapeEntity, LogValues, Side } from './model.js';
import type { Outcome } from './run.js';
import type { FieldValue } from './values.js';

/** Why a value was written; stable names that logs and previews show. */
export type ChangeRule =
  | 'authScapeChanged'
  | 'dynamicsChanged'
  | 'setBack'
  | 'conflict'
  | 'firstMerge'
  | 'cut'
  | 'created'
  | 'stateFollows'
  | 'filterConstant'
  | 'deletePolicy'
  | 'undone'
  | 'restored';

export interface FieldChange {
  readonly field: string;
  readonly from: FieldValue;
  readonly to: FieldValue;
  readonly rule: ChangeRule;
  /** The value that lost a conflict or was replaced, when it is neither `from` nor `to`. */
  readonly dropped?: FieldValue | undefined;
  readonly winner?: Side | undefined;
  readonly estimated?: boolean | undefined;
  /** Its values are not kept: `from` and `to` are null. */
  readonly withheld?: true | undefined;
}

/** What was (or in a dry run would be) done to one side of one pair. */
export interface Change {
  readonly entity: AuthScapeEntity;
  readonly mappingId: string;
  readonly authScapeId: string | null;
  readonly crmEntity: string;
  readonly crmId: string | null;
  readonly side: Side | null;
  readonly action: 'create' | 'update' | 'link' | 'deactivate' | 'delete' | 'unlink' | 'none';
  readonly fields: readonly FieldChange[];
  readonly outcome: Outcome;
  readonly error?:
    | { readonly code: string; readonly message: string; readonly field?: string | undefined }
    | undefined;
}

export interface LogEntry extends Change {
  readonly id: string;
  readonly connectionId: string;
  readonly at: string;
  readonly runId: string | null;
  readonly trigger: 'run' | 'event' | 'record';
  /** Plans of a dry run and mere skips are listed under their run, never among what happened. */
  readonly runOnly: boolean;
  readonly status: 'success' | 'conflict' | 'skipped' | 'failed' | 'held';
}

/** A change as it is kept: without the values that the connection does not want in its log. */
export function keptChange<T extends Change>(change: T, logValues: LogValues): T {
  if (logValues === 'all' || (logValues === 'changedOnly' && change.action !== 'create')) return change;
  const fields = change.fields.map(withoutValues);
  // What the other system says of a refusal may quote the value.
  const { error } = change;
  if (logValues === 'changedOnly' || error === undefined) return { ...change, fields };
  return { ...change, fields, error: { ...error, message: 'The text is not kept, as it may quote values.' } };
}

function withoutValues({ dropped: _dropped, ...change }: FieldChange): FieldChange {
  return { ...change, from: null, to: null, withheld: true };
}
