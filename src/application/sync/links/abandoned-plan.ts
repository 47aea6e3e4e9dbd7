import type { resolvePlan } from '../../../domain/base-update.js';
import type { Change } from '../../../domain/change.js';
import type { ResolvedField, ResolvedMapping } from '../../../domain/fields.js';
import { type Link, REMOVAL_FIELD } from '../../../domain/link.js';
import type { EntityMapping } from '../../../domain/model.js';
import type { LinkStore } from '../../ports/links.js';
import { pagesOf } from '../../shared/pages.js';
import {
  changeOf,
  type LogContext,
  logChanges,
  type MappingContext,
  pairRef,
} from '../context/sync-context.js';

/** What a worker that died had written: logged by the worker that finds the plan, since only then is it known to be done. */
export function recoveredChanges(
  resolved: Pick<ResolvedMapping, 'mapping'>,
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
  await logChanges(context, abandonedChanges(context.resolved, link));
}

/** The same for all pairs of a mapping that is deleted with them: no worker comes back to what they may have written. */
export async function logAbandonedPlans(
  context: LogContext & { readonly links: LinkStore },
  mapping: EntityMapping,
): Promise<void> {
  for await (const page of pagesOf((cursor) =>
    context.links.scan(mapping.connectionId, mapping.id, LINKS_PER_PAGE, cursor),
  )) {
    // Of tombstones it was told when they were made.
    const linked = page.items.filter(({ value }) => value.state === 'linked');
    const changes = linked.flatMap(({ value }) => abandonedChanges({ mapping, fields: [] }, value));
    await logChanges(context, changes);
  }
}

const LINKS_PER_PAGE = 1000;

function abandonedChanges(
  resolved: Pick<ResolvedMapping, 'mapping' | 'fields'>,
  link: Link,
): readonly Change[] {
  const uncertain = (link.plan?.fields ?? []).filter(({ fieldId }) => fieldId !== REMOVAL_FIELD);
  return recoveredChanges(resolved, link, resolved.fields, { arrived: [], uncertain });
}
