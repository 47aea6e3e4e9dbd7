import { type Action, booleanText, type Change } from './action.js';
import type { BodyReader } from './binding.js';
import { detailFields, planFields, readField } from './custom-fields.js';
import type { CompanyRow } from './model.js';
import { envelope, pageOf, searchText, shuffle } from './paging.js';
import {
  BadRequestError,
  emptyOk,
  nullReference,
  nullSource,
  UnsupportedError,
  ValidationError,
} from './replies.js';
import type { Store } from './store.js';
import { compareTitles } from './user-table.js';

const typeAheadRows = 20;
const forLocationRows = 50;

export const listCompanies: Action = ({ store, body }) => {
  const input = body();
  const offset = input.int32('offset') ?? 0;
  const length = input.int32('length') ?? 0;
  const search = searchText(input.text('searchByName'));
  const isActive = input.boolean('isActive') ?? false;
  input.finish();
  const rows = [...store.companies.values()]
    .filter((company) => company.isDeactivated === !isActive && hasTitle(company, search))
    .sort(compareTitles);
  const page = pageOf(rows, (a, b) => compareTitles(a, b) === 0, { offset, length, ties: store.ties });
  return envelope(
    rows.length,
    gridRows(store, page, (company) => !company.isDeactivated),
  );
};

/** `isActive` is never set by this call. */
export const getAllCompanies: Action = ({ store }) => gridRows(store, activeCompanies(store), () => false);

export const findCompanies: Action = ({ store, query }) =>
  activeCompanies(store, searchText(query.text('name')))
    .slice(0, typeAheadRows)
    .map(({ id, title, logo, description, isDeactivated }) => ({
      id,
      title,
      logo,
      description,
      isDeactivated,
    }));

export const getCompaniesForLocation: Action = ({ store, query }) => {
  const search = searchText(query.text('searchBName'));
  if (search === undefined) {
    throw new ValidationError({ searchBName: ['The searchBName field is required.'] });
  }
  const rows = activeCompanies(store, search).sort(compareTitles).slice(0, forLocationRows);
  return gridRows(store, rows, () => true);
};

export const getCompany: Action = ({ store, query, identity }) => {
  const company = store.companies.get(query.integer('companyId'));
  if (company === undefined) {
    throw new BadRequestError('Company not found');
  }
  store.replaces.noteRead(identity?.id, { entity: 'Company', id: company.id });
  return {
    id: company.id,
    logo: company.logo,
    title: company.title,
    description: company.description,
    isDeactivated: company.isDeactivated,
    locations: store.locationsOf(company.id).map((location) => ({ ...location, isActive: false })),
    customFields: detailFields(store, 2, company.id),
    emailDomains: shuffle([...company.emailDomains]),
  };
};

/** Saves in steps without a transaction: title, state and locations; then custom fields; then the domains. */
export const updateCompany: Action = ({ store, body, identity }) => {
  const input = readCompany(body());
  const company = store.companies.get(input.id);
  if (input.locationIds === undefined || input.id === -1) {
    throw nullSource();
  }
  if (company === undefined) {
    throw nullReference();
  }
  const changes: Change[] = [];
  if (company.title !== input.title) {
    changes.push({ name: 'Title', value: input.title });
    const before = { name: 'Title', before: company.title };
    store.replaces.noteReplace(identity?.id, { entity: 'Company', id: company.id }, [before]);
  }
  if (company.isDeactivated !== input.isDeactivated) {
    changes.push({ name: 'IsDeactivated', value: booleanText(input.isDeactivated) });
  }
  company.title = input.title;
  company.isDeactivated = input.isDeactivated;
  moveLocations(store, company.id, new Set(input.locationIds));
  store.recordChange('Company', company.id, 'updated');
  const fields = planFields(store, 2, company.id, input.customFields);
  fields.apply();
  company.emailDomains = input.domains;
  store.recordHook('UpdateCompany', 'Company', company.id);
  return [...changes, ...fields.changes];
};

export const archiveCompany: Action = ({ store, query }) => setDeactivated(store, query.integer('id'), true);

export const activateCompany: Action = ({ store, query }) =>
  setDeactivated(store, query.integer('id'), false);

/** The template host's way to make a company, which installations may have deleted. */
export const sampleCreateCompany: Action = ({ store, body }) => {
  const input = body();
  const title = input.requiredText('title');
  const lists = ['users', 'storeCredits', 'locations', 'dnsRecords', 'customFields', 'emailDomains'];
  const items = lists.flatMap((name) => input.requiredList(name, () => name));
  const others = [input.text('description'), input.text('logo'), input.boolean('isDeactivated')];
  input.finish();
  if (items.length > 0 || others.some((value) => value !== undefined && value !== false)) {
    throw new UnsupportedError('PUT api/Companies with anything but a title and empty lists.');
  }
  const company = { title, description: null, logo: null, isDeactivated: false, emailDomains: [] };
  store.recordChange('Company', store.addCompany(company).id, 'created');
  return emptyOk;
};

function readCompany(body: BodyReader) {
  const input = {
    id: body.integer('id') ?? 0,
    title: body.requiredText('title'),
    isDeactivated: body.boolean('isDeactivated') ?? false,
    locationIds: body.list('locations', (item) => item.integer('id') ?? 0),
    customFields: body.requiredList('customFields', readField),
    domains: body.texts('domains') ?? [],
  };
  body.finish();
  return input;
}

/** Takes the named locations, from other companies too, and lets go of the rest. */
function moveLocations(store: Store, companyId: number, wanted: ReadonlySet<number>): void {
  for (const location of store.locations.values()) {
    const isWanted = wanted.has(location.id);
    if (isWanted !== (location.companyId === companyId)) {
      location.companyId = isWanted ? companyId : null;
      store.recordChange('Location', location.id, 'updated');
    }
  }
}

function setDeactivated(store: Store, id: number, isDeactivated: boolean): typeof emptyOk {
  const company = store.companies.get(id);
  if (company !== undefined) {
    company.isDeactivated = isDeactivated;
    store.recordChange('Company', id, 'updated');
  }
  return emptyOk;
}

function hasTitle(company: CompanyRow, search: string | undefined): boolean {
  return search === undefined || company.title.toLowerCase().includes(search);
}

/** In no order at all. */
function activeCompanies(store: Store, search?: string): CompanyRow[] {
  return shuffle(
    [...store.companies.values()].filter((company) => !company.isDeactivated && hasTitle(company, search)),
  );
}

function gridRows(store: Store, companies: readonly CompanyRow[], isActive: (row: CompanyRow) => boolean) {
  const users = countByCompany(store.users.all());
  const locations = countByCompany(store.locations.values());
  return companies.map((company) => ({
    id: company.id,
    logo: company.logo,
    title: company.title,
    isActive: isActive(company),
    numberOfLocations: locations.get(company.id) ?? 0,
    numberOfUsers: users.get(company.id) ?? 0,
  }));
}

function countByCompany(rows: Iterable<{ companyId: number | null }>): Map<number, number> {
  const counts = new Map<number, number>();
  for (const { companyId } of rows) {
    if (companyId !== null) {
      counts.set(companyId, (counts.get(companyId) ?? 0) + 1);
    }
  }
  return counts;
}
