import { describe, expect, it } from 'vitest';
import { parseDynamicsEvent } from '../../src/functions/dynamics-event.js';

const ORGANIZATION = '20000000-0000-4000-8000-000000000001';
const ID = 'c0000000-0000-4000-8000-000000000001';

const TYPE = 'http://schemas.microsoft.com/xrm/2011/Contracts';

const CREATED = [
  { key: 'contactid', value: ID },
  { key: 'statecode', value: { __type: `OptionSetValue:${TYPE}`, Value: 0 } },
  { key: 'createdon', value: '/Date(1772442942000)/' },
];
const UPDATED = [
  { key: 'emailaddress1', value: null },
  { key: 'birthdate', value: '/Date(641520000000)/' },
  { key: 'creditlimit', value: { __type: `Money:${TYPE}`, Value: 2500.0 } },
  {
    key: 'parentcustomerid',
    value: { __type: `EntityReference:${TYPE}`, Id: ORGANIZATION, LogicalName: 'account' },
  },
  { key: 'choices', value: [{ Value: 1 }, { Value: 2 }] },
];
const REFERENCE = {
  key: 'Target',
  value: { __type: `EntityReference:${TYPE}`, Id: ID, KeyAttributes: [], LogicalName: 'contact', Name: null },
};
const STATE = { key: 'EntityMoniker', value: REFERENCE.value };

function target(attributes: unknown[]) {
  const value = { __type: `Entity:${TYPE}`, Attributes: attributes, Id: ID, LogicalName: 'contact' };
  return { key: 'Target', value };
}

/** What stays of a RemoteExecutionContext when it is cut. */
const CONTEXT = {
  BusinessUnitId: 'b0000000-0000-4000-8000-000000000001',
  CorrelationId: '9d3f0000-0000-4000-8000-000000000001',
  Depth: 1,
  InitiatingUserId: '10000000-0000-4000-8000-000000000001',
  OperationCreatedOn: '/Date(1772442943000-0000)/',
  OrganizationId: ORGANIZATION,
  OrganizationName: 'contoso',
  OutputParameters: [],
  PrimaryEntityId: ID,
  PrimaryEntityName: 'contact',
  SecondaryEntityName: 'none',
  SharedVariables: [{ key: 'tag', value: 'x' }],
  Stage: 40,
};

describe('notifications of Dynamics', () => {
  it('are read from a RemoteExecutionContext of Dataverse', () => {
    const body = {
      BusinessUnitId: 'b0000000-0000-4000-8000-000000000001',
      Depth: 1,
      InputParameters: [
        {
          key: 'Target',
          value: { Attributes: [{ key: 'firstname', value: 'Ada' }], Id: ID, LogicalName: 'contact' },
        },
      ],
      MessageName: 'Update',
      OperationCreatedOn: '/Date(1772442943000-0000)/',
      OrganizationId: ORGANIZATION.toUpperCase(),
      PrimaryEntityId: ID.toUpperCase(),
      PrimaryEntityName: 'contact',
      SharedVariables: [],
      Stage: 40,
    };
    expect(parseDynamicsEvent(`\uFEFF${JSON.stringify(body)}`)).toEqual({
      table: 'contact',
      id: ID,
      organizationId: ORGANIZATION,
    });
  });

  it.each(['Create', 'Created', 'Added', 'UPDATE', 'updated', 'Modify', 'Modified', 'delete', 'Deleted'])(
    'are read from the body of a flow: %s',
    (MessageName) => {
      const body = {
        MessageName,
        PrimaryEntityName: 'Contact',
        PrimaryEntityId: `{${ID}}`,
        OrganizationId: '',
        InputParameters: [{ key: 'Target', value: { firstname: 'Ada' } }],
      };
      expect(parseDynamicsEvent(JSON.stringify(body))).toEqual({
        table: 'contact',
        id: ID,
        organizationId: null,
      });
    },
  );

  it.each([
    ['a create with typed values', { MessageName: 'Create', InputParameters: [target(CREATED)] }],
    ['an update with typed values', { MessageName: 'Update', InputParameters: [target(UPDATED)] }],
    ['a delete, whose target is a reference', { MessageName: 'Delete', InputParameters: [REFERENCE] }],
    ['an update that was cut above 256 KB', { MessageName: 'Update' }],
    ['an update that was cut to null', { MessageName: 'Update', InputParameters: null, ParentContext: null }],
    ['a state change', { MessageName: 'SetState', InputParameters: [STATE] }],
    ['a state change of a row', { MessageName: 'SetStateDynamicEntity', InputParameters: [STATE] }],
    ['a nested context', { MessageName: 'Update', ParentContext: { MessageName: 'Merge', Stage: 30 } }],
  ])('are read from Dataverse: %s', (_what, parts) => {
    expect(parseDynamicsEvent(JSON.stringify({ ...CONTEXT, ...parts }))).toEqual({
      table: 'contact',
      id: ID,
      organizationId: ORGANIZATION,
    });
  });

  it.each([
    ['empty texts', { emailaddress1: '', telephone1: '', statecode: '' }],
    ['a label as the state', { statecode: 'Active' }],
    ['a label of another language', { statecode: 'Aktiv' }],
    ['a text as the state', { statecode: '0' }],
    ['a number as the state', { statecode: 0 }],
    ['an object as the state', { statecode: { Value: 0 } }],
    ['annotations', { '@odata.type': '#x', _parentcustomerid_value: '', _statecode_label: 'Active' }],
    ['booleans and numbers as texts', { donotemail: 'True', creditlimit: '2500' }],
    ['no columns', {}],
  ])('are read from a flow, whatever its columns hold: %s', (_what, value) => {
    const body = { MessageName: 'Update', PrimaryEntityName: 'contact', PrimaryEntityId: ID };
    const hint = { table: 'contact', id: ID, organizationId: null };
    const withTarget = { ...body, InputParameters: [{ key: 'Target', value }] };
    expect(parseDynamicsEvent(JSON.stringify(withTarget))).toEqual(hint);
    expect(parseDynamicsEvent(JSON.stringify({ ...body, InputParameters: '' }))).toEqual(hint);
    expect(parseDynamicsEvent(JSON.stringify(body))).toEqual(hint);
  });

  it.each([
    ['', 'invalid_json'],
    ['<html>', 'invalid_json'],
    ['null', 'invalid_request'],
    ['[]', 'invalid_request'],
    ['{"MessageName":"Merge","PrimaryEntityName":"contact","PrimaryEntityId":"x"}', 'invalid_request'],
  ])('are refused: %s', (body, code) => {
    expect(() => parseDynamicsEvent(body)).toThrow(expect.objectContaining({ code }));
  });

  it('are refused with every fault', () => {
    const read = () =>
      parseDynamicsEvent('{"MessageName":"Merge","PrimaryEntityName":"contact","PrimaryEntityId":"x"}');
    expect(read).toThrow(
      expect.objectContaining({
        errors: [
          { path: 'MessageName', message: expect.stringContaining('create') },
          { path: 'PrimaryEntityId', message: 'Must be a GUID.' },
        ],
      }),
    );
  });
});
