import { webhookTables } from '../webhooks/webhook-tables.js';
import {
  addressColumns,
  customerColumns,
  email,
  phone,
  textColumns,
  unfilled,
  url,
} from './column-groups.js';
import { contactTable } from './contact-table.js';
import {
  type Column,
  choice,
  column,
  defineTable,
  flag,
  lookup,
  moneyColumns,
  readOnly,
  systemColumns,
  type TableDefinition,
  text,
} from './schema.js';

const INDUSTRIES = [
  'Accounting',
  'Agriculture',
  'Broadcasting',
  'Brokers',
  'Building Supply Retail',
  'Business Services',
];
const CONTACT_METHODS = ['Any', 'Email', 'Phone', 'Fax', 'Mail'];
const CUSTOMER_TYPES = [
  ...['Competitor', 'Consultant', 'Customer', 'Investor', 'Partner', 'Influencer', 'Press', 'Prospect'],
  ...['Reseller', 'Supplier', 'Vendor', 'Other'],
];

function accountTable(): TableDefinition {
  return defineTable({
    name: 'account',
    schemaName: 'Account',
    label: 'Account',
    setName: 'accounts',
    primaryId: 'accountid',
    primaryName: 'name',
    typeCode: 1,
    ownership: 'UserOwned',
    isCustom: false,
    canTrackChanges: true,
    hasRowVersions: true,
    columns: [
      text(160, 'name', 'Account Name', { required: 'ApplicationRequired', indexed: true }),
      text(20, 'accountnumber', 'Account Number'),
      text(200, 'websiteurl', 'Website', url),
      text(100, 'emailaddress1', 'Email', { ...email, indexed: true }),
      text(50, 'telephone1', 'Main Phone', phone),
      text(50, 'fax', 'Fax'),
      column('memo', 'description', 'Description', { maxLength: 2000 }),
      text(10, 'tickersymbol', 'Ticker Symbol'),
      text(20, 'sic', 'SIC Code'),
      column('integer', 'numberofemployees', 'Number of Employees', { min: 0, max: 1_000_000_000 }),
      choice('industrycode', 'Industry', INDUSTRIES),
      choice('customertypecode', 'Relationship Type', CUSTOMER_TYPES),
      choice('ownershipcode', 'Ownership', ['Public', 'Private', 'Subsidiary', 'Other']),
      choice('accountcategorycode', 'Category', ['Preferred Customer', 'Standard']),
      choice('preferredcontactmethodcode', 'Preferred Method of Contact', CONTACT_METHODS, { initial: 1 }),
      ...unfilled({ accountclassificationcode: 'Classification', accountratingcode: 'Account Rating' }),
      ...unfilled({ businesstypecode: 'Business Type' }),
      ...textColumns(100, { emailaddress2: 'Email Address 2', emailaddress3: 'Email Address 3' }, email),
      ...textColumns(50, { telephone2: 'Other Phone', telephone3: 'Telephone 3' }, phone),
      text(200, 'ftpsiteurl', 'FTP Site', url),
      text(20, 'stockexchange', 'Stock Exchange'),
      text(160, 'yominame', 'Yomi Account Name', { format: 'PhoneticGuide' }),
      column('integer', 'sharesoutstanding', 'Shares Outstanding', { min: 0, max: 1_000_000_000 }),
      column('boolean', 'donotemail', 'Do not allow Emails'),
      column('boolean', 'donotphone', 'Do not allow Phone Calls'),
      column('boolean', 'donotfax', 'Do not allow Faxes'),
      column('boolean', 'donotpostalmail', 'Do not allow Mails'),
      column('boolean', 'donotbulkemail', 'Do not allow Bulk Emails'),
      ...customerColumns(),
      flag('merged', 'Merged', { canCreate: false, canUpdate: false }),
      ...moneyColumns('account', [
        { name: 'revenue', label: 'Annual Revenue' },
        { name: 'marketcap', label: 'Market Capitalization' },
        { name: 'creditlimit', label: 'Credit Limit' },
      ]),
      lookup('primarycontactid', 'Primary Contact', [
        {
          table: 'contact',
          nav: 'primarycontactid',
          relationship: 'account_primary_contact',
          onDelete: 'removeLink',
        },
      ]),
      lookup('parentaccountid', 'Parent Account', [
        {
          table: 'account',
          nav: 'parentaccountid',
          relationship: 'account_parent_account',
          onDelete: 'removeLink',
        },
      ]),
      lookup(
        'masterid',
        'Master ID',
        [
          {
            table: 'account',
            nav: 'masterid',
            relationship: 'account_master_account',
            onDelete: 'removeLink',
          },
        ],
        { canCreate: false, canUpdate: false },
      ),
      ...addressColumns('address1', 'Address 1'),
      ...addressColumns('address2', 'Address 2'),
      ...systemColumns('account'),
    ],
  });
}

function membershipTable(): TableDefinition {
  return defineTable({
    name: 'new_membership',
    schemaName: 'new_Membership',
    label: 'Membership',
    setName: 'new_memberships',
    primaryId: 'new_membershipid',
    primaryName: 'new_name',
    typeCode: 10_001,
    ownership: 'UserOwned',
    isCustom: true,
    canTrackChanges: false,
    hasRowVersions: true,
    columns: [
      text(100, 'new_name', 'Name', { required: 'ApplicationRequired' }),
      choice('new_level', 'Level', ['Bronze', 'Silver', 'Gold', 'Platinum']),
      column('integer', 'new_points', 'Points', { min: -2_147_483_648, max: 2_147_483_647 }),
      ...moneyColumns('new_membership', [{ name: 'new_fee', label: 'Fee' }]),
      column('dateonly', 'new_since', 'Member Since'),
      column('datetime', 'new_lastseen', 'Last Seen'),
      flag('new_active', 'Active'),
      // The navigation property of a custom lookup follows the schema name, whose case differs from the logical name.
      lookup(
        'new_contactid',
        'Contact',
        [
          {
            table: 'contact',
            nav: 'new_ContactId',
            relationship: 'new_contact_new_membership_ContactId',
            onDelete: 'removeLink',
          },
        ],
        { schemaName: 'new_ContactId' },
      ),
      ...systemColumns('new_membership'),
    ],
  });
}

/** A system table of which only a few columns exist here, all of them read-only. */
function minimalTable(name: string, label: string, primaryName: string, typeCode: number, columns: Column[]) {
  return defineTable({
    name,
    schemaName: label.replaceAll(' ', ''),
    label,
    setName: name.endsWith('y') ? `${name.slice(0, -1)}ies` : `${name}s`,
    primaryId: `${name}id`,
    primaryName,
    typeCode,
    ownership: 'OrganizationOwned',
    isCustom: false,
    canTrackChanges: false,
    hasRowVersions: false,
    columns: [...columns, readOnly('bigint', 'versionnumber', 'Version Number')],
  });
}

const unchangeable = { canCreate: false, canUpdate: false };

/** All tables, new objects on every call: a simulator may add columns to its own. */
export function allTables(): TableDefinition[] {
  return [
    contactTable(),
    accountTable(),
    membershipTable(),
    minimalTable('systemuser', 'User', 'fullname', 8, [
      text(200, 'fullname', 'Full Name', unchangeable),
      text(100, 'internalemailaddress', 'Primary Email', unchangeable),
      readOnly('guid', 'applicationid', 'Application ID'),
      readOnly('guid', 'azureactivedirectoryobjectid', 'Azure AD Object ID'),
      flag('isdisabled', 'Status', unchangeable),
    ]),
    minimalTable('team', 'Team', 'name', 9, [text(160, 'name', 'Team Name', unchangeable)]),
    minimalTable('organization', 'Organization', 'name', 1019, [
      text(160, 'name', 'Organization Name', unchangeable),
      readOnly('integer', 'expirechangetrackingindays', 'Days to Expire Change Tracking Deltas'),
      readOnly('integer', 'fullnameconventioncode', 'Full Name Display Order'),
    ]),
    minimalTable('transactioncurrency', 'Currency', 'currencyname', 9105, [
      text(100, 'currencyname', 'Currency Name', unchangeable),
      text(5, 'isocurrencycode', 'Currency Code', unchangeable),
      readOnly('integer', 'currencyprecision', 'Currency Precision'),
      readOnly('decimal', 'exchangerate', 'Exchange Rate', { precision: 10, min: 0, max: 100_000_000_000 }),
    ]),
    ...webhookTables(),
  ];
}
