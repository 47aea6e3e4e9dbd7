import { ConflictError } from '../../domain/errors.js';
import { type ResolvedMapping, valueInA } from '../../domain/fields.js';
import type { Link } from '../../domain/link.js';
import type { Side } from '../../domain/model.js';
import { baseForm } from '../../domain/values.js';
import type { HeldChange } from '../ports/staging.js';
import type { Stored } from '../ports/stores.js';
import { NOTHING, type PairResult } from '../sync/context.js';
import { syncPair } from '../sync/pair.js';
import { tombstoneOf } from '../sync/tombstones.js';
import { groupBy, inPool } from './pool.js';
import { provenGone, removeOne } from './removing.js';
import { UNIT_ROWS, type UnitInput, type UnitResult } from './step-state.js';

/**
 * What a person decided about the changes that a run holds. Approval asks each id again and writes what is still due;
 * reject leaves tombstones for deletes and moves the base, unwritten, for field changes: the sides may differ there.
 */
export async function decideUnit(input: UnitInput): Promise<UnitResult> {
  const { deps, run } = input;
  const page = await deps.backlog.scanHeld(run.connectionId, UNIT_ROWS, input.position ?? undefined);
  const own = page.items.filter((held) => held.runId === run.id);
  const pairs = [...groupBy(own, (held) => `${held.mappingId}|${held.authScapeId}`).values()];
  await inPool(pairs, deps.options.lanes, async (entries) => {
    const first = entries[0];
    const resolved = input.context.mappings.find(({ mapping }) => mapping.id === first?.mappingId);
    if (first === undefined || resolved === undefined) return;
    const result =
      run.decision === 'approve'
        ? await approvePair(input, resolved, entries)
        : await rejectPair(input, resolved, entries);
    input.tally.pair(`${first.mappingId}|${first.authScapeId}`, result);
  });
  await deps.backlog.removeHeld(run.connectionId, own);
  return { position: page.nextCursor ?? null };
}

function goneSide(held: HeldChange): Side | undefined {
  return (JSON.parse(held.detail) as { gone?: Side }).gone;
}

async function approvePair(
  input: UnitInput,
  resolved: ResolvedMapping,
  entries: readonly HeldChange[],
): Promise<PairResult> {
  const first = entries[0];
  if (first === undefined) return NOTHING;
  const side = entries.map(goneSide).find((gone) => gone !== undefined);
  if (side === undefined) {
    const allow = new Set(entries.map((held) => held.category));
    return syncPair(input.context, resolved, { authScapeId: first.authScapeId, allow });
  }
  const stored = await input.deps.links.get(input.run.connectionId, first.mappingId, first.authScapeId);
  if (stored === undefined || stored.value.state !== 'linked') return NOTHING;
  const witness = await anyOtherUser(input, resolved, first.authScapeId);
  const gone = await provenGone(input.context, resolved, stored.value, side, { witness, scansMissed: 2 });
  return gone ? removeOne(input, resolved, first.authScapeId, side) : NOTHING;
}

async function anyOtherUser(
  input: UnitInput,
  resolved: ResolvedMapping,
  missingId: string,
): Promise<string | null> {
  if (resolved.mapping.authScapeEntity !== 'User') return null;
  const page = await input.deps.links.scan(input.run.connectionId, resolved.mapping.id, 50);
  const other = page.items.find(({ value }) => value.authScapeId !== missingId && value.missing === null);
  return other?.value.authScapeId ?? null;
}

async function rejectPair(
  input: UnitInput,
  resolved: ResolvedMapping,
  entries: readonly HeldChange[],
): Promise<PairResult> {
  const first = entries[0];
  if (first === undefined) return NOTHING;
  const stored = await input.deps.links.get(input.run.connectionId, first.mappingId, first.authScapeId);
  if (stored === undefined || stored.value.state !== 'linked') return NOTHING;
  const gone = entries.some((held) => goneSide(held) !== undefined);
  const next = gone
    ? tombstoneOf(input.context, stored.value, { reason: 'rejected', act: 'none' })
    : await withPresentBase(input, resolved, stored, entries);
  if (next === null) return NOTHING;
  try {
    await input.deps.links.replace(next, stored.etag);
  } catch (error) {
    if (!(error instanceof ConflictError)) throw error;
    return rejectPair(input, resolved, entries);
  }
  return NOTHING;
}

/** Both sides as they are now become the base of the held fields: the difference is settled by not writing it. */
async function withPresentBase(
  input: UnitInput,
  resolved: ResolvedMapping,
  stored: Stored<Link>,
  entries: readonly HeldChange[],
): Promise<Link | null> {
  const link = stored.value;
  const [a, d] = await Promise.all([
    input.context.authScape.get(link.entity, link.authScapeId, resolved.keys),
    input.context.dynamics.get(link.table, link.crmId, resolved.columns),
  ]);
  if (a === undefined || d === undefined) return null;
  const base = { ...link.base };
  for (const field of resolved.fields) {
    const wasHeld = entries.some(
      ({ detail }) => (JSON.parse(detail) as { write?: string }).write?.endsWith(`:${field.aName}`) === true,
    );
    if (!wasHeld) continue;
    base[field.id] = {
      a: baseForm(valueInA(field, a.values), field.aComparison),
      d: baseForm(d.values[field.column], field.dComparison),
      sig: field.signature,
    };
  }
  return { ...link, base, clean: false, changedAt: input.deps.clock.now() };
}
