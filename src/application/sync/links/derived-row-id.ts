import { derivedRowId } from '../../../domain/link.js';
import type { MappingContext } from '../context/sync-context.js';

/** The id that belongs to the record; see `derivedRowId`. */
export function rowId(context: MappingContext, authScapeId: string, generation: number): string {
  return derivedRowId({
    organizationId: context.organizationId,
    authScapeAddress: context.authScape.address,
    table: context.resolved.mapping.crmEntity,
    entity: context.resolved.mapping.authScapeEntity,
    authScapeId,
    generation,
  });
}
