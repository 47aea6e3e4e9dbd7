import { describe, expect, it } from 'vitest';
import { parseDynamicsEvent } from '../../src/functions/dynamics-event.js';

const ORGANIZATION = '20000000-0000-4000-8000-000000000001';
const ID = 'c0000000-0000-4000-8000-000000000001';

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

  it.each(['Create', 'Created', 'UPDATE', 'updated', 'Modify', 'Modified', 'delete', 'Deleted'])(
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

  it('are read when Dataverse has cut the parameters of a large one', () => {
    const body = {
      MessageName: 'Update',
      PrimaryEntityName: 'contact',
      PrimaryEntityId: ID,
      InputParameters: null,
    };
    expect(parseDynamicsEvent(JSON.stringify(body))).toEqual({
      table: 'contact',
      id: ID,
      organizationId: null,
    });
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
