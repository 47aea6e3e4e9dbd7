import { RecordRejectedError } from '../../../domain/errors.js';
import type { FieldWrite } from '../../../domain/merge.js';
import type { DynamicsRow } from '../../../domain/records.js';
import { canonical } from '../../../domain/values.js';
import { UnknownOutcomeError } from '../../ports/systems.js';
import { type Effects, settleAll, startOver } from './effects.js';
import { type Answer, writeInParts } from './write-parts.js';

type Stop = 'again' | 'lost' | 'gone';

/** Writes the fields of the row under its etag; undefined when all that could be written was. */
export async function writeDynamics(
  effects: Effects,
  writes: readonly FieldWrite[],
): Promise<Stop | undefined> {
  const known = effects.work.stored.value.failure?.refused ?? [];
  return writeInParts(writes, known, effects.written, {
    send: (part) => sendOrJudge(effects, part),
    isTimeUp: effects.isTimeUp,
  });
}

async function sendOrJudge(effects: Effects, part: readonly FieldWrite[]): Promise<Answer<Stop>> {
  try {
    return await send(effects, part);
  } catch (error) {
    if (error instanceof RecordRejectedError) return { kind: 'refused', error, left: part };
    // A lost answer is looked for at once, but not twice, and not while the call may go on.
    const looks = error instanceof UnknownOutcomeError && !error.timedOut && !effects.work.lostBefore;
    if (!looks) throw error;
    await startOver(effects.hold, effects.hold.link.plan);
    return { kind: 'stop', why: 'lost' };
  }
}

async function send(
  { context, hold, now, work, written }: Effects,
  part: readonly FieldWrite[],
): Promise<Answer<Stop>> {
  const { mapping, columns } = context.resolved;
  const { crmId } = work.stored.value;
  const moved = now.d.etag === null ? await movedInDynamics({ context, work }, now.d) : null;
  const values = Object.fromEntries(part.map((write) => [write.field.column, write.value]));
  // An earlier write of the row was not answered, or its worker died over it.
  const isOpen = work.openPlan !== null;
  const update = () => context.dynamics.update(mapping.crmEntity, crmId, now.d.etag, values, columns);
  const result = moved ?? (await (isOpen ? context.dynamics.alone(update) : update()));
  if (result.kind === 'gone') return { kind: 'stop', why: 'gone' };
  if (result.kind === 'stale') {
    // Perhaps it was the late write of a worker whose plan ours took the place of; what of ours arrived stays planned.
    const plan = written.done.length === 0 ? work.openPlan : hold.link.plan;
    return { kind: 'stop', why: await startOver(hold, plan) };
  }
  now.d = result.row;
  settleAll(part, (field) => result.row.values[field.column], written);
  return { kind: 'done' };
}

/** A table without etags gives no condition to write under: the row is read again directly before. */
async function movedInDynamics(
  { context, work }: Pick<Effects, 'context' | 'work'>,
  { values: seen }: DynamicsRow,
): Promise<{ kind: 'gone' } | { kind: 'stale' } | null> {
  const { mapping, columns } = context.resolved;
  const fresh = await context.dynamics.get(mapping.crmEntity, work.stored.value.crmId, columns);
  if (fresh === undefined) return { kind: 'gone' };
  const isSeen = work.fields.every(({ column, dComparison }) => {
    if (seen[column] === undefined) return true;
    return canonical(fresh.values[column], dComparison) === canonical(seen[column], dComparison);
  });
  return isSeen ? null : { kind: 'stale' };
}
