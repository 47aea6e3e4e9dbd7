import type { Change } from '../../../domain/change.js';
import { RecordRejectedError } from '../../../domain/errors.js';
import type { ResolvedMapping } from '../../../domain/fields.js';
import { goneSide, type Link, type Plan, REMOVAL_FIELD, type Tombstone } from '../../../domain/link.js';
import type { Side } from '../../../domain/model.js';
import type { FieldValues } from '../../../domain/values.js';
import type { Stored } from '../../ports/stores.js';
import { UnknownOutcomeError, type WriteResult } from '../../ports/systems.js';
import {
  changeOf,
  logChanges,
  type MappingContext,
  pairRef,
  type SyncContext,
} from '../context/sync-context.js';
import { isAnotherRecord } from './returned-record.js';
import { saved } from './save-link.js';

/**
 * Of a plan that nobody has seen the end of what may have been written to the side whose record is gone: should that come
 * back, what it shows of the plan was no edit there.
 */
export function planOfGone({ plan }: Pick<Link, 'plan'>, gone: Side | null): Plan | null {
  if (plan?.kind !== 'update') return null;
  const fields = plan.fields.filter(({ fieldId, side }) => side === gone && fieldId !== REMOVAL_FIELD);
  return fields.length === 0 ? null : { ...plan, fields };
}

export function tombstoneOf(
  context: Pick<SyncContext, 'clock' | 'runId'>,
  link: Link,
  state: Pick<Tombstone, 'reason' | 'act' | 'gone' | 'inactive'>,
): Link {
  const now = context.clock.now();
  return {
    ...link,
    state: 'tombstone',
    tombstone: { ...state, at: new Date(now).toISOString(), runId: context.runId },
    clean: false,
    plan: planOfGone(link, goneSide(state)),
    claim: null,
    missing: null,
    changedAt: now,
    lastSyncedAt: new Date(now).toISOString(),
  };
}

/**
 * The id of a deleted record came back (a restore): the pair is linked again with its old base, and what the delete
 * policy did to the survivor is undone if it was not touched since, which is returned. Null when there is no survivor to
 * be linked to, another record has the id, or another worker was faster.
 */
export async function revive(
  context: MappingContext,
  stored: Stored<Link>,
): Promise<readonly Change[] | null> {
  const link = stored.value;
  if (context.dryRun || link.tombstone === null) return null;
  const { act } = link.tombstone;
  if (!(await isSurvivorThere(context, link))) return null;
  if (await isAnotherRecord(context, link)) {
    await partFromAnother(context, stored);
    return null;
  }
  const changes: Change[] = [];
  if (act === 'deactivated') {
    const survivor = survivorOf(link.tombstone);
    if (await reactivate(context, link, survivor)) {
      changes.push(reactivation(context.resolved, link, survivor));
    }
  }
  await logChanges(context, changes);
  return (await saved(context, linkedAgain(context, link), stored.etag)) ? changes : null;
}

/** Neither is matched before a person has said what belongs together. */
async function partFromAnother(context: MappingContext, { value: link, etag }: Stored<Link>): Promise<void> {
  const message =
    'Another record has the id of the one that was deleted; a person has to say whether they belong together.';
  const change = changeOf(context.resolved, pairRef(link), {
    side: null,
    action: 'unlink',
    outcome: 'skipped',
    error: { code: 'id_given_again', message },
  });
  await logChanges(context, [change]);
  await saved(context, tombstoneOf(context, link, { reason: 'parted', act: 'none' }), etag);
}

/** Is the survivor there still? Where it is gone as well, by our act or a person's, the returned record is like a new one. */
export async function isSurvivorThere(
  context: MappingContext,
  { authScapeId, crmId, tombstone }: Pick<Link, 'authScapeId' | 'crmId' | 'tombstone'>,
): Promise<boolean> {
  const { mapping, keys, columns } = context.resolved;
  const record =
    tombstone !== null && goneSide(tombstone) === 'dynamics'
      ? await context.authScape.get(mapping.authScapeEntity, authScapeId, keys)
      : await context.dynamics.get(mapping.crmEntity, crmId, columns);
  return record !== undefined;
}

/**
 * The survivor that the delete policy had deactivated gets a new partner: its end was not meant for it. False where a
 * person has activated it before.
 */
export async function undoDeactivation(context: MappingContext, link: Link): Promise<boolean> {
  if (link.tombstone?.act !== 'deactivated') return false;
  const survivor = survivorOf(link.tombstone);
  if (!(await reactivate(context, link, survivor))) return false;
  await logChanges(context, [reactivation(context.resolved, link, survivor)]);
  return true;
}

async function reactivate(context: MappingContext, link: Link, survivor: Side): Promise<boolean> {
  try {
    return survivor === 'authScape'
      ? await reactivateInAuthScape(context, link)
      : await reactivateInDynamics(context, link);
  } catch (error) {
    // The next worker finds the remaining record active and cannot tell who did it.
    if (error instanceof UnknownOutcomeError)
      await logChanges(context, [reactivation(context.resolved, link, survivor)]);
    throw error;
  }
}

export function linkedAgain(context: Pick<SyncContext, 'clock'>, link: Link): Link {
  return { ...link, state: 'linked', tombstone: null, clean: false, changedAt: context.clock.now() };
}

/**
 * The survivor that was left alone is inactive now, by a person: a later activation is a person's, too, and it gets
 * a new partner. What was read before the tombstone was made says nothing.
 */
export async function noteInactive(
  context: SyncContext,
  { value: link, etag }: Stored<Link>,
  survivor: { readonly active: boolean; readonly readAt: number },
): Promise<void> {
  const { tombstone } = link;
  if (context.dryRun || survivor.active || tombstone === null || goneSide(tombstone) === null) return;
  const isKnown = tombstone.act !== 'none' || tombstone.inactive === true;
  if (isKnown || survivor.readAt <= Date.parse(tombstone.at)) return;
  await saved(context, { ...link, tombstone: { ...tombstone, inactive: true } }, etag);
}

export function survivorOf(tombstone: Tombstone): Side {
  return goneSide(tombstone) === 'dynamics' ? 'authScape' : 'dynamics';
}

/** What the delete policy did to the survivor, as the log tells it. */
export function removalChange(
  context: MappingContext,
  link: Link,
  survivor: Side,
  act: Tombstone['act'],
): Change {
  if (act === 'none') {
    const unlinks = context.connection.deletePolicy === 'unlink';
    return changeOf(context.resolved, pairRef(link), {
      side: null,
      action: unlinks ? 'unlink' : 'none',
      outcome: unlinks ? 'skipped' : 'unchanged',
      ...(unlinks
        ? { error: { code: 'unlinked', message: 'The partner was deleted; the pair was unlinked.' } }
        : {}),
    });
  }
  return changeOf(context.resolved, pairRef(link), {
    side: survivor,
    action: act === 'deleted' ? 'delete' : 'deactivate',
    outcome: act,
    fields: [{ field: 'state', from: 'active', to: act, rule: 'deletePolicy' }],
  });
}

export function reactivation(resolved: ResolvedMapping, link: Link, survivor: Side): Change {
  return changeOf(resolved, pairRef(link), {
    side: survivor,
    action: 'update',
    outcome: 'updated',
    fields: [{ field: 'state', from: 'inactive', to: 'active', rule: 'restored' }],
  });
}

async function reactivateInAuthScape(context: MappingContext, link: Link): Promise<boolean> {
  const survivor = await context.authScape.get(link.entity, link.authScapeId, context.resolved.keys);
  if (survivor === undefined || survivor.active) return false;
  await setAuthScapeState(context, link, true);
  return true;
}

/** A row that is changed at the same moment stays as it is: then its state is that person's. */
async function reactivateInDynamics(context: MappingContext, link: Link): Promise<boolean> {
  const { columns } = context.resolved;
  const row = await context.dynamics.get(link.table, link.crmId, columns);
  if (row === undefined || row.active || row.mergedInto !== null) return false;
  return (await setDynamicsState(context, link, row.etag, true)) === 'written';
}

/** Archives or activates a record of A. Throws `RecordRejectedError` where A takes the request and keeps the state. */
export async function setAuthScapeState(context: MappingContext, link: Link, active: boolean): Promise<void> {
  const values: FieldValues = link.entity === 'User' ? { isActive: active } : { isDeactivated: !active };
  const result = await context.authScape.update(link.entity, link.authScapeId, values, {
    expected: () => true,
    guard: () => Promise.resolve(),
  });
  if (result.kind === 'written' && result.record.active !== active) throw ignoredState();
}

/** Deactivates or activates a row of D. Throws `RecordRejectedError` where D takes the request and keeps the state. */
export async function setDynamicsState(
  context: MappingContext,
  link: Link,
  etag: string | null,
  active: boolean,
): Promise<WriteResult['kind']> {
  const { columns } = context.resolved;
  const values = { statecode: active ? 0 : 1 };
  const result = await context.dynamics.update(link.table, link.crmId, etag, values, columns);
  if (result.kind === 'written' && result.row.active !== active) throw ignoredState();
  return result.kind;
}

function ignoredState(): RecordRejectedError {
  return new RecordRejectedError(
    'write_ignored',
    'The other system took the request and kept the old state.',
  );
}
