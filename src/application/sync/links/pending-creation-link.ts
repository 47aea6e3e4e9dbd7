import type { Change, FieldChange } from '../../../domain/change.js';
import type { ResolvedMapping } from '../../../domain/fields.js';
import type { Birth, Link } from '../../../domain/link.js';
import type { DRow } from '../../../domain/records.js';
import type { BirthRow } from '../../ports/links.js';
import { changeOf, NOTHING, type PairResult, type SyncContext } from '../context/sync-context.js';
import { newLink } from './insert-link.js';

export function birthRowOf(resolved: ResolvedMapping, row: Pick<DRow, 'id'>): BirthRow {
  const { mapping } = resolved;
  return { table: mapping.crmEntity, crmId: row.id, mappingId: mapping.id };
}

export function busyWith(birth: Pick<Birth, 'until'>): PairResult {
  return { ...NOTHING, busyUntil: birth.until };
}

/** The link of a record with the row that it was made for, and what its maker had done, which is logged with the link. */
export function bornLink(
  context: SyncContext,
  resolved: ResolvedMapping,
  pair: { readonly authScapeId: string; readonly crmId: string },
  birth: Birth,
): { readonly link: Link; readonly change: Change } {
  const change = changeOf(resolved, pair, {
    side: 'authScape',
    action: 'create',
    outcome: 'created',
    fields: resolved.fields.flatMap((field): FieldChange[] => {
      const entry = birth.base[field.id];
      return entry === undefined ? [] : [{ field: field.aName, from: null, to: entry.a, rule: 'created' }];
    }),
  });
  // The base is as old as the birth: a reading from before it may show less than what was sent.
  const link = { ...newLink(context, resolved, pair, { base: birth.base }), changedAt: birth.madeAt };
  return { link, change };
}
