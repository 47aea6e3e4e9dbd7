import type { BothSides } from './journey.js';
import type { Link } from './shapes.js';

/** Ids, times and versions differ between two stacks of the same data; everything else is to be the same. */
const volatile = new Set([
  ...['id', 'contactid', 'accountid', 'companyId', 'locationId', 'created', 'archived', 'fullname'],
  ...['createdon', 'modifiedon', 'versionnumber', 'overriddencreatedon', 'yomifullname'],
]);

type Row = Record<string, unknown>;

function plain(row: Row, names: ReadonlyMap<unknown, string>): string {
  const kept = Object.entries(row)
    .filter(([name, value]) => !volatile.has(name) && !/^_(?!parentcustomerid)/.test(name) && value !== null)
    .map(([name, value]) => [name, names.get(value) ?? value])
    .sort(([a], [b]) => (String(a) < String(b) ? -1 : 1));
  return JSON.stringify(Object.fromEntries(kept));
}

/** All that both sides hold and which records belong together, free of what no two stacks have in common. */
export function fingerprint({ authScape, dynamics }: BothSides, links: readonly Link[]) {
  const contacts = new Map(
    dynamics.contacts.map((row) => [row.contactid, row.emailaddress1 ?? row.lastname]),
  );
  const accounts = new Map<unknown, string>(dynamics.accounts.map((row) => [row.accountid, row.name ?? '']));
  const people = new Map(authScape.users.map((user) => [String(user.id), user.email]));
  const titles = (places: BothSides['authScape']['companies']) =>
    new Map(places.map((place) => [String(place.id), place.title]));
  const left: Record<string, ReadonlyMap<string, string>> = {
    User: people,
    Company: titles(authScape.companies),
    Location: titles(authScape.locations),
  };
  const nameOfLink = ({ entity, authScapeId, crmId, state }: Link) =>
    [
      entity,
      left[entity]?.get(authScapeId),
      (entity === 'User' ? contacts : accounts).get(crmId),
      state,
    ].join(' | ');
  const rows = (all: readonly Row[]) => all.map((row) => plain(row, accounts)).sort();
  return {
    users: rows(authScape.users),
    companies: rows(authScape.companies),
    locations: rows(authScape.locations),
    contacts: rows(dynamics.contacts),
    accounts: rows(dynamics.accounts),
    links: links.map(nameOfLink).sort(),
  };
}

/** What stands more than once in a list. */
export function doubles(values: readonly (string | null | undefined)[]): string[] {
  const known = values.filter((value) => value !== null && value !== undefined && value !== '');
  const lower = known.map((value) => String(value).toLowerCase());
  return [...new Set(lower.filter((value, index) => lower.indexOf(value) !== index))];
}
