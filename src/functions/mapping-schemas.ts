import { z } from 'zod';
import { plainName } from './request.js';

/** Bodies of mappings, field mappings and relationships. */

const direction = z.enum(['Bidirectional', 'Inbound', 'Outbound']);
const fieldName = plainName(300);
const columnName = z
  .string()
  .trim()
  .regex(
    /^[A-Za-z_][A-Za-z0-9_]{0,127}$/,
    'Must be a logical name, as in "emailaddress1" or "new_customfield".',
  );
const scalar = z.union([z.string().max(4000), z.number(), z.boolean()], {
  error: 'Must be a text, a number or true or false.',
});

/** Field names, alone or several; at least one and each once. */
const matchBy = z.preprocess(
  (value) => (typeof value === 'string' ? [value] : value),
  z
    .array(fieldName)
    .min(1)
    .max(5)
    .refine((names) => new Set(names.map((one) => one.toLowerCase())).size === names.length, {
      message: 'Names a field twice.',
    }),
);

const filter = z.string().trim().min(1, 'Is empty: null stands for no filter.').max(4000).nullable();

const MOST_ENTRIES = 1_000;

const inverted = z.boolean().optional();

export const transformBody = z.discriminatedUnion(
  'type',
  [
    z.strictObject({ type: z.literal('stateCode'), inverted }),
    z.strictObject({ type: z.literal('boolean'), inverted }),
    z.strictObject({
      type: z.literal('optionSet'),
      by: z.enum(['value', 'label']).optional(),
      language: z.number().int().min(1).max(65_535).optional(),
    }),
    z.strictObject({ type: z.literal('date'), timeZone: z.string().min(1).max(100).optional() }),
    z.strictObject({ type: z.literal('number'), decimals: z.number().int().min(0).max(10).optional() }),
    z.strictObject({ type: z.enum(['uppercase', 'lowercase', 'titleCase', 'trim']) }),
    z.strictObject({
      type: z.literal('concatenate'),
      fields: z.array(fieldName).min(1).max(20),
      separator: z.string().max(20).optional(),
    }),
    z.strictObject({
      type: z.literal('split'),
      separator: z.string().min(1).max(20),
      index: z.number().int().min(0).max(100),
    }),
    z.strictObject({ type: z.literal('default'), value: scalar }),
    z.strictObject({
      type: z.literal('valueMap'),
      map: z
        .unknown()
        // JSON takes this name, and an object loses it without a word.
        .refine((map) => !(typeof map === 'object' && map !== null && Object.hasOwn(map, '__proto__')), {
          message: 'The key "__proto__" cannot be used.',
        })
        .pipe(z.record(z.string().max(1000), scalar))
        .refine((map) => Object.keys(map).length > 0, { message: 'Must have at least one entry.' })
        .refine((map) => Object.keys(map).length <= MOST_ENTRIES, {
          message: `Must have at most ${MOST_ENTRIES} entries.`,
        }),
    }),
  ],
  { error: (issue) => (issue.code === 'invalid_union' ? 'Must be one of the known transforms.' : undefined) },
);

export const mappingBody = z.strictObject({
  authScapeEntity: z.enum(['User', 'Company', 'Location']),
  crmEntity: columnName,
  direction: direction.optional(),
  enabled: z.boolean().optional(),
  filter: filter.optional(),
  matchBy: matchBy.optional(),
  createDefaultFields: z.boolean().optional(),
});

export const mappingPatch = z.strictObject({
  direction: direction.optional(),
  enabled: z.boolean().optional(),
  filter: filter.optional(),
  matchBy: matchBy.optional(),
});

const fieldSettings = {
  direction: direction.optional(),
  enabled: z.boolean().optional(),
  required: z.boolean().optional(),
  syncNullValues: z.boolean().optional(),
  transform: transformBody.nullable().optional(),
};

export const fieldBody = z.strictObject({
  authScapeField: fieldName,
  crmField: columnName,
  ...fieldSettings,
});

export const fieldPatch = z.strictObject({
  authScapeField: fieldName.optional(),
  crmField: columnName.optional(),
  ...fieldSettings,
});

const MOST_FIELDS = 200;
const replacement = z.array(fieldBody.extend({ id: z.string().min(1).max(100).optional() })).max(MOST_FIELDS);

/** All fields of a mapping: the array itself, or wrapped as `items` (as lists answer) or `fields` (as mappings do). */
export const fieldsBody = z.preprocess(
  (value) => {
    if (Array.isArray(value)) return { fields: value };
    const wrapped = z.strictObject({ items: z.unknown() }).safeParse(value);
    return wrapped.success ? { fields: wrapped.data.items } : value;
  },
  z.strictObject({ fields: replacement }),
);

const relationshipSettings = {
  direction: direction.optional(),
  enabled: z.boolean().optional(),
  syncNullValues: z.boolean().optional(),
  autoCreateRelated: z.boolean().optional(),
};

/** The two references that AuthScape has are taken in any case, like all its field names. */
const reference = z.preprocess(
  (value) =>
    typeof value === 'string'
      ? (['companyId', 'locationId'].find((known) => known.toLowerCase() === value.trim().toLowerCase()) ??
        value)
      : value,
  z.enum(['companyId', 'locationId']),
);
const relatedEntity = z.enum(['Company', 'Location']);

export const relationshipBody = z.strictObject({
  authScapeField: reference,
  relatedEntity,
  crmLookupField: columnName,
  crmRelatedEntity: columnName,
  ...relationshipSettings,
});

export const relationshipPatch = z.strictObject({
  authScapeField: reference.optional(),
  relatedEntity: relatedEntity.optional(),
  crmLookupField: columnName.optional(),
  crmRelatedEntity: columnName.optional(),
  ...relationshipSettings,
});
