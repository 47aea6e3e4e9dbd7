import { RecordRejectedError } from '../../../domain/errors.js';
import { goneSide, type Link } from '../../../domain/link.js';
import type { StagedRecord } from '../../ports/staging.js';
import type { Stored } from '../../ports/stores.js';
import { failRecord } from '../../sync/context/record-results.js';
import { type PairResult, withEarlier } from '../../sync/context/sync-context.js';
import { noteInactive, revive } from '../../sync/links/tombstones.js';
import { planRevival } from '../../sync/pair/preview-relink.js';
import { syncPair } from '../../sync/pair/sync-pair.js';
import type { UnitInput } from '../unit/unit.js';
import { type Compared, SAME } from './missing-records.js';

/** What was read before the tombstone was made is no return. */
export function isReturn(staged: StagedRecord, { changedAt }: Pick<Link, 'changedAt'>): boolean {
  return !staged.deleted && staged.mergedInto === null && staged.readAt > changedAt;
}

/** A pair of which one record was removed: it may have come back, and the other one is noted as it is. */
export async function compareTombstone(
  input: UnitInput,
  stored: Stored<Link>,
  sa: StagedRecord | undefined,
  sd: StagedRecord | undefined,
): Promise<Compared> {
  const link = stored.value;
  const isThere = (staged: StagedRecord | undefined) => staged !== undefined && isReturn(staged, link);
  const gone = link.tombstone === null ? null : goneSide(link.tombstone);
  const returned = (gone === 'dynamics' && isThere(sd)) || (gone === 'authScape' && isThere(sa));
  const result = returned ? await takeBackAlone(input, stored) : null;
  const survivor = gone === 'dynamics' ? sa : sd;
  if (!returned && survivor !== undefined && !survivor.deleted) {
    await noteInactive(input.context, stored, survivor);
  }
  if (result === null) return SAME;
  return { result: withEarlier({ outcome: 'linked', changes: [] }, result), todos: [] };
}

/** What is refused of a return concerns this pair alone; its tombstone stays, and the next run tries again. */
async function takeBackAlone(input: UnitInput, stored: Stored<Link>): Promise<PairResult | null> {
  try {
    return await takeBack(input, stored);
  } catch (error) {
    if (!(error instanceof RecordRejectedError)) throw error;
    const pair = { authScapeId: stored.value.authScapeId, crmId: stored.value.crmId };
    return failRecord(input.context, pair, {
      code: error.reason,
      message: error.message,
    });
  }
}

async function takeBack(input: UnitInput, stored: Stored<Link>): Promise<PairResult | null> {
  const { context } = input;
  if (context.dryRun) return planRevival(context, stored);
  const revived = await revive(context, stored);
  if (revived === null) return null;
  const { authScapeId } = stored.value;
  const result = await syncPair(context, { authScapeId, allow: new Set() });
  return { ...result, changes: [...revived, ...result.changes] };
}
