import type { EntityMapping } from '../../../src/domain/model.js';
import { noteParted } from './deeded.js';
import { rowId } from './deeds.js';
import type { Act, Deed } from './history.js';
import { kinOf } from './kin.js';
import { changeMapping, USER_FIELDS } from './mappings.js';

/** What people do to the mapping of users while everything goes on: filter, fields and `matchBy`. */

const change =
  (next: (mapping: EntityMapping) => Partial<EntityMapping>, text: string): Act =>
  async ({ bridge }) => {
    const mapping = (await kinOf(bridge)).find(({ entity }) => entity === 'User')?.mapping;
    if (mapping === undefined) return undefined;
    noteParted(bridge, await bridge.links(mapping.id));
    await changeMapping(bridge, next, mapping.id);
    return { text, source: 'authScape', entity: 'User', id: [...bridge.a.records.User.keys()][0] ?? '1' };
  };

export const changeFilter = change(
  ({ filter }) => ({ filter: filter === null ? 'new_level eq 2' : null }),
  'the filter of the mapping changes',
);

/** Fields that were left out come back: they were never merged then. */
export const changeFields = change(
  ({ fields }) => ({
    fields:
      fields.length < USER_FIELDS.length
        ? USER_FIELDS
        : fields.filter(
            ({ authScapeField }) => authScapeField !== 'lastName' && authScapeField !== 'phoneNumber',
          ),
  }),
  'the fields of the mapping change',
);

export const changeMatchBy = change(
  ({ matchBy }) => ({ matchBy: matchBy[0] === 'lastName' ? ['email'] : ['lastName'] }),
  'matchBy changes',
);

/** A contact enters or leaves the filter. */
export const levelContact: Deed = ({ bridge, random }) => {
  const ids = [...(bridge.d.tables.get('contact')?.rows.keys() ?? [])];
  if (ids.length === 0) return undefined;
  const id = random.pick(ids);
  const level = random.pick([1, 2, 2]);
  bridge.d.people.set('contact', id, { new_level: level });
  return { text: `D contact ${id} level ${level}`, source: 'dynamics', entity: 'contact', id };
};

/** A user and a contact who share nothing but their last name. */
export const createNamesakes: Deed = (scene) => {
  const { bridge } = scene;
  if (bridge.a.records.User.size >= 7) return undefined;
  const [one, two] = [scene.number(), scene.number()];
  const values = { firstname: `F${two}`, lastname: `N${one}`, emailaddress1: `u${two}@x.test` };
  bridge.d.people.insert('contact', values, rowId(two));
  const own = { firstName: `F${one}`, lastName: `N${one}`, email: `u${one}@x.test`, isActive: true };
  const id = bridge.a.people.insert('User', own);
  return { text: `A user ${id} and D contact ${two} are namesakes`, source: 'authScape', entity: 'User', id };
};
