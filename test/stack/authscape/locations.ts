import { type Action, booleanText, type Change } from './action.js';
import type { BodyReader } from './binding.js';
import { detailFields, planFields, readField } from './custom-fields.js';
import type { LocationRow } from './model.js';
import { envelope, pageOf, searchText, shuffle } from './paging.js';
import { emptyOk, saveFailed } from './replies.js';
import type { Store } from './store.js';

type LocationInput = ReturnType<typeof readLocation>;

/** Has no order at all: every request shuffles anew. */
export const listLocations: Action = ({ store, body }) => {
  const input = body();
  const offset = input.int32('offset') ?? 0;
  const length = input.int32('length') ?? 0;
  const search = searchText(input.text('name'));
  const companyId = input.integer('companyId');
  input.integer('companyType');
  const isActive = input.boolean('isActive') ?? false;
  input.finish();
  const rows = [...store.locations.values()].filter(
    (location) =>
      location.isDeactivated === !isActive &&
      (search === undefined || location.title.toLowerCase().includes(search)) &&
      (companyId === undefined || location.companyId === companyId),
  );
  const page = pageOf(rows, () => true, { offset, length, ties: 'shuffled' });
  return envelope(
    rows.length,
    page.map((location) => ({
      ...location,
      isActive: !location.isDeactivated,
      company: companyOf(store, location),
    })),
  );
};

/** Every location: the filters are read and then thrown away. */
export const getLocations: Action = ({ store, query }) => {
  query.integer('companyId');
  return shuffle([...store.locations.values()]).map((location) => ({ ...location, isActive: false }));
};

export const getLocation: Action = ({ store, query, identity }) => {
  const location = store.locations.get(query.integer('locationId'));
  if (location === undefined) {
    return undefined;
  }
  store.replaces.noteRead(identity?.id, { entity: 'Location', id: location.id });
  return {
    ...location,
    isActive: false,
    company: companyOf(store, location),
    customFields: detailFields(store, 3, location.id),
  };
};

/** Full replace; -1 creates. Custom field values go to the id of the body, without a check. */
export const updateLocation: Action = ({ store, body, identity }) => {
  const input = readLocation(body());
  const isNew = input.id === -1;
  const existing = isNew ? undefined : store.locations.get(input.id);
  if ((isNew || existing !== undefined) && !store.hasReferences(input.columns.companyId, null)) {
    throw saveFailed();
  }
  const changes = isNew ? creationChanges(input) : changesOf(input, existing);
  const location = isNew ? store.addLocation({ ...input.columns, lat: null, lng: null }) : existing;
  if (existing !== undefined) {
    store.replaces.noteReplace(
      identity?.id,
      { entity: 'Location', id: existing.id },
      changedNames(input, existing)
        .map((name) => change(existing, name))
        .map(({ name, value }) => ({ name, before: value })),
    );
    Object.assign(existing, input.columns);
  }
  if (location !== undefined) {
    store.recordChange('Location', location.id, isNew ? 'created' : 'updated');
  }
  const fields = planFields(store, 3, input.id, input.customFields);
  fields.apply();
  if (location !== undefined) {
    store.recordHook('UpdateLocation', 'Location', location.id);
  }
  return [...changes, ...fields.changes];
};

export const archiveLocation: Action = ({ store, query }) => setDeactivated(store, query.integer('id'), true);

export const activateLocation: Action = ({ store, query }) =>
  setDeactivated(store, query.integer('id'), false);

function readLocation(body: BodyReader) {
  const input = {
    id: body.integer('id') ?? 0,
    columns: {
      title: body.requiredText('title'),
      isDeactivated: body.boolean('isDeactivated') ?? false,
      address: body.text('address') ?? null,
      city: body.text('city') ?? null,
      state: body.text('state') ?? null,
      // Written as postalCode, read as zipCode.
      zipCode: body.text('postalCode') ?? null,
      companyId: body.integer('companyId') ?? null,
    },
    customFields: body.requiredList('customFields', readField),
  };
  body.finish();
  return input;
}

function changesOf(input: LocationInput, existing: LocationRow | undefined): Change[] {
  return existing === undefined
    ? []
    : changedNames(input, existing).map((name) => change(input.columns, name));
}

function changedNames({ columns }: LocationInput, existing: LocationRow) {
  const names = ['title', 'isDeactivated', 'address', 'city', 'state', 'zipCode', 'companyId'] as const;
  return names.filter((name) => columns[name] !== existing[name]);
}

function creationChanges({ columns }: LocationInput): Change[] {
  const always = ['title', 'isDeactivated', 'companyId'] as const;
  const whenFilled = (['address', 'city', 'state', 'zipCode'] as const).filter((name) =>
    columns[name]?.trim(),
  );
  return [...always, ...whenFilled].map((name) => change(columns, name));
}

function change(columns: LocationInput['columns'], name: keyof LocationInput['columns']): Change {
  const value = columns[name];
  const title = name.charAt(0).toUpperCase() + name.slice(1);
  if (name === 'companyId') {
    return { name: title, value: String(value ?? '') };
  }
  return { name: title, value: typeof value === 'boolean' ? booleanText(value) : (value as string | null) };
}

function companyOf(store: Store, location: LocationRow) {
  const company = location.companyId === null ? undefined : store.companies.get(location.companyId);
  return company && { id: company.id, title: company.title, isDeactivated: false };
}

function setDeactivated(store: Store, id: number, isDeactivated: boolean): typeof emptyOk {
  const location = store.locations.get(id);
  if (location !== undefined) {
    location.isDeactivated = isDeactivated;
    store.recordChange('Location', id, 'updated');
  }
  return emptyOk;
}
