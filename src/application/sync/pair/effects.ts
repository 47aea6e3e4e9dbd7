import { baseAfterWrite } from '../../../domain/base-update.js';
import type { ResolvedField } from '../../../domain/fields.js';
import type { Plan } from '../../../domain/link.js';
import type { FieldWrite } from '../../../domain/merge.js';
import type { Side } from '../../../domain/model.js';
import type { FieldValue } from '../../../domain/values.js';
import type { MappingContext } from '../context/sync-context.js';
import type { LinkLease } from '../links/link-lease.js';
import type { PairWork, ReadPair } from './pair-work.js';
import type { Written } from './write-parts.js';

/** What the writes of one pair work with. */
export interface Effects {
  readonly context: MappingContext;
  readonly work: PairWork;
  readonly hold: LinkLease;
  readonly written: Written;
  /** Has the record had its share of the run? */
  readonly isTimeUp: () => boolean;
  /** Both records as the writes have left them. */
  readonly now: { -readonly [Name in keyof ReadPair]: ReadPair[Name] };
}

/** Gives the claim back with what of the plan may have been written. */
export async function startOver(hold: LinkLease, plan: Plan | null): Promise<'again'> {
  await hold.release(plan);
  return 'again';
}

/** What of a plan may have been written when nothing was sent to one side. */
export function withoutSide(plan: Plan | null, side: Side): Plan | null {
  if (plan === null) return null;
  const fields = plan.fields.filter((planned) => planned.side !== side);
  return fields.length === 0 ? null : { ...plan, fields };
}

/** Moves the base by what the answer to a write shows. */
export function settleAll(
  writes: readonly FieldWrite[],
  shownOf: (field: ResolvedField) => FieldValue | undefined,
  written: Written,
): void {
  for (const write of writes) {
    const settled = baseAfterWrite(write, shownOf(write.field), written.base[write.field.id]);
    if (settled.entry !== undefined) written.base[write.field.id] = settled.entry;
    if (settled.ignored) {
      written.errors.push({
        field: write.field,
        side: write.side,
        reason: 'write_ignored',
        message: 'The other system took the request and kept its old value.',
      });
      continue;
    }
    if (!settled.agreed) written.agreed = false;
    written.done.push(write);
  }
}
