import { type Column, choice, column, readOnly, text } from './schema.js';

/** The address group `address1_*` or `address2_*`. */
export function addressColumns(prefix: string, label: string): Column[] {
  const part = (length: number, name: string, words: string) =>
    text(length, `${prefix}_${name}`, `${label}: ${words}`);
  return [
    part(200, 'name', 'Name'),
    part(250, 'line1', 'Street 1'),
    part(250, 'line2', 'Street 2'),
    part(250, 'line3', 'Street 3'),
    part(80, 'city', 'City'),
    part(50, 'stateorprovince', 'State/Province'),
    part(20, 'postalcode', 'ZIP/Postal Code'),
    part(80, 'country', 'Country/Region'),
    part(50, 'county', 'County'),
    part(50, 'telephone1', 'Phone'),
    part(50, 'fax', 'Fax'),
    choice(`${prefix}_addresstypecode`, `${label}: Address Type`, ['Bill To', 'Ship To', 'Primary', 'Other']),
    column('double', `${prefix}_latitude`, `${label}: Latitude`, { min: -90, max: 90, precision: 5 }),
    column('double', `${prefix}_longitude`, `${label}: Longitude`, { min: -180, max: 180, precision: 5 }),
    readOnly('memo', `${prefix}_composite`, label, { maxLength: 1000 }),
  ];
}

export const email = { format: 'Email' };
export const url = { format: 'Url' };
export const phone = { format: 'Phone' };

/** Several text columns of one length: name and label. */
export function textColumns(
  maxLength: number,
  columns: Record<string, string>,
  options: Partial<Column> = {},
): Column[] {
  return Object.entries(columns).map(([name, label]) => text(maxLength, name, label, options));
}
