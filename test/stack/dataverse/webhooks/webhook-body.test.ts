import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { domain, editorId } from '../sim-client.js';
import { attributes, type Context, WebhookHarness } from './webhook-harness.js';

let hooks: WebhookHarness;
let endpointId: string;

beforeEach(async () => {
  hooks = await WebhookHarness.start();
  endpointId = await hooks.endpoint();
  await hooks.deliver();
});

afterEach(() => hooks.close());

const contract = (type: string) => `${type}:http://schemas.microsoft.com/xrm/2011/Contracts`;
const reference = (LogicalName: string, Id: unknown) => ({
  ...{ __type: contract('EntityReference'), Id, KeyAttributes: [], LogicalName },
  ...{ Name: null, RowVersion: null },
});
const target = (context: Context | undefined) => context?.InputParameters?.[0]?.value;
const patch = (path: string, body: object, headers = {}) =>
  hooks.client.ask('PATCH', path, { body, headers });

describe('an update', () => {
  it('tells the columns sent, typed, and what the platform adds; not the rest of the row', async () => {
    const accountId = await hooks.client.create('accounts', { name: 'Lie AS' });
    const id = await hooks.client.create('contacts', { lastname: 'Lie', jobtitle: 'Poet' });
    const stepId = await hooks.step(endpointId);
    await patch(`contacts(${id})`, {
      ...{ firstname: 'Ada', emailaddress1: null, donotemail: false, gendercode: 2, birthdate: '1990-05-01' },
      ...{ creditlimit: 2500, 'parentcustomerid_account@odata.bind': `/accounts(${accountId})` },
    });
    const [context] = await hooks.settled();
    const userId = (await hooks.client.get('WhoAmI')).json.UserId;
    expect(context).toMatchObject({
      ...{
        MessageName: 'Update',
        PrimaryEntityName: 'contact',
        PrimaryEntityId: id,
        Stage: 40,
        Mode: 1,
        Depth: 1,
      },
      ...{ OrganizationId: hooks.client.sim.organizationId, OrganizationName: 'contoso' },
      ...{ InitiatingUserId: userId, UserId: userId, SecondaryEntityName: 'none', ParentContext: null },
      ...{ PreEntityImages: [], PostEntityImages: [], OutputParameters: [], SharedVariables: [] },
      OwningExtension: {
        Id: stepId,
        LogicalName: 'sdkmessageprocessingstep',
        Name: 'sync: Update of contact',
      },
    });
    expect(attributes(target(context))).toEqual({
      ...{ firstname: 'Ada', emailaddress1: null, donotemail: false, contactid: id },
      gendercode: { __type: contract('OptionSetValue'), Value: 2 },
      birthdate: `/Date(${Date.UTC(1990, 4, 1)})/`,
      creditlimit: { __type: contract('Money'), Value: 2500 },
      parentcustomerid: reference('account', accountId),
      ...{ fullname: 'Ada Lie', yomifullname: 'Ada Lie', modifiedonbehalfby: null },
      modifiedon: expect.stringMatching(/^\/Date\(\d+\)\/$/),
      modifiedby: reference('systemuser', userId),
    });
    const row = await hooks.client.get(`contacts(${id})?$select=versionnumber`);
    expect(target(context)).toMatchObject({
      ...{
        __type: contract('Entity'),
        Id: id,
        LogicalName: 'contact',
        EntityState: null,
        RelatedEntities: [],
      },
      FormattedValues: [{ key: 'gendercode', value: 'Female' }],
      RowVersion: String(row.json.versionnumber),
    });
    expect(hooks.receiver.received[0]?.text).toContain('"__type":"Entity:http:\\/\\/schemas.microsoft.com');
  });

  it('of the state and of other columns makes two', async () => {
    const id = await hooks.client.create('contacts', { lastname: 'Lie' });
    await hooks.step(endpointId);
    await patch(`contacts(${id})`, { lastname: 'Moe', statecode: 1 });
    const sent = (await hooks.settled()).map((context) => Object.keys(attributes(target(context))));
    const ofState = sent.filter((names) => names.includes('statecode') && names.includes('statuscode'));
    const ofOthers = sent.filter((names) => names.includes('lastname'));
    expect([sent.length, ofState.length, ofOthers.length]).toEqual([2, 1, 1]);
    expect(ofState).not.toEqual(ofOthers);
  });

  it('bears the tag of its request, and the same request id as others of the request', async () => {
    const id = await hooks.client.create('contacts', { lastname: 'Lie' });
    await hooks.step(endpointId);
    await patch(`contacts(${id})?tag=sync-7f31`, { lastname: 'Moe', statecode: 1 });
    const [first, second] = await hooks.settled();
    expect(first?.SharedVariables).toEqual([{ key: 'tag', value: 'sync-7f31' }]);
    expect([second?.RequestId, second?.CorrelationId]).toEqual([first?.RequestId, first?.CorrelationId]);
    expect(second?.OperationId).not.toBe(first?.OperationId);
  });

  it('carries the images that its step has', async () => {
    const id = await hooks.client.create('contacts', { firstname: 'Ada', lastname: 'Lie', jobtitle: 'Poet' });
    const stepId = await hooks.step(endpointId);
    await hooks.image(stepId, { imagetype: 0, entityalias: 'pre', attributes: 'lastname,jobtitle,fax' });
    await hooks.image(stepId, { imagetype: 1, entityalias: 'post' });
    await patch(`contacts(${id})`, { lastname: 'Moe' });
    const [context] = await hooks.settled();
    const [before, after] = [context?.PreEntityImages?.[0], context?.PostEntityImages?.[0]];
    expect([before?.key, after?.key]).toEqual(['pre', 'post']);
    expect(attributes(before?.value)).toEqual({ lastname: 'Lie', jobtitle: 'Poet', contactid: id });
    expect(attributes(after?.value)).toMatchObject({ firstname: 'Ada', lastname: 'Moe', jobtitle: 'Poet' });
  });
});

describe('a creation', () => {
  it('tells the whole row and its id', async () => {
    await hooks.step(endpointId, { message: 'Create' });
    const id = await hooks.client.create('contacts', { firstname: 'Kari', lastname: 'Nordmann', fax: null });
    const [context] = await hooks.settled();
    const userId = (await hooks.client.get('WhoAmI')).json.UserId;
    expect(context).toMatchObject({ MessageName: 'Create', PrimaryEntityId: id });
    expect(context?.OutputParameters).toEqual([{ key: 'id', value: id }]);
    expect(attributes(target(context))).toMatchObject({
      ...{ contactid: id, firstname: 'Kari', lastname: 'Nordmann', fullname: 'Kari Nordmann', fax: null },
      statecode: { __type: contract('OptionSetValue'), Value: 0 },
      statuscode: { __type: contract('OptionSetValue'), Value: 1 },
      ownerid: reference('systemuser', userId),
      createdon: expect.stringMatching(/^\/Date\(\d+\)\/$/),
    });
    expect(target(context)?.RowVersion).toBeNull();
  });
});

describe('a deletion', () => {
  it('has a reference only; what was there is in the image', async () => {
    const id = await hooks.client.create('contacts', { lastname: 'Lie' });
    const stepId = await hooks.step(endpointId, { message: 'Delete' });
    await hooks.image(stepId, { imagetype: 0, attributes: 'lastname' });
    await hooks.client.ask('DELETE', `contacts(${id})`, { token: `${editorId}|https://${domain}` });
    const [context] = await hooks.settled();
    expect(target(context)).toEqual(reference('contact', id));
    expect(context).toMatchObject({ MessageName: 'Delete', PrimaryEntityId: id, PostEntityImages: [] });
    expect(attributes(context?.PreEntityImages?.[0]?.value)).toEqual({ lastname: 'Lie', contactid: id });
    const own = (await hooks.client.get('WhoAmI')).json.UserId;
    expect(context?.InitiatingUserId).not.toBe(own);
  });
});

describe('the request', () => {
  it('says in its headers what it is about', async () => {
    await hooks.step(endpointId, { message: 'Create' });
    await hooks.client.create('contacts', { lastname: 'Lie' });
    await hooks.settled();
    expect(hooks.receiver.received[0]).toMatchObject({
      path: '/hooks/1',
      query: { code: 'a+key' },
      headers: {
        'content-type': 'application/json',
        'x-ms-dynamics-organization': domain,
        'x-ms-dynamics-entity-name': 'contact',
        'x-ms-dynamics-request-name': 'Create',
        'x-ms-correlation-request-id': expect.any(String),
        'x-request-id': expect.any(String),
      },
    });
    expect(hooks.receiver.received[0]?.headers).not.toHaveProperty('x-ms-dynamics-msg-size-exceeded');
  });

  it.each([
    [5, { 'x-key': 's<3' }, {}],
    [6, {}, { 'x-key': 's<3' }],
  ])('has the pairs of authtype %i where they belong', async (authtype, headers, query) => {
    const authvalue = '<settings><setting name="x-key" value="s&lt;3" /></settings>';
    const body = { authtype, authvalue };
    expect((await patch(`serviceendpoints(${endpointId})`, body)).status).toBe(204);
    await hooks.step(endpointId, { message: 'Create' });
    await hooks.client.create('contacts', { lastname: 'Lie' });
    await hooks.settled();
    expect(hooks.receiver.received[0]).toMatchObject({ headers, query });
  });

  it('is cut above 256 KB and says so', async () => {
    const column = { name: 'new_story', type: 'memo', maxLength: 1_000_000 };
    await hooks.client.control('POST', 'columns', { table: 'contact', column });
    await hooks.step(endpointId, { message: 'Create' });
    const id = await hooks.client.create('contacts', { lastname: 'Lie', new_story: 'x'.repeat(262_144) });
    const [context] = await hooks.settled();
    expect(context).toMatchObject({
      MessageName: 'Create',
      PrimaryEntityId: id,
      PrimaryEntityName: 'contact',
    });
    for (const name of ['ParentContext', 'InputParameters', 'PreEntityImages', 'PostEntityImages']) {
      expect(context).not.toHaveProperty(name);
    }
    expect(hooks.receiver.received[0]?.headers).toHaveProperty('x-ms-dynamics-msg-size-exceeded');
  });
});
