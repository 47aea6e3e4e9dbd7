import type { Link } from '../../../domain/link.js';
import type { DynamicsRow } from '../../../domain/records.js';
import type { MappingContext } from '../context/sync-context.js';

/** In a run, what is empty now was seen empty by an earlier phase: one look serves the pairs of a while. */
const SERVES_RUN_MS = 10_000;

/**
 * A column that was secured a moment ago reads as null as long as the cached definitions call it open. Where a row has
 * lost a value since the base, the definitions are read anew and then the row, which tells a hidden value from an empty
 * one. Undefined when the row is gone meanwhile.
 */
export async function verifyCleared(
  context: MappingContext,
  link: Link,
  row: DynamicsRow,
): Promise<DynamicsRow | undefined> {
  const { mapping, fields, columns } = context.resolved;
  const lost = fields.some(
    ({ id, column }) => row.values[column] === null && (link.base[id]?.d ?? null) !== null,
  );
  if (!lost) return row;
  const now = context.clock.now();
  const lookedAt = context.definitionsReadAt.get(mapping.crmEntity) ?? Number.NEGATIVE_INFINITY;
  const serves = context.runId !== null && now - lookedAt < SERVES_RUN_MS;
  if (serves && row.readAt > lookedAt) return row;
  if (!serves) {
    await context.dynamics.table(mapping.crmEntity, { fresh: true });
    context.definitionsReadAt.set(mapping.crmEntity, now);
  }
  return context.dynamics.get(mapping.crmEntity, link.crmId, columns);
}
