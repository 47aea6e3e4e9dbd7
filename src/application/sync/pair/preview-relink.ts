import type { ResolvedMapping } from '../../../domain/fields.js';
import type { Link } from '../../../domain/link.js';
import type { Side } from '../../../domain/model.js';
import type { Stored } from '../../ports/stores.js';
import { logChanges, type MappingContext, type PairResult } from '../context/sync-context.js';
import { isAnotherRecord } from '../links/returned-record.js';
import { linkedAgain, reactivation, survivorOf } from '../links/tombstones.js';
import type { ReadPair } from './pair-work.js';
import { mergePair } from './sync-pair.js';

/** What a real run would do about a record that is back: `revive`, and the merge with the old base. Null: nothing. */
export async function planRevival(context: MappingContext, stored: Stored<Link>): Promise<PairResult | null> {
  const { resolved } = context;
  const link = stored.value;
  if (link.tombstone === null) return null;
  const [a, d] = await Promise.all([
    context.authScape.get(link.entity, link.authScapeId, resolved.keys),
    context.dynamics.get(link.table, link.crmId, resolved.columns),
  ]);
  if (a === undefined || d === undefined || (await isAnotherRecord(context, link))) return null;
  const survivor = survivorOf(link.tombstone);
  const isUndone = link.tombstone.act === 'deactivated' && !(survivor === 'authScape' ? a.active : d.active);
  const changes = isUndone ? [reactivation(resolved, link, survivor)] : [];
  await logChanges(context, changes);
  const read = isUndone ? activated(resolved, { a, d }, survivor) : { a, d };
  const back = { value: linkedAgain(context, link), etag: stored.etag };
  // The link is still a tombstone when the guarded writes have their turn: they are planned here.
  const merged = await mergePair(context, back, read, {
    authScapeId: link.authScapeId,
    allow: 'all',
  });
  await context.planned?.add(resolved.mapping.id, link);
  if (merged.kind !== 'done') return null;
  const { result } = merged;
  return { ...result, changes: [...changes, ...result.changes] };
}

function activated(resolved: ResolvedMapping, { a, d }: ReadPair, survivor: Side): ReadPair {
  const state = resolved.fields.find((field) => field.isState);
  if (state === undefined) return { a, d };
  return survivor === 'authScape'
    ? { a: { ...a, active: true, values: { ...a.values, [state.aKey]: state.aName !== 'isDeactivated' } }, d }
    : { a, d: { ...d, active: true, values: { ...d.values, [state.column]: 0 } } };
}
