/**
 * Several workers on one run. A phase that has many records to work on is split into parts: ranges of records that have
 * nothing to do with each other. Each part has a position, a unit and a lease of its own in the row of the run, and the ETag of
 * the row joins what their workers save. While there are parts no worker holds the run as a whole; the worker that ends the last
 * one goes on with the run, and the last one to leave a run that is to stop ends it.
 *
 * The position of the run stays at the start of what was split, marked as repeated: a worker of an earlier version, which
 * knows nothing of parts, works on all of it once more.
 */
import type { Hold, Run, RunPart } from './run.js';

/** What of a run a worker holds. */
export interface Share {
  /** Index of the part; null: the whole run. */
  readonly part: number | null;
  readonly lease: Hold;
}

/** What the worker holds; undefined: nothing, or no longer. */
export function shareOf({ cursor, lease }: Run, owner: string): Share | undefined {
  if (lease?.owner === owner) return { part: null, lease };
  const list = cursor.parts?.list ?? [];
  for (const [part, { lease: held }] of list.entries())
    if (held?.owner === owner) return { part, lease: held };
  return undefined;
}

/** What a worker may take: a part that is not done, or the whole run where it has none. */
export interface FreeShare {
  readonly part: number | null;
  /** Its last holder died with it in hand. */
  readonly died: boolean;
}

export function freeShare(run: Run, now: number): FreeShare | undefined {
  const { parts } = run.cursor;
  if (parts === undefined)
    return isFree(run.lease, now) ? { part: null, died: hasDied(run.lease) } : undefined;
  const part = parts.list.findIndex(({ lease, position }) => position !== null && isFree(lease, now));
  return part < 0 ? undefined : { part, died: hasDied(parts.list[part]?.lease ?? null) };
}

/** Until when some worker holds a share of the run (ms); undefined where none ever did. */
export function heldUntil({ cursor, lease }: Run): number | undefined {
  const leases = cursor.parts === undefined ? [lease] : cursor.parts.list.map((part) => part.lease);
  const times = leases.flatMap((held) => held?.until ?? []);
  return times.length === 0 ? undefined : Math.max(...times);
}

/** Workers that hold a share now; 1 at least. */
export function workersOf({ cursor }: Run, now: number): number {
  const held = (cursor.parts?.list ?? []).filter(({ lease }) => !isFree(lease, now));
  return Math.max(1, held.length);
}

/** The run as the worker of a part sees it: at the position of its part. */
export function atShare(run: Run, part: number | null): Run {
  const own = part === null ? undefined : run.cursor.parts?.list[part];
  if (own === undefined) return run;
  const { failures, position, repeated, unit } = own;
  return {
    ...run,
    cursor: { ...run.cursor, position, repeated, unit, facts: { ...run.cursor.facts, failures } },
  };
}

/** The run with another lease on a share, and what else changes of a part. */
export function withLease(run: Run, part: number | null, lease: Hold, change: Partial<RunPart> = {}): Run {
  return part === null ? { ...run, lease } : withPart(run, part, { ...change, lease });
}

/** Splits what the phase has to do; the worker goes on with the first part. */
export function split(run: Run, positions: readonly string[], after: string | null, lease: Hold): Run {
  const { cursor } = run;
  const list = positions.map(
    (position, index): RunPart => ({
      position,
      unit: cursor.unit + index,
      repeated: false,
      failures: 0,
      lease: index === 0 ? lease : null,
    }),
  );
  return {
    ...run,
    lease: { owner: '', until: lease.until },
    cursor: { ...cursor, unit: cursor.unit + list.length, repeated: true, parts: { list, after } },
  };
}

/** After a unit of a part. */
export function advancePart(run: Run, part: number, position: string | null): Run {
  const { unit } = run.cursor;
  const next = withPart(run, part, { position, unit, repeated: false, failures: 0 });
  return { ...next, cursor: { ...next.cursor, unit: unit + 1 } };
}

/** After a unit failed that is to be tried again; `failures` counts those in a row. */
export function atFailure(run: Run, part: number | null, failures: number): Run {
  if (part !== null) return withPart(run, part, { repeated: true, failures });
  return { ...run, cursor: { ...run.cursor, repeated: true, facts: { ...run.cursor.facts, failures } } };
}

/**
 * After its part is done: the worker takes another one. Where none is free it leaves the others to theirs, and `isLast` says
 * that there are none: the run is whole again, in its hands.
 */
export function takeNext(
  run: Run,
  part: number,
  lease: Hold,
  now: number,
): { readonly run: Run; readonly isLast: boolean } {
  const left = withPart(run, part, { lease: null });
  const isLast = (left.cursor.parts?.list ?? []).every(({ position }) => position === null);
  if (isLast) return { run: whole(left, lease), isLast };
  const next = freeShare(left, now);
  if (next === undefined || next.part === null) return { run: left, isLast };
  return { run: withPart(left, next.part, { lease, ...(next.died ? { repeated: true } : {}) }), isLast };
}

/** Leaves a run that is to stop. The last worker to leave holds all of it. */
export function leave(
  run: Run,
  part: number,
  lease: Hold,
  { fault, now }: { readonly fault: Run['error'] | undefined; readonly now: number },
): Run {
  const { parts } = run.cursor;
  if (parts === undefined) return run;
  const told = { ...run, cursor: { ...run.cursor, parts: { ...parts, fault: parts.fault ?? fault } } };
  const left = withPart(told, part, { lease: null });
  const others = left.cursor.parts?.list ?? [];
  return others.every((other) => isFree(other.lease, now)) ? { ...left, lease } : left;
}

/** The run is to end before all of it is done. */
export function isStopping({ cancelRequested, cursor }: Run): boolean {
  return cancelRequested || (cursor.parts?.fault ?? null) !== null;
}

function whole(run: Run, lease: Hold): Run {
  const { parts, ...cursor } = run.cursor;
  return { ...run, lease, cursor: { ...cursor, position: parts?.after ?? null, repeated: false } };
}

function withPart(run: Run, part: number, change: Partial<RunPart>): Run {
  const { parts } = run.cursor;
  if (parts === undefined) return run;
  const list = parts.list.map((each, index) => (index === part ? { ...each, ...change } : each));
  return { ...run, cursor: { ...run.cursor, parts: { ...parts, list } } };
}

function isFree(lease: Hold | null, now: number): boolean {
  return lease === null || lease.owner === '' || lease.until <= now;
}

function hasDied(lease: Hold | null): boolean {
  return lease !== null && lease.owner !== '';
}
