import type { Link } from '../../../domain/link.js';
import type { RunStatus } from '../../../domain/run.js';
import { goneSideOf } from '../../../domain/todo-detail.js';
import type { HeldChange } from '../../ports/staging.js';
import { pagesOf } from '../../shared/pages.js';
import { isolateFailure } from '../../sync/context/record-results.js';
import { forMapping } from '../../sync/context/sync-context.js';
import { confirmGone } from '../../sync/remove/apply-delete-policy.js';
import { reportMissedEvents } from '../unit/missed-events.js';
import { factsOf, type UnitInput, type UnitResult } from '../unit/unit.js';

/**
 * The last phase. The feeds move on here, once every record of their pages was applied or has a durable mark; a dry run
 * leaves nothing that a later run reads.
 */
export async function finishUnit(input: UnitInput): Promise<UnitResult> {
  const { run, context } = input;
  // A sample says nothing of what it did not look at.
  if (run.sample !== undefined) return { position: null };
  if (!context.dryRun && run.decision === null) {
    for (const { mapping } of input.mappings) await moveFeed(input, mapping.id);
    await dropReturned(input);
    await dropReservations(input);
    await dropSettledProblems(input);
  }
  return { position: null, messages: await reportMissedEvents(input) };
}

async function moveFeed(input: UnitInput, mappingId: string): Promise<void> {
  const { deps, run } = input;
  const { delta, scanComplete, scannedFrom = 0, unlisted = [] } = factsOf(run, mappingId);
  if (delta === undefined) return;
  const before = await deps.feeds.get(run.connectionId, mappingId);
  const newest = scanComplete === true ? scannedFrom : (before?.scannedFrom ?? null);
  await deps.feeds.put(run.connectionId, mappingId, { ...delta, scannedFrom: newest, unlisted });
  await clearMarks(input, mappingId, Number(run.startedAt === null ? 0 : Date.parse(run.startedAt)));
}

/** Marks that this run took up and did not set again are done. */
async function clearMarks(input: UnitInput, mappingId: string, startedAt: number): Promise<void> {
  const { deps, run } = input;
  for await (const page of pagesOf((cursor) =>
    deps.backlog.scanMarks(run.connectionId, mappingId, 200, cursor),
  )) {
    const done = page.items.filter((mark) => mark.notBefore <= startedAt);
    if (done.length > 0) await deps.backlog.removeMarks(run.connectionId, done);
  }
}

/** Longer than any holder could still be at work after its time. */
const RESERVATION_REST_MS = 10 * 60_000;

/**
 * Reservations of workers that died. They say for which row a record was being made, so one stays as long as there is such a
 * creation that is not settled.
 */
async function dropReservations({ deps, run }: UnitInput): Promise<void> {
  const { connectionId } = run;
  const abandoned = await deps.keyReservations.abandoned(
    connectionId,
    deps.clock.now() - RESERVATION_REST_MS,
  );
  if (abandoned.length === 0) return;
  const tables = new Set((await deps.mappings.list(connectionId)).map(({ value }) => value.crmEntity));
  for (const reservation of abandoned) {
    const { crmId } = reservation;
    const pending = await Promise.all(
      crmId === null
        ? []
        : [...tables].map((table) => deps.links.pendingCreationOf(connectionId, { table, crmId })),
    );
    if (pending.every((each) => each === undefined))
      await deps.keyReservations.drop(connectionId, reservation);
  }
}

/** After a full look at both sides: what earlier runs hold and what is no longer due is dropped. */
async function dropReturned(input: UnitInput): Promise<void> {
  const { deps, run } = input;
  if (run.mode !== 'full') return;
  for await (const page of pagesOf((cursor) => deps.backlog.scanHeld(run.connectionId, 200, cursor))) {
    for (const held of page.items) {
      if (held.runId === run.id) continue;
      const link = await deps.links.get(run.connectionId, held.mappingId, held.authScapeId);
      if (!(await isDue(input, held, link?.value))) await deps.backlog.removeHeld(run.connectionId, [held]);
    }
  }
}

/** After a full look at the records of a mapping: a problem that was not met again is none any more. */
async function dropSettledProblems({ deps, run, mappings }: UnitInput): Promise<void> {
  if (run.mode !== 'full' || run.startedAt === null) return;
  const looked = new Set(mappings.map(({ mapping }) => mapping.id));
  const { startedAt } = run;
  for await (const page of pagesOf((cursor) => deps.problems.scan(run.connectionId, 500, cursor))) {
    const settled = page.items.filter((note) => looked.has(note.mappingId) && note.lastSeenAt < startedAt);
    if (settled.length > 0) await deps.problems.remove(run.connectionId, settled);
  }
}

async function isDue(input: UnitInput, held: HeldChange, link: Link | undefined): Promise<boolean> {
  if (link?.state !== 'linked') return false;
  const gone = goneSideOf(held);
  // The last complete scan has lacked the record, or it has been seen since.
  if (gone === 'authScape') return link.missing !== null;
  return gone === 'dynamics' ? stillGone(input, link) : !link.clean;
}

/** As when it was held: that the row may not be read does not say that it came back. */
async function stillGone({ context }: UnitInput, link: Link): Promise<boolean> {
  const resolved = context.mappings.find(({ mapping }) => mapping.id === link.mappingId);
  if (resolved === undefined) return true;
  return isolateFailure(
    () => confirmGone(forMapping(context, resolved), link, 'dynamics', { witness: null, scansMissed: 0 }),
    () => true,
  );
}

/** How a run that came to its end is called. */
export function finalStatus(run: UnitInput['run']): RunStatus {
  const { held, undecided } = run.cursor.facts;
  if (run.decision === null ? held : undecided) return 'awaitingApproval';
  return run.counts.failed > 0 ? 'partiallySucceeded' : 'succeeded';
}
