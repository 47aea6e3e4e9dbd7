import { ConflictError } from '../../../domain/errors.js';
import { isInsertPending, type Link, type PlannedField } from '../../../domain/link.js';
import type { AuthScapeRecord } from '../../../domain/records.js';
import type { Stored } from '../../ports/stores.js';
import { failRecord, skipped } from '../context/record-results.js';
import { type MappingContext, NOTHING, type PairResult } from '../context/sync-context.js';
import { rowId } from '../links/derived-row-id.js';
import { endTombstones, newLink } from '../links/insert-link.js';
import { matchEligibility } from '../links/match-eligibility.js';
import { resumePair } from '../pair/resume-pair.js';

/** How often a derived id may be taken by another link before the record fails. */
const GENERATIONS = 5;

/** The link of a row that is about to be inserted, under our claim. */
export interface ClaimedRow {
  readonly link: Link;
  readonly etag: string;
  /** Another worker planned the insert and left it: what is there by now most likely came of it. */
  readonly isResumed: boolean;
}

/** `done`: there is nothing to insert. */
type Claim =
  | { readonly kind: 'claimed'; readonly row: ClaimedRow }
  | { readonly kind: 'done'; readonly result: PairResult };

/**
 * Takes an id that belongs to the record, of the given generation or a later one, with the plan of what is sent.
 */
export async function claimRow(
  context: MappingContext,
  a: AuthScapeRecord,
  sent: readonly PlannedField[],
  first: number,
): Promise<Claim> {
  const claimed = await claimFrom(context, a, sent, first);
  if (claimed.kind !== 'tombstone') return claimed;
  // Tombstones are rare: they are looked for when the insert meets one. It may be younger than the reading.
  const own = await context.links.get(context.connection.id, context.resolved.mapping.id, a.id);
  if (own?.value.state === 'tombstone' && matchEligibility(own.value, 'authScape', a) !== 'free') {
    return done(skipped(context.resolved, { authScapeId: a.id, crmId: null }, 'tombstone'));
  }
  const generation = await endTombstones(context, a.id, null);
  const next = await claimFrom(context, a, sent, generation);
  return next.kind === 'tombstone' ? busy(context.clock.now() + context.claimMs) : next;
}

async function claimFrom(
  context: MappingContext,
  a: AuthScapeRecord,
  sent: readonly PlannedField[],
  first: number,
): Promise<Claim | { readonly kind: 'tombstone' }> {
  for (let generation = first; generation < first + GENERATIONS; generation++) {
    const now = context.clock.now();
    const crmId = rowId(context, a.id, generation);
    const link = newLink(
      context,
      { authScapeId: a.id, crmId },
      {
        generation,
        plan: {
          runId: context.runId,
          madeAt: new Date(now).toISOString(),
          kind: 'createDynamics',
          fields: sent,
        },
        claim: { owner: context.ids.random(12), until: now + context.claimMs },
      },
    );
    const result = await context.links.insert(link);
    if (result.kind === 'inserted')
      return { kind: 'claimed', row: { link, etag: result.link.etag, isResumed: false } };
    if (result.kind === 'exists') {
      return result.link.value.state === 'tombstone' ? { kind: 'tombstone' } : takeOver(context, result.link);
    }
  }
  const taken = {
    code: 'row_id_taken',
    message: 'The ids that belong to this record are taken by links of other records.',
  };
  return done(await failRecord(context, { authScapeId: a.id, crmId: null }, taken));
}

const done = (result: PairResult): Claim => ({ kind: 'done', result });

const busy = (busyUntil: number): Claim => done({ ...NOTHING, busyUntil });

/**
 * The claim for as long as an insert may take: storage may have taken its time with the link, and who finds the claim run out and
 * no row takes the creation back. Null: another worker has the link by now.
 */
export async function renewClaim(context: MappingContext, row: ClaimedRow): Promise<ClaimedRow | null> {
  const { clock, claimMs, ids, links, writeTimeoutMs } = context;
  let held = row;
  while ((held.link.claim?.until ?? 0) - clock.now() <= writeTimeoutMs) {
    const claim = { owner: held.link.claim?.owner ?? ids.random(12), until: clock.now() + claimMs };
    const renewed = await unlessConflict(links.replace({ ...held.link, claim }, held.etag));
    if (renewed === null) return null;
    held = { ...held, link: renewed.value, etag: renewed.etag };
  }
  return held;
}

async function unlessConflict<T>(work: Promise<T>): Promise<T | null> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof ConflictError) return null;
    throw error;
  }
}

/** The record has a link: finished by another worker, or planned by a worker that died before its insert. */
async function takeOver(context: MappingContext, stored: Stored<Link>): Promise<Claim> {
  const { value: link } = stored;
  const now = context.clock.now();
  if (link.claim !== null && link.claim.until > now) return busy(link.claim.until);
  if (!isInsertPending(link)) return done(await resumePair(context, link));
  const mine: Link = {
    ...link,
    claim: { owner: context.ids.random(12), until: now + context.claimMs },
    changedAt: now,
  };
  const taken = await unlessConflict(context.links.replace(mine, stored.etag));
  if (taken === null) return busy(now + context.claimMs);
  return { kind: 'claimed', row: { link: mine, etag: taken.etag, isResumed: true } };
}
