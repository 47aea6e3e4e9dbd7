import type { ConnectionState } from './model.js';

/**
 * AuthScape's own CRM connection pushes a record to Dynamics within each request that creates or updates it. AuthScape
 * does not show whether it is on. So now and then the rows of a record are read directly before and after a write that
 * goes to AuthScape alone: when one of them changed or appeared each time, another program writes at our writes.
 */
export interface WriterCheck {
  /** Different records in a row at whose write it was seen; at most as many as are needed. */
  readonly seenAt: readonly string[];
  /** Checks in a row that saw nothing. */
  readonly unseen: number;
  /** Milliseconds; no check before. */
  readonly nextAt: number;
  /** ISO time at which enough had been seen; null: not, or it is over. */
  readonly noticedAt: string | null;
}

/** An edit of a person within one request is chance, at three records in a row it is not. */
export const PROOFS = 3;
const REST_MS = 3_600_000;

const NONE: WriterCheck = { seenAt: [], unseen: 0, nextAt: 0, noticedAt: null };

export function isCheckDue(check: WriterCheck | undefined, now: number): boolean {
  return now >= (check?.nextAt ?? 0);
}

/** What is known after one more check, at a write to the record `id`. */
export function afterCheck(
  check: WriterCheck | undefined,
  { id, isSeen, now }: { readonly id: string; readonly isSeen: boolean; readonly now: number },
): WriterCheck {
  const { noticedAt, seenAt, unseen } = check ?? NONE;
  if (!isSeen) {
    const missed = unseen + 1;
    return {
      seenAt: [],
      unseen: missed,
      nextAt: now + REST_MS,
      noticedAt: missed < PROOFS ? noticedAt : null,
    };
  }
  const proofs = [...seenAt.filter((other) => other !== id), id];
  if (noticedAt === null && proofs.length < PROOFS) {
    return { seenAt: proofs, unseen: 0, nextAt: now, noticedAt };
  }
  const since = noticedAt ?? new Date(now).toISOString();
  return { seenAt: proofs.slice(-PROOFS), unseen: 0, nextAt: now + REST_MS, noticedAt: since };
}

/** The mappings at whose writes another program writes, with the check that says so. */
export function secondWriters({
  writerChecks = {},
}: Pick<ConnectionState, 'writerChecks'>): readonly { readonly mappingId: string; readonly since: string }[] {
  return Object.entries(writerChecks).flatMap(([mappingId, { noticedAt }]) =>
    noticedAt === null ? [] : [{ mappingId, since: noticedAt }],
  );
}

/** What is said of it, in the log and in the diagnostics. */
export function secondWriterMessage(since: string): string {
  return `Values come back that were not written here, since ${since}: while this service wrote only to AuthScape, rows of the record changed or appeared in Dynamics within the same request, at ${PROOFS} different records in a row. AuthScape's own CRM connection does that when it is on; it overwrites newer edits and makes duplicates.`;
}
