import type { Change, FieldChange } from '../../../domain/change.js';
import type { ResolvedMapping } from '../../../domain/fields.js';
import type { Link, PendingCreation } from '../../../domain/link.js';
import type { DynamicsRow } from '../../../domain/records.js';
import type { PendingCreationRow } from '../../ports/links.js';
import { changeOf, type MappingContext, NOTHING, type PairResult } from '../context/sync-context.js';
import { newLink } from './insert-link.js';

export function pendingCreationRowOf(
  resolved: ResolvedMapping,
  row: Pick<DynamicsRow, 'id'>,
): PendingCreationRow {
  const { mapping } = resolved;
  return { table: mapping.crmEntity, crmId: row.id, mappingId: mapping.id };
}

export function busyWith(pendingCreation: Pick<PendingCreation, 'until'>): PairResult {
  return { ...NOTHING, busyUntil: pendingCreation.until };
}

/** The link of a record with the row that it was made for, and what its maker had done, which is logged with the link. */
export function linkOfPendingCreation(
  context: MappingContext,
  pair: { readonly authScapeId: string; readonly crmId: string },
  pendingCreation: PendingCreation,
): { readonly link: Link; readonly change: Change } {
  const change = changeOf(context.resolved, pair, {
    side: 'authScape',
    action: 'create',
    outcome: 'created',
    fields: context.resolved.fields.flatMap((field): FieldChange[] => {
      const entry = pendingCreation.base[field.id];
      return entry === undefined ? [] : [{ field: field.aName, from: null, to: entry.a, rule: 'created' }];
    }),
  });
  // The base is as old as the pending creation: a reading from before it may show less than what was sent.
  const link = {
    ...newLink(context, pair, { base: pendingCreation.base }),
    changedAt: pendingCreation.madeAt,
  };
  return { link, change };
}
