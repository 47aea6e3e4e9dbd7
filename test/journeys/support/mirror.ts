import { createHarness } from '../../application/support/harness.js';
import type { Deed } from '../../application/support/history.js';
import { createRandom } from '../../model/random.js';
import type { ValueChange } from '../../support/memory-systems-world.js';
import { LIFE } from '../../support/memory-systems-world.js';
import { bothSides, type Journey } from './journey.js';

/** What one person changed, in the order of the changes. */
export interface PersonsAct {
  readonly text: string;
  readonly source: 'dynamics' | 'authScape';
  readonly id: string;
  readonly changes: readonly ValueChange[];
}

/**
 * The deeds of the in-process histories, carried out on the real stack: before each deed the records of both simulators
 * are copied into systems in memory, the deed acts on the copy, and what it changed there is done again by the
 * editors over HTTP.
 */
export async function createMirror(journey: Journey, seed: number) {
  const copy = await createHarness();
  const random = createRandom(seed);
  let numbers = 1_000;
  const scene = {
    bridge: copy,
    random,
    number: () => {
      numbers += 1;
      return numbers;
    },
  };

  async function load(): Promise<void> {
    const { authScape, dynamics } = await bothSides(journey);
    const users = copy.a.records.User;
    users.clear();
    for (const user of authScape.users) {
      const { id, firstName, lastName, email, phoneNumber, isActive } = user;
      const values = { firstName, lastName, email, phoneNumber, isActive };
      users.set(String(id), { id: String(id), values, roles: [] });
    }
    const table = copy.d.tables.get('contact');
    if (table === undefined) throw new Error('The copy has no contacts.');
    const { contacts } = dynamics;
    const present = new Set(contacts.map(({ contactid }) => contactid));
    for (const [id, row] of table.rows) {
      if (!present.has(id)) table.deleted.set(id, { version: 0, row });
    }
    table.rows.clear();
    for (const { contactid: id, firstname, lastname, emailaddress1, telephone1, statecode } of contacts) {
      const values = { firstname, lastname, emailaddress1, telephone1, statecode };
      table.rows.set(id, { id, values, version: 0, modifiedAt: 0, mergedInto: null });
      table.deleted.delete(id);
    }
  }

  async function replay({ side, id, field, to }: ValueChange): Promise<string> {
    if (side === 'dynamics') {
      await replayContact(id, field, to);
      return id;
    }
    const values = copy.a.records.User.get(id)?.values ?? {};
    if (field === LIFE) {
      const { firstName, lastName, email } = values;
      const body = { firstName: firstName ?? 'F', lastName: lastName ?? 'L0', email };
      return String(await journey.editors.authScape('POST', 'CreateAccount', body));
    }
    if (field === 'isActive') {
      await journey.editors.authScape('DELETE', `${to === true ? 'ActivateUser' : 'ArchiveUser'}?id=${id}`);
    } else {
      await journey.editors.updateUser(Number(id), { [field]: to ?? '' });
    }
    return id;
  }

  async function replayContact(id: string, field: string, to: ValueChange['to']): Promise<unknown> {
    const { dynamics } = journey.editors;
    if (field === LIFE && to === null) return dynamics('DELETE', `contacts(${id})`);
    if (field !== LIFE) return dynamics('PATCH', `contacts(${id})`, { [field]: to });
    const values = copy.d.tables.get('contact')?.rows.get(id)?.values ?? {};
    const given = Object.entries(values).filter(([column, value]) => value !== null && isPlain(column));
    return dynamics('POST', 'contacts', { contactid: id, ...Object.fromEntries(given) });
  }

  /** Does one of the deeds as a person; undefined where it is not possible now. */
  async function act(deeds: readonly Deed[]): Promise<PersonsAct | undefined> {
    await load();
    const before = copy.world.changes.length;
    const deeded = random.pick(deeds)(scene);
    const changes = copy.world.changes.slice(before);
    if (deeded === undefined) return undefined;
    // A new record comes whole: its values are no edits of their own.
    const born = new Set(
      changes.filter(({ field, to }) => field === LIFE && to !== null).map(({ id }) => id),
    );
    // AuthScape gives a new user another id than the copy did.
    const realIds = new Map<string, string>();
    for (const change of changes) {
      if (born.has(change.id) && change.field !== LIFE) continue;
      const id = await replay(change.field === 'fullname' ? { ...change, field: 'description' } : change);
      realIds.set(change.id, id);
    }
    const real = (id: string) => realIds.get(id) ?? id;
    return {
      ...{ text: deeded.text, source: deeded.source, id: real(deeded.id) },
      changes: changes.map((change) => ({ ...change, id: real(change.id) })),
    };
  }

  return { act, random };
}

export type Mirror = Awaited<ReturnType<typeof createMirror>>;

const isPlain = (column: string) => ['firstname', 'lastname', 'emailaddress1', 'telephone1'].includes(column);
