import type { AuthScapeEntity } from '../../../src/domain/model.js';
import { rowId } from './deeds.js';
import type { Deed, Deeded, Scene } from './history.js';

/** What people do to companies, locations and accounts, and to which record belongs to which. */

const MOST = 4;

type Place = Exclude<AuthScapeEntity, 'User'>;

function inAuthScape(entity: AuthScapeEntity, text: string, id: string): Deeded {
  return { text: `A ${entity} ${id} ${text}`, source: 'authScape', entity, id };
}

function inDynamics(entity: string, text: string, id: string): Deeded {
  return { text: `D ${entity} ${id} ${text}`, source: 'dynamics', entity, id };
}

function any({ bridge, random }: Scene, entity: AuthScapeEntity): string | undefined {
  const ids = [...bridge.a.records[entity].keys()];
  return ids.length === 0 ? undefined : random.pick(ids);
}

function anyRow({ bridge, random }: Scene, table: string): string | undefined {
  const ids = [...(bridge.d.tables.get(table)?.rows.keys() ?? [])];
  return ids.length === 0 ? undefined : random.pick(ids);
}

const createPlace =
  (entity: Place): Deed =>
  (scene) => {
    if (scene.bridge.a.records[entity].size >= MOST) return undefined;
    const title = `${entity} ${scene.number()}`;
    return inAuthScape(entity, `is new (${title})`, scene.bridge.a.people.insert(entity, { title }));
  };

export const createCompany = createPlace('Company');
export const createLocation = createPlace('Location');

/** An account alone, or one of the same name as a company or location that comes with it. */
const createAccount =
  (twin: Place | null): Deed =>
  (scene) => {
    if ((scene.bridge.d.tables.get('account')?.rows.size ?? 0) >= 2 * MOST) return undefined;
    const number = scene.number();
    const name = `Firm ${number}`;
    const id = scene.bridge.d.people.insert('account', { name }, rowId(number));
    if (twin === null) return inDynamics('account', `is new (${name})`, id);
    return inAuthScape(
      twin,
      `is new on both sides (${name})`,
      scene.bridge.a.people.insert(twin, { title: name }),
    );
  };

export const createLoneAccount = createAccount(null);
export const createFirm = createAccount('Company');
export const createDepot = createAccount('Location');

const rename =
  (entity: Place): Deed =>
  (scene) => {
    const id = any(scene, entity);
    if (id === undefined) return undefined;
    const title = `${entity} ${scene.number()}`;
    scene.bridge.a.people.set(entity, id, { title });
    return inAuthScape(entity, `title = ${title}`, id);
  };

export const renameCompany = rename('Company');
export const renameLocation = rename('Location');

export const renameAccount: Deed = (scene) => {
  const id = anyRow(scene, 'account');
  if (id === undefined) return undefined;
  const name = `Account ${scene.number()}`;
  scene.bridge.d.people.set('account', id, { name });
  return inDynamics('account', `name = ${name}`, id);
};

const togglePlace =
  (entity: Place): Deed =>
  (scene) => {
    const id = any(scene, entity);
    const record = scene.bridge.a.records[entity].get(id ?? '');
    if (id === undefined || record === undefined) return undefined;
    scene.bridge.a.people.set(entity, id, { isDeactivated: record.values.isDeactivated !== true });
    return inAuthScape(entity, `deactivated ${record.values.isDeactivated}`, id);
  };

export const toggleCompany = togglePlace('Company');
export const toggleLocation = togglePlace('Location');

export const toggleAccount: Deed = (scene) => {
  const id = anyRow(scene, 'account');
  const row = scene.bridge.d.tables.get('account')?.rows.get(id ?? '');
  if (id === undefined || row === undefined) return undefined;
  scene.bridge.d.people.set('account', id, { statecode: row.values.statecode === 0 ? 1 : 0 });
  return inDynamics('account', `state ${row.values.statecode}`, id);
};

/** A record joins a company or a location, or leaves it. */
const move =
  (entity: AuthScapeEntity, key: string, to: Place): Deed =>
  (scene) => {
    const id = any(scene, entity);
    if (id === undefined) return undefined;
    const target = scene.random.chance(0.2) ? null : (any(scene, to) ?? null);
    scene.bridge.a.people.set(entity, id, { [key]: target });
    return inAuthScape(entity, `${key} = ${target}`, id);
  };

export const moveUser = move('User', 'companyId', 'Company');
export const moveLocation = move('Location', 'companyId', 'Company');

const moveRow =
  (table: string, column: string): Deed =>
  (scene) => {
    const id = anyRow(scene, table);
    if (id === undefined) return undefined;
    const account = scene.random.chance(0.2) ? undefined : anyRow(scene, 'account');
    if (account === id) return undefined;
    const target = account === undefined ? null : `account:${account}`;
    scene.bridge.d.people.set(table, id, { [column]: target });
    return inDynamics(table, `${column} = ${target}`, id);
  };

export const moveContact = moveRow('contact', 'parentcustomerid');
export const moveAccount = moveRow('account', 'parentaccountid');

/** A company goes only when no record belongs to it, and some always stay: an A side without any is an error. */
const removePlace =
  (entity: Place): Deed =>
  (scene) => {
    const { records, people } = scene.bridge.a;
    const id = any(scene, entity);
    if (id === undefined || records[entity].size < 3) return undefined;
    const members = [...records.User.values(), ...records.Location.values()];
    if (members.some(({ values }) => values.companyId === id || values.locationId === id)) return undefined;
    people.remove(entity, id);
    return inAuthScape(entity, 'removed', id);
  };

export const removeCompany = removePlace('Company');
export const removeLocation = removePlace('Location');

export const removeAccount: Deed = (scene) => {
  const id = anyRow(scene, 'account');
  if (id === undefined) return undefined;
  scene.bridge.d.people.remove('account', id);
  return inDynamics('account', 'removed', id);
};

export const restoreAccount: Deed = (scene) => {
  const ids = [...(scene.bridge.d.tables.get('account')?.deleted.keys() ?? [])];
  if (ids.length === 0) return undefined;
  const id = scene.random.pick(ids);
  scene.bridge.d.people.restore('account', id);
  return inDynamics('account', 'restored', id);
};
