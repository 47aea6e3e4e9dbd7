import type { RecordRejectedError } from '../../../domain/errors.js';
import type { BaseEntry } from '../../../domain/link.js';
import type { FieldWrite } from '../../../domain/merge.js';
import type { PairError } from '../context/sync-context.js';
import { refusalKey } from './pair-failure.js';

/** What the writes of one pair have come to so far. */
export interface Written {
  readonly base: Record<string, BaseEntry>;
  readonly errors: PairError[];
  readonly done: FieldWrite[];
  /** Writes that were refused, as the link remembers them. */
  readonly refused: string[];
  agreed: boolean;
}

/** What one call with a part of the writes came to; `stop` ends the work on this side. */
export type Answer<S> =
  | { readonly kind: 'done' }
  | { readonly kind: 'stop'; readonly why: S }
  /** `left`: what of the part has not arrived. `final`: the record is no longer what the others were planned for. */
  | {
      readonly kind: 'refused';
      readonly error: RecordRejectedError;
      readonly left: readonly FieldWrite[];
      readonly final?: boolean;
    };

/** Calls that one record may cost on one side until the fields that are refused are found. */
const MOST_CALLS = 12;
/** Refusals of the record as a whole: no field is to be searched for. */
const OF_THE_RECORD: readonly string[] = [
  'access_denied',
  'access_denied_to_row',
  'record_unreadable',
  'system_failing',
];

interface Calls<S> {
  readonly send: (part: readonly FieldWrite[]) => Promise<Answer<S>>;
  /** Has the record had its share of the run? */
  readonly isTimeUp: () => boolean;
}

/**
 * Writes the fields of one side, all at once where that is taken. A refusal that names a field leaves that one out. One
 * that names none leads to halves of the fields until those that are refused stand alone; all others arrive. `known` are
 * the refusals of the attempt before: those fields come last, each by itself.
 */
export async function writeInParts<S>(
  writes: readonly FieldWrite[],
  known: readonly string[],
  written: Written,
  { send, isTimeUp }: Calls<S>,
): Promise<S | undefined> {
  const suspects = writes.filter((write) => known.includes(refusalKey(write)));
  const others = writes.filter((write) => !suspects.includes(write));
  let queue: readonly (readonly FieldWrite[])[] = [others, ...suspects.map((write) => [write])];
  queue = queue.filter((part) => part.length > 0);
  const search = new Search(writes, suspects.length > 0, written);
  for (let calls = 1; queue.length > 0; calls += 1) {
    const [part = [], ...rest] = queue;
    const answer = await send(part);
    if (answer.kind === 'stop') return answer.why;
    if (answer.kind === 'refused' && isTimeUp()) {
      search.giveUp(answer, rest.flat());
      break;
    }
    queue = answer.kind === 'done' ? rest : search.narrow(answer, rest, calls < MOST_CALLS);
  }
  search.end();
  return undefined;
}

/** Finds the fields that are refused, and says which they are. */
class Search {
  readonly #writes: readonly FieldWrite[];
  readonly #written: Written;
  readonly #doneBefore: number;
  readonly #found: PairError[] = [];
  /** Some field is known to be the one that is refused. */
  #isNamed: boolean;

  constructor(writes: readonly FieldWrite[], isKnown: boolean, written: Written) {
    this.#writes = writes;
    this.#isNamed = isKnown;
    this.#written = written;
    this.#doneBefore = written.done.length;
  }

  /** The parts that are to be written next. */
  narrow(
    { error, final = false, left }: Extract<Answer<unknown>, { kind: 'refused' }>,
    rest: readonly (readonly FieldWrite[])[],
    mayGoOn: boolean,
  ): (readonly FieldWrite[])[] {
    if (left.length === 0) return [...rest];
    const named = left.find(({ field }) =>
      [field.column, field.aName, field.aKey].includes(error.field ?? ''),
    );
    if (named !== undefined) this.#isNamed = true;
    const failsAll = named?.side === 'dynamics' && error.reason === 'required_value_missing';
    if (failsAll || OF_THE_RECORD.includes(error.reason)) {
      this.#refuse(error, [...left, ...rest.flat()], named);
      return [];
    }
    const [only, ...others] = left;
    const found = named ?? (others.length === 0 ? only : undefined);
    if (final) {
      this.#refuse(error, left, found);
      return [];
    }
    if (found !== undefined) {
      this.#refuse(error, [found], found);
      return this.#withoutNarrowing([left.filter((write) => write !== found), ...rest]);
    }
    if (!mayGoOn) {
      this.#refuse(error, left, undefined);
      return [...rest];
    }
    const half = Math.ceil(left.length / 2);
    return [left.slice(0, half), left.slice(half), ...rest];
  }

  /** The record has had its time: what was not tried is left to a later run. */
  giveUp({ error, left }: Extract<Answer<unknown>, { kind: 'refused' }>, rest: readonly FieldWrite[]): void {
    this.#refuse(error, [...left, ...rest], undefined);
  }

  /** Two fields were refused by themselves and none was taken: most likely it is the record, and the rest is asked once. */
  #withoutNarrowing(parts: readonly (readonly FieldWrite[])[]): (readonly FieldWrite[])[] {
    const open = parts.filter((part) => part.length > 0);
    const isRecord =
      this.#found.length === 2 && this.#written.done.length === this.#doneBefore && !this.#isNamed;
    return isRecord && open.length > 1 ? [open.flat()] : [...open];
  }

  #refuse(error: RecordRejectedError, writes: readonly FieldWrite[], found: FieldWrite | undefined): void {
    const [first] = writes;
    if (first === undefined) return;
    this.#found.push({
      field: found?.field ?? null,
      side: first.side,
      reason: error.reason,
      message: error.message,
    });
    this.#written.refused.push(...writes.map(refusalKey));
  }

  /** Where nothing was taken and no field was named, the record is refused, and not each of its fields. */
  end(): void {
    const [first] = this.#found;
    if (first === undefined) return;
    const nothingTaken = this.#written.done.length === this.#doneBefore;
    const isRecord = nothingTaken && !this.#isNamed && this.#writes.length > 1;
    this.#written.errors.push(...(isRecord ? [{ ...first, field: null }] : this.#found));
  }
}
