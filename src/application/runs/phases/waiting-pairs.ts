import type { ResolvedMapping } from '../../../domain/fields.js';
import type { Link } from '../../../domain/link.js';
import { dueAgain } from '../../../domain/waits.js';
import type { StagedRecord } from '../../ports/staging.js';
import type { Stored } from '../../ports/stores.js';
import {
  fullHash,
  listHash,
  logChanges,
  type MappingContext,
  type PairResult,
} from '../../sync/context/sync-context.js';
import { saved } from '../../sync/links/save-link.js';
import { knownWaits, stillWaiting } from '../../sync/pair/waiting-pair.js';
import { isFullRead, scopeOf, type UnitInput } from '../unit/unit.js';

type Staged = ReadonlyMap<string, StagedRecord>;

/**
 * Of some links the pairs that wait for a related record as they did when they were looked at last: neither record has
 * changed since, and no target has got a partner. They are told without a request to either system.
 */
export async function pairsThatWait(
  input: UnitInput,
  links: readonly Stored<Link>[],
  { a, d }: { readonly a: Staged; readonly d: Staged },
): Promise<ReadonlyMap<string, PairResult>> {
  const untouched = links.flatMap(({ value }) =>
    isUntouched(input, value, a.get(value.authScapeId), d.get(value.authScapeId)) ? value : [],
  );
  if (untouched.length === 0) return new Map();
  const found = await stillWaiting(input.context, untouched);
  // Where a related record is tried again at the end of this run, so are those that wait for it, and told then.
  if (found.size > 0 && (await isRelatedDue(input))) {
    return new Map([...found].map(([id, result]) => [id, { ...result, changes: [], waiting: true }]));
  }
  await logChanges(
    input.context,
    [...found.values()].flatMap(({ changes }) => changes),
  );
  return found;
}

/** Are both records as they were when the pair was found waiting? Told by the same marks as of a clean link. */
function isUntouched(
  input: UnitInput,
  link: Link,
  sa: StagedRecord | undefined,
  sd: StagedRecord | undefined,
): boolean {
  const { context, resolved } = input;
  const waits = knownWaits(context, link);
  if (waits === null || sa === undefined) return false;
  const sameA = sa.complete
    ? fullHash(resolved, sa.values) === waits.fullHash
    : listHash(resolved, sa.values) === waits.aHash;
  // An incremental run has read what the feed brought: a row that is not there has not changed.
  const sameD =
    sd === undefined
      ? !isFullRead(input)
      : !sd.deleted && sd.mergedInto === null && sd.etag === waits.dVersion;
  return sameA && sameD;
}

async function isRelatedDue({ deps, mappings, resolved, run }: UnitInput): Promise<boolean> {
  for (const { mapping } of mappings.filter((other) => isTarget(resolved, other))) {
    const { items } = await deps.staging.scanRetries(scopeOf(run, mapping.id), 1);
    if (items.length > 0) return true;
  }
  return false;
}

function isTarget({ fields }: ResolvedMapping, { mapping }: ResolvedMapping): boolean {
  return fields.some(
    ({ lookup }) =>
      lookup?.relatedEntity === mapping.authScapeEntity && lookup.relatedTable === mapping.crmEntity,
  );
}

/** Before the work on a pair that has changed: what it waited with stands for no later look, whatever comes of this one. */
export async function forgetWaits(
  context: MappingContext,
  { value: link, etag }: Stored<Link>,
): Promise<void> {
  if (!link.waits || context.dryRun) return;
  await saved(context, dueAgain(link), etag);
}

/** The pair as this run has found it waiting before: null where it is to be looked at. */
export async function waitsOn(
  context: MappingContext,
  link: Link,
  { isLast }: { readonly isLast: boolean },
): Promise<PairResult | null> {
  const waits = knownWaits(context, link);
  if (waits === null || waits.runId !== context.runId) return null;
  const result = (await stillWaiting(context, [link])).get(link.authScapeId);
  if (result === undefined) return null;
  if (isLast) await logChanges(context, result.changes);
  return { ...result, waiting: true, changes: isLast ? result.changes : [] };
}
