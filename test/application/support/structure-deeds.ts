import { unlink } from '../../../src/application/inspection/links-and-logs.js';
import { deleteMapping } from '../../../src/application/mappings/manage-mappings.js';
import { cancelRun } from '../../../src/application/runs/manage-runs.js';
import { linkId } from '../../../src/domain/link.js';
import { noteParted } from './deeded.js';
import { rowId } from './deeds.js';
import type { Act, Deed, Deeded, Scene } from './history.js';
import { KEYS, kinOf } from './kin.js';
import { changeMapping } from './mappings.js';

/** What people do to the structure of both systems and of the connection, in any order and at any time. */

function inDynamics(entity: string, text: string, id: string): Deeded {
  return { text: `D ${entity} ${id} ${text}`, source: 'dynamics', entity, id };
}

const rowsOf = ({ bridge }: Scene, table: string) => [...(bridge.d.tables.get(table)?.rows.values() ?? [])];

/** Two rows turn out to be one: the loser stays, inactive, and names the master. */
const merge =
  (table: string): Deed =>
  (scene) => {
    const active = rowsOf(scene, table).filter(
      ({ values, mergedInto }) => values.statecode === 0 && mergedInto === null,
    );
    if (active.length < 2) return undefined;
    const [loser, master] = [scene.random.pick(active), scene.random.pick(active)];
    if (loser === master) return undefined;
    scene.bridge.d.people.merge(table, loser.id, master.id);
    return inDynamics(table, `merged into ${master.id}`, loser.id);
  };

export const mergeContacts = merge('contact');
export const mergeAccounts = merge('account');

/** A row is deleted and imported anew under another id, at once. */
const replaceRow =
  (table: string, column: string): Deed =>
  (scene) => {
    const rows = rowsOf(scene, table).filter(({ values }) => values.statecode === 0);
    if (rows.length === 0) return undefined;
    const { id, values } = scene.random.pick(rows);
    const key = values[column] ?? null;
    scene.bridge.d.people.remove(table, id);
    const next = scene.bridge.d.people.insert(table, { [column]: key }, rowId(scene.number()));
    return inDynamics(table, `takes the place of ${id}`, next);
  };

export const replaceContact = replaceRow('contact', KEYS.User[1]);
export const replaceAccount = replaceRow('account', KEYS.Company[1]);

export const replaceUser: Deed = ({ bridge, random }) => {
  const all = [...bridge.a.records.User.values()];
  if (all.length < 3) return undefined;
  const { id, values } = random.pick(all);
  const { email = null } = values;
  bridge.a.people.remove('User', id);
  const next = bridge.a.people.insert('User', { email, isActive: true });
  return { text: `A user ${next} takes the place of ${id}`, source: 'authScape', entity: 'User', id: next };
};

/** A person parts a pair, or deletes a tombstone. */
export const unlinkOne: Act = async ({ bridge, random }) => {
  for (const { mapping } of await kinOf(bridge)) {
    const links = await bridge.links(mapping.id);
    if (links.length === 0) continue;
    const link = random.pick(links);
    const { authScapeId, state } = link;
    try {
      await unlink({ ...bridge.storage, clock: bridge.clock })(
        bridge.connection.id,
        linkId(mapping.id, authScapeId),
      );
    } catch {
      // A worker holds the pair, or it has just gone.
      return undefined;
    }
    noteParted(bridge, [link]);
    return {
      text: `unlinks ${authScapeId} (${state})`,
      source: 'authScape',
      entity: mapping.authScapeEntity,
      id: authScapeId,
    };
  }
  return undefined;
};

/** A mapping is switched off, or on again. */
export const switchMapping: Act = async ({ bridge, random }) => {
  const { mapping } = random.pick(await kinOf(bridge));
  await changeMapping(bridge, ({ enabled }) => ({ enabled: !enabled }), mapping.id);
  return undefined;
};

/** A mapping is deleted with its links, and made again under another id. */
export const remakeMapping: Act = async ({ bridge, number, random }) => {
  const { mapping } = random.pick(await kinOf(bridge));
  noteParted(bridge, await bridge.links(mapping.id));
  try {
    await deleteMapping({ ...bridge.storage, ...bridge.parts })(bridge.connection.id, mapping.id);
  } catch {
    // Not while a run is under way.
    return undefined;
  }
  await bridge.storage.mappings.create({ ...mapping, id: `m_${number()}`, enabled: true, version: 1 });
  return undefined;
};

/** A run that is under way is cancelled. */
export const cancelSomeRun: Act = async ({ bridge }) => {
  const blocking = await bridge.storage.runs.blocking(bridge.connection.id);
  if (blocking === undefined) return undefined;
  await cancelRun({ ...bridge.storage, ...bridge.parts, queue: bridge.storage.jobs })(blocking.id);
  return undefined;
};
