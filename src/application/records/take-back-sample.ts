import type { FieldChange, LogEntry } from '../../domain/change.js';
import { BridgeError, ConflictError, RecordRejectedError } from '../../domain/errors.js';
import type { ResolvedField } from '../../domain/fields.js';
import type { Link } from '../../domain/link.js';
import type { Side } from '../../domain/model.js';
import { hasEnded, type Run } from '../../domain/run.js';
import { baseForm, type FieldValue, type FieldValues } from '../../domain/values.js';
import { refuseDuringRun } from '../connections/change-environment.js';
import type { Stored } from '../ports/stores.js';
import { UnknownOutcomeError } from '../ports/systems.js';
import type { EngineDeps } from '../shared/engine-deps.js';
import { pagesOf } from '../shared/pages.js';
import { openContext } from '../sync/context/open-context.js';
import {
  changeOf,
  forMapping,
  logChanges,
  type MappingContext,
  pairRef,
} from '../sync/context/sync-context.js';
import { ClaimLostError, LinkLease } from '../sync/links/link-lease.js';
import { inTime } from './sync-one-record.js';

/** A value that the sample had replaced and that was not written back. */
export interface KeptValue {
  readonly mappingId: string;
  readonly authScapeId: string;
  readonly crmId: string;
  readonly side: Side;
  readonly field: string;
  /** `changed` since; `withheld`: the log does not keep what was there; `gone`: the record or field is; `refused`. */
  readonly reason: 'changed' | 'withheld' | 'gone' | 'refused';
}

export interface TakenBack {
  /** Pairs that are linked no more. */
  readonly unlinked: number;
  /** Values that stand again as they stood before. */
  readonly restored: number;
  readonly kept: readonly KeptValue[];
  /** Pairs that another worker has in hand, or of which an answer was lost: call again. */
  readonly busy: number;
}

const BY_HAND = { runId: null, trigger: 'record', fullRun: false, dryRun: false } as const;
const PAGE = 500;

/**
 * Takes a sample back, as long as no full run has made it final: values that it replaced are written back where they are
 * still what it wrote, and its pairs are linked no more, so that a later run matches them as for the first time. Records
 * that it created stay. May be repeated. Throws `run_not_found`, `sample_final`, `run_in_progress`, `connection_timeout`.
 */
export const takeBackSample = (deps: EngineDeps) => {
  const takeBack = async (runId: string): Promise<TakenBack> => {
    const run = await requireSample(deps, runId);
    await refuseDuringRun(deps, run.connectionId);
    const context = await openContext(deps, run.connectionId, BY_HAND);
    const pairs = await pairsOf(deps, run);
    const results = await deps.lanes.map(pairs, async (pair) => {
      const resolved = context.mappings.find(({ mapping }) => mapping.id === pair.mappingId);
      return resolved === undefined ? NOTHING : takeBackPair(forMapping(context, resolved), pair);
    });
    return results.reduce(
      (sum, one) => ({
        unlinked: sum.unlinked + one.unlinked,
        restored: sum.restored + one.restored,
        kept: [...sum.kept, ...one.kept],
        busy: sum.busy + one.busy,
      }),
      NOTHING,
    );
  };
  return (runId: string) => inTime(deps, () => takeBack(runId));
};

const NOTHING: TakenBack = { unlinked: 0, restored: 0, kept: [], busy: 0 };

async function requireSample(deps: EngineDeps, runId: string): Promise<Run> {
  const run = (await deps.runs.get(runId))?.value;
  if (run === undefined) throw new BridgeError('run_not_found', `There is no run "${runId}".`);
  const { firstFullSyncAt } = await deps.connections.getState(run.connectionId);
  if (run.sample === undefined || run.dryRun) throw final('The run is no sample that has written anything.');
  if (!hasEnded(run.status)) throw final('The sample has not ended yet.');
  if (firstFullSyncAt !== null) throw final('A full run has ended well since: its pairs stay.');
  return run;
}

function final(message: string): BridgeError {
  return new BridgeError('sample_final', message, {
    hint: 'Single pairs are parted by DELETE /api/connections/{id}/links/{linkId}.',
  });
}

/** What the sample did to one pair, by what its log says. */
interface SamplePair {
  readonly mappingId: string;
  readonly authScapeId: string;
  readonly crmId: string;
  readonly replaced: Map<string, { readonly side: Side; readonly change: FieldChange }>;
}

async function pairsOf(deps: EngineDeps, run: Run): Promise<readonly SamplePair[]> {
  const pairs = new Map<string, SamplePair>();
  for await (const { items } of pagesOf((cursor) => deps.logs.listByRun(run, PAGE, cursor, {}))) {
    for (const entry of items) note(pairs, entry);
  }
  return [...pairs.values()];
}

function note(pairs: Map<string, SamplePair>, entry: LogEntry): void {
  const { authScapeId, crmId, mappingId, side } = entry;
  if (authScapeId === null || crmId === null || entry.runOnly || entry.action === 'none') return;
  const key = `${mappingId}|${authScapeId}|${crmId}`;
  const pair = pairs.get(key) ?? { mappingId, authScapeId, crmId, replaced: new Map() };
  pairs.set(key, pair);
  if (side === null || (entry.action !== 'update' && entry.action !== 'deactivate')) return;
  for (const change of entry.fields) {
    const name = `${side}|${change.field}`;
    // Of a field that was written twice, what stood there first counts; entries come in no certain order.
    const before = pair.replaced.get(name)?.change;
    const first = before !== undefined && same(before.from, change.to) ? change : (before ?? change);
    pair.replaced.set(name, { side, change: first });
  }
}

const same = (one: FieldValue, other: FieldValue) => JSON.stringify(one) === JSON.stringify(other);

async function takeBackPair(context: MappingContext, pair: SamplePair): Promise<TakenBack> {
  const stored = await context.links.get(context.connection.id, pair.mappingId, pair.authScapeId);
  if (stored?.value.state !== 'linked' || stored.value.crmId !== pair.crmId) return NOTHING;
  const claimed = await claim(context, stored);
  if (claimed === null) return { ...NOTHING, busy: 1 };
  const lease = new LinkLease(context, claimed);
  const work = { context, lease, pair };
  try {
    const sides = [await restore(work, 'authScape'), await restore(work, 'dynamics')];
    await logChanges(context, [
      changeOf(context.resolved, pairRef(lease.link), { side: null, action: 'unlink', outcome: 'updated' }),
    ]);
    await context.links.remove(lease.link, lease.etag);
    const restored = sides.reduce((sum, side) => sum + side.restored, 0);
    return { unlinked: 1, restored, kept: sides.flatMap(({ kept }) => kept), busy: 0 };
  } catch (error) {
    await lease.release(null);
    if (error instanceof UnknownOutcomeError || error instanceof ClaimLostError)
      return { ...NOTHING, busy: 1 };
    throw error;
  }
}

/** Null while another worker has the pair. */
async function claim(context: MappingContext, { etag, value }: Stored<Link>): Promise<Stored<Link> | null> {
  const now = context.clock.now();
  if (value.claim !== null && value.claim.until > now) return null;
  const own = { owner: context.ids.random(12), until: now + context.claimMs };
  try {
    return await context.links.replace({ ...value, claim: own, clean: false, changedAt: now }, etag);
  } catch (error) {
    if (error instanceof ConflictError) return null;
    throw error;
  }
}

interface PairInHand {
  readonly context: MappingContext;
  readonly lease: LinkLease;
  readonly pair: SamplePair;
}

interface Due {
  readonly field: ResolvedField;
  readonly change: FieldChange;
}

interface Restored {
  readonly restored: number;
  readonly kept: readonly KeptValue[];
}

/** Writes back what the sample replaced on one side, in one write. */
async function restore(work: PairInHand, side: Side): Promise<Restored> {
  const replaced = [...work.pair.replaced.values()].filter((one) => one.side === side);
  if (replaced.length === 0) return { restored: 0, kept: [] };
  const present = await read(work, side);
  const judged = replaced.map(({ change }) => ({ change, ...judge(work, side, change, present) }));
  const kept = judged.flatMap(({ change, reason }) =>
    reason === undefined ? [] : [keptValue(work, side, change, reason)],
  );
  const due = judged.flatMap(({ change, field }) => (field === undefined ? [] : [{ change, field }]));
  if (due.length === 0 || present === undefined) return { restored: 0, kept };
  const refusal = await write(work, side, due, present);
  if (refusal === null) {
    await logRestored(work, side, due);
    return { restored: due.length, kept };
  }
  const unwritten = due.map(({ change }) => keptValue(work, side, change, refusal));
  return { restored: 0, kept: [...kept, ...unwritten] };
}

/** The field to be written back, why it is not, or neither: it stands there as before. */
function judge(
  work: PairInHand,
  side: Side,
  change: FieldChange,
  present: Present | undefined,
): { readonly field?: ResolvedField; readonly reason?: KeptValue['reason'] } {
  const field = work.context.resolved.fields.find((one) => nameOf(one, side) === change.field);
  if (present === undefined || field === undefined) return { reason: 'gone' };
  if (change.withheld || isShortened(change.from)) return { reason: 'withheld' };
  if (isOurs(work, side, field, present.values)) return { field };
  const compared = side === 'authScape' ? field.aComparison : field.dComparison;
  // An earlier call may have written it back already.
  const isBack = baseForm(present.values[keyOf(field, side)], compared) === baseForm(change.from, compared);
  return isBack ? {} : { reason: 'changed' };
}

function keptValue(
  { pair: { authScapeId, crmId, mappingId } }: PairInHand,
  side: Side,
  { field }: FieldChange,
  reason: KeptValue['reason'],
): KeptValue {
  return { mappingId, authScapeId, crmId, side, field, reason };
}

async function logRestored({ context, lease }: PairInHand, side: Side, due: readonly Due[]): Promise<void> {
  const fields = due.map(({ change: { field, from, to } }) => ({
    ...{ field, from: to, to: from },
    rule: 'restored' as const,
  }));
  await logChanges(context, [
    changeOf(context.resolved, pairRef(lease.link), { side, action: 'update', outcome: 'updated', fields }),
  ]);
}

/** Of a value that was too long for the log only the beginning is there. */
const isShortened = (value: FieldValue) =>
  typeof value === 'string' && /… \[\d+ characters, sha256:[\da-f]{64}\]$/.test(value);

const nameOf = (field: ResolvedField, side: Side) => (side === 'authScape' ? field.aName : field.column);
const keyOf = (field: ResolvedField, side: Side) => (side === 'authScape' ? field.aKey : field.column);

interface Present {
  readonly values: FieldValues;
  readonly etag: string | null;
}

async function read({ context, pair }: PairInHand, side: Side): Promise<Present | undefined> {
  const { columns, keys, mapping } = context.resolved;
  if (side === 'dynamics') return context.dynamics.get(mapping.crmEntity, pair.crmId, columns);
  const record = await context.authScape.get(mapping.authScapeEntity, pair.authScapeId, keys);
  return record === undefined ? undefined : { values: record.values, etag: null };
}

/** Is the value still the one that the pair agreed on when the sample wrote it? */
function isOurs({ lease }: PairInHand, side: Side, field: ResolvedField, values: FieldValues): boolean {
  const base = lease.link.base[field.id];
  if (base === undefined) return false;
  const [agreed, compared] = side === 'authScape' ? [base.a, field.aComparison] : [base.d, field.dComparison];
  return baseForm(values[keyOf(field, side)], compared) === agreed;
}

/** Null where it was written. */
async function write(
  { context, lease, pair }: PairInHand,
  side: Side,
  due: readonly Due[],
  present: Present,
): Promise<'changed' | 'gone' | 'refused' | null> {
  const { columns, mapping } = context.resolved;
  const values = Object.fromEntries(due.map(({ change, field }) => [keyOf(field, side), change.from]));
  try {
    await lease.ensure();
    const result =
      side === 'dynamics'
        ? await context.dynamics.update(mapping.crmEntity, pair.crmId, present.etag, values, columns)
        : await context.authScape.update(mapping.authScapeEntity, pair.authScapeId, values, {
            expected: (fresh) =>
              due.every(({ field: { aComparison, aKey } }) => {
                return (
                  baseForm(fresh.values[aKey], aComparison) === baseForm(present.values[aKey], aComparison)
                );
              }),
            guard: () => lease.ensure(),
          });
    if (result.kind === 'written') return null;
    return result.kind === 'gone' ? 'gone' : 'changed';
  } catch (error) {
    if (error instanceof RecordRejectedError) return 'refused';
    throw error;
  }
}
