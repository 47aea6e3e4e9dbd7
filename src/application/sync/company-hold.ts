import type { ResolvedMapping } from '../../domain/fields.js';
import type { FieldValue } from '../../domain/values.js';
import { UnknownFateError } from '../ports/systems.js';
import type { SyncContext } from './context.js';

/**
 * AuthScape's update of a company sends the list of its locations: one that came or went since the list was read is
 * detached or brought back. So nobody moves a location into or out of a company while the company is written.
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
 * Does the work while nobody else writes these companies; `busy`, and nothing done, when somebody does. After a call whose
 * fate is unknown they stay held until that call can no longer arrive.
 */
export async function holdingCompanies<T>(
  context: SyncContext,
  companies: readonly string[],
  crmId: string,
  work: () => Promise<T>,
): Promise<T | 'busy'> {
  const connectionId = context.connection.id;
  const owner = context.ids.random(12);
  const held: string[] = [];
  const release = async () => {
    for (const key of held) await context.keyClaims.release(connectionId, key, owner);
  };
  for (const id of companies) {
    const key = `company|${id}`;
    const until = context.clock.now() + context.claimMs;
    if (!(await context.keyClaims.take(connectionId, key, owner, until, crmId))) {
      await release();
      return 'busy';
    }
    held.push(key);
  }
  try {
    const result = await work();
    await release();
    return result;
  } catch (error) {
    if (!(error instanceof UnknownFateError)) await release();
    throw error;
  }
}
