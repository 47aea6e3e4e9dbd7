import { z } from 'zod';
import { ControlError } from '../../control.js';
import type { Environment } from '../environment.js';
import {
  type Choice,
  type Column,
  column,
  defineTable,
  lookup,
  systemColumns,
  text,
} from '../tables/schema.js';
import { requireColumn, requireTable } from './require-table.js';

const count = z.int().nonnegative();
const choice = z.strictObject({ value: z.int(), label: z.string(), state: z.int().exactOptional() });
const options = {
  label: z.string().exactOptional(),
  maxLength: z.int().positive().exactOptional(),
  format: z.string().exactOptional(),
  min: z.number().exactOptional(),
  max: z.number().exactOptional(),
  precision: count.exactOptional(),
  precisionSource: z.union([z.literal(0), z.literal(1), z.literal(2)]).exactOptional(),
  required: z.enum(['None', 'Recommended', 'ApplicationRequired', 'SystemRequired']).exactOptional(),
  canCreate: z.boolean().exactOptional(),
  canUpdate: z.boolean().exactOptional(),
  source: z.enum(['calculated', 'rollup']).exactOptional(),
  /** Such as `CUST-{SEQNUM:5}`. */
  autoNumber: z.string().includes('{SEQNUM:').exactOptional(),
  choices: z.array(choice).exactOptional(),
};
const newColumnSchema = z.strictObject({
  ...options,
  name: z.string().regex(/^[a-z][a-z0-9_]*$/),
  type: z.enum([
    ...(['string', 'memo', 'integer', 'bigint', 'decimal', 'double', 'money', 'boolean'] as const),
    ...(['picklist', 'multiselect', 'datetime', 'dateonly', 'lookup'] as const),
    ...(['file', 'image', 'partylist'] as const),
  ]),
  target: z.string().exactOptional(),
  onDelete: z.enum(['cascade', 'removeLink', 'restrict']).exactOptional(),
});
const columnSchema = z.union([
  z.strictObject({ table: z.string(), column: newColumnSchema }),
  z.strictObject({ table: z.string(), change: z.strictObject({ ...options, name: z.string() }) }),
]);
const removalSchema = z.strictObject({ table: z.string(), column: z.string() });
const optionsSchema = z.strictObject({
  table: z.string(),
  column: z.string(),
  add: z.array(choice).default([]),
  remove: z.array(z.int()).default([]),
  /** New labels by value. */
  rename: z.record(z.string().regex(/^-?\d+$/), z.string()).default({}),
});
const tableSchema = z.strictObject({
  name: z.string().regex(/^[a-z][a-z0-9_]*$/),
  setName: z.string().min(1),
  label: z.string().exactOptional(),
  trackChanges: z.boolean().default(true),
  /** What can be registered on it: steps, none although messages name it, or not even those do. */
  steps: z.enum(['taken', 'refused', 'unknown']).default('taken'),
  columns: z.array(newColumnSchema).default([]),
});

/** `POST /_sim/columns`: a new column, or other properties of one that is there. */
export function changeColumns(environment: Environment, body: unknown) {
  const wanted = columnSchema.parse(body);
  const store = requireTable(environment, wanted.table);
  if ('change' in wanted) {
    const { name, ...changes } = wanted.change;
    Object.assign(requireColumn(store, name), changes);
    return { table: wanted.table, column: name };
  }
  const { name } = wanted.column;
  if (store.definition.columns.has(name)) {
    throw new ControlError(400, `The table '${wanted.table}' has a column '${name}' already.`);
  }
  for (const item of newColumns(environment, wanted.table, wanted.column)) {
    environment.addColumn(wanted.table, item);
  }
  return { table: wanted.table, column: name };
}

/** `DELETE /_sim/columns`: the column and its values are gone. */
export function removeColumn(environment: Environment, body: unknown) {
  const { table, column: name } = removalSchema.parse(body);
  requireColumn(requireTable(environment, table), name);
  environment.removeColumn(table, name);
  return { table, column: name };
}

/** `POST /_sim/options`: choices that come, go or get another label; rows keep the values that they have. */
export function changeOptions(environment: Environment, body: unknown): { choices: Choice[] } {
  const { table, column: name, add, remove, rename } = optionsSchema.parse(body);
  const item = requireColumn(requireTable(environment, table), name);
  if (item.choices === undefined) {
    throw new ControlError(400, `The column '${name}' has no options.`);
  }
  item.choices = [
    ...item.choices
      .filter(({ value }) => !remove.includes(value))
      .map((known) => ({ ...known, label: rename[String(known.value)] ?? known.label })),
    ...add,
  ];
  return { choices: item.choices };
}

/** `POST /_sim/tables`: a custom table, whose set may have any name. */
export function addTable(environment: Environment, body: unknown) {
  const { name, setName, label = name, trackChanges, steps, columns } = tableSchema.parse(body);
  if (environment.tables.has(name) || environment.bySet.has(setName)) {
    throw new ControlError(400, `There is a table '${name}' or a set '${setName}' already.`);
  }
  environment.addTable(
    defineTable({
      ...{ name, label, setName, schemaName: name, primaryId: `${name}id`, primaryName: 'new_name' },
      typeCode: 10_000 + environment.tables.size,
      ownership: 'UserOwned',
      isCustom: true,
      canTrackChanges: trackChanges,
      steps,
      hasRowVersions: true,
      columns: [text(100, 'new_name', 'Name'), ...systemColumns(name)],
    }),
  );
  for (const item of columns.flatMap((wanted) => newColumns(environment, name, wanted))) {
    environment.addColumn(name, item);
  }
  return { table: name, setName };
}

type WantedColumn = z.infer<typeof newColumnSchema>;

/** A lookup gets a navigation property of its name; a rollup column comes with the time and state of its last run. */
function newColumns(environment: Environment, table: string, wanted: WantedColumn): Column[] {
  const { name, type, label = name, target, onDelete, ...rest } = wanted;
  const computed = rest.source === undefined && type !== 'file' ? {} : { canCreate: false, canUpdate: false };
  if (type === 'lookup' || type === 'partylist') {
    const to = requireTable(environment, target ?? '').definition.name;
    const relationship = `${to}_${table}_${name}`;
    const targets = [{ table: to, nav: name, relationship, onDelete: onDelete ?? ('removeLink' as const) }];
    return [
      type === 'lookup'
        ? lookup(name, label, targets, { ...rest })
        : column(type, name, label, { targets: targets.map((item) => ({ ...item, nav: '' })), ...rest }),
    ];
  }
  if (type === 'money') {
    return [
      column(type, name, label, { precision: 2, ...computed, ...rest }),
      column(type, `${name}_base`, `${label} (Base)`, { precision: 4, canCreate: false, canUpdate: false }),
    ];
  }
  const isText = type === 'string' || type === 'memo';
  const item = column(type, name, label, {
    ...(isText ? { maxLength: type === 'string' ? 100 : 2000, format: 'Text' } : {}),
    ...computed,
    ...rest,
  });
  return rest.source === 'rollup'
    ? [
        item,
        column('datetime', `${name}_date`, `${label} (Last Updated On)`, computed),
        column('integer', `${name}_state`, `${label} (State)`, computed),
      ]
    : [item];
}
