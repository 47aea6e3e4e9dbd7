import { type Column, choice, column, readOnly, text } from './schema.js';

const SHIPPING_METHODS = ['Airborne', 'DHL', 'FedEx', 'UPS', 'Postal Mail', 'Full Load', 'Will Call'];
const PAYMENT_TERMS = ['Net 30', '2% 10, Net 30', 'Net 45', 'Net 60'];

/** Choices that are shipped with one option, for organizations to fill. */
export function unfilled(labels: Record<string, string>): Column[] {
  return Object.entries(labels).map(([name, label]) => choice(name, label, ['Default Value']));
}

/** Columns that accounts and contacts share, apart from addresses and e-mails. */
export function customerColumns(): Column[] {
  return [
    ...unfilled({ customersizecode: 'Customer Size', shippingmethodcode: 'Shipping Method' }),
    ...unfilled({ territorycode: 'Territory' }),
    choice('paymenttermscode', 'Payment Terms', PAYMENT_TERMS),
    column('boolean', 'creditonhold', 'Credit Hold'),
    column('boolean', 'participatesinworkflow', 'Participates in Workflow'),
    column('boolean', 'donotsendmm', 'Send Marketing Materials'),
    column('boolean', 'donotbulkpostalmail', 'Do not allow Bulk Mails'),
    readOnly('datetime', 'lastusedincampaign', 'Last Date Included in Campaign'),
    readOnly('datetime', 'lastonholdtime', 'Last On Hold Time'),
    column('image', 'entityimage', 'Default Image'),
    readOnly('guid', 'entityimageid', 'Entity Image Id'),
  ];
}

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
    part(20, 'postofficebox', 'Post Office Box'),
    part(100, 'primarycontactname', 'Primary Contact Name'),
    part(50, 'telephone2', 'Phone 2'),
    part(50, 'telephone3', 'Phone 3'),
    part(4, 'upszone', 'UPS Zone'),
    column('integer', `${prefix}_utcoffset`, `${label}: UTC Offset`, { min: -1500, max: 1500 }),
    choice(`${prefix}_freighttermscode`, `${label}: Freight Terms`, ['FOB', 'No Charge']),
    choice(`${prefix}_shippingmethodcode`, `${label}: Shipping Method`, SHIPPING_METHODS),
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
