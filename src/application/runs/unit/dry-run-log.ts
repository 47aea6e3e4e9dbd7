import type { Change } from '../../../domain/change.js';
import type { ResolvedField, ResolvedMapping } from '../../../domain/fields.js';
import type { Side } from '../../../domain/model.js';
import type { MappingContext, PairResult } from '../../sync/context/sync-context.js';

/** Is a field of a pair, on the side that is written, what a later phase of the run adds? */
export type IsNew = (field: ResolvedField, side: Side) => boolean;

/**
 * A later phase of a dry run meets pairs whose other writes an earlier phase has listed, and which are still due since
 * nothing was written. They are not listed twice.
 */
export function listingNew(context: MappingContext, isNew: IsNew): MappingContext {
  if (!context.dryRun) return context;
  const { logs } = context;
  return {
    ...context,
    logs: {
      ...logs,
      append: (entries) =>
        logs.append(entries.flatMap((entry) => newPart(entry, context.resolved, isNew) ?? [])),
    },
  };
}

/** The same for what the pair is counted as. */
export function countingNew(context: MappingContext, result: PairResult, isNew: IsNew): PairResult {
  if (!context.dryRun) return result;
  return {
    ...result,
    changes: result.changes.flatMap((change) => newPart(change, context.resolved, isNew) ?? []),
  };
}

function newPart<T extends Change>(change: T, resolved: ResolvedMapping, isNew: IsNew): T | null {
  const { side } = change;
  if (side === null || change.fields.length === 0) return change;
  const fields = change.fields.filter(({ field: name }) => {
    const field = resolved.fields.find(
      ({ column, aName }) => name === (side === 'dynamics' ? column : aName),
    );
    return field === undefined || isNew(field, side);
  });
  if (fields.length === 0) return null;
  const settled = change.outcome === 'conflict' && fields.every(({ rule }) => rule !== 'conflict');
  if (!settled) return { ...change, fields };
  return { ...change, fields, outcome: change.action === 'deactivate' ? 'deactivated' : 'updated' };
}
