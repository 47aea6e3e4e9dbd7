import type { ResolvedField } from '../../../domain/fields.js';
import type { Plan } from '../../../domain/link.js';
import { matchKey } from '../../../domain/match.js';
import type { AuthScapeRecord, DynamicsRow } from '../../../domain/records.js';
import { baseForm } from '../../../domain/values.js';
import type { MappingContext } from '../context/sync-context.js';

/** Have the two the same key? */
export function isOfKey(
  { resolved: { matchFields } }: MappingContext,
  a: AuthScapeRecord,
  row: DynamicsRow,
): boolean {
  const key = matchKey(matchFields, { side: 'authScape', values: a.values });
  return key !== null && key === matchKey(matchFields, { side: 'dynamics', values: row.values });
}

/**
 * Was the row under the record's derived id made for it? The id alone does not say so: an AuthScape that was restored or
 * reset gives ids out again, and the row is the former owner's. It was where the row has the record's key, the key that was
 * sent, or all else that was sent.
 */
export function isMadeFor(
  context: MappingContext,
  a: AuthScapeRecord,
  row: DynamicsRow,
  plan: Plan | null,
): boolean {
  if (isOfKey(context, a, row)) return true;
  const { fields, matchFields } = context.resolved;
  const sentTo = new Map(plan?.fields.map(({ fieldId, to }) => [fieldId, to]));
  const isSent = ({ id, isState, lookup }: ResolvedField) =>
    !isState && lookup === null && (sentTo.get(id) ?? null) !== null;
  const isShown = ({ column, dComparison, id }: ResolvedField) =>
    baseForm(row.values[column], dComparison) === sentTo.get(id);
  const isKey = ({ id }: ResolvedField) => matchFields.some((one) => one.id === id);
  const sent = fields.filter(isSent);
  // Nothing is sent where all fields come from Dynamics: a row that has no key yet is no other record's.
  if (sent.length === 0) return matchKey(matchFields, { side: 'dynamics', values: row.values }) === null;
  const [keys, others] = [sent.filter(isKey), sent.filter((field) => !isKey(field))];
  const isKeyShown = keys.length === matchFields.length && keys.every(isShown);
  return isKeyShown || (others.length > 0 && others.every(isShown));
}
