import type { FieldValue } from '../../../src/domain/values.js';
import type { Harness } from '../../application/support/harness.js';
import type { BothSides } from './journey.js';

/** Both simulators' records in the form of the systems in memory. */

const filled = (value: string | null) => (value === null || value.trim() === '' ? null : value);
const idOf = (id: number | null) => (id === null ? null : String(id));
const rowOf = (table: string, id: string | null) => (id === null ? null : `${table}:${id}`);

export function showAuthScape(
  a: Harness['a'],
  { users, companies, locations }: BothSides['authScape'],
): void {
  const { User, Company, Location } = a.records;
  User.clear();
  for (const { id, roles, companyId, firstName, lastName, email, phoneNumber, isActive } of users) {
    const texts = {
      firstName: filled(firstName),
      lastName: filled(lastName),
      phoneNumber: filled(phoneNumber),
    };
    const values = { ...texts, email, isActive, companyId: idOf(companyId) };
    User.set(String(id), { id: String(id), values, roles });
  }
  Company.clear();
  for (const { id, title, isDeactivated } of companies) {
    Company.set(String(id), { id: String(id), values: { title, isDeactivated }, roles: [] });
  }
  Location.clear();
  for (const { id, title, isDeactivated, address, city, companyId } of locations) {
    const values = { title, isDeactivated, address: filled(address), city: filled(city) };
    const record = { id: String(id), values: { ...values, companyId: idOf(companyId) }, roles: [] };
    Location.set(record.id, record);
  }
}

interface Shown {
  readonly id: string;
  readonly values: Record<string, FieldValue>;
  readonly mergedInto: string | null;
}

export function showDynamics({ tables }: Harness['d'], { contacts, accounts }: BothSides['dynamics']): void {
  showRows(
    tables.get('contact'),
    contacts.map(({ contactid: id, firstname, lastname, emailaddress1, telephone1, statecode, ...row }) => {
      const parentcustomerid = rowOf('account', row._parentcustomerid_value);
      const values = { firstname, lastname, emailaddress1, telephone1, statecode, parentcustomerid };
      return { id, values, mergedInto: row._masterid_value };
    }),
  );
  showRows(
    tables.get('account'),
    accounts.map(({ accountid: id, name, statecode, address1_line1, address1_city, ...row }) => {
      const parentaccountid = rowOf('account', row._parentaccountid_value);
      const values = { name, statecode, address1_line1, address1_city, parentaccountid };
      return { id, values, mergedInto: row._masterid_value };
    }),
  );
}

type Table = ReturnType<Harness['d']['tables']['get']>;

function showRows(table: Table, shown: readonly Shown[]): void {
  if (table === undefined) throw new Error('The copy lacks a table.');
  const present = new Set(shown.map(({ id }) => id));
  for (const [id, row] of table.rows) {
    if (!present.has(id)) table.deleted.set(id, { version: 0, row });
  }
  table.rows.clear();
  for (const row of shown) {
    table.rows.set(row.id, { ...row, version: 0, modifiedAt: 0 });
    table.deleted.delete(row.id);
  }
}
