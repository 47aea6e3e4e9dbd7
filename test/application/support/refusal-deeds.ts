import { UnknownOutcomeError } from '../../../src/application/ports/systems.js';
import { RecordRejectedError } from '../../../src/domain/errors.js';
import type { FieldValues } from '../../../src/domain/values.js';
import type { Random } from '../../model/random.js';
import type { Harness } from './harness.js';
import type { Deed, Deeded, Scene } from './history.js';

/** Conditions under which single records are refused, or not shown; they come, last for a while and go. */

type Refusal = (values: FieldValues) => Error | null;

interface Conditions {
  /** By row id, or by the e-mail that a new row gets. */
  readonly dynamics: Map<string, Refusal>;
  readonly authScape: Map<string, Refusal>;
}

const conditionsOf = new WeakMap<Harness, Conditions>();

/** From now on the systems refuse what the deeds below name. */
export function heedConditions(bridge: Harness): void {
  const conditions: Conditions = { dynamics: new Map(), authScape: new Map() };
  conditionsOf.set(bridge, conditions);
  const refusalIn = (refusals: Conditions['dynamics'], key: string) => (id: string, values: FieldValues) => {
    const refusal = refusals.get(id) ?? refusals.get(String(values[key] ?? ''));
    return refusal?.(values) ?? null;
  };
  bridge.d.refuses = refusalIn(conditions.dynamics, 'emailaddress1');
  bridge.a.refuses = refusalIn(conditions.authScape, 'email');
}

/** All is taken and shown again. */
export function liftConditions(bridge: Harness): void {
  const conditions = conditionsOf.get(bridge);
  conditions?.dynamics.clear();
  conditions?.authScape.clear();
  bridge.a.unlisted.clear();
  bridge.a.unreadable.clear();
  bridge.d.unreadable.clear();
}

const ANSWERS: Readonly<Record<string, (named: string) => Error>> = {
  'a plug-in fails': () =>
    new RecordRejectedError('plugin_failed', 'A plug-in failed.', { unproven: '500 0x80040224' }),
  'an unknown answer': () => new RecordRejectedError('refused', 'No.', { unproven: '400 0x8004ffff' }),
  'a privilege is missing': () =>
    new RecordRejectedError('access_denied', 'No privilege.', { unproven: '403' }),
  'a key is taken': () => new RecordRejectedError('duplicate_record', 'A key is taken.'),
  'no answer in time': () => new UnknownOutcomeError('No answer.', { timedOut: true }),
  'the field is named': (field) => new RecordRejectedError('invalid_value', 'No.', { field }),
};

function anyRefusal(random: Random, fields: readonly string[]): { name: string; refusal: Refusal } {
  const name = random.pick(Object.keys(ANSWERS));
  const field = random.pick(fields);
  const isOfField = name === 'the field is named' || random.chance(0.4);
  const refusal: Refusal = (values) =>
    isOfField && !(field in values) ? null : (ANSWERS[name]?.(field) ?? null);
  return { name: isOfField ? `${name} (${field})` : name, refusal };
}

const contact = (text: string, id: string): Deeded => ({
  text: `D contact ${id} ${text}`,
  source: 'dynamics',
  entity: 'contact',
  id,
});
const user = (text: string, id: string): Deeded => ({
  text: `A user ${id} ${text}`,
  source: 'authScape',
  entity: 'User',
  id,
});

function anyOf<T>({ random }: Scene, all: Iterable<T>): T | undefined {
  const items = [...all];
  return items.length === 0 ? undefined : random.pick(items);
}

const rowsOf = ({ bridge }: Scene) => bridge.d.tables.get('contact')?.rows.values() ?? [];
const usersOf = ({ bridge }: Scene) => bridge.a.records.User.values();

export const refuseContact: Deed = (scene) => {
  const row = anyOf(scene, rowsOf(scene));
  if (row === undefined) return undefined;
  const { name, refusal } = anyRefusal(scene.random, ['firstname', 'lastname', 'telephone1', 'statecode']);
  conditionsOf.get(scene.bridge)?.dynamics.set(row.id, refusal);
  return contact(`is refused: ${name}`, row.id);
};

/** The contact of a user without one is refused as soon as it is to be made. */
export const refuseContactOfUser: Deed = (scene) => {
  const record = anyOf(scene, usersOf(scene));
  if (record === undefined) return undefined;
  const { name, refusal } = anyRefusal(scene.random, ['firstname', 'lastname', 'telephone1']);
  conditionsOf.get(scene.bridge)?.dynamics.set(String(record.values.email), refusal);
  return user(`gets no contact: ${name}`, record.id);
};

export const refuseUser: Deed = (scene) => {
  const record = anyOf(scene, usersOf(scene));
  if (record === undefined) return undefined;
  const { name, refusal } = anyRefusal(scene.random, ['firstName', 'lastName', 'phoneNumber']);
  conditionsOf.get(scene.bridge)?.authScape.set(record.id, refusal);
  return user(`is refused: ${name}`, record.id);
};

export const refuseUserOfContact: Deed = (scene) => {
  const row = anyOf(scene, rowsOf(scene));
  if (row === undefined) return undefined;
  const { name, refusal } = anyRefusal(scene.random, ['firstName', 'lastName']);
  conditionsOf.get(scene.bridge)?.authScape.set(String(row.values.emailaddress1), refusal);
  return contact(`gets no user: ${name}`, row.id);
};

/** One or the other: a user that is in no list and cannot be read is as good as gone. */
export const hideUser: Deed = (scene) => {
  const record = anyOf(scene, usersOf(scene));
  const { unlisted, unreadable } = scene.bridge.a;
  if (record === undefined || unlisted.has(record.id) || unreadable.has(record.id)) return undefined;
  const isListed = scene.random.chance(0.5);
  (isListed ? unreadable : unlisted).add(record.id);
  return user(isListed ? 'cannot be read' : 'cannot be listed', record.id);
};

export const showUsers: Deed = ({ bridge }) => {
  const [id] = [...bridge.a.unlisted, ...bridge.a.unreadable];
  if (id === undefined) return undefined;
  bridge.a.unlisted.delete(id);
  bridge.a.unreadable.delete(id);
  return user('can be seen again', id);
};

export const hideContact: Deed = (scene) => {
  const row = anyOf(scene, rowsOf(scene));
  if (row === undefined) return undefined;
  scene.bridge.d.unreadable.add(row.id);
  return contact('cannot be read', row.id);
};

/** A condition goes: the oldest, or all of a kind. */
export const liftSome: Deed = (scene) => {
  const { bridge, random } = scene;
  const conditions = conditionsOf.get(bridge);
  const sets = [conditions?.dynamics, conditions?.authScape, bridge.d.unreadable];
  const some = random.pick(sets.filter((each) => each !== undefined));
  const [key] = some.keys();
  if (key === undefined) return undefined;
  if (random.chance(0.5)) some.delete(key);
  else some.clear();
  const row = anyOf(scene, rowsOf(scene));
  return row === undefined ? undefined : contact('sees conditions lifted', row.id);
};
