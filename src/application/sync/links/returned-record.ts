import type { ResolvedField } from '../../../domain/fields.js';
import { valueInA } from '../../../domain/fields.js';
import { goneSide, type Link } from '../../../domain/link.js';
import { matchKey } from '../../../domain/match.js';
import { baseForm } from '../../../domain/values.js';
import type { MappingContext } from '../context/sync-context.js';

/**
 * Is the record under an AuthScape id that was gone another one? A restored AuthScape gives ids out again. The record that
 * is back shows its agreed key, or the one that the row has by now, or all else that was agreed on; no edit is known that
 * changed more.
 */
export async function isAnotherRecord(context: MappingContext, link: Link): Promise<boolean> {
  const { mapping, keys, columns, fields, matchFields } = context.resolved;
  if (link.tombstone === null || goneSide(link.tombstone) !== 'authScape') return false;
  const a = await context.authScape.get(mapping.authScapeEntity, link.authScapeId, keys);
  const d = await context.dynamics.get(mapping.crmEntity, link.crmId, columns);
  if (a === undefined || d === undefined) return false;
  const isKnown = ({ id, signature }: ResolvedField) => link.base[id]?.sig === signature;
  const isAgreed = (field: ResolvedField) =>
    baseForm(valueInA(field, a.values), field.aComparison) === link.base[field.id]?.a;
  const known = matchFields.filter(isKnown);
  if (known.every(isAgreed)) return false;
  const key = matchKey(matchFields, { side: 'authScape', values: a.values });
  if (key !== null && key === matchKey(matchFields, { side: 'dynamics', values: d.values })) return false;
  const others = fields.filter(
    (field) => !(field.isState || field.lookup !== null || matchFields.some(({ id }) => id === field.id)),
  );
  const agreed = others.filter((field) => isKnown(field) && (link.base[field.id]?.a ?? null) !== null);
  return agreed.length === 0 || !agreed.every(isAgreed);
}
