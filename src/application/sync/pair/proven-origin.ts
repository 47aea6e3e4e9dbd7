import type { ResolvedMapping } from '../../../domain/fields.js';
import type { PendingCreation } from '../../../domain/link.js';
import { matchKey } from '../../../domain/match.js';
import type { AuthScapeRecord, DynamicsRow } from '../../../domain/records.js';
import { baseForm } from '../../../domain/values.js';
import type { MappingContext } from '../context/sync-context.js';
import { matchFieldsFor } from './resolve-lookups.js';

/** Does the record show at least half of what was sent beside the key, which a stranger may have, too? */
function isAsSent(
  { fields, matchFields }: ResolvedMapping,
  a: AuthScapeRecord,
  { base }: PendingCreation,
): boolean {
  const sent = fields.filter(
    ({ id }) => (base[id]?.a ?? null) !== null && !matchFields.some((field) => field.id === id),
  );
  const shown = sent.filter(
    ({ id, aKey, aComparison }) => baseForm(a.values[aKey], aComparison) === base[id]?.a,
  );
  return shown.length > 0 && 2 * shown.length >= sent.length;
}

/**
 * Was the record made for the row? One that shows half of what was sent was. The key alone says so only while the row has it,
 * too: where the row has another one by now, or is gone, a stranger may have taken its former e-mail.
 */
export async function isProvenOrigin(
  context: MappingContext,
  a: AuthScapeRecord,
  row: DynamicsRow | undefined,
  pendingCreation: PendingCreation,
): Promise<boolean> {
  if (isAsSent(context.resolved, a, pendingCreation)) return true;
  if (row === undefined) return false;
  const fields = await matchFieldsFor(context, [a], [row]);
  const key = matchKey(fields, { side: 'authScape', values: a.values });
  return key !== null && key === matchKey(fields, { side: 'dynamics', values: row.values });
}
