import { beforeEach, describe, expect, it } from 'vitest';
import { call, faultsOf, givenConnection, givenMapping, type TestBridge, textAt } from '../support/bridge.js';
import { aLink } from '../support/builders.js';
import {
  changesOf,
  type GivenConfiguration,
  givenConfiguration,
  named,
  type Plan,
  users,
} from './support/configuration.js';

let bridge: TestBridge;
let id: string;
let exported: GivenConfiguration['exported'];
let plan: GivenConfiguration['plan'];
beforeEach(async () => {
  ({ bridge, id, exported, plan } = await givenConfiguration());
});

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
