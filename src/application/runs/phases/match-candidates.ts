import { goneSide } from '../../../domain/link.js';
import type { StagedRecord, StagingSet } from '../../ports/staging.js';
import { type MatchEligibility, matchEligibility } from '../../sync/links/match-eligibility.js';
import { isSurvivorThere } from '../../sync/links/tombstones.js';
import type { IndexedLink } from '../unit/compact-links.js';
import type { UnitInput } from '../unit/unit.js';
import { isReturn } from './compare-tombstone.js';

export interface MatchEligibilities {
  readonly record: StagedRecord;
  readonly eligibility: MatchEligibility;
}

/** Records of one staging set with how they stand towards matching. */
export async function eligibilities(
  input: UnitInput,
  stagingSet: StagingSet,
  limit: number,
  cursor: string | undefined,
): Promise<{ rows: readonly MatchEligibilities[]; nextCursor: string | undefined }> {
  const { deps, scope, index, resolved } = input;
  const page = await deps.staging.scanRecords(scope, stagingSet, limit, cursor);
  // Most runs stage nothing here, and the links take a request for each thousand.
  if (page.items.length === 0) return { rows: [], nextCursor: page.nextCursor };
  const byA = await index.byAuthScapeId(scope.mappingId);
  const byD = await index.byCrmId(resolved.mapping.crmEntity);
  const side = stagingSet === 'authScape' ? 'authScape' : 'dynamics';
  const found = page.items
    .filter((record) => !record.deleted)
    .map((record) => {
      const known = side === 'authScape' ? byA.get(record.id) : byD.get(record.id);
      return { record, known, eligibility: matchEligibility(known?.link, side, record) };
    });
  const back = await plannedBack(
    input,
    found.flatMap(({ known, eligibility }) => (known !== undefined && eligibility === 'free' ? known : [])),
  );
  const rows = found.map(({ record, known, eligibility }) => ({
    record,
    eligibility: known !== undefined && back.has(known.authScapeId) ? 'linked' : eligibility,
  }));
  return { rows, nextCursor: page.nextCursor };
}

/** A row that was merged away is no candidate. */
export const mayJoin = ({ inFilter, mergedInto }: StagedRecord): boolean => inFilter && mergedInto === null;

/**
 * A dry run revives no link: what a real run would have linked again by now is no newcomer, neither the record that is
 * back nor its partner. By A id.
 */
async function plannedBack(
  { context, deps, scope }: UnitInput,
  free: readonly IndexedLink[],
): Promise<ReadonlySet<string>> {
  const back = new Set<string>();
  if (!context.dryRun) return back;
  for (const side of ['authScape', 'dynamics'] as const) {
    const ended = free.filter(
      ({ link: { tombstone } }) => tombstone !== null && goneSide(tombstone) === side,
    );
    const stagingSet = side === 'authScape' ? 'authScape' : 'dynamicsLinked';
    const ids = ended.map(({ authScapeId }) => authScapeId);
    const staged = await deps.staging.getRecords(scope, stagingSet, ids);
    for (const { authScapeId, crmId, link } of ended) {
      const record = staged.get(authScapeId);
      if (record === undefined || !isReturn(record, link)) continue;
      const { tombstone } = link;
      const isThere = await isSurvivorThere(context, { authScapeId, crmId, tombstone });
      if (isThere) back.add(authScapeId);
    }
  }
  return back;
}
