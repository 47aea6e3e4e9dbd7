import {
  type AUpdateResult,
  type AuthScapeSystem,
  LostUpdateError,
  UnknownOutcomeError,
} from '../../application/ports/systems.js';
import { RecordRejectedError } from '../../domain/errors.js';
import type { AuthScapeEntity } from '../../domain/model.js';
import type { AuthScapeRecord } from '../../domain/records.js';
import type { FieldValue, FieldValues } from '../../domain/values.js';
import { type ApiCall, type AuthScapeApi, type Reply, shaped } from './api.js';
import type { CustomFieldInput, Detail, Details, Members } from './details.js';
import { customFieldIdOf } from './fields.js';
import { customText, plainText } from './values.js';
import { changedMembers } from './wire.js';

interface Recipe {
  readonly replace: Pick<ApiCall, 'method' | 'action'>;
  readonly stateKey: 'isActive' | 'isDeactivated';
  readonly archive: string;
  readonly activate: string;
  /** Members that take neither null nor empty text. */
  readonly required: string;
}

const RECIPES: Readonly<Record<AuthScapeEntity, Recipe>> = {
  User: {
    replace: { method: 'PUT', action: 'UpdateUser' },
    stateKey: 'isActive',
    archive: 'ArchiveUser',
    activate: 'ActivateUser',
    required: 'email',
  },
  Company: {
    replace: { method: 'POST', action: 'UpdateCompany' },
    stateKey: 'isDeactivated',
    archive: 'ArchiveCompany',
    activate: 'ActivateCompany',
    required: 'title',
  },
  Location: {
    replace: { method: 'POST', action: 'UpdateLocation' },
    stateKey: 'isDeactivated',
    archive: 'ArchiveLocation',
    activate: 'ActivateLocation',
    required: 'title',
  },
};

type Undone = Extract<AUpdateResult, { kind: 'written' }>['undone'];

/** Members and custom fields that differ from what stands there. */
interface Changes {
  readonly members: Members;
  readonly customFields: readonly CustomFieldInput[];
}

/**
 * Updates one record; see `AuthScapeSystem.update`. AuthScape knows full replaces only: they are made of a reading taken
 * directly before, and of what their answer says to have changed the unwanted part is reported. The state is never
 * part of it: archive and activate cannot wipe anything.
 */
export function createUpdate(api: AuthScapeApi, details: Details): AuthScapeSystem['update'] {
  /** Null: the record is gone. */
  async function replace(
    recipe: Recipe,
    fresh: Detail,
    changes: Changes,
    guard: () => Promise<void>,
  ): Promise<Undone | null> {
    const body = fresh.body({ ...fresh.members, ...changes.members }, changes.customFields);
    const reply = await api.effect({ ...recipe.replace, body }, guard);
    return reply.status === 204 ? null : undoneBy(reply, recipe, fresh, changes);
  }

  async function setState(
    recipe: Recipe,
    fresh: AuthScapeRecord,
    wanted: boolean,
    guard: () => Promise<void>,
  ): Promise<void> {
    if (wanted === fresh.active) return;
    const action = wanted ? recipe.activate : recipe.archive;
    await api.effect({ method: 'DELETE', action, query: { id: fresh.id } }, guard);
  }

  /** Null: the record is gone. */
  async function replaceChanged(
    recipe: Recipe,
    fresh: Detail,
    values: FieldValues,
    guard: () => Promise<void>,
  ): Promise<Undone | null> {
    const changes = changesOf(recipe, fresh, values);
    if (changes.customFields.length === 0 && Object.keys(changes.members).length === 0) return [];
    const undone = await replace(recipe, fresh, changes, guard);
    if (undone === null || wantedState(recipe, values) === undefined) return undone;
    // The replace may have changed the state; it is set next.
    return undone.filter((item) => item.field !== recipe.stateKey);
  }

  return async (entity, id, values, { expected, guard }) => {
    const recipe = RECIPES[entity];
    const fresh = await details.read(entity, id);
    if (fresh === undefined) return missing(entity);
    if (!expected(fresh.record)) return { kind: 'moved' };
    const undone = await replaceChanged(recipe, fresh, values, guard);
    if (undone === null) return { kind: 'gone' };
    try {
      const wanted = wantedState(recipe, values);
      if (wanted !== undefined) await setState(recipe, fresh.record, wanted, guard);
      const after = await details.read(entity, id);
      if (after !== undefined) return { kind: 'written', record: after.record, undone };
      throw new UnknownOutcomeError(
        `The ${entity.toLowerCase()} was written, but cannot be read afterwards.`,
      );
    } catch (error) {
      throw undone.length === 0 ? error : new LostUpdateError(undone, error);
    }
  };
}

/** A user that cannot be read is not proven gone. */
function missing(entity: AuthScapeEntity): AUpdateResult {
  if (entity !== 'User') return { kind: 'gone' };
  throw new RecordRejectedError('record_unreadable', 'AuthScape cannot read this user at the moment.');
}

function wantedState(recipe: Recipe, values: FieldValues): boolean | undefined {
  const value = values[recipe.stateKey];
  if (typeof value !== 'boolean') return undefined;
  return recipe.stateKey === 'isActive' ? value : !value;
}

function changesOf(recipe: Recipe, fresh: Detail, values: FieldValues): Changes {
  const members: Record<string, string | null> = {};
  const customFields: CustomFieldInput[] = [];
  for (const [key, value] of Object.entries(values)) {
    const fieldId = customFieldIdOf(key);
    if (fieldId !== undefined) customFields.push(...customChange(fresh, key, fieldId, value));
    else if (key !== recipe.stateKey) Object.assign(members, memberChange(recipe, fresh, key, value));
  }
  return { members, customFields };
}

function memberChange(recipe: Recipe, fresh: Detail, key: string, value: FieldValue): Members {
  if (!(key in fresh.members)) {
    throw new RecordRejectedError('not_writable', `AuthScape does not let ${key} be written.`, {
      field: key,
    });
  }
  const text = plainText(value);
  if (key === recipe.required && (text ?? '').trim() === '') {
    throw new RecordRejectedError('required_value_missing', `${key} cannot be empty in AuthScape.`, {
      field: key,
    });
  }
  return (fresh.members[key] ?? '') === (text ?? '') ? {} : { [key]: text };
}

function customChange(
  fresh: Detail,
  key: string,
  fieldId: string,
  value: FieldValue,
): readonly CustomFieldInput[] {
  const known = fresh.customFields.find((field) => field.customFieldId === fieldId);
  if (known === undefined) {
    throw new RecordRejectedError('field_missing', 'AuthScape does not have this custom field any more.', {
      field: key,
    });
  }
  const text = customText(value);
  if (text === (known.value ?? '')) return [];
  return [{ customFieldId: fieldId, name: known.name, value: text }];
}

/**
 * Members that the answer lists although they were sent as read: another writer changed them in between, and the replace took
 * that back. The answer names members in C# case and custom fields by their names.
 */
function undoneBy(reply: Reply, recipe: Recipe, fresh: Detail, changes: Changes): Undone {
  const meant = new Set(changes.customFields.map((field) => field.name));
  const ours = new Set(Object.keys(changes.members));
  return shaped(changedMembers, reply.data ?? [], recipe.replace.action).flatMap(({ name, value }) => {
    const field = fieldNamed(name);
    const isKnown = field in fresh.members || field in fresh.record.values;
    if (!isKnown || meant.has(name) || ours.has(field)) return [];
    return [{ field, value: value ?? '' }];
  });
}

function fieldNamed(member: string): string {
  const field = member.charAt(0).toLowerCase() + member.slice(1);
  return field === 'postalCode' ? 'zipCode' : field;
}
