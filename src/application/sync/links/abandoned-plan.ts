import type { resolvePlan } from '../../../domain/base-update.js';
import type { Change } from '../../../domain/change.js';
import type { ResolvedField, ResolvedMapping } from '../../../domain/fields.js';
import { type Link, REMOVAL_FIELD } from '../../../domain/link.js';
import { changeOf, logChanges, type MappingContext, pairRef } from '../context/sync-context.js';

/** What a worker that died had written: logged by the worker that finds the plan, since only then is it known to be done. */
export function recoveredChanges(
  resolved: ResolvedMapping,
  link: Link,
  fields: readonly ResolvedField[],
  { arrived, uncertain }: Pick<ReturnType<typeof resolvePlan>, 'arrived' | 'uncertain'>,
): readonly Change[] {
  return (['authScape', 'dynamics'] as const).flatMap((side) => {
    const own = [...arrived, ...uncertain].filter((planned) => planned.side === side);
    if (own.length === 0) return [];
    return [
      changeOf(resolved, pairRef(link), {
        side,
        action: 'update',
        outcome: own.some((planned) => planned.rule === 'conflict') ? 'conflict' : 'updated',
        fields: own.map((planned) => {
          const field = fields.find((candidate) => candidate.id === planned.fieldId);
          const name = side === 'dynamics' ? field?.column : field?.aName;
          return {
            field: planned.name ?? name ?? planned.fieldId,
            from: planned.oldText ?? planned.old,
            to: planned.to,
            rule: planned.rule as Change['fields'][number]['rule'],
          };
        }),
      }),
    ];
  });
}

/** The plan of a worker that died goes with the pair: what it may have written is told before. */
export async function logAbandonedPlan(context: MappingContext, link: Link): Promise<void> {
  const left = (link.plan?.fields ?? []).filter(({ fieldId }) => fieldId !== REMOVAL_FIELD);
  if (left.length === 0) return;
  const lost = { arrived: [], uncertain: left };
  await logChanges(context, recoveredChanges(context.resolved, link, context.resolved.fields, lost));
}
