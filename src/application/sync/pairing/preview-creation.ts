import type { Change } from '../../../domain/change.js';
import type { ResolvedMapping } from '../../../domain/fields.js';
import type { Link } from '../../../domain/link.js';
import type { AuthScapeRecord, DynamicsRow } from '../../../domain/records.js';
import type { FieldValue, FieldValues } from '../../../domain/values.js';
import type { MappingContext, PairRef } from '../context/sync-context.js';
import type { ReadPair } from '../pair/pair-work.js';
import { mergePair } from '../pair/sync-pair.js';

/** The row as an insert of these values would leave it: active, and empty where nothing was sent. */
export function rowAfterInsert(
  resolved: ResolvedMapping,
  id: string,
  sent: FieldValues,
  readAt: number,
): DynamicsRow {
  const values: Record<string, FieldValue> = {};
  for (const column of resolved.columns) values[column] = null;
  for (const column of resolved.schema.columns) {
    if (column.type === 'state' && column.name in values) values[column.name] = 0;
  }
  return {
    id,
    values: { ...values, ...sent },
    active: true,
    etag: null,
    modifiedOn: null,
    mergedInto: null,
    readAt,
  };
}

/** The record as AuthScape makes it from these values. */
export function recordAfterCreate(
  resolved: ResolvedMapping,
  id: string,
  sent: FieldValues,
  readAt: number,
): AuthScapeRecord {
  const values: Record<string, FieldValue> = {};
  for (const key of resolved.keys) values[key] = null;
  if ('isActive' in values) values.isActive = true;
  if ('isDeactivated' in values) values.isDeactivated = false;
  return { id, values: { ...values, ...sent }, active: true, complete: true, roles: [], readAt };
}

/** What a sync writes right after a creation, for a dry run; `shown` are the ids that a person can know. */
export async function changesAfterCreation(
  context: MappingContext,
  link: Link,
  read: ReadPair,
  shown: PairRef,
): Promise<readonly Change[]> {
  const quiet: MappingContext = { ...context, logs: { ...context.logs, append: async () => {} } };
  const merged = await mergePair(quiet, { value: link, etag: '' }, read, {
    authScapeId: link.authScapeId,
    allow: 'all',
  });
  if (merged.kind !== 'done') return [];
  const { changes } = merged.result;
  return changes.filter((change) => change.side !== null).map((change) => ({ ...change, ...shown }));
}
