import { beforeEach, describe, expect, it } from 'vitest';
import { ConflictError } from '../../src/domain/errors.js';
import { call, faultsOf, givenConnection, givenMapping, type TestBridge, textAt } from '../support/bridge.js';
import { aRun } from '../support/builders.js';
import {
  changesOf,
  type GivenConfiguration,
  givenConfiguration,
  named,
  users,
} from './support/configuration.js';

let bridge: TestBridge;
let id: string;
let exported: GivenConfiguration['exported'];
let plan: GivenConfiguration['plan'];
let apply: GivenConfiguration['apply'];
beforeEach(async () => {
  ({ bridge, id, exported, plan, apply } = await givenConfiguration());
});

describe('carrying out', () => {
  const wanted = named([
    { name: 'Production Dynamics', syncIntervalMinutes: 30, mappings: [users] },
    {
      name: 'Second',
      environment: 'fabrikam.crm.dynamics.com',
      mappings: [{ ...users, fields: [{ authScapeField: 'email', crmField: 'emailaddress1' }] }],
    },
  ]);

  it('does what the plan says, once, and keeps ids and secrets', async () => {
    const mappingId = textAt(await givenMapping(bridge, id), 'id');
    const before = await call(bridge.mappings.get, { params: { id, mappingId } });
    const planned = await plan(wanted);
    const done = await apply(wanted, { headers: { 'if-match': planned.headers.etag ?? '' } });
    const after = await call(bridge.mappings.get, { params: { id, mappingId } });

    expect(done).toMatchObject({ status: 200, body: planned.body });
    expect(changesOf(done)).toEqual([
      'update connections[Production Dynamics].syncIntervalMinutes',
      'create connections[Second]',
    ]);
    expect(after.body).toEqual(before.body);
    expect(await call(bridge.connections.get, { params: { id } })).toMatchObject({
      body: { syncIntervalMinutes: 30, hasClientSecret: true },
    });
    expect(changesOf(await apply(wanted))).toEqual([]);
  });

  it('changes a field in place: it stays the same one, in a new version of its mapping', async () => {
    const mappingId = textAt(await givenMapping(bridge, id), 'id');
    const stored = async () => (await bridge.storage.mappings.get(id, mappingId))?.value;
    const before = await stored();
    const field = { authScapeField: 'email', crmField: 'emailaddress1', direction: 'Inbound' };
    await apply(named([{ name: 'Production Dynamics', mappings: [{ ...users, fields: [field] }] }]));
    const after = await stored();

    expect(after?.fields.map((one) => one.id)).toEqual(before?.fields.map((one) => one.id));
    expect(after?.fields.find(({ crmField }) => crmField === 'emailaddress1')?.direction).toBe('Inbound');
    expect(after?.version).toBe(2);
  });

  it('refuses a plan that has become stale', async () => {
    await givenMapping(bridge, id);
    const { headers } = await plan(wanted);
    await call(bridge.connections.patch, { params: { id }, method: 'PATCH', body: { enabled: false } });

    expect(faultsOf(await apply(wanted, { headers: { 'if-match': headers.etag ?? '' } }))).toEqual([
      '412 precondition_failed',
    ]);
    expect((await exported()).connections).toHaveLength(1);
  });

  it('does nothing at all where there is a fault', async () => {
    const faulty = named([
      { name: 'Second', environment: 'fabrikam.crm.dynamics.com' },
      { name: 'Production Dynamics', mappings: [{ ...users, filter: 'nocolumn eq 1' }] },
    ]);

    expect(faultsOf(await apply(faulty))).toEqual([
      '422 configuration_invalid',
      expect.stringContaining('connections[Production Dynamics].mappings[User:contact].filter: '),
    ]);
    expect((await exported()).connections).toHaveLength(1);
    expect((await apply(faulty, { query: { validate: 'false' } })).status).toBe(200);
  });

  it('takes back what it wrote of a connection when the rest fails', async () => {
    await givenMapping(bridge, id);
    const before = await exported();
    const { connections } = bridge.storage;
    const { replace } = connections;
    connections.replace = async () => {
      throw new ConflictError('Another writer was faster.');
    };
    const body = named([
      {
        name: 'Production Dynamics',
        enabled: false,
        mappings: [
          { ...users, filter: 'statecode eq 0' },
          { authScapeEntity: 'Company', crmEntity: 'account' },
        ],
      },
    ]);

    expect((await apply(body)).status).toBe(412);
    connections.replace = replace;
    expect(await exported()).toEqual(before);
    // The table that was reserved on the way is free again.
    const other = await givenConnection(bridge, { name: 'Other' });
    const company = { authScapeEntity: 'Company', crmEntity: 'account' };
    expect((await givenMapping(bridge, textAt(other, 'id'), company)).status).toBe(201);
  });

  it('leaves no connection behind whose mappings could not be stored', async () => {
    const { mappings } = bridge.storage;
    const { change } = mappings;
    mappings.change = async () => {
      throw new ConflictError('Another writer was faster.');
    };

    expect((await apply(wanted)).status).toBe(409);
    mappings.change = change;
    expect((await exported()).connections.map(({ name }) => name)).toEqual(['Production Dynamics']);
  });

  it('takes away what the document does not name only with ?prune=true', async () => {
    const mappingId = textAt(await givenMapping(bridge, id), 'id');
    await givenConnection(bridge, { name: 'Other', environment: 'fabrikam.crm.dynamics.com' });
    const document = named([{ name: 'Production Dynamics', mappings: [] }]);

    expect(changesOf(await apply(document))).toEqual([]);
    const pruned = await apply(document, { query: { prune: 'true' } });
    expect(changesOf(pruned)).toEqual([
      'delete connections[Other]',
      'delete connections[Production Dynamics].mappings[User:contact]',
    ]);
    expect(await exported()).toMatchObject({ connections: [{ name: 'Production Dynamics', mappings: [] }] });
    expect(await bridge.storage.mappings.get(id, mappingId)).toBeUndefined();
  });

  it('takes nothing away during a run', async () => {
    await givenMapping(bridge, id);
    await bridge.storage.runs.open(aRun({ connectionId: id, status: 'running' }));
    const document = named([{ name: 'Production Dynamics', enabled: false, mappings: [] }]);

    expect(faultsOf(await apply(document, { query: { prune: 'true' } }))).toEqual(['409 run_in_progress']);
    expect((await exported()).connections[0]?.mappings).toHaveLength(1);
  });

  it('is told in the audit, connection by connection', async () => {
    await givenMapping(bridge, id);
    await apply(wanted);
    const { items } = (await call(bridge.audit.list)).body as {
      items: { action: string; connectionId: string; changes: { path: string }[] }[];
    };
    const applied = items.filter(({ action }) => action === 'configuration.apply');

    expect(applied).toHaveLength(2);
    expect(applied.find(({ connectionId }) => connectionId === id)?.changes).toEqual([
      { path: 'syncIntervalMinutes', from: 15, to: 30 },
    ]);
  });
});
