import { resolvePlan } from '../../../domain/base-update.js';
import { RecordRejectedError } from '../../../domain/errors.js';
import type { FieldWrite } from '../../../domain/merge.js';
import type { AuthScapeRecord } from '../../../domain/records.js';
import { UnknownOutcomeError } from '../../ports/systems.js';
import { logChanges, type MappingContext } from '../context/sync-context.js';
import { recoveredChanges } from '../links/abandoned-plan.js';
import type { Effects } from './effects.js';
import type { Answer } from './write-parts.js';

/**
 * AuthScape saves in parts: an update that it refused after a call was sent may have taken effect, in whole or in part.
 * What it shows now decides; where nothing can be seen, the fate is unknown and the plan stays.
 */
export async function reconcileRejectedWrite(
  { context, work, hold, written }: Effects,
  writes: readonly FieldWrite[],
  refusal: RecordRejectedError,
): Promise<{ record: AuthScapeRecord; answer: Answer<never> }> {
  const { plan, authScapeId } = hold.link;
  if (plan === null) throw refusal;
  const record = await readAgain(context, authScapeId);
  const fields = plan.fields.filter(
    ({ side, fieldId }) => side === 'authScape' && writes.some(({ field }) => field.id === fieldId),
  );
  const { base, arrived, uncertain } = resolvePlan({ ...plan, fields }, work.fields, written.base, {
    a: record.values,
    d: work.read.d.values,
  });
  // Another writer wrote since, perhaps over ours: what ours replaced then must be told.
  const replaced = { arrived: [], uncertain };
  await logChanges(context, recoveredChanges(context.resolved, work.stored.value, work.fields, replaced));
  Object.assign(written.base, base);
  const isDone = (write: FieldWrite) => arrived.some(({ fieldId }) => fieldId === write.field.id);
  written.done.push(...writes.filter(isDone));
  const left = writes.filter((write) => !isDone(write));
  // Where something was saved, the record is no longer what the rest was planned for.
  const final = arrived.length + uncertain.length > 0;
  return { record, answer: { kind: 'refused', error: refusal, left, final } };
}

async function readAgain(context: MappingContext, id: string): Promise<AuthScapeRecord> {
  const { mapping, keys } = context.resolved;
  try {
    const record = await context.authScape.get(mapping.authScapeEntity, id, keys);
    if (record !== undefined) return record;
  } catch (error) {
    if (!(error instanceof RecordRejectedError)) throw error;
  }
  throw new UnknownOutcomeError('The record cannot be read after its update failed.');
}
