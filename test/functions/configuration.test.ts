import { beforeEach, describe, expect, it } from 'vitest';
import { ConflictError } from '../../src/domain/errors.js';
import {
  type Call,
  call,
  createTestBridge,
  faultsOf,
  givenConnection,
  givenMapping,
  type TestBridge,
  textAt,
} from '../support/bridge.js';
import { aColumn, aContactTable, aLink, anEntityField, aRun } from '../support/builders.js';

let bridge: TestBridge;
let id: string;
beforeEach(async () => {
  bridge = createTestBridge();
  bridge.systems.customFields.push(
    anEntityField('customFields.shoeSize', { key: 'customFields.7', custom: true }),
  );
  const contacts = aContactTable();
  bridge.systems.tables.set('contact', { ...contacts, columns: [...contacts.columns, aColumn('jobtitle')] });
  id = textAt(await givenConnection(bridge, { clientSecret: 'a-very-secret-value-1' }), 'id');
});

interface Mapping {
  readonly authScapeEntity: string;
  readonly crmEntity: string;
  readonly fields: { authScapeField: string; crmField: string; direction?: string }[];
}
interface Document {
  readonly connections: { name: string; mappings: Mapping[] }[];
}
interface Plan {
  readonly changes: { path: string; action: string; from?: unknown; to?: unknown }[];
  readonly problems: { path: string; message: string }[];
}
const users = { authScapeEntity: 'User', crmEntity: 'contact' };
const exported = async (query: Record<string, string> = {}) =>
  (await call(bridge.configuration.export, { query })).body as Document;
const plan = (body: unknown, more: Call = {}) => call(bridge.configuration.plan, { body, ...more });
const apply = (body: unknown, more: Call = {}) =>
  call(bridge.configuration.apply, { body, method: 'PUT', ...more });
const changesOf = (reply: { body: unknown }) =>
  (reply.body as Plan).changes.map(({ action, path }) => `${action} ${path}`);
const named = (connections: unknown[]) => ({ version: 1, connections });

describe('exporting', () => {
  it('shows connections and mappings without ids and secrets, custom fields by their names', async () => {
    const mappingId = textAt(await givenMapping(bridge, id), 'id');
    await call(bridge.fields.add, {
      params: { id, mappingId },
      body: { authScapeField: 'customFields.shoeSize', crmField: 'jobtitle' },
    });
    const document = await exported();
    const text = JSON.stringify(document);

    expect(document).toMatchObject({
      version: 1,
      connections: [
        {
          name: 'Production Dynamics',
          provider: 'Dynamics365',
          mappings: [{ ...users, matchBy: ['email'] }],
        },
      ],
    });
    expect(document.connections[0]?.mappings[0]?.fields.at(-1)).toMatchObject({
      authScapeField: 'customFields.shoeSize',
      crmField: 'jobtitle',
    });
    for (const hidden of [id, mappingId, 'secret', 'customFields.7', 'createdAt', 'version":2']) {
      expect(text.toLowerCase()).not.toContain(hidden.toLowerCase());
    }
  });

  it('takes the name or the id of one connection', async () => {
    await givenConnection(bridge, { name: 'Other' });

    expect((await exported({ connection: 'other' })).connections.map(({ name }) => name)).toEqual(['Other']);
    expect((await exported({ connection: id })).connections.map(({ name }) => name)).toEqual([
      'Production Dynamics',
    ]);
    expect(await call(bridge.configuration.export, { query: { connection: 'x' } })).toMatchObject({
      status: 404,
      body: { code: 'connection_not_found' },
    });
  });
});

describe('a plan', () => {
  it('is empty for what was exported, and changes nothing', async () => {
    await givenMapping(bridge, id);
    const document = await exported();
    const reply = await plan(document);

    expect(reply).toMatchObject({ status: 200, body: { changes: [], problems: [] } });
    expect(reply.headers.etag).toMatch(/^"[^"]+"$/);
  });

  it('names what would be made, and every fault, without doing any of it', async () => {
    await givenMapping(bridge, id);
    const fields = [
      { authScapeField: 'EMAIL', crmField: 'emailaddress1', required: true },
      { authScapeField: 'id', crmField: 'nocolumn', direction: 'Outbound' },
      { authScapeField: 'shoes', crmField: 'jobtitle' },
    ];
    const reply = await plan(
      named([
        { name: 'production dynamics', mappings: [{ ...users, crmEntity: 'Contact', fields }] },
        { name: 'New', environment: 'contoso.crm.dynamics.com', mappings: [users] },
        { name: 'Without environment' },
      ]),
    );
    const mapping = 'connections[production dynamics].mappings[User:contact]';

    expect(changesOf(reply)).toEqual([
      'update connections[production dynamics].name',
      `update ${mapping}.fields[email:emailaddress1].required`,
      `create ${mapping}.fields[id:nocolumn]`,
      `create ${mapping}.fields[shoes:jobtitle]`,
      'create connections[New]',
      'create connections[Without environment]',
    ]);
    expect((reply.body as Plan).problems.map(({ path }) => path)).toEqual([
      'connections[New].mappings[User:contact]',
      `${mapping}.fields[id:nocolumn].crmField`,
      `${mapping}.fields[shoes:jobtitle].authScapeField`,
      'connections[Without environment].environment',
    ]);
    expect((await exported()).connections.map(({ name }) => name)).toEqual(['Production Dynamics']);
  });

  it('refuses secrets and settings that are none', async () => {
    const reply = await plan(
      named([
        { name: 'X', clientSecret: 'a-secret', syncIntervalMinutes: 0, mappings: [{ ...users, id: 'm' }] },
      ]),
    );

    expect(faultsOf(reply)).toEqual([
      '400 invalid_request',
      'connections[0].syncIntervalMinutes: Must be a whole number from 1 to 1440 (one day).',
      'connections[0].mappings[0].id: This property is not known.',
      'connections[0].clientSecret: This property is not known.',
    ]);
  });

  it('sees that the environment cannot change while records are linked', async () => {
    const mappingId = textAt(await givenMapping(bridge, id), 'id');
    await bridge.storage.links.insert(aLink({ connectionId: id, mappingId }));
    const reply = await plan(
      named([{ name: 'Production Dynamics', environment: 'fabrikam.crm.dynamics.com' }]),
    );

    expect((reply.body as Plan).problems.map(({ path }) => path)).toEqual([
      'connections[Production Dynamics].environment',
    ]);
  });
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
      throw new ConflictError('Somebody was faster.');
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
      throw new ConflictError('Somebody was faster.');
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
