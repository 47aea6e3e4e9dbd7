import { LIFE } from '../../support/memory-systems-world.js';
import type { Deed, Deeded, Scene } from './history.js';

/** What people do to users and contacts. */

const USER_KEYS = ['firstName', 'lastName', 'phoneNumber'] as const;
const CONTACT_COLUMNS = ['firstname', 'lastname', 'telephone1'] as const;

function user(text: string, id: string): Deeded {
  return { text: `A user ${id} ${text}`, source: 'authScape', entity: 'User', id };
}

function contact(text: string, id: string): Deeded {
  return { text: `D contact ${id} ${text}`, source: 'dynamics', entity: 'contact', id };
}

function anyUser({ bridge, random }: Scene): string | undefined {
  const ids = [...bridge.a.records.User.keys()];
  return ids.length === 0 ? undefined : random.pick(ids);
}

function anyContact({ bridge, random }: Scene): string | undefined {
  const ids = [...(bridge.d.tables.get('contact')?.rows.keys() ?? [])];
  return ids.length === 0 ? undefined : random.pick(ids);
}

export function rowId(number: number): string {
  return `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`;
}

const MOST = 6;

export const createUser: Deed = (scene) => {
  if (scene.bridge.a.records.User.size >= MOST) return undefined;
  const number = scene.number();
  const id = scene.bridge.a.people.insert('User', {
    firstName: `F${number}`,
    email: `u${number}@x.test`,
    isActive: true,
  });
  return user(`is new (${number})`, id);
};

export const createContact: Deed = (scene) => {
  if ((scene.bridge.d.tables.get('contact')?.rows.size ?? 0) >= MOST) return undefined;
  const number = scene.number();
  const values = { firstname: `F${number}`, emailaddress1: `u${number}@x.test` };
  return contact(`is new (${number})`, scene.bridge.d.people.insert('contact', values, rowId(number)));
};

/** The same person is entered on both sides, with different details. */
export const createBoth: Deed = (scene) => {
  if (scene.bridge.a.records.User.size >= MOST) return undefined;
  const number = scene.number();
  const email = `u${number}@x.test`;
  const phone = scene.number();
  const values = { firstname: `F${number}`, telephone1: `P${phone}`, emailaddress1: email };
  scene.bridge.d.people.insert('contact', values, rowId(number));
  const own = { firstName: `F${number}`, lastName: `L${scene.number()}`, email, isActive: true };
  return user(`is new on both sides (${number})`, scene.bridge.a.people.insert('User', own));
};

export const editUser: Deed = (scene) => {
  const id = anyUser(scene);
  if (id === undefined) return undefined;
  const key = scene.random.pick(USER_KEYS);
  const value = scene.random.chance(0.1) ? null : `A${scene.number()}`;
  scene.bridge.a.people.set('User', id, { [key]: value });
  return user(`${key} = ${value}`, id);
};

export const editContact: Deed = (scene) => {
  const id = anyContact(scene);
  if (id === undefined) return undefined;
  const column = scene.random.pick(CONTACT_COLUMNS);
  const value = scene.random.chance(0.1) ? null : `D${scene.number()}`;
  scene.bridge.d.people.set('contact', id, { [column]: value });
  return contact(`${column} = ${value}`, id);
};

export const toggleUser: Deed = (scene) => {
  const id = anyUser(scene);
  const record = scene.bridge.a.records.User.get(id ?? '');
  if (id === undefined || record === undefined) return undefined;
  scene.bridge.a.people.set('User', id, { isActive: record.values.isActive !== true });
  return user(`active ${record.values.isActive}`, id);
};

export const toggleContact: Deed = (scene) => {
  const id = anyContact(scene);
  const row = scene.bridge.d.tables.get('contact')?.rows.get(id ?? '');
  if (id === undefined || row === undefined) return undefined;
  scene.bridge.d.people.set('contact', id, { statecode: row.values.statecode === 0 ? 1 : 0 });
  return contact(`state ${row.values.statecode}`, id);
};

export const touchContact: Deed = (scene) => {
  const id = anyContact(scene);
  if (id === undefined) return undefined;
  scene.bridge.d.people.set('contact', id, { fullname: `T${scene.number()}` });
  return contact('touched', id);
};

/** One user always stays: an A side without users is an error, and a gone user needs another one as witness. */
export const removeUser: Deed = (scene) => {
  const id = anyUser(scene);
  if (id === undefined || scene.bridge.a.records.User.size < 3) return undefined;
  scene.bridge.a.people.remove('User', id);
  return user('removed', id);
};

export const removeContact: Deed = (scene) => {
  const id = anyContact(scene);
  if (id === undefined) return undefined;
  scene.bridge.d.people.remove('contact', id);
  return contact('removed', id);
};

export const restoreContact: Deed = (scene) => {
  const ids = [...(scene.bridge.d.tables.get('contact')?.deleted.keys() ?? [])];
  if (ids.length === 0) return undefined;
  const id = scene.random.pick(ids);
  scene.bridge.d.people.restore('contact', id);
  return contact('restored', id);
};

export const expireLinks: Deed = (scene) => {
  scene.bridge.d.expireDeltaLinks();
  return undefined;
};

export const restoreUser: Deed = (scene) => {
  const ids = scene.bridge.world.changes.flatMap(({ side, id, field, to }) =>
    side === 'authScape' && field === LIFE && to === null ? [id] : [],
  );
  const gone = ids.filter((id) => !scene.bridge.a.records.User.has(id));
  if (gone.length === 0) return undefined;
  const id = scene.random.pick(gone);
  scene.bridge.a.people.restore('User', id);
  return user('restored', id);
};

export const editUserEmail: Deed = (scene) => {
  const id = anyUser(scene);
  if (id === undefined) return undefined;
  const email = `a${scene.number()}@x.test`;
  scene.bridge.a.people.set('User', id, { email });
  return user(`email = ${email}`, id);
};

export const editContactEmail: Deed = (scene) => {
  const id = anyContact(scene);
  if (id === undefined) return undefined;
  const email = `d${scene.number()}@x.test`;
  scene.bridge.d.people.set('contact', id, { emailaddress1: email });
  return contact(`e-mail = ${email}`, id);
};
