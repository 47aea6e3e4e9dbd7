import type { PendingCreation } from '../../../domain/link.js';
import type { DynamicsRow } from '../../../domain/records.js';
import type { RowOwner } from '../../ports/links.js';
import { skipped } from '../context/record-results.js';
import type { MappingContext, PairResult } from '../context/sync-context.js';
import { endTombstones } from '../links/insert-link.js';
import { matchEligibility } from '../links/match-eligibility.js';
import { busyWith, pendingCreationRowOf } from '../links/pending-creation-link.js';
import { endedOrphan } from '../links/row-owners.js';
import { resumePair } from '../pair/resume-pair.js';
import { finishPendingCreation } from './pending-creation.js';

const ATTEMPTS = 3;

/**
 * Reserves the row for the record to be made; what an earlier pending creation, link or tombstone left on it is brought
 * to its end. Null: it is reserved; else what came of the pair instead.
 */
export async function reserveRow(
  context: MappingContext,
  row: DynamicsRow,
  pendingCreation: PendingCreation,
): Promise<PairResult | null> {
  const connectionId = context.connection.id;
  let over: PendingCreation | undefined;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const reserved = await context.links.putPendingCreation(
      connectionId,
      pendingCreationRowOf(context.resolved, row),
      pendingCreation,
      over,
    );
    if (reserved.kind === 'reserved') return null;
    if (reserved.kind === 'pending') {
      const settled = await finishPendingCreation(context, row, reserved.creation);
      if (settled !== null) return settled;
      over = reserved.creation;
      continue;
    }
    if (await endedOrphan(context, reserved.owner)) continue;
    const blocked = await blockedBy(context, row, reserved.owner);
    if (blocked !== null) return blocked;
    await endTombstones(context, null, row.id);
  }
  return busyWith(pendingCreation);
}

/** What a link (or half a pair) that holds the row means; null where it ends for a new partner. */
async function blockedBy(
  context: MappingContext,
  row: DynamicsRow,
  { mappingId, authScapeId }: RowOwner,
): Promise<PairResult | null> {
  const { resolved } = context;
  const pair = { authScapeId: null, crmId: row.id };
  const holder = await context.links.get(context.connection.id, mappingId, authScapeId);
  const eligibility = holder === undefined ? 'free' : matchEligibility(holder.value, 'dynamics', row);
  if (holder === undefined || eligibility === 'free') return null;
  if (eligibility === 'tombstone') return skipped(resolved, pair, 'tombstone');
  return mappingId === resolved.mapping.id && holder.value.state === 'linked'
    ? resumePair(context, holder.value)
    : skipped(resolved, pair, 'match_taken');
}
