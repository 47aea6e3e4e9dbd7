import { createHash } from 'node:crypto';
import { type ResolvedMapping, valueInA } from '../../../domain/fields.js';
import type { Link, PairFailure } from '../../../domain/link.js';
import type { FieldWrite } from '../../../domain/merge.js';
import { baseForm } from '../../../domain/values.js';
import type { MappingContext, SyncContext } from '../context/sync-context.js';
import type { ReadPair } from './pair-work.js';

/** After the second failure in a row; doubles. */
const FIRST_PAUSE_MS = 60_000;
const LONGEST_PAUSE_MS = 6 * 3_600_000;

/** The first failure is tried again by the next run, what goes on failing later and later. */
export function failurePause(attempts: number): number {
  return attempts <= 1 ? 0 : Math.min(FIRST_PAUSE_MS * 2 ** (attempts - 2), LONGEST_PAUSE_MS);
}

/** What the link keeps of an attempt that was in vain. */
export function failureOf(
  context: Pick<MappingContext, 'clock' | 'runId' | 'unit' | 'resolved'>,
  before: Link['failure'],
  failed: { readonly reason: string; readonly refused: readonly string[] },
  read: ReadPair,
): PairFailure {
  const attempts = (before?.attempts ?? 0) + 1;
  return {
    ...failed,
    runId: context.runId,
    unit: context.unit,
    attempts,
    notBefore: context.clock.now() + failurePause(attempts),
    seen: digestOf(context.resolved, read),
  };
}

/** The failure for which an untouched pair is left alone now; null when it is due. A person, or a full run, does not wait. */
export function restingFailure(
  context: Pick<MappingContext, 'clock' | 'trigger' | 'fullRun' | 'resolved'>,
  { failure, plan }: Link,
  read: ReadPair,
): PairFailure | null {
  const mayRest = context.trigger !== 'record' && !context.fullRun && plan === null;
  if (!mayRest || failure === undefined || failure === null) return null;
  const rests = failure.notBefore > context.clock.now() && failure.seen === digestOf(context.resolved, read);
  return rests ? failure : null;
}

/** The failure that an earlier phase of the run has met and told. A unit that is repeated tries again. */
export function metBefore(
  { runId, unit }: Pick<SyncContext, 'runId' | 'unit'>,
  { failure }: Pick<Link, 'failure'>,
): PairFailure | null {
  const isMet = runId !== null && failure?.runId === runId && failure.unit !== unit;
  return isMet && failure.refused.length > 0 ? failure : null;
}

/** One run counts as one attempt. */
export function withMet(failure: PairFailure, met: PairFailure): PairFailure {
  const { attempts, notBefore } = met;
  return { ...failure, attempts, notBefore, refused: [...met.refused, ...failure.refused] };
}

/** Both records under the mapping as it is, with the version of the row where it has one. */
function digestOf({ fields, mapping }: ResolvedMapping, { a, d }: ReadPair): string {
  const values = fields.map((field) => [
    field.id,
    baseForm(valueInA(field, a.values), field.aComparison),
    baseForm(d.values[field.column], field.dComparison),
  ]);
  return createHash('sha256')
    .update(JSON.stringify([mapping.version, d.etag, a.active, values]))
    .digest('hex')
    .slice(0, 32);
}

/** By what a refused write is known again. */
export function refusalKey({ field, side, value }: Pick<FieldWrite, 'field' | 'side' | 'value'>): string {
  const form = baseForm(value, side === 'dynamics' ? field.dComparison : field.aComparison);
  const digest = createHash('sha256').update(JSON.stringify(form)).digest('hex').slice(0, 16);
  return `${field.id}|${side}|${digest}`;
}
