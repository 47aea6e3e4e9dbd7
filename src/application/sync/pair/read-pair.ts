import { RecordRejectedError } from '../../../domain/errors.js';
import type { Link, PairFailure } from '../../../domain/link.js';
import type { Side } from '../../../domain/model.js';
import { skipped } from '../context/record-results.js';
import { logChanges, type MappingContext, type PairResult, pairRef } from '../context/sync-context.js';
import { refuseRestored } from './detect-restore.js';
import type { ReadPair } from './pair-work.js';
import { verifyCleared } from './verify-cleared-columns.js';

/** Readings that may be used if they are younger than the link's last change. */
export type Readings = { readonly [Name in keyof ReadPair]?: ReadPair[Name] | undefined };

type Found = ({ readonly kind: 'found' } & ReadPair) | { readonly kind: 'gone'; readonly side: Side };

/** What keeps failing is tried later and later. */
export async function leftAlone(
  context: MappingContext,
  link: Link,
  { notBefore, reason }: PairFailure,
): Promise<PairResult> {
  const when = new Date(notBefore).toISOString();
  const message = `The last attempt failed (${reason}); without an edit the next one is made after ${when}.`;
  const rests = skipped(context.resolved, pairRef(link), 'retried_later', message);
  await logChanges(context, rests.changes);
  return rests;
}

/** A record that may not be read has left our view: the pair rests until it may. One that fails to be read is no such one. */
export async function readOrRest(
  context: MappingContext,
  link: Link,
  input: Readings,
): Promise<Found | { readonly kind: 'rests'; readonly result: PairResult }> {
  try {
    return await readPair(context, link, input);
  } catch (error) {
    if (!(error instanceof RecordRejectedError) || error.reason === 'record_unreadable') throw error;
    const rests = skipped(context.resolved, pairRef(link), error.reason, error.message);
    await logChanges(context, rests.changes);
    return { kind: 'rests', result: rests };
  }
}

async function readPair(context: MappingContext, link: Link, input: Readings): Promise<Found> {
  const { resolved } = context;
  const usable = (readAt: number) => readAt > link.changedAt && link.plan === null;
  const { authScapeEntity, crmEntity } = resolved.mapping;
  const given = input.a;
  const a =
    given?.complete === true && usable(given.readAt)
      ? given
      : await context.authScape.get(authScapeEntity, link.authScapeId, resolved.keys);
  if (a === undefined) return { kind: 'gone', side: 'authScape' };
  const row =
    input.d !== undefined && usable(input.d.readAt)
      ? input.d
      : await context.dynamics.get(crmEntity, link.crmId, resolved.columns);
  const d = row === undefined ? undefined : await verifyCleared(context, link, row);
  if (d === undefined) return { kind: 'gone', side: 'dynamics' };
  refuseRestored(link, d);
  return { kind: 'found', a, d };
}
