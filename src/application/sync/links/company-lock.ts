import type { ResolvedMapping } from '../../../domain/fields.js';
import type { FieldValue } from '../../../domain/values.js';
import { UnknownOutcomeError } from '../../ports/systems.js';
import type { SyncContext } from '../context/sync-context.js';
import { ClaimLostError } from './link-lease.js';

/**
 * AuthScape's update of a company sends the list of its locations: one that came or went since the list was read is
 * detached or brought back. So no worker moves a location into or out of a company while the company is written.
 */

const COMPANY = 'companyId';

/** The companies that a write to A must have for itself: the one that is written, those that a location moves between. */
export function companiesOf(
  { mapping }: ResolvedMapping,
  record: { readonly id: string | null; readonly companyId: FieldValue | undefined },
  values: Readonly<Record<string, FieldValue>>,
): readonly string[] {
  if (mapping.authScapeEntity === 'Company') return record.id === null ? [] : [record.id];
  if (mapping.authScapeEntity !== 'Location' || values[COMPANY] === undefined) return [];
  const ids = [record.companyId ?? null, values[COMPANY]].filter((id) => id !== null).map(String);
  return [...new Set(ids)].sort();
}

/**
 * Does the work while no other worker writes these companies; null, and nothing done, when one does. `keep` is for the
 * work to await before each call: it renews a hold that the call would outlive. After a call whose fate is unknown the
 * companies stay held until that call can no longer arrive.
 */
export async function withCompanyLock<T extends object>(
  context: SyncContext,
  companies: readonly string[],
  crmId: string,
  work: (keep: () => Promise<void>) => Promise<T>,
): Promise<T | null> {
  const connectionId = context.connection.id;
  const owner = context.ids.random(12);
  const held = new Map<string, number>();
  const take = async (key: string) => {
    const until = context.clock.now() + context.claimMs;
    if (!(await context.keyReservations.take(connectionId, key, owner, until, crmId))) return false;
    held.set(key, until);
    return true;
  };
  const release = async () => {
    for (const key of held.keys()) await context.keyReservations.release(connectionId, key, owner);
  };
  const keep = async () => {
    for (const [key, until] of held) {
      const left = until - context.clock.now();
      if (left > context.writeTimeoutMs) continue;
      // The worker that had it in between may have moved a location that was read before.
      if (left <= 0 || !(await take(key))) throw new ClaimLostError('The company is not held any more.');
    }
  };
  for (const id of companies) {
    if (await take(`company|${id}`)) continue;
    await release();
    return null;
  }
  try {
    const result = await work(keep);
    await release();
    return result;
  } catch (error) {
    if (!(error instanceof UnknownOutcomeError)) await release();
    throw error;
  }
}
