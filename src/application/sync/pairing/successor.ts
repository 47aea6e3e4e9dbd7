import type { Link } from '../../../domain/link.js';
import { type Candidate, decideGroup } from '../../../domain/match.js';
import type { Side } from '../../../domain/model.js';
import type { AuthScapeRecord, DynamicsRow } from '../../../domain/records.js';
import type { Stored } from '../../ports/stores.js';
import { isolateFailure } from '../context/record-results.js';
import type { MappingContext, PairResult } from '../context/sync-context.js';
import { logAbandonedPlan } from '../links/abandoned-plan.js';
import { matchFieldsFor } from '../pair/resolve-lookups.js';
import { linkPair } from './link-pair.js';
import { candidatesOf, type Group, GroupSet } from './match-group.js';

/** The survivor of a pair and the record that was made anew in the place of the one that is gone. */
export interface Succession {
  readonly a: AuthScapeRecord;
  readonly d: DynamicsRow;
}

/**
 * The record on `side` is gone: was it made anew under another id? Then one that is active, free and the only one has the
 * survivor's key. What cannot be asked about is no candidate.
 */
export async function findSuccessor(
  context: MappingContext,
  link: Link,
  side: Side,
): Promise<Succession | undefined> {
  return isolateFailure(
    () => lookForSuccessor(context, link, side),
    () => undefined,
  );
}

async function lookForSuccessor(
  context: MappingContext,
  link: Link,
  side: Side,
): Promise<Succession | undefined> {
  const { mapping, keys, columns } = context.resolved;
  const a =
    side === 'dynamics'
      ? await context.authScape.get(mapping.authScapeEntity, link.authScapeId, keys)
      : undefined;
  const d =
    side === 'authScape' ? await context.dynamics.get(mapping.crmEntity, link.crmId, columns) : undefined;
  const fields = await matchFieldsFor(context, a ? [a] : [], d ? [d] : []);
  const set = new GroupSet(context.resolved, fields);
  if (!(a !== undefined && set.addRecord(a)) && !(d !== undefined && set.addRow(d))) return undefined;
  const [group] = set.groups;
  if (group === undefined) return undefined;
  await set.askDynamics(context);
  await set.askAuthScape(context, group);
  return chosen(await candidatesOf(context, group), group, link, side);
}

function chosen(
  candidates: readonly Candidate[],
  group: Group,
  link: Link,
  side: Side,
): Succession | undefined {
  const survivorId = side === 'dynamics' ? link.authScapeId : link.crmId;
  const isSurvivor = (row: Candidate) => row.side !== side && row.id === survivorId;
  const freed = candidates.map((row) => (isSurvivor(row) ? { ...row, linked: false } : row));
  const { decision } = decideGroup(freed);
  if (decision.kind !== 'link') return undefined;
  const successor = side === 'dynamics' ? decision.d : decision.a;
  const survivor = side === 'dynamics' ? decision.a : decision.d;
  const a = group.a.get(decision.a.id);
  const d = group.d.get(decision.d.id);
  const fits = successor.active && isSurvivor(survivor) && a !== undefined && d !== undefined;
  return fits ? { a, d } : undefined;
}

/** Links the survivor with the record that came in the place of its partner. */
export async function succeed(
  context: MappingContext,
  { value: link, etag }: Stored<Link>,
  { a, d }: Succession,
): Promise<PairResult> {
  if (!context.dryRun) {
    await logAbandonedPlan(context, link);
    await context.links.remove(link, etag);
  }
  return linkPair(context, a, d);
}
