import { beforeEach, describe, expect, it } from 'vitest';
import { BridgeError } from '../../src/domain/errors.js';
import { call, faultsOf, givenMapping, type TestBridge, textAt } from '../support/bridge.js';
import { aColumn, anEntityField } from '../support/builders.js';
import { givenConnected, mappingCalls } from './support/openings.js';

let bridge: TestBridge;
let connection: string;
beforeEach(async () => {
  ({ bridge, connection } = await givenConnected());
});

const { get, params } = mappingCalls(() => ({ bridge, connection }));

describe('custom fields', () => {
  const custom = (id: string, name: string) =>
    anEntityField(`customFields.${name}`, { key: `customFields.${id}`, custom: true, inList: false });

  it('are stored by id and shown by name', async () => {
    bridge.systems.customFields.push(custom('7', 'Tier'));
    const id = textAt(await givenMapping(bridge, connection), 'id');
    const field = { authScapeField: 'CustomFields.tier', crmField: 'Telephone1', direction: 'Inbound' };
    const added = await call(bridge.fields.add, {
      params: params(id),
      body: field,
      query: { validate: 'false' },
    });
    expect(added.body).toMatchObject({ authScapeField: 'customFields.Tier', crmField: 'telephone1' });
    const stored = await bridge.storage.mappings.get(connection, id);
    expect(stored?.value.fields.at(-1)?.authScapeField).toBe('customFields.7');
  });

  it('are shown by id while AuthScape cannot be asked', async () => {
    bridge.systems.customFields.push(custom('7', 'Tier'));
    const id = textAt(await givenMapping(bridge, connection, { matchBy: ['customFields.Tier'] }), 'id');
    bridge.systems.faults.authScape = new BridgeError('authscape_unreachable', 'No answer.');
    expect((await get(id)).body).toMatchObject({ matchBy: ['customFields.7'] });
  });

  it('of one name are ambiguous, and told apart by id', async () => {
    bridge.systems.customFields.push(custom('7', 'Tier'), custom('8', 'Tier'));
    expect(faultsOf(await givenMapping(bridge, connection, { matchBy: 'customFields.tier' }))[1]).toMatch(
      /^matchBy\[0\]: .*customFields\.7, customFields\.8/,
    );
    const reply = await givenMapping(bridge, connection, { matchBy: 'customFields.8' });
    expect(reply.body).toMatchObject({ matchBy: ['customFields.8'] });
  });
});

describe('schemas', () => {
  it('show tables, columns and AuthScape fields', async () => {
    bridge.systems.tables.get('contact');
    const tables = await call(bridge.schema.tables, { params: { id: connection } });
    expect(tables.body).toMatchObject({ items: [{ logicalName: 'account' }, { logicalName: 'contact' }] });
    const columns = await call(bridge.schema.columns, {
      params: { id: connection, logicalName: 'contact' },
      query: { limit: '2' },
    });
    expect(columns.body).toMatchObject({
      items: [{ ...aColumn('birthdate', { type: 'dateOnly', maxLength: null }), readOnly: false }, {}],
    });
    const next = await call(bridge.schema.columns, {
      params: { id: connection, logicalName: 'contact' },
      query: { limit: '500', cursor: textAt(columns, 'nextCursor') },
    });
    expect(next.body).toMatchObject({ items: { length: 12 } });
    const fields = await call(bridge.schema.entityFields, { params: { entity: 'company' } });
    expect(fields.body).toMatchObject({
      items: [{ name: 'id', readOnly: true }, { name: 'title' }, { name: 'description', readOnly: true }, {}],
    });
  });

  it('answer 404 for what is not there', async () => {
    expect(
      faultsOf(await call(bridge.schema.columns, { params: { id: connection, logicalName: 'x' } })),
    ).toEqual(['404 not_found']);
    expect(faultsOf(await call(bridge.schema.entityFields, { params: { entity: 'x' } }))).toEqual([
      '404 not_found',
    ]);
  });

  it('refuse a cursor that is none', async () => {
    const reply = await call(bridge.schema.tables, { params: { id: connection }, query: { cursor: 'zzz' } });
    expect(faultsOf(reply)).toEqual(['400 invalid_request', 'cursor: Must come from the answer before.']);
  });
});
