import { BUILT_IN_FIELDS } from '../../src/adapters/authscape/fields.js';
import {
  type AUpdateResult,
  LostUpdateError,
  UnknownOutcomeError,
} from '../../src/application/ports/systems.js';
import { RecordRejectedError } from '../../src/domain/errors.js';
import type { AuthScapeEntity } from '../../src/domain/model.js';
import type { AuthScapeRecord } from '../../src/domain/records.js';
import { type FieldValues, matchForm } from '../../src/domain/values.js';
import { isTaken, type MemoryAuthScape, stateKeyOf, writeValues } from './memory-systems-records.js';
import { CrashError, type World } from './memory-systems-world.js';

export interface UpdateScope {
  readonly world: World;
  readonly memory: MemoryAuthScape;
  readonly entity: AuthScapeEntity;
  readonly id: string;
  call<T>(name: string, entity: string, id: string | null, effect: boolean, work: () => T): Promise<T>;
  read(entity: AuthScapeEntity, id: string, name: string): Promise<AuthScapeRecord | undefined>;
}

/** Read, full replace, archive or activate, read: what happens between the parts is what full replaces endanger. */
export async function updateRecord(
  scope: UpdateScope,
  values: FieldValues,
  expected: (fresh: AuthScapeRecord) => boolean,
  guard: () => Promise<void>,
): Promise<AUpdateResult> {
  const worker = scope.world.worker();
  try {
    return await updateInParts(scope, values, expected, guard);
  } catch (error) {
    if (worker !== undefined && !(error instanceof LostUpdateError)) worker.deaf = true;
    throw error;
  }
}

async function updateInParts(
  scope: UpdateScope,
  values: FieldValues,
  expected: (fresh: AuthScapeRecord) => boolean,
  guard: () => Promise<void>,
): Promise<AUpdateResult> {
  const { entity, id } = scope;
  const fresh = await scope.read(entity, id, 'update.read');
  if (fresh === undefined) return missing(entity);
  if (!expected(fresh)) return { kind: 'moved' };
  const stateKey = stateKeyOf(entity);
  const { [stateKey]: state, ...wanted } = values;
  checkWanted(scope, fresh, wanted);
  const differs = Object.entries(wanted).some(([key, value]) => (fresh.values[key] ?? null) !== value);
  let undone: readonly { field: string; value: string }[] = [];
  if (differs) {
    await guard();
    const result = await effect(scope, 'update.write', () => replaceAll(scope, fresh, wanted));
    if (result === undefined) return missing(entity);
    undone = result;
  }
  if (typeof state === 'boolean') undone = undone.filter((item) => item.field !== stateKey);
  try {
    if (typeof state === 'boolean' && fresh.values[stateKey] !== state) {
      await guard();
      await effect(scope, 'update.state', () => setState(scope, { [stateKey]: state }));
    }
    const after = await scope.read(entity, id, 'update.readBack');
    if (after !== undefined) return { kind: 'written', record: after, undone };
    throw new UnknownOutcomeError('The record cannot be read after the write.');
  } catch (error) {
    throw undone.length === 0 || error instanceof CrashError ? error : new LostUpdateError(undone, error);
  }
}

function missing(entity: AuthScapeEntity): AUpdateResult {
  if (entity !== 'User') return { kind: 'gone' };
  throw new RecordRejectedError('record_unreadable', 'AuthScape cannot read this user at the moment.');
}

/** A call that was held up longer than its time-out is given up by us and does not arrive. */
async function effect<T>(scope: UpdateScope, name: string, work: () => T): Promise<T> {
  const sentAt = scope.world.clock.now();
  return scope.call(name, scope.entity, scope.id, true, () => {
    if (scope.world.clock.now() - sentAt > scope.memory.writeTimeoutMs) {
      throw new UnknownOutcomeError('AuthScape did not answer in time.');
    }
    return work();
  });
}

function checkWanted({ entity, id, memory }: UpdateScope, fresh: AuthScapeRecord, wanted: FieldValues): void {
  for (const [key, value] of Object.entries(wanted)) {
    if (!(key in fresh.values)) {
      throw new RecordRejectedError('not_writable', `${key} cannot be written.`, { field: key });
    }
    const required = key === (entity === 'User' ? 'email' : 'title');
    if (required && matchForm(value) === null) {
      throw new RecordRejectedError('required_value_missing', `${key} is needed.`, { field: key });
    }
    if (entity === 'User' && key === 'email' && isTaken(memory, matchForm(value) ?? '', id)) {
      throw new RecordRejectedError('refused', 'The e-mail is taken.', { field: key });
    }
  }
}

function replaceAll(scope: UpdateScope, fresh: AuthScapeRecord, wanted: FieldValues) {
  const { entity, id, memory, world } = scope;
  const record = memory.records[entity].get(id);
  if (record === undefined) return undefined;
  const refusal = memory.refuses?.(id, wanted) ?? null;
  if (refusal !== null) throw refusal;
  const undone: { field: string; value: string }[] = [];
  for (const { key, writable } of BUILT_IN_FIELDS[entity]) {
    if (!writable || key in wanted) continue;
    const sent = fresh.values[key] ?? null;
    if ((record.values[key] ?? null) === sent) continue;
    const isTold = entity === 'User';
    writeValues(world, entity, record, { [key]: sent }, isTold ? 'undone' : 'race');
    if (isTold) undone.push({ field: key, value: String(sent ?? '') });
  }
  for (const [key, value] of Object.entries(wanted)) {
    const moved = (record.values[key] ?? null) !== (fresh.values[key] ?? null);
    writeValues(world, entity, record, { [key]: value }, moved ? 'race' : 'bridge');
  }
  return undone;
}

function setState({ entity, id, memory, world }: UpdateScope, values: FieldValues): void {
  const record = memory.records[entity].get(id);
  if (record !== undefined) writeValues(world, entity, record, values, 'bridge');
}
