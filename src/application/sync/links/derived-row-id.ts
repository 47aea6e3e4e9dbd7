import type { ResolvedMapping } from '../../../domain/fields.js';
import { derivedRowId } from '../../../domain/link.js';
import type { SyncContext } from '../context/sync-context.js';

/** The id that belongs to the record; see `derivedRowId`. */
export function rowId(
  context: SyncContext,
  resolved: ResolvedMapping,
  authScapeId: string,
  generation: number,
): string {
  return derivedRowId({
    organizationId: context.organizationId,
    authScapeAddress: context.authScape.address,
    table: resolved.mapping.crmEntity,
    entity: resolved.mapping.authScapeEntity,
    authScapeId,
    generation,
  });
}
