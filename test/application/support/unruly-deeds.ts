import type { FieldValues } from '../../../src/domain/values.js';
import type { Deed, Deeded, Scene } from './history.js';

/** What people do to logins and to rows that say the same person twice. */

function users({ bridge }: Scene) {
  return [...bridge.a.records.User.values()];
}

function rows({ bridge }: Scene) {
  return [...(bridge.d.tables.get('contact')?.rows.values() ?? [])];
}

function contact(text: string, id: string): Deeded {
  return { text: `D contact ${id} ${text}`, source: 'dynamics', entity: 'contact', id };
}

/** A contact gets the e-mail that another contact has, or a user. */
export const takeEmailOfContact: Deed = (scene) => {
  const all = rows(scene);
  if (all.length < 2 || users(scene).length === 0) return undefined;
  const { id } = scene.random.pick(all);
  const { values } = scene.random.pick<{ values: FieldValues }>(
    scene.random.chance(0.5) ? all : users(scene),
  );
  const email = values.email ?? values.emailaddress1 ?? null;
  if (email === null) return undefined;
  scene.bridge.d.people.set('contact', id, { emailaddress1: email });
  return contact(`e-mail = ${email}`, id);
};

/** Two contacts trade their e-mails. */
export const tradeEmails: Deed = (scene) => {
  const all = rows(scene);
  if (all.length < 2) return undefined;
  const [one, two] = [scene.random.pick(all), scene.random.pick(all)];
  const [ofOne, ofTwo] = [one.values.emailaddress1 ?? null, two.values.emailaddress1 ?? null];
  scene.bridge.d.people.set('contact', one.id, { emailaddress1: ofTwo });
  scene.bridge.d.people.set('contact', two.id, { emailaddress1: ofOne });
  return contact(`trades e-mails with ${two.id}`, one.id);
};

export const emptyContactEmail: Deed = (scene) => {
  const all = rows(scene);
  if (all.length === 0) return undefined;
  const { id } = scene.random.pick(all);
  scene.bridge.d.people.set('contact', id, { emailaddress1: null });
  return contact('e-mail = null', id);
};

/** A user gets the e-mail of a contact, if no other user has it: AuthScape sees to that. */
export const takeEmailOfUser: Deed = (scene) => {
  const all = users(scene);
  const given = rows(scene).map(({ values }) => values.emailaddress1 ?? null);
  const free = given.filter((email) => email !== null && !all.some(({ values }) => values.email === email));
  if (all.length === 0 || free.length === 0) return undefined;
  const { id } = scene.random.pick(all);
  const email = scene.random.pick(free);
  scene.bridge.a.people.set('User', id, { email });
  return { text: `A user ${id} email = ${email}`, source: 'authScape', entity: 'User', id };
};

export const createAdmin: Deed = (scene) => {
  if (users(scene).length >= 6) return undefined;
  const number = scene.number();
  const values = { firstName: `F${number}`, email: `u${number}@x.test`, isActive: true };
  const id = scene.bridge.a.people.insert('User', values, ['Admin']);
  return { text: `A user ${id} is new and an Admin (${number})`, source: 'authScape', entity: 'User', id };
};

/** Two contacts turn out to be one person: the loser stays, inactive, and names the master. */
export const mergeContacts: Deed = (scene) => {
  const active = rows(scene).filter(
    ({ values, mergedInto }) => values.statecode === 0 && mergedInto === null,
  );
  if (active.length < 2) return undefined;
  const [loser, master] = [scene.random.pick(active), scene.random.pick(active)];
  if (loser === master) return undefined;
  scene.bridge.d.people.merge('contact', loser.id, master.id);
  return contact(`merged into ${master.id}`, loser.id);
};
