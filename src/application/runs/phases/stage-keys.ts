import type { ResolvedField } from '../../../domain/fields.js';
import { keyHash, matchKey } from '../../../domain/match.js';
import type { Side } from '../../../domain/model.js';
import type { Sample } from '../../../domain/run.js';
import type { StagedKey, StagedRecord, StagingSet } from '../../ports/staging.js';
import { matchFieldsFor } from '../../sync/pair/resolve-lookups.js';
import { keyless, skippedD } from '../../sync/pairing/unlinked-result.js';
import { KEY_ROWS, type UnitInput, unitPart } from '../unit/unit.js';
import { withStagedKeys } from './complete-match-keys.js';
import { eligibilities, type MatchEligibilities, mayJoin } from './match-candidates.js';
import { tallyUnlinked } from './match-unlinked.js';

/** Pages that one unit puts into groups: the more keys are stored at once, the more of them share a row. */
const KEY_PAGES = 8;
/** Where keys have to be read first, a unit takes fewer: what a death costs stays small. */
const KEY_UNIT_MS = 10_000;

/**
 * Full runs: puts records of a staging set that have a key into their match groups; rows that were merged away stand
 * are no candidates and are in none. `which` keeps the free ones and the
 * linked ones apart, since the linked ones are only needed where anything is free.
 */
export async function stageKeysUnit(
  input: UnitInput,
  stagingSet: StagingSet,
  which: 'unlinked' | 'linked',
  cursor: string | undefined,
): Promise<{ next: string | undefined; found: number; worked: boolean }> {
  if (which === 'linked' && !(await hasLinks(input))) return { next: undefined, found: 0, worked: false };
  const { clock, staging } = input.deps;
  const until = clock.now() + KEY_UNIT_MS;
  const keys: StagedKey[] = [];
  let next = cursor;
  let worked = false;
  let pages = 0;
  while (pages < KEY_PAGES) {
    const { rows, nextCursor } = await eligibilities(input, stagingSet, KEY_ROWS, next);
    const wanted = rows.filter(({ eligibility }) => (eligibility === 'linked') === (which === 'linked'));
    keys.push(...(await keysOf(input, stagingSet, wanted)));
    worked ||= rows.length > 0;
    next = nextCursor;
    pages += 1;
    if (next === undefined || clock.now() >= until) break;
  }
  // A worker that was held up and has less may not take the place of one that has more.
  await staging.putKeys(input.scope, unitPart(input, `${stagingSet}-${which}-${pages}`), keys);
  return { next, found: keys.length, worked };
}

/** The keys of records; those that have none are told. */
async function keysOf(
  input: UnitInput,
  stagingSet: StagingSet,
  rows: readonly MatchEligibilities[],
): Promise<readonly StagedKey[]> {
  const { context, resolved, run } = input;
  const side = stagingSet === 'authScape' ? 'authScape' : 'dynamics';
  const inFilter = rows.filter(({ record }) => mayJoin(record));
  const joining = side === 'authScape' ? await withStagedKeys(input, inFilter) : inFilter;
  const records = joining.map(({ record }) => record);
  const fields =
    side === 'authScape'
      ? await matchFieldsFor(context, records, [])
      : await matchFieldsFor(context, [], records);
  const staged = joining.map((row) => ({ ...row, key: stagedKey(fields, side, row) }));
  const without = staged
    .filter(({ key, eligibility }) => key === null && eligibility === 'free')
    .map(({ record }) => record);
  const told = run.sample === undefined ? without : namedIn(run.sample, side, without);
  const results = told.map((record) =>
    side === 'authScape' ? keyless(context, fields, record) : skippedD(resolved, record.id, 'no_match_key'),
  );
  await tallyUnlinked(input, await Promise.all(results));
  return staged.flatMap(({ key }) => key ?? []);
}

/** The place of a record in its match group; null where it has no key. */
function stagedKey(
  fields: readonly ResolvedField[],
  side: Side,
  { eligibility, record }: MatchEligibilities,
): StagedKey | null {
  const key = matchKey(fields, { side, values: record.values });
  if (key === null) return null;
  return {
    keyHash: keyHash(key),
    side,
    id: record.id,
    linked: eligibility === 'linked',
    tombstone: eligibility === 'tombstone',
    active: record.active,
    ...(eligibility !== 'linked' && isSmall(record) ? { record } : {}),
  };
}

async function hasLinks({ index, resolved, scope }: UnitInput): Promise<boolean> {
  const { size } = await index.byAuthScapeId(scope.mappingId);
  return size > 0 || (await index.byCrmId(resolved.mapping.crmEntity)).size > 0;
}

/** Characters of a record that is kept with its key. */
const SMALL_RECORD = 8_000;

function isSmall(record: StagedRecord): boolean {
  return JSON.stringify(record).length <= SMALL_RECORD;
}

/** A sample tells of the records that it was asked for. */
function namedIn(sample: Sample, side: Side, records: readonly StagedRecord[]): readonly StagedRecord[] {
  if (typeof sample === 'number' || side === 'dynamics') return [];
  return records.filter(({ id }) => sample.includes(id));
}
