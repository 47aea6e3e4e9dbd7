import type { Action, Call, Change } from './action.js';
import type { BodyReader } from './binding.js';
import type { CustomFieldRow, Platform } from './model.js';
import { nullReference, saveFailed, trackedTwice, ValidationError } from './replies.js';
import type { Store } from './store.js';

interface FieldInput {
  customFieldId: string;
  name: string;
  value: string | undefined;
}

export function readField(item: BodyReader): FieldInput {
  return {
    customFieldId: item.guid('customFieldId'),
    name: item.requiredText('name'),
    value: item.text('value'),
  };
}

/** Every field of the platform as the detail calls show it; a field without a stored value has none. */
export function detailFields(store: Store, platform: Platform, recordId: number) {
  return store.fieldsOf(platform).map((field) => ({
    ...fieldHead(field),
    properties: field.properties,
    value: store.valueOf(platform, recordId, field.id),
  }));
}

/** Only the fields with a stored value, as the user list shows them; undefined when there are none. */
export function listedFields(store: Store, platform: Platform, recordId: number) {
  const values = store.fieldValues[platform].get(recordId);
  if (values === undefined || values.size === 0) {
    return undefined;
  }
  return [...values].flatMap(([id, value]) => {
    const field = store.customFields.get(id);
    return field === undefined ? [] : [{ ...fieldHead(field), value }];
  });
}

/**
 * Works out an upsert of field values without doing it: fields that are not named keep their value.
 * Throws like a failed save for an unknown field, for one that is named twice and for a value of null.
 */
export function planFields(
  store: Store,
  platform: Platform,
  recordId: number,
  inputs: readonly FieldInput[],
) {
  if (new Set(inputs.map(({ customFieldId }) => customFieldId)).size < inputs.length) {
    throw trackedTwice();
  }
  const changes: Change[] = [];
  const writes: [fieldId: string, value: string][] = [];
  for (const { customFieldId, name, value } of inputs) {
    if (value === undefined || !store.customFields.has(customFieldId)) {
      throw saveFailed();
    }
    if (store.valueOf(platform, recordId, customFieldId) !== value) {
      changes.push({ name, value });
      writes.push([customFieldId, value]);
    }
  }
  const apply = () => {
    for (const [fieldId, value] of writes) {
      store.setValue(platform, recordId, fieldId, value);
    }
  };
  return { changes, apply };
}

export const getCustomFields: Action = (call) => {
  const platform = platformOf(call);
  const isDatagrid = call.query.boolean('IsDatagrid');
  return visibleFields(call)
    .filter((field) => field.platform === platform && (!isDatagrid || field.isColumnOnDatagrid))
    .map((field) => ({ ...definitionHead(field), isColumnOnDatagrid: field.isColumnOnDatagrid }));
};

export const getCustomField: Action = (call) => {
  const id = call.query.guid('id');
  const field = visibleFields(call).find((candidate) => candidate.id === id);
  return field === undefined
    ? undefined
    : {
        ...definitionHead(field),
        companyId: field.companyId,
        isColumnOnDatagrid: field.isColumnOnDatagrid,
        properties: field.properties,
      };
};

/** Tabs cannot be made here, so there are none. */
export const getCustomTabs: Action = (call) => {
  platformOf(call);
  signedIn(call);
  return [];
};

function fieldHead(field: CustomFieldRow) {
  return {
    customFieldId: field.id,
    name: field.name,
    isRequired: field.isRequired,
    size: field.size,
    customFieldType: field.type,
  };
}

function definitionHead(field: CustomFieldRow) {
  return {
    id: field.id,
    name: field.name,
    fieldType: field.type,
    customFieldPlatformType: field.platform,
    isRequired: field.isRequired,
    gridSize: field.size,
  };
}

function visibleFields(call: Call): CustomFieldRow[] {
  const { companyId } = signedIn(call);
  return [...call.store.customFields.values()].filter(
    (field) => field.companyId === null || field.companyId === companyId,
  );
}

/** AuthScape dereferences the signed-in user without looking. */
function signedIn(call: Call) {
  if (call.identity === undefined) {
    throw nullReference();
  }
  return call.identity;
}

/** Enums in a query come as number or as name; 0, no platform at all, when left out. */
function platformOf(call: Call): number {
  const text = call.query.text('platformType') ?? '0';
  const byName = ['', 'users', 'companies', 'locations'].indexOf(text.toLowerCase());
  if (byName > 0) {
    return byName;
  }
  if (!/^\d+$/.test(text)) {
    throw new ValidationError({ platformType: [`The value '${text}' is not valid.`] });
  }
  return Number(text);
}
