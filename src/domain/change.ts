import type { AuthScapeEntity, Side } from './model.js';
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
