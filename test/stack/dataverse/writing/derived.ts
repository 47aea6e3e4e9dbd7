import type { Scalar, TableDefinition } from '../tables/schema.js';
import type { Row } from '../tables/table-store.js';

type Values = Record<string, Scalar>;

/** Columns that Dataverse computes from others; called after every change, on the values to be stored. */
export function derive(table: TableDefinition, values: Values, lookups: Row['lookups']): void {
  if (table.name === 'contact') {
    deriveContact(values, lookups);
  }
  for (const prefix of ['address1', 'address2']) {
    if (table.columns.has(`${prefix}_composite`)) {
      values[`${prefix}_composite`] = composite(values, prefix);
    }
  }
  const rate = Number(values.exchangerate ?? 1);
  for (const { name } of table.amounts) {
    const amount = values[name] ?? null;
    values[`${name}_base`] = amount === null ? null : Number((Number(amount) / rate).toFixed(4));
  }
}

function deriveContact(values: Values, lookups: Row['lookups']): void {
  const fullName = joined([values.firstname, values.lastname], ' ');
  values.fullname = fullName;
  values.yomifullname = fullName;
  const parent = values._parentcustomerid_value ?? null;
  const parentTable = lookups._parentcustomerid_value;
  setLookup(values, lookups, '_accountid_value', parentTable === 'account' ? parent : null, 'account');
  setLookup(values, lookups, '_parentcontactid_value', parentTable === 'contact' ? parent : null, 'contact');
}

function setLookup(
  values: Values,
  lookups: Row['lookups'],
  property: string,
  id: Scalar,
  table: string,
): void {
  values[property] = id;
  if (id === null) {
    delete lookups[property];
  } else {
    lookups[property] = table;
  }
}

/** Lines, then "city, state postal code", then the country. */
function composite(values: Values, prefix: string): string | null {
  const part = (name: string) => values[`${prefix}_${name}`];
  const region = joined([part('stateorprovince'), part('postalcode')], ' ');
  const town = joined([part('city'), region], ', ');
  return joined([part('line1'), part('line2'), part('line3'), town, part('country')], '\r\n');
}

function joined(parts: readonly (Scalar | undefined)[], separator: string): string | null {
  const texts = parts.filter((part) => typeof part === 'string' && part !== '');
  return texts.length === 0 ? null : texts.join(separator);
}
