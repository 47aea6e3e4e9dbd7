import type { ResolvedMapping } from '../../domain/fields.js';
import type { Link, Tombstone } from '../../domain/link.js';
import type { FieldValues } from '../../domain/values.js';
import type { Stored } from '../ports/stores.js';
import type { SyncContext } from './context.js';
import { saved } from './pair-result.js';

export function tombstoneOf(
  context: Pick<SyncContext, 'clock' | 'runId'>,
  link: Link,
  state: Pick<Tombstone, 'reason' | 'act'>,
): Link {
  const now = context.clock.now();
  return {
    ...link,
    state: 'tombstone',
    tombstone: { ...state, at: new Date(now).toISOString(), runId: context.runId },
    clean: false,
    plan: null,
    claim: null,
    missing: null,
    changedAt: now,
    lastSyncedAt: new Date(now).toISOString(),
  };
}

/**
 * The id of a deleted record came back (a restore): the pair is linked again with its old base, and what the delete
 * policy did to the survivor is undone if nobody touched it since. False when there is no survivor to be linked to.
 */
export async function revive(
  context: SyncContext,
  resolved: ResolvedMapping,
  stored: Stored<Link>,
): Promise<boolean> {
  const link = stored.value;
  if (context.dryRun || link.tombstone === null) return false;
  const { act, reason } = link.tombstone;
  if (act === 'deleted') return false;
  if (act === 'deactivated') {
    if (reason === 'goneInDynamics') await reactivateInAuthScape(context, resolved, link);
    else await reactivateInDynamics(context, resolved, link);
  }
  const back: Link = {
    ...link,
    state: 'linked',
    tombstone: null,
    clean: false,
    changedAt: context.clock.now(),
  };
  return saved(context, back, stored.etag);
}

async function reactivateInAuthScape(
  context: SyncContext,
  resolved: ResolvedMapping,
  link: Link,
): Promise<void> {
  const survivor = await context.authScape.get(link.entity, link.authScapeId, resolved.keys);
  if (survivor !== undefined && !survivor.active) await setAuthScapeState(context, resolved, link, true);
}

/** A row that is changed at the same moment stays as it is: then its state is that person's. */
async function reactivateInDynamics(
  context: SyncContext,
  resolved: ResolvedMapping,
  link: Link,
): Promise<void> {
  const row = await context.dynamics.get(link.table, link.crmId, resolved.columns);
  if (row === undefined || row.active) return;
  await context.dynamics.update(link.table, link.crmId, row.etag, { statecode: 0 }, resolved.columns);
}

/** Archives or activates a record of A. */
export async function setAuthScapeState(
  context: SyncContext,
  resolved: ResolvedMapping,
  link: Link,
  active: boolean,
): Promise<void> {
  const values: FieldValues = link.entity === 'User' ? { isActive: active } : { isDeactivated: !active };
  await context.authScape.update(
    link.entity,
    link.authScapeId,
    values,
    () => true,
    resolved.keys,
    () => Promise.resolve(),
  );
}
