import { beforeEach, describe, expect, it } from 'vitest';
import { BridgeError } from '../../src/domain/errors.js';
import { call, faultsOf, givenConnection, givenMapping, type TestBridge, textAt } from '../support/bridge.js';
import { aLink, aRun } from '../support/builders.js';
import { givenConnected, mappingCalls } from './support/openings.js';

let bridge: TestBridge;
let connection: string;
beforeEach(async () => {
  ({ bridge, connection } = await givenConnected());
});

const { get, params } = mappingCalls(() => ({ bridge, connection }));
const patch = (mappingId: string, body: unknown, headers: Record<string, string> = {}) =>
  call(bridge.mappings.patch, { params: params(mappingId), body, headers, method: 'PATCH' });
const remove = (mappingId: string) =>
  call(bridge.mappings.remove, { params: params(mappingId), method: 'DELETE' });

describe('creating a mapping', () => {
  it('answers with the default fields of users and contacts', async () => {
    const reply = await givenMapping(bridge, connection);
    const id = textAt(reply, 'id');
    expect(reply.status).toBe(201);
    expect(reply.headers.location).toBe(`/api/connections/${connection}/mappings/${id}`);
    expect(reply.headers.etag).toBeDefined();
    const pairs = [
      ['firstName', 'firstname', null],
      ['lastName', 'lastname', null],
      ['email', 'emailaddress1', null],
      ['phoneNumber', 'telephone1', null],
      ['isActive', 'statecode', { type: 'stateCode' }],
    ] as const;
    expect(reply.body).toEqual({
      id,
      connectionId: connection,
      authScapeEntity: 'User',
      crmEntity: 'contact',
      direction: 'Bidirectional',
      enabled: true,
      filter: null,
      matchBy: ['email'],
      fields: pairs.map(([authScapeField, crmField, transform]) => ({
        id: expect.stringMatching(/^f_[a-z0-9]{10}$/),
        authScapeField,
        crmField,
        direction: 'Bidirectional',
        enabled: true,
        required: false,
        syncNullValues: true,
        transform,
      })),
      relationships: [],
      createdAt: '2026-03-01T08:00:00.000Z',
      updatedAt: '2026-03-01T08:00:00.000Z',
    });
  });

  it.each([
    ['Company', ['title'], ['name', 'description', 'statecode']],
    [
      'Location',
      ['title', 'companyId'],
      [
        'name',
        'address1_line1',
        'address1_city',
        'address1_stateorprovince',
        'address1_postalcode',
        'statecode',
      ],
    ],
  ])('knows the defaults of %s and account', async (authScapeEntity, matchBy, columns) => {
    const reply = await givenMapping(bridge, connection, { authScapeEntity, crmEntity: 'account' });
    expect(reply.body).toMatchObject({ matchBy, fields: columns.map((crmField) => ({ crmField })) });
  });

  it('makes the description of a company Outbound, which AuthScape cannot write', async () => {
    const reply = await givenMapping(bridge, connection, {
      authScapeEntity: 'Company',
      crmEntity: 'account',
    });
    expect(textAt(reply, 'fields', 1, 'direction')).toBe('Outbound');
  });

  it('creates no fields when told so, or for a pair that is not of the standard', async () => {
    expect((await givenMapping(bridge, connection, { createDefaultFields: false })).body).toMatchObject({
      fields: [],
    });
    const other = await givenMapping(bridge, connection, { crmEntity: 'account', matchBy: 'EMAIL' });
    expect(other.body).toMatchObject({ fields: [], matchBy: ['email'] });
  });

  it('[P9] refuses a table that another connection to the organization maps', async () => {
    await givenMapping(bridge, connection);
    const other = textAt(
      await givenConnection(bridge, { name: 'Other', environment: 'contoso.api.crm.dynamics.com' }),
      'id',
    );
    expect(faultsOf(await givenMapping(bridge, other))).toEqual(['409 table_already_mapped']);
  });

  it('maps one table twice within a connection, but not the same pair', async () => {
    await givenMapping(bridge, connection, { authScapeEntity: 'Company', crmEntity: 'account' });
    const second = await givenMapping(bridge, connection, {
      authScapeEntity: 'Location',
      crmEntity: 'account',
    });
    expect(second.status).toBe(201);
    const third = await givenMapping(bridge, connection, {
      authScapeEntity: 'Location',
      crmEntity: 'account',
    });
    expect(faultsOf(third)[0]).toBe('422 mapping_invalid');
  });

  it('never makes a pair twice, also when two ask at once', async () => {
    const replies = await Promise.all([givenMapping(bridge, connection), givenMapping(bridge, connection)]);
    const made = replies.filter(({ status }) => status === 201).length;
    expect(made).toBeLessThan(2);
    const list = await call(bridge.mappings.list, { params: { id: connection } });
    expect(list.body).toMatchObject({ items: { length: made } });
    expect((await givenMapping(bridge, connection)).status).toBe(made === 0 ? 201 : 422);
  });

  it('refuses an unknown table', async () => {
    expect(faultsOf(await givenMapping(bridge, connection, { crmEntity: 'new_thing' }))).toEqual([
      '422 mapping_invalid',
      'crmEntity: Dynamics has no table "new_thing".',
    ]);
  });

  it('checks nothing with validate=false, even when Dynamics cannot be asked', async () => {
    bridge.systems.faults.dynamics = new BridgeError('connection_timeout', 'No answer.');
    expect(faultsOf(await givenMapping(bridge, connection))).toEqual(['504 connection_timeout']);
    const reply = await call(bridge.mappings.create, {
      params: { id: connection },
      query: { validate: 'false' },
      body: { authScapeEntity: 'User', crmEntity: 'new_thing', matchBy: ['nickname'] },
    });
    expect(reply.status).toBe(201);
  });

  it('answers 404 for an unknown connection', async () => {
    expect(faultsOf(await givenMapping(bridge, 'c_unknown'))).toEqual(['404 connection_not_found']);
  });
});

describe('reading and changing a mapping', () => {
  it('lists in the order in which runs work', async () => {
    await givenMapping(bridge, connection);
    await givenMapping(bridge, connection, { authScapeEntity: 'Location', crmEntity: 'account' });
    await givenMapping(bridge, connection, { authScapeEntity: 'Company', crmEntity: 'account' });
    const list = await call(bridge.mappings.list, { params: { id: connection } });
    expect(list.body).toMatchObject({
      items: [{ authScapeEntity: 'Company' }, { authScapeEntity: 'Location' }, { authScapeEntity: 'User' }],
    });
  });

  it('changes filter and match fields, and checks them', async () => {
    const id = textAt(await givenMapping(bridge, connection), 'id');
    const good = await patch(id, {
      filter: "startswith(lastname,'A') and statecode eq 0",
      matchBy: ['Email', 'lastname'],
    });
    expect(good.body).toMatchObject({ matchBy: ['email', 'lastName'] });
    const bad = await patch(id, { filter: 'colour eq 1', matchBy: ['shoeSize'] });
    expect(faultsOf(bad)).toEqual([
      '422 mapping_invalid',
      'filter: The table contact has no column "colour".',
      'matchBy[0]: User has no field "shoeSize".',
    ]);
    expect(faultsOf(await patch(id, { filter: 'statecode eq' }))[1]).toMatch(/^filter: .*at character/);
    expect((await patch(id, { filter: null })).body).toMatchObject({ filter: null });
  });

  it('raises its version with every change, and honours If-Match', async () => {
    const made = await givenMapping(bridge, connection);
    const id = textAt(made, 'id');
    await patch(id, { direction: 'Inbound' }, { 'if-match': made.headers.etag ?? '' });
    expect((await bridge.storage.mappings.get(connection, id))?.value.version).toBe(2);
    expect(faultsOf(await patch(id, { enabled: false }, { 'if-match': made.headers.etag ?? '' }))).toEqual([
      '412 precondition_failed',
    ]);
  });

  it('does not move to other entities', async () => {
    const id = textAt(await givenMapping(bridge, connection), 'id');
    expect(faultsOf(await patch(id, { crmEntity: 'account' }))).toEqual([
      '400 invalid_request',
      'crmEntity: This property is not known.',
    ]);
  });

  it('answers 404 for an id that is none', async () => {
    expect(faultsOf(await get('m_unknown'))).toEqual(['404 mapping_not_found']);
  });
});

describe('deleting a mapping', () => {
  it('[C8] takes links along and frees the table', async () => {
    const mappingId = textAt(await givenMapping(bridge, connection), 'id');
    const link = aLink({ connectionId: connection, mappingId });
    await bridge.storage.links.insert(link);
    expect((await remove(mappingId)).status).toBe(204);
    expect(faultsOf(await get(mappingId))).toEqual(['404 mapping_not_found']);
    expect((await bridge.storage.links.rowOwnersOf(connection, 'contact', [link.crmId])).size).toBe(0);
    const other = textAt(await givenConnection(bridge, { name: 'Other' }), 'id');
    expect((await givenMapping(bridge, other)).status).toBe(201);
  });

  it('keeps the table while another mapping of the connection has it', async () => {
    const company = textAt(
      await givenMapping(bridge, connection, { authScapeEntity: 'Company', crmEntity: 'account' }),
      'id',
    );
    await givenMapping(bridge, connection, { authScapeEntity: 'Location', crmEntity: 'account' });
    await remove(company);
    const other = textAt(await givenConnection(bridge, { name: 'Other' }), 'id');
    const taken = await givenMapping(bridge, other, { authScapeEntity: 'Company', crmEntity: 'account' });
    expect(faultsOf(taken)).toEqual(['409 table_already_mapped']);
  });

  it('waits for the end of a run', async () => {
    const mappingId = textAt(await givenMapping(bridge, connection), 'id');
    await bridge.storage.runs.open(aRun({ connectionId: connection }));
    expect(faultsOf(await remove(mappingId))).toEqual(['409 run_in_progress']);
  });
});
