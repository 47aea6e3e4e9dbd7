import { z } from 'zod';
import type { AuthScapeEntity } from '../../../src/domain/model.js';
import type { FieldValue, FieldValues } from '../../../src/domain/values.js';
import type { Harness } from '../../application/support/harness.js';
import { LIFE, type ValueChange } from '../../support/memory-systems-world.js';
import type { Journey } from './journey.js';

const SETS: Readonly<Record<string, string>> = { contact: 'contacts', account: 'accounts' };
const LOOKUPS: Readonly<Record<string, string>> = {
  parentcustomerid: 'parentcustomerid_account',
  parentaccountid: 'parentaccountid',
};
/** What people fill in when they enter a row; its state they do not. */
const ENTERED = ['firstname', 'lastname', 'emailaddress1', 'telephone1', 'name', ...Object.keys(LOOKUPS)];
const insertedSchema = z.object({
  users: z.array(z.number()),
  companies: z.array(z.number()),
  locations: z.array(z.number()),
});

/** Does again by the editors over HTTP what a deed did to the copy. */
export function createReplay({ editors, authScape }: Journey, copy: Harness) {
  async function row({ entity, id, field, to }: ValueChange): Promise<string> {
    const address = `${SETS[entity]}(${id})`;
    const { rows } = copy.d.tables.get(entity) ?? {};
    if (field === LIFE && to === null) await editors.dynamics('DELETE', address);
    else if (field === LIFE) {
      const values = rows?.get(id)?.values ?? {};
      const body = {
        [`${entity}id`]: id,
        ...Object.assign({}, ...ENTERED.map((name) => entered(values, name))),
      };
      await editors.dynamics('POST', SETS[entity] ?? '', body);
    } else if (field in LOOKUPS) await editors.dynamics('PATCH', address, bound(field, to));
    // The name that Dynamics makes cannot be written: to touch a row is to write a column that is not mapped.
    else await editors.dynamics('PATCH', address, { [field === 'fullname' ? 'description' : field]: to });
    return id;
  }

  /** A lookup of a row that is gone meanwhile stays empty. */
  function entered(values: FieldValues, name: string): Record<string, unknown> {
    const value = values[name] ?? null;
    if (value === null) return {};
    if (!(name in LOOKUPS)) return { [name]: value };
    return copy.d.tables.get('account')?.rows.has(targetOf(value)) === true ? bound(name, value) : {};
  }

  async function record({ id, field, to, ...change }: ValueChange): Promise<string> {
    const entity = change.entity as AuthScapeEntity;
    if (field === LIFE && to === null) await authScape.post('delete', { entity, id });
    else if (field === LIFE) return create(entity, id);
    else if (field === 'isActive' || field === 'isDeactivated') {
      const isOn = to === (field === 'isActive');
      await editors.authScape('DELETE', `${isOn ? 'Activate' : 'Archive'}${entity}?id=${id}`);
    } else {
      const isId = field === 'companyId' || field === 'locationId';
      const value = isId ? (to === null ? null : Number(to)) : (to ?? '');
      await editors[`update${entity}`](Number(id), { [field]: value });
    }
    return id;
  }

  /** Only users can be made by the API; the rest, and Admins, come by the hand of a database admin. */
  async function create(entity: AuthScapeEntity, id: string): Promise<string> {
    const { values = {}, roles = [] } = copy.a.records[entity].get(id) ?? {};
    const { firstName, lastName, email, title } = values;
    // Names of its own: a name that two have would look like one that was given away.
    const user = { firstName: firstName ?? `F-${id}`, lastName: lastName ?? `L-${id}`, email };
    if (entity === 'User' && roles.length === 0) {
      return String(await editors.authScape('POST', 'CreateAccount', user));
    }
    const rows = {
      User: { users: [{ ...user, roles }] },
      Company: { companies: [{ title }] },
      Location: { locations: [{ title }] },
    }[entity];
    const made = insertedSchema.parse(await authScape.post('insert', rows));
    return String([...made.users, ...made.companies, ...made.locations][0]);
  }

  return {
    /** Returns the id of the record there: AuthScape gives a new one another id than the copy did. */
    change: (change: ValueChange) => (change.side === 'dynamics' ? row(change) : record(change)),

    async merge(table: string, loser: string, master: string): Promise<void> {
      const party = (id: string) => ({
        '@odata.type': `Microsoft.Dynamics.CRM.${table}`,
        [`${table}id`]: id,
      });
      const body = { Target: party(master), Subordinate: party(loser), PerformParentingChecks: false };
      await editors.dynamics('POST', 'Merge', body);
    },
  };
}

const targetOf = (reference: FieldValue) => String(reference).replace('account:', '');

function bound(column: string, to: FieldValue): Record<string, unknown> {
  return { [`${LOOKUPS[column]}@odata.bind`]: to === null ? null : `/accounts(${targetOf(to)})` };
}
