import { beforeEach, describe, expect, it } from 'vitest';
import {
  call,
  createTestBridge,
  faultsOf,
  givenConnection,
  givenMapping,
  type TestBridge,
  textAt,
} from '../support/bridge.js';

let bridge: TestBridge;
let params: { id: string; mappingId: string };
let etag: string;
beforeEach(async () => {
  bridge = createTestBridge();
  const id = textAt(await givenConnection(bridge), 'id');
  const mapping = await givenMapping(bridge, id);
  params = { id, mappingId: textAt(mapping, 'id') };
  etag = mapping.headers.etag ?? '';
});

const list = () => call(bridge.fields.list, { params });
const add = (body: unknown) => call(bridge.fields.add, { params, body });
const replace = (body: unknown) => call(bridge.fields.replace, { params, body, method: 'PUT' });
const patch = (fieldId: string, body: unknown, headers: Record<string, string> = {}) =>
  call(bridge.fields.patch, { params: { ...params, fieldId }, body, headers, method: 'PATCH' });

describe('field mappings', () => {
  it('are added one by one with defaults, a Location and the ETag of the mapping', async () => {
    const reply = await add({
      authScapeField: 'EMAILCONFIRMED',
      crmField: 'DoNotEmail',
      direction: 'Outbound',
    });
    expect(reply.status).toBe(201);
    const id = textAt(reply, 'id');
    expect(reply.headers.location).toBe(
      `/api/connections/${params.id}/mappings/${params.mappingId}/fields/${id}`,
    );
    expect(reply.headers.etag).not.toBe(etag);
    expect(reply.body).toEqual({
      id,
      authScapeField: 'emailConfirmed',
      crmField: 'donotemail',
      direction: 'Outbound',
      enabled: true,
      required: false,
      syncNullValues: true,
      transform: null,
    });
    const one = await call(bridge.fields.get, { params: { ...params, fieldId: id } });
    expect(one.body).toEqual(reply.body);
  });

  it.each([
    [
      { authScapeField: 'nickname', crmField: 'nickname' },
      ['fields[5].authScapeField', 'fields[5].crmField'],
    ],
    [
      { authScapeField: 'firstName', crmField: 'fullname' },
      ['fields[5].direction', 'fields[5].authScapeField'],
    ],
    [
      { authScapeField: 'firstName', crmField: 'parentcustomerid' },
      ['fields[5].crmField', 'fields[5].authScapeField'],
    ],
    [{ authScapeField: 'firstName', crmField: 'new_level', direction: 'Outbound' }, ['fields[5]']],
    [{ authScapeField: 'lastName', crmField: 'firstname', direction: 'Outbound' }, ['fields[5].crmField']],
  ])('are refused with every fault: %o', async (body, paths) => {
    const faults = faultsOf(await add(body));
    expect(faults[0]).toBe('422 mapping_invalid');
    expect(faults.slice(1).map((fault) => fault.split(':')[0])).toEqual(paths);
  });

  it.each([
    [{ type: 'date', zone: 'x' }],
    [{ type: 'rot13' }],
    [{ type: 'concatenate', fields: [] }],
    [{ type: 'split', separator: ' ' }],
    [{ type: 'valueMap', map: {} }],
    [{ type: 'valueMap', map: JSON.parse('{"__proto__":1,"Gold":2}') }],
    [JSON.parse('{"type":"trim","__proto__":{}}')],
    [{ type: 'concatenate', fields: ['first\nName'] }],
    [{ type: 'number', decimals: -1 }],
    ['uppercase'],
  ])('have a strict shape for each transform: %o', async (transform) => {
    const [status, fault] = faultsOf(
      await add({ authScapeField: 'firstName', crmField: 'firstname', transform }),
    );
    expect(status).toBe('400 invalid_request');
    expect(fault).toMatch(/^transform/);
  });

  it.each(['customFields.a\u0000b', 'first\nName', 'firstName\r\n', 'first\u0085Name', 'a\u2028b'])(
    'have names of one line: %j',
    async (authScapeField) => {
      const [status, fault] = faultsOf(await add({ authScapeField, crmField: 'firstname' }));
      expect(status).toBe('400 invalid_request');
      expect(fault).toMatch(/^authScapeField: .*control characters/);
    },
  );

  it('change in part and keep their id', async () => {
    const id = textAt(await list(), 'items', 0, 'id');
    const reply = await patch(id, { direction: 'Outbound', transform: { type: 'uppercase' } });
    expect(reply.body).toMatchObject({ id, crmField: 'firstname', transform: { type: 'uppercase' } });
    expect((await patch(id, { transform: null })).body).toMatchObject({
      transform: null,
      direction: 'Outbound',
    });
    expect(faultsOf(await patch(id, { enabled: false }, { 'if-match': etag }))).toEqual([
      '412 precondition_failed',
    ]);
    expect(faultsOf(await patch('f_unknown', { enabled: false }))).toEqual(['404 field_not_found']);
  });

  it('are removed', async () => {
    const fieldId = textAt(await list(), 'items', 3, 'id');
    const remove = () => call(bridge.fields.remove, { params: { ...params, fieldId }, method: 'DELETE' });
    expect((await remove()).status).toBe(204);
    expect(faultsOf(await remove())).toEqual(['404 field_not_found']);
    expect((await list()).body).toMatchObject({ items: { length: 4 } });
  });

  it('are replaced in one step, and stay the same ones where they join the same', async () => {
    const before = await list();
    const ids = [0, 1, 2].map((index) => textAt(before, 'items', index, 'id'));
    const reply = await replace([
      { authScapeField: 'email', crmField: 'emailaddress1' },
      { authScapeField: 'FirstName', crmField: 'FirstName', direction: 'Inbound' },
      { id: ids[1], authScapeField: 'lastName', crmField: 'telephone1' },
    ]);
    expect(reply.status).toBe(200);
    expect(reply.body).toMatchObject({
      items: [{ id: ids[2] }, { id: ids[0], direction: 'Inbound' }, { id: ids[1], crmField: 'telephone1' }],
    });
  });

  it('are replaced by none or all: a fault leaves them as they were', async () => {
    const before = await list();
    const reply = await replace({
      fields: [
        { authScapeField: 'email', crmField: 'emailaddress1' },
        { authScapeField: 'x', crmField: 'y' },
      ],
    });
    expect(faultsOf(reply)).toEqual([
      '422 mapping_invalid',
      'fields[1].authScapeField: User has no field "x".',
      'fields[1].crmField: The table contact has no column "y".',
    ]);
    expect(await list()).toEqual(before);
    expect((await replace({ items: [] })).body).toEqual({ items: [] });
  });
});

describe('relationships', () => {
  const company = {
    authScapeField: 'companyid',
    relatedEntity: 'Company',
    crmLookupField: 'ParentCustomerId',
    crmRelatedEntity: 'account',
  };
  const addRelationship = (body: unknown) => call(bridge.relationships.add, { params, body });

  it('are added, read, changed and removed', async () => {
    const reply = await addRelationship(company);
    expect(reply.status).toBe(201);
    const relationshipId = textAt(reply, 'id');
    expect(reply.body).toEqual({
      id: expect.stringMatching(/^rel_[a-z0-9]{10}$/),
      authScapeField: 'companyId',
      relatedEntity: 'Company',
      crmLookupField: 'parentcustomerid',
      crmRelatedEntity: 'account',
      direction: 'Bidirectional',
      enabled: true,
      syncNullValues: true,
      autoCreateRelated: false,
    });
    const one = { params: { ...params, relationshipId } };
    expect((await call(bridge.relationships.get, one)).body).toEqual(reply.body);
    const patched = await call(bridge.relationships.patch, {
      ...one,
      body: { autoCreateRelated: true },
      method: 'PATCH',
    });
    expect(patched.body).toMatchObject({ id: relationshipId, autoCreateRelated: true });
    expect((await call(bridge.relationships.list, { params })).body).toMatchObject({
      items: [{ id: relationshipId }],
    });
    expect((await call(bridge.relationships.remove, { ...one, method: 'DELETE' })).status).toBe(204);
    expect(faultsOf(await call(bridge.relationships.get, one))).toEqual(['404 relationship_not_found']);
  });

  it.each([
    [{ relatedEntity: 'Location' }, 'relationships[0].relatedEntity'],
    [{ crmLookupField: 'firstname' }, 'relationships[0].crmLookupField'],
    [{ crmLookupField: 'new_nothing' }, 'relationships[0].crmLookupField'],
    [{ crmRelatedEntity: 'lead' }, 'relationships[0].crmRelatedEntity'],
  ])('are checked: %o', async (part, path) => {
    const faults = faultsOf(await addRelationship({ ...company, ...part }));
    expect([faults[0], faults[1]?.split(':')[0]]).toEqual(['422 mapping_invalid', path]);
  });

  it('write a lookup once', async () => {
    await addRelationship(company);
    const second = { ...company, authScapeField: 'locationId', relatedEntity: 'Location' };
    expect(faultsOf(await addRelationship(second))).toEqual([
      '422 mapping_invalid',
      'relationships[1].crmLookupField: This column is written by relationships[0] already.',
    ]);
  });
});
