import type { Side } from './model.js';

/** A pair lacks its record on one side; `scans`: how many complete scans of AuthScape in a row have lacked it. */
export interface GoneDetail {
  readonly kind: 'gone';
  readonly side: Side;
  readonly scans: number;
}

/** A write that the mass guard has to see first, as `side:field`. */
export interface WriteDetail {
  readonly kind: 'write';
  readonly write: string;
}

/** What is to be done with a pair at the end of a run, or when a person has decided about it. */
export type TodoDetail = GoneDetail | WriteDetail;

/** The side whose record is gone; undefined for a write. */
export function goneSideOf({ detail }: { readonly detail: TodoDetail }): Side | undefined {
  return detail.kind === 'gone' ? detail.side : undefined;
}

/** The write as `side:field`; empty for a record that is gone. */
export function writeOf({ detail }: { readonly detail: TodoDetail }): string {
  return detail.kind === 'write' ? detail.write : '';
}
