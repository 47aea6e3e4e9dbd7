import { RecordRejectedError } from '../../../domain/errors.js';
import type { Plan } from '../../../domain/link.js';
import type { FieldWrite } from '../../../domain/merge.js';
import type { AuthScapeRecord } from '../../../domain/records.js';
import { canonical } from '../../../domain/values.js';
import { LostUpdateError } from '../../ports/systems.js';
import { changeOf, logChanges, pairRef } from '../context/sync-context.js';
import { companiesOf, withCompanyLock } from '../links/company-lock.js';
import { detectingSecondWriter } from '../links/detect-second-writer.js';
import type { LinkLease } from '../links/link-lease.js';
import { type Effects, settleAll, startOver, withoutSide } from './effects.js';
import { reconcileRejectedWrite } from './rejected-write.js';
import { type Answer, type Written, writeInParts } from './write-parts.js';

type Stop = 'again' | 'gone' | 'busy';

/** Writes the fields of the record by full replaces; undefined when all that could be written was. */
export async function writeAuthScape(
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
  const sent = { is: false };
  try {
    return await send(effects, part, sent);
  } catch (error) {
    if (error instanceof LostUpdateError) await logUndone(effects, error.undone);
    const cause = error instanceof LostUpdateError ? error.cause : error;
    if (!(cause instanceof RecordRejectedError)) throw cause;
    if (!sent.is) return { kind: 'refused', error: cause, left: part };
    const { answer, record } = await reconcileRejectedWrite(effects, part, cause);
    effects.now.a = record;
    return answer;
  }
}

async function send(
  effects: Effects,
  part: readonly FieldWrite[],
  sent: { is: boolean },
): Promise<Answer<Stop>> {
  const { context, hold, now, work, written } = effects;
  const { mapping } = context.resolved;
  const { authScapeId, crmId } = work.stored.value;
  const values = Object.fromEntries(part.map((write) => [write.field.aKey, write.value]));
  const guardedBy = (keepCompanies: () => Promise<void>) => async () => {
    await hold.ensure();
    await keepCompanies();
    sent.is = true;
  };
  const own = { id: authScapeId, companyId: now.a.values.companyId };
  const update = (keep: () => Promise<void>) =>
    context.authScape.update(mapping.authScapeEntity, authScapeId, values, {
      expected: isAsSeen(effects),
      guard: guardedBy(keep),
    });
  const isArchiving = part.every(({ field }) => field.isState);
  const result = await withCompanyLock(context, companiesOf(context.resolved, own, values), crmId, (keep) =>
    isArchiving
      ? update(keep)
      : detectingSecondWriter(context, now.d, {
          write: () => update(keep),
          proves: ({ kind }) => kind === 'written',
        }),
  );
  if (result === null) return { kind: 'stop', why: 'busy' };
  if (result.kind === 'moved') return { kind: 'stop', why: await startOver(hold, planAfter(hold, written)) };
  if (result.kind === 'gone') return { kind: 'stop', why: 'gone' };
  now.a = result.record;
  settleAll(part, (field) => result.record.values[field.aKey], written);
  await logUndone(effects, result.undone);
  return { kind: 'done' };
}

/** Does a fresh reading show what the merge has seen, or what a part before this one has written? */
function isAsSeen({ now, work }: Effects): (fresh: AuthScapeRecord) => boolean {
  const { values: seen } = now.a;
  return (fresh) =>
    work.fields.every(
      (field) =>
        seen[field.aKey] === undefined ||
        canonical(fresh.values[field.aKey], field.aComparison) ===
          canonical(seen[field.aKey], field.aComparison),
    );
}

/** What of the plan may have been written when AuthScape was found moved: nothing there, unless a part was taken before. */
function planAfter(hold: LinkLease, { done }: Written): Plan | null {
  const { plan } = hold.link;
  return done.some(({ side }) => side === 'authScape') ? plan : withoutSide(plan, 'authScape');
}

/** A full replace undid an edit that was made between its read and its write: both are told to a person. */
async function logUndone(
  { context, work }: Effects,
  undone: readonly { field: string; value: string }[],
): Promise<void> {
  if (undone.length === 0) return;
  await logChanges(context, [
    changeOf(context.resolved, pairRef(work.stored.value), {
      side: 'authScape',
      action: 'update',
      outcome: 'conflict',
      fields: undone.map(({ field, value }) => ({ field, from: null, to: value, rule: 'undone' })),
    }),
  ]);
}
