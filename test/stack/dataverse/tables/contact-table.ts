import {
  addressColumns,
  customerColumns,
  email,
  phone,
  textColumns,
  unfilled,
  url,
} from './column-groups.js';
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

function contactTexts(): Column[] {
  return [
    text(50, 'firstname', 'First Name', { required: 'Recommended' }),
    text(50, 'lastname', 'Last Name', { required: 'ApplicationRequired' }),
    text(50, 'middlename', 'Middle Name'),
    text(10, 'suffix', 'Suffix'),
    ...textColumns(100, { salutation: 'Salutation', nickname: 'Nickname', jobtitle: 'Job Title' }),
    ...textColumns(100, { department: 'Department', managername: 'Manager', assistantname: 'Assistant' }),
    text(100, 'spousesname', 'Spouse/Partner Name'),
    text(100, 'emailaddress1', 'Email', { ...email, indexed: true }),
    ...textColumns(100, { emailaddress2: 'Email Address 2', emailaddress3: 'Email Address 3' }, email),
    ...textColumns(50, { telephone1: 'Business Phone', telephone2: 'Home Phone' }, phone),
    ...textColumns(50, { telephone3: 'Telephone 3', mobilephone: 'Mobile Phone' }, phone),
    ...textColumns(50, { fax: 'Fax', pager: 'Pager', assistantphone: 'Assistant Phone' }),
    ...textColumns(50, {
      managerphone: 'Manager Phone',
      company: 'Company Phone',
      callback: 'Callback Number',
    }),
    ...textColumns(50, { business2: 'Business Phone 2', home2: 'Home Phone 2', employeeid: 'Employee' }),
    ...textColumns(50, { governmentid: 'Government', externaluseridentifier: 'External User Identifier' }),
    ...textColumns(200, { websiteurl: 'Website', ftpsiteurl: 'FTP Site' }, url),
    text(255, 'childrensnames', "Children's Names"),
    column('memo', 'description', 'Description', { maxLength: 2000 }),
    readOnly('string', 'fullname', 'Full Name', { maxLength: 160, format: 'Text' }),
    readOnly('string', 'yomifullname', 'Yomi Full Name', { maxLength: 450, format: 'PhoneticGuide' }),
  ];
}

function contactLookups(): Column[] {
  return [
    lookup('parentcustomerid', 'Company Name', [
      {
        table: 'account',
        nav: 'parentcustomerid_account',
        relationship: 'contact_customer_accounts',
        onDelete: 'cascade',
      },
      {
        table: 'contact',
        nav: 'parentcustomerid_contact',
        relationship: 'contact_customer_contacts',
        onDelete: 'cascade',
      },
    ]),
    lookup(
      'masterid',
      'Master ID',
      [{ table: 'contact', nav: 'masterid', relationship: 'contact_master_contact', onDelete: 'removeLink' }],
      { canCreate: false, canUpdate: false },
    ),
    ...['accountid', 'parentcontactid'].map((name) =>
      lookup(
        name,
        name === 'accountid' ? 'Account' : 'Parent Contact',
        [
          {
            table: name === 'accountid' ? 'account' : 'contact',
            nav: '',
            relationship: '',
            onDelete: 'removeLink',
          },
        ],
        { canCreate: false, canUpdate: false, indexed: false },
      ),
    ),
  ];
}

/** The table contact, with the custom columns that the tests use. */
export function contactTable(): TableDefinition {
  return defineTable({
    name: 'contact',
    schemaName: 'Contact',
    label: 'Contact',
    setName: 'contacts',
    primaryId: 'contactid',
    primaryName: 'fullname',
    typeCode: 2,
    ownership: 'UserOwned',
    isCustom: false,
    canTrackChanges: true,
    hasRowVersions: true,
    columns: [
      ...contactTexts(),
      column('dateonly', 'birthdate', 'Birthday'),
      column('dateonly', 'anniversary', 'Anniversary'),
      choice('gendercode', 'Gender', ['Male', 'Female']),
      choice('familystatuscode', 'Marital Status', ['Single', 'Married', 'Divorced', 'Widowed']),
      choice(
        'preferredcontactmethodcode',
        'Preferred Method of Contact',
        ['Any', 'Email', 'Phone', 'Fax', 'Mail'],
        {
          initial: 1,
        },
      ),
      ...unfilled({ customertypecode: 'Relationship Type', educationcode: 'Education' }),
      ...unfilled({ haschildrencode: 'Has Children', leadsourcecode: 'Lead Source' }),
      ...textColumns(150, { yomifirstname: 'Yomi First Name', yomilastname: 'Yomi Last Name' }),
      text(150, 'yomimiddlename', 'Yomi Middle Name'),
      column('boolean', 'isbackofficecustomer', 'Back Office Customer'),
      ...customerColumns(),
      choice('accountrolecode', 'Role', ['Decision Maker', 'Employee', 'Influencer']),
      flag('donotemail', 'Do not allow Emails'),
      flag('donotphone', 'Do not allow Phone Calls'),
      flag('donotfax', 'Do not allow Faxes'),
      flag('donotpostalmail', 'Do not allow Mails'),
      flag('donotbulkemail', 'Do not allow Bulk Emails'),
      flag('merged', 'Merged', { canCreate: false, canUpdate: false }),
      column('integer', 'numberofchildren', 'No. of Children', { min: 0, max: 1_000_000_000 }),
      ...moneyColumns('contact', [{ name: 'creditlimit', label: 'Credit Limit' }]),
      ...contactLookups(),
      ...addressColumns('address1', 'Address 1'),
      ...addressColumns('address2', 'Address 2'),
      ...systemColumns('contact'),
      text(100, 'new_customfield', 'Custom Field'),
      choice('new_level', 'Level', ['Bronze', 'Silver', 'Gold', 'Platinum']),
      column('decimal', 'new_score', 'Score', { precision: 2, min: 0, max: 100 }),
    ],
  });
}
