import { isKeyRead } from '../../../domain/match.js';
import type { AuthScapeRecord } from '../../../domain/records.js';
import type { StagedRecord } from '../../ports/staging.js';
import type { MatchEligibility } from '../../sync/links/match-eligibility.js';
import { toARecord } from '../unit/staged-records.js';
import type { UnitInput } from '../unit/unit.js';
import { stageRecord } from './read-authscape.js';

/**
 * Records without a partner, with all that the match key is made of: where lists lack a part of it, those that were only
 * listed are read in full. What was not read is not empty: under half a key no partner would be found, and a second one
 * made. Without those that are gone since.
 */
export async function withWholeKeys(
  { context, deps, resolved }: UnitInput,
  records: readonly AuthScapeRecord[],
): Promise<readonly AuthScapeRecord[]> {
  const { authScapeEntity } = resolved.mapping;
  const whole = await deps.lanes.map(records, (record) =>
    isKeyRead(resolved.matchFields, record)
      ? Promise.resolve(record)
      : context.authScape.get(authScapeEntity, record.id, resolved.keys),
  );
  return whole.filter((record) => record !== undefined);
}

/**
 * The same for records of the staging set, and there, since match groups are worked on from it. Linked ones that lack a part
 * are left out and not worth a request: their rows hold the key, and each creation asks for it.
 */
export async function withStagedKeys<
  T extends { readonly record: StagedRecord; readonly eligibility: MatchEligibility },
>(input: UnitInput, rows: readonly T[]): Promise<readonly T[]> {
  const { deps, scope, resolved } = input;
  const isRead = ({ record }: T) => isKeyRead(resolved.matchFields, record);
  const short = rows.filter((row) => !isRead(row) && row.eligibility !== 'linked');
  if (short.length === 0) return rows.filter(isRead);
  const listed = short.map(({ record }) => toARecord(record));
  const read = (await withWholeKeys(input, listed)).map(stageRecord);
  await deps.staging.putRecords(scope, 'authScape', read);
  const whole = new Map(read.map((record) => [record.id, record]));
  return rows.flatMap((row) => {
    const record = isRead(row) ? row.record : whole.get(row.record.id);
    return record === undefined ? [] : { ...row, record };
  });
}
