/** What senders of webhooks post. */

/** What Dataverse itself posts, as far as it matters; the rest is there to be ignored. */
export function executionContext(
  organizationId: string,
  message: string,
  id: string,
  more: Record<string, unknown> = {},
): string {
  return JSON.stringify({
    BusinessUnitId: 'f0bf3c9a-8150-e911-a81a-000d3a1b6f1a',
    CorrelationId: 'b374239d-4233-41a9-8b17-a86cb4f737b5',
    Depth: 1,
    InitiatingUserId: '75c2dd53-f3a4-4eca-9d5d-0b0a0a2f6e1a',
    InputParameters: [
      { key: 'Target', value: { __type: 'Entity:http://schemas.microsoft.com/xrm/2011/Contracts' } },
    ],
    MessageName: message,
    Mode: 1,
    OperationCreatedOn: '/Date(1706000000000+0000)/',
    OrganizationId: organizationId,
    PrimaryEntityId: id,
    PrimaryEntityName: 'contact',
    Stage: 40,
    ...more,
  });
}

export const flowBody = (message: string, id: string) =>
  JSON.stringify({ MessageName: message, PrimaryEntityName: 'Contact', PrimaryEntityId: id });

/** The columns as flows fill them in: empty texts, a label for the state, and none of it is true. */
export const flowWithColumns = (message: string, id: string) =>
  JSON.stringify({
    ...{ MessageName: message, PrimaryEntityName: 'contact', PrimaryEntityId: `{${id}}`, OrganizationId: '' },
    InputParameters: [
      { key: 'Target', value: { firstname: '', emailaddress1: '', telephone1: '', statecode: 'Inactive' } },
    ],
  });
