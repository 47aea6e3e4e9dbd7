import { decideRun } from '../../../src/application/runs/decide-run.js';
import { writeOf } from '../../../src/domain/todo-detail.js';
import { REJECTED } from '../../support/memory-systems-world.js';
import { noteParted } from './deeded.js';
import { rowId } from './deeds.js';
import type { Act, Deed, Deeded, Scene } from './history.js';
import { kinOf } from './kin.js';

/** What makes the mass guard hold changes, and what people say to that. */

/** The guard lets five pass with every setting. */
const MASS = 6;
const MOST = 14;

export const createSeveral: Deed = (scene) => {
  const { bridge } = scene;
  if (bridge.a.records.User.size + 4 > MOST) return undefined;
  let last = '';
  for (let count = 0; count < 4; count += 1) {
    const number = scene.number();
    const values = { firstName: `F${number}`, email: `u${number}@x.test`, isActive: true };
    last = bridge.a.people.insert('User', values);
    bridge.d.people.insert('contact', { emailaddress1: `u${number}@x.test` }, rowId(number));
  }
  return { text: `four people come (to ${last})`, source: 'authScape', entity: 'User', id: last };
};

function several({ bridge, random }: Scene): readonly string[] {
  const ids = [...(bridge.d.tables.get('contact')?.rows.values() ?? [])]
    .filter(({ values }) => values.statecode === 0)
    .map(({ id }) => id);
  const first = random.below(Math.max(1, ids.length - MASS));
  return ids.length < MASS ? [] : ids.slice(first, first + MASS);
}

const onSeveral =
  (text: string, act: (scene: Scene, id: string) => void): Deed =>
  (scene): Deeded | undefined => {
    const ids = several(scene);
    for (const id of ids) act(scene, id);
    const [id] = ids;
    return id === undefined
      ? undefined
      : { text: `D contacts ${ids.join(' ')} ${text}`, source: 'dynamics', entity: 'contact', id };
  };

export const removeSeveral = onSeveral('removed', ({ bridge }, id) => bridge.d.people.remove('contact', id));
export const deactivateSeveral = onSeveral('inactive', ({ bridge }, id) =>
  bridge.d.people.set('contact', id, { statecode: 1 }),
);
export const emptySeveral = onSeveral('cleared', ({ bridge }, id) =>
  bridge.d.people.set('contact', id, { telephone1: null }),
);

/** A person approves or rejects what a run holds, all of it or one change. */
export const decideSomeRun: Act = async ({ bridge, random }) => {
  const { connection, storage, parts, world } = bridge;
  const runs = (await storage.runs.list(connection.id, 50)).items;
  const waiting = runs.find(({ status }) => status === 'awaitingApproval');
  if (waiting === undefined) return undefined;
  const decision = random.pick(['approve', 'reject'] as const);
  const held = (await storage.backlog.scanHeld(connection.id, 100)).items;
  try {
    await decideRun({ ...storage, ...parts, queue: storage.jobs })(waiting.id, decision);
  } catch {
    // Another run is under way, or has just taken this one's place.
    return undefined;
  }
  if (decision === 'reject') {
    const kin = await kinOf(bridge);
    for (const { authScapeId, crmId, mappingId, detail } of held) {
      const table = kin.find(({ mapping }) => mapping.id === mappingId)?.table ?? 'contact';
      const note = { side: 'dynamics', entity: table, id: crmId, from: null, by: 'person' } as const;
      world.note({ ...note, field: REJECTED, to: writeOf({ detail }) });
      noteParted(
        bridge,
        (await bridge.links(mappingId)).filter((link) => link.authScapeId === authScapeId),
      );
    }
  }
  return {
    text: `${decision} ${waiting.id}`,
    source: 'authScape',
    entity: 'User',
    id: held[0]?.authScapeId ?? '1',
  };
};
