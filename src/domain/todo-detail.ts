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

/** The form in which staging and backlog keep it: `{"gone":side,"scans":n}` or `{"write":"side:field"}`. */
export function todoDetailText(detail: TodoDetail): string {
  return detail.kind === 'gone'
    ? JSON.stringify({ gone: detail.side, scans: detail.scans })
    : JSON.stringify({ write: detail.write });
}

export function readTodoDetail(text: string): TodoDetail {
  const stored: unknown = JSON.parse(text);
  const { gone, scans, write }: { gone?: unknown; scans?: unknown; write?: unknown } =
    typeof stored === 'object' && stored !== null ? stored : {};
  if (gone === 'authScape' || gone === 'dynamics') {
    return { kind: 'gone', side: gone, scans: typeof scans === 'number' ? scans : 0 };
  }
  return { kind: 'write', write: typeof write === 'string' ? write : '' };
}

/** The side whose record is gone; undefined for a write. */
export function goneSideOf({ detail: text }: { readonly detail: string }): Side | undefined {
  const detail = readTodoDetail(text);
  return detail.kind === 'gone' ? detail.side : undefined;
}

/** The write as `side:field`; empty for a record that is gone. */
export function writeOf({ detail: text }: { readonly detail: string }): string {
  const detail = readTodoDetail(text);
  return detail.kind === 'write' ? detail.write : '';
}
