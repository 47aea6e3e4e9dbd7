import type { AuthScapeRecord, DynamicsRow } from '../../../domain/records.js';
import type { StagedRecord } from '../../ports/staging.js';
import type { UnitInput } from './unit.js';

export function toARecord(staged: StagedRecord): AuthScapeRecord {
  return {
    id: staged.id,
    values: staged.values,
    active: staged.active,
    complete: staged.complete,
    readAt: staged.readAt,
    ...(staged.roles === null ? {} : { roles: staged.roles }),
  };
}

/** A staged row as it was read; one that was too large to be kept is read anew. Undefined when it is gone since. */
export async function wholeRow(
  { context, resolved }: Pick<UnitInput, 'context' | 'resolved'>,
  staged: StagedRecord,
): Promise<DynamicsRow | undefined> {
  if (staged.complete) return toDRow(staged);
  return context.dynamics.get(resolved.mapping.crmEntity, staged.id, resolved.columns);
}

export function toDRow(staged: StagedRecord): DynamicsRow {
  return {
    id: staged.id,
    values: staged.values,
    active: staged.active,
    etag: staged.etag,
    modifiedOn: staged.modifiedOn,
    mergedInto: staged.mergedInto,
    readAt: staged.readAt,
  };
}
