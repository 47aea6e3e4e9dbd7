import { BridgeError, RecordRejectedError } from '../../../domain/errors.js';
import type { DynamicsRow } from '../../../domain/records.js';
import type { FieldValue } from '../../../domain/values.js';
import type { MappingContext } from '../context/sync-context.js';
import { ownersOf } from './row-owners.js';

/** Etags by row id. */
type Rows = ReadonlyMap<string, string | null>;

/**
 * Does one write that goes to AuthScape alone. Where a check is due, the rows with the key of `row` are read directly
 * before and after it, and if its result `proves` that AuthScape wrote, what changed or appeared was another program's doing, as the caller holds `row` and no link has
 * the others. A check that fails says nothing, and the write is done without it.
 */
export async function detectingSecondWriter<T>(
  context: MappingContext,
  row: Pick<DynamicsRow, 'id' | 'values'>,
  { proves, write }: { readonly write: () => Promise<T>; readonly proves: (result: T) => boolean },
): Promise<T> {
  const { resolved, secondWriter } = context;
  const { id: mappingId } = resolved.mapping;
  const key = keyOf(context, row);
  if (key === null || context.dryRun || !secondWriter.begin(mappingId)) return write();
  try {
    const before = await unlessRefused(context, () => readRows(context, key));
    const result = await write();
    if (before !== undefined && proves(result)) {
      await unlessRefused(context, async () => {
        const moved = await isMoved(context, row.id, before, await readRows(context, key));
        await secondWriter.note(mappingId, row.id, moved);
      });
    }
    return result;
  } finally {
    secondWriter.end(mappingId);
  }
}

/** A check is no part of the work: what it cannot find out fails nothing. */
async function unlessRefused<T>(
  { logger, resolved }: MappingContext,
  work: () => Promise<T>,
): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof BridgeError || error instanceof RecordRejectedError)) throw error;
    const { message } = error;
    logger.info('A check for another writer failed.', { mappingId: resolved.mapping.id, message });
    return undefined;
  }
}

function keyOf(
  { resolved }: MappingContext,
  { values }: Pick<DynamicsRow, 'values'>,
): Readonly<Record<string, FieldValue>> | null {
  const key = resolved.matchFields.map(({ column }) => [column, values[column] ?? null] as const);
  return key.some(([, value]) => value === null) || key.length === 0 ? null : Object.fromEntries(key);
}

async function readRows(
  { dynamics, resolved }: MappingContext,
  key: Readonly<Record<string, FieldValue>>,
): Promise<Rows> {
  const rows = await dynamics.findBy(resolved.mapping.crmEntity, [key], resolved.columns, 'usual');
  return new Map(rows.map(({ etag, id }) => [id, etag]));
}

async function isMoved(context: MappingContext, own: string, before: Rows, after: Rows): Promise<boolean> {
  const moved = [...after]
    .filter(([id, etag]) => !before.has(id) || before.get(id) !== etag)
    .map(([id]) => id);
  if (moved.includes(own)) return true;
  const owners = await ownersOf(context, context.resolved.mapping.crmEntity, moved);
  return moved.some((id) => !owners.has(id));
}
