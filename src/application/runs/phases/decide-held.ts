import { type GuardedKind, guardCategory } from '../../../domain/deletes.js';
import { ConflictError, RecordRejectedError } from '../../../domain/errors.js';
import { type ResolvedField, valueInA } from '../../../domain/fields.js';
import type { BaseEntry, Link } from '../../../domain/link.js';
import type { Side } from '../../../domain/model.js';
import { goneSideOf, writeOf } from '../../../domain/todo-detail.js';
import { baseForm } from '../../../domain/values.js';
import { dueAgain } from '../../../domain/waits.js';
import type { HeldChange } from '../../ports/staging.js';
import type { Stored } from '../../ports/stores.js';
import { groupBy } from '../../shared/group-by.js';
import { pagesOf } from '../../shared/pages.js';
import { resultOfMark } from '../../sync/context/run-stamp.js';
import { NOTHING, type PairResult } from '../../sync/context/sync-context.js';
import { tombstoneOf } from '../../sync/links/tombstones.js';
import type { ReadPair } from '../../sync/pair/pair-work.js';
import { syncPair } from '../../sync/pair/sync-pair.js';
import { confirmGone } from '../../sync/remove/apply-delete-policy.js';
import { atMapping, readPosition, UNIT_ROWS, type UnitInput, type UnitResult } from '../unit/unit.js';
import { FIRST_PASS, isKeyChange, isLast, removeOne, type Waiting, waitingNext } from './apply-deletes.js';
import { heldId } from './hold-changes.js';

interface DecisionPosition extends Waiting {
  readonly cursor: string | null;
  /** Held changes of this pass whose records may not be read. */
  readonly unread: number;
  /** Those that the decision is not about. */
  readonly left: number;
}

const START: DecisionPosition = { cursor: null, unread: 0, left: 0, ...FIRST_PASS };

/**
 * What a person decided about the changes that a run holds. Both ask again what is still due: approval writes it; reject
 * leaves tombstones for deletes and moves the base, unwritten, for field changes: the sides may differ there. What waits
 * for a login that another record has stays held until the next pass.
 */
export async function decideUnit(input: UnitInput): Promise<UnitResult> {
  const { deps, run } = input;
  const at = { ...START, ...readPosition(input.position, START) };
  const page = await deps.backlog.scanHeld(run.connectionId, UNIT_ROWS, at.cursor ?? undefined);
  const ofRun = page.items.filter((held) => held.runId === run.id);
  const own = ofRun.filter((held) => run.decided === undefined || run.decided.includes(heldId(held)));
  const kept = new Set<HeldChange>();
  const left = at.left + ofRun.length - own.length;
  let { waiting, unread } = at;
  const pairs = [...groupBy(own, (held) => `${held.mappingId}|${held.authScapeId}`).values()];
  await deps.lanes.map(pairs, async (entries) => {
    const result = await decideAndCount(input, entries, isLast(at));
    if (result === 'done') return;
    for (const entry of entries) kept.add(entry);
    if (result === 'waiting') waiting += 1;
    else unread += entries.length;
  });
  await deps.backlog.removeHeld(
    run.connectionId,
    own.filter((held) => !kept.has(held)),
  );
  const { nextCursor } = page;
  if (nextCursor === undefined) return endPass({ ...at, waiting, unread, left });
  return { position: JSON.stringify({ ...at, waiting, unread, left, cursor: nextCursor }) };
}

function endPass(at: DecisionPosition): UnitResult {
  const next = waitingNext(at);
  if (next !== null) return { position: JSON.stringify({ ...START, ...next }) };
  const { left, unread } = at;
  return {
    position: null,
    facts: { undecided: unread + left > 0 },
    messages: [
      ...(left === 0 ? [] : [`${left} held changes wait on: the decision was not about them.`]),
      ...(unread === 0
        ? []
        : [`${unread} held changes belong to records that may not be read now: they are held on.`]),
    ],
  };
}

async function decideAndCount(
  input: UnitInput,
  entries: readonly HeldChange[],
  lastTry: boolean,
): Promise<'done' | 'waiting' | 'unread'> {
  const first = entries[0];
  const resolved = input.context.mappings.find(({ mapping }) => mapping.id === first?.mappingId);
  if (first === undefined || resolved === undefined) return 'done';
  const pair = `${first.mappingId}|${first.authScapeId}`;
  const before = await doneBefore(input, first);
  if (before !== null) input.tally.pair(pair, before);
  const result = await decidePair(atMapping(input, resolved), entries, lastTry);
  if (result === null) return 'unread';
  input.tally.pair(pair, result);
  return !lastTry && result.waiting && entries.some(isKeyChange) ? 'waiting' : 'done';
}

/** In a repeated unit: what the attempt that died had carried out and not counted. */
async function doneBefore({ deps, run, context }: UnitInput, held: HeldChange) {
  if (!run.cursor.repeated) return null;
  const stored = await deps.links.get(run.connectionId, held.mappingId, held.authScapeId);
  return stored === undefined ? null : resultOfMark(context, stored.value);
}

/** Null: the record may not be read now; what is held of its pair waits on. */
async function decidePair(
  input: UnitInput,
  entries: readonly HeldChange[],
  lastTry: boolean,
): Promise<PairResult | null> {
  try {
    return input.run.decision === 'approve'
      ? await approvePair(input, entries, lastTry)
      : await rejectPair(input, entries);
  } catch (error) {
    if (error instanceof RecordRejectedError) return null;
    throw error;
  }
}

async function approvePair(
  input: UnitInput,
  entries: readonly HeldChange[],
  lastTry: boolean,
): Promise<PairResult> {
  const first = entries[0];
  if (first === undefined) return NOTHING;
  const side = entries.map(goneSideOf).find((gone) => gone !== undefined);
  if (side === undefined) {
    const allow = new Set(entries.map((held) => held.category));
    return syncPair(input.context, { authScapeId: first.authScapeId, allow, lastTry });
  }
  const stored = await input.deps.links.get(input.run.connectionId, first.mappingId, first.authScapeId);
  if (stored === undefined || stored.value.state !== 'linked') return NOTHING;
  return (await isStillGone(input, stored.value, side)) ? removeOne(input, first.authScapeId, side) : NOTHING;
}

async function isStillGone(input: UnitInput, link: Link, side: Side): Promise<boolean> {
  const witness = await anyOtherUser(input, link.authScapeId);
  return confirmGone(input.context, link, side, { witness, scansMissed: 2 });
}

async function anyOtherUser(input: UnitInput, missingId: string): Promise<string | null> {
  if (input.resolved.mapping.authScapeEntity !== 'User') return null;
  for await (const page of pagesOf((cursor) =>
    input.deps.links.scan(input.run.connectionId, input.resolved.mapping.id, UNIT_ROWS, cursor),
  )) {
    const other = page.items.find(
      ({ value }) => value.authScapeId !== missingId && value.state === 'linked' && value.missing === null,
    );
    if (other !== undefined) return other.value.authScapeId;
  }
  return null;
}

/**
 * Drops what is still due of the held changes of one pair. What is not due any more (a record that came back, a value
 * that was changed since) was never asked about: the next run merges it.
 */
async function rejectPair(input: UnitInput, entries: readonly HeldChange[]): Promise<PairResult> {
  const first = entries[0];
  if (first === undefined) return NOTHING;
  const stored = await input.deps.links.get(input.run.connectionId, first.mappingId, first.authScapeId);
  if (stored === undefined || stored.value.state !== 'linked') return NOTHING;
  const gone = entries.map(goneSideOf).find((side) => side !== undefined);
  const next =
    gone === undefined
      ? await withPresentBase(input, stored, entries)
      : await withRejectedEnd(input, stored, gone);
  if (next === null) return NOTHING;
  try {
    await input.deps.links.replace(next, stored.etag);
  } catch (error) {
    if (!(error instanceof ConflictError)) throw error;
    return rejectPair(input, entries);
  }
  return NOTHING;
}

async function withRejectedEnd(input: UnitInput, stored: Stored<Link>, side: Side): Promise<Link> {
  const link = stored.value;
  if (!(await isStillGone(input, link, side))) return dueAgain(link);
  return tombstoneOf(input.context, link, { reason: 'rejected', act: 'none', gone: side });
}

/** The difference is settled by not writing it: the held change becomes the base. */
async function withPresentBase(
  input: UnitInput,
  stored: Stored<Link>,
  entries: readonly HeldChange[],
): Promise<Link | null> {
  const { resolved } = input;
  const link = stored.value;
  const [a, d] = await Promise.all([
    input.context.authScape.get(link.entity, link.authScapeId, resolved.keys),
    input.context.dynamics.get(link.table, link.crmId, resolved.columns),
  ]);
  if (a === undefined || d === undefined) return null;
  const due = await dueChanges(input, stored, { a, d });
  const base = { ...link.base };
  for (const field of resolved.fields) {
    const held = entries.find(
      (entry) => isOf(entry, field) && due.has(nameOf(entry.category, writeOf(entry))),
    );
    if (held === undefined) continue;
    const present = {
      a: baseForm(valueInA(field, a.values), field.aComparison),
      d: baseForm(d.values[field.column], field.dComparison),
      sig: field.signature,
    };
    base[field.id] = { ...present, ...keptBase(field, link.base[field.id], writeOf(held)) };
  }
  return { ...link, base, clean: false, changedAt: input.deps.clock.now() };
}

/** What the guard would still hold of the pair as it was just read. */
async function dueChanges(
  input: UnitInput,
  stored: Stored<Link>,
  { a, d }: ReadPair,
): Promise<ReadonlySet<string>> {
  const { context } = input;
  const looking = { ...context, dryRun: true, logs: { ...context.logs, append: async () => {} } };
  const { authScapeId } = stored.value;
  const { guarded } = await syncPair(looking, {
    authScapeId,
    a,
    d,
    stored,
    allow: new Set(),
  });
  return new Set(guarded.map(({ category, detail }) => nameOf(category, detail)));
}

const nameOf = (category: string, write: string): string => `${category}|${write}`;
const isIntoA = (write: string): boolean => write.startsWith('authScape:');

function isOf(held: HeldChange, field: ResolvedField): boolean {
  const side = isIntoA(writeOf(held)) ? 'authScape' : 'dynamics';
  if (held.category === 'removal') return field.isState && writeOf(held) === `${side}:${field.aName}`;
  return FIELD_KINDS.some((kind) => held.category === guardCategory(kind, held.mappingId, field.id, side));
}

const FIELD_KINDS: readonly GuardedKind[] = ['clear', 'key'];

/** A value that the written side got meanwhile is that side's change, and goes to the other one. */
function keptBase(
  { direction, signature }: ResolvedField,
  before: BaseEntry | undefined,
  write: string,
): Partial<BaseEntry> {
  if (direction !== 'Bidirectional' || before?.sig !== signature) return {};
  return isIntoA(write) ? { a: before.a } : { d: before.d };
}
