import { describe, expect, it } from 'vitest';
import { flowOf } from '../../src/domain/power-automate.js';
import {
  driftOf,
  planSteps,
  type RegisteredStep,
  readBaseUrl,
  wantedSteps,
  watchedColumns,
} from '../../src/domain/webhook.js';
import { aFieldMapping, aMapping } from '../support/builders.js';

describe('the base URL', () => {
  it.each([
    ['https://bridge.example.com', 'https://bridge.example.com'],
    ['  https://Bridge.example.com/ ', 'https://bridge.example.com'],
    ['https://bridge.example.com:443', 'https://bridge.example.com'],
  ])('%s is %s', (text, origin) => {
    expect(readBaseUrl(text, false)).toEqual({ ok: true, origin });
  });

  it.each([
    'bridge.example.com',
    'http://bridge.example.com',
    'https://bridge.example.com:8443',
    'https://bridge.example.com/api',
    'https://bridge.example.com?x=1',
    'https://bridge.example.com/?',
    'https://bridge.example.com/#x',
    'https://me@bridge.example.com',
    'ftp://bridge.example.com',
    'http://localhost:7071',
    '',
  ])('is not %s', (text) => {
    expect(readBaseUrl(text, false)).toEqual({
      ok: false,
      message: expect.stringContaining('https://yourapp.azurewebsites.net'),
    });
  });

  it('may be the machine itself, by http and on any port, where that is allowed', () => {
    for (const origin of ['http://localhost:7071', 'http://127.0.0.1:80', 'http://[::1]:9']) {
      expect(readBaseUrl(origin, true)).toMatchObject({ ok: true });
    }
    expect(readBaseUrl('http://bridge.example.com:7071', true)).toMatchObject({ ok: false });
    expect(readBaseUrl('https://localhost:7071', true)).toMatchObject({ ok: false });
  });
});

const users = aMapping({
  filter: 'new_level eq 2',
  fields: [
    aFieldMapping({ crmField: 'lastname' }),
    aFieldMapping({ crmField: 'FirstName' }),
    aFieldMapping({ crmField: 'telephone1', enabled: false }),
  ],
  relationships: [
    {
      ...{ id: 'l_1', authScapeField: 'companyId', relatedEntity: 'Company', enabled: true },
      ...{ crmLookupField: 'parentcustomerid', crmRelatedEntity: 'account', direction: 'Bidirectional' },
      ...{ syncNullValues: true, autoCreateRelated: false },
    },
  ],
});
const companies = aMapping({ authScapeEntity: 'Company', crmEntity: 'account' });

describe('what is watched', () => {
  it('are the columns of enabled parts and of the filter, of all mappings of a table', () => {
    const name = aFieldMapping({ crmField: 'name' });
    const city = aFieldMapping({ crmField: 'address1_city' });
    const places = aMapping({ authScapeEntity: 'Location', crmEntity: 'account', fields: [name, city] });
    const off = aMapping({ crmEntity: 'lead', enabled: false, fields: [name] });
    const watched = watchedColumns([users, { ...companies, fields: [name] }, places, off]);
    expect([...watched]).toEqual([
      ['contact', ['firstname', 'lastname', 'new_level', 'parentcustomerid']],
      ['account', ['address1_city', 'name']],
    ]);
  });

  it('is told of by a step per message, without one for updates where no column is mapped', () => {
    expect(wantedSteps('c_1', [users, companies]).map(({ name, columns }) => [name, columns.length])).toEqual(
      [
        ['AuthScape sync c_1: Create of contact', 0],
        ['AuthScape sync c_1: Update of contact', 4],
        ['AuthScape sync c_1: Delete of contact', 0],
        ['AuthScape sync c_1: Create of account', 0],
        ['AuthScape sync c_1: Delete of account', 0],
      ],
    );
  });
});

const wanted = wantedSteps('c_1', [users]);
const present: readonly RegisteredStep[] = wanted.map((step, index) => ({
  ...step,
  id: `s_${index}`,
  columns: [...step.columns].reverse(),
  enabled: true,
  isBackground: true,
}));

describe('steps', () => {
  it('are left alone when they are as wanted', () => {
    expect(planSteps(wanted, present)).toEqual({ create: [], repair: [], remove: [] });
  });

  it.each([
    ['switched off', { enabled: false }],
    ['in the user’s way', { isBackground: false }],
    ['with other columns', { columns: ['lastname'] }],
  ])('are repaired when they are %s', (_what, change) => {
    const [create, update, remove] = present;
    if (!create || !update || !remove) throw new Error('Three steps are expected.');
    const plan = planSteps(wanted, [create, { ...update, ...change }, remove]);
    expect([plan.create.length, plan.repair.map(({ step }) => step.id), plan.remove.length]).toEqual([
      0,
      ['s_1'],
      0,
    ]);
  });

  it('are made when they are missing and removed when they are doubled or not ours', () => {
    const [create, , remove] = present;
    if (!create || !remove) throw new Error('Three steps are expected.');
    const strange = { ...create, id: 's_9', table: null, message: null };
    const plan = planSteps(wanted, [create, { ...create, id: 's_8' }, remove, strange]);
    expect(plan.create.map(({ message }) => message)).toEqual(['Update']);
    expect(plan.remove.map(({ id }) => id)).toEqual(['s_8', 's_9']);
  });
});

describe('drift', () => {
  const endpoint = { id: 'e_1', url: 'https://a.example/x', usesHeader: true, hasSecret: true };
  const good = { url: endpoint.url, secretIsCurrent: true, endpoints: [endpoint], wanted, present };

  it('is nothing when all is as it should be', () => {
    expect(driftOf(good)).toEqual([]);
  });

  it('names each difference', () => {
    const [first, second] = present;
    if (!first || !second) throw new Error('Three steps are expected.');
    const drift = driftOf({
      ...good,
      secretIsCurrent: false,
      endpoints: [{ ...endpoint, url: 'https://b.example/x?code=secret' }, endpoint],
      present: [
        { ...first, enabled: false },
        { ...second, columns: [] },
        { ...first, id: 's_8' },
      ],
    });
    expect(drift.map(({ code }) => code)).toEqual([
      'endpoint_doubled',
      'url_differs',
      'secret_differs',
      'step_missing',
      'step_disabled',
      'step_differs',
      'step_surplus',
    ]);
    expect(JSON.stringify(drift)).not.toContain('secret"');
    expect(drift[1]?.message).toBe('The endpoint posts to https://b.example/x.');
  });

  it('is all of it when the endpoint is gone', () => {
    expect(driftOf({ ...good, endpoints: [] }).map(({ code }) => code)).toEqual(['endpoint_missing']);
  });
});

describe('a flow', () => {
  const flow = flowOf({ table: 'contact', primaryId: 'contactid', columns: ['a', 'b'] }, 'https://x/api');

  it('sends what the receiver takes, with a placeholder for the secret', () => {
    expect(flow.http).toEqual({
      method: 'POST',
      uri: 'https://x/api',
      headers: {
        'Content-Type': 'application/json',
        'x-authscape-webhook-secret': '<paste the webhook secret here>',
      },
      body: {
        MessageName: "@{triggerOutputs()?['body/SdkMessage']}",
        PrimaryEntityName: 'contact',
        PrimaryEntityId: "@{triggerOutputs()?['body/contactid']}",
      },
    });
  });

  it('is the same as a definition: trigger, columns, action', () => {
    const { actions, triggers } = flow.definition.properties.definition;
    expect(actions.Tell_AuthScape_sync.inputs).toMatchObject(flow.http);
    expect(triggers.When_a_row_changes.inputs.parameters).toEqual({
      'subscriptionRequest/message': 7,
      'subscriptionRequest/entityname': 'contact',
      'subscriptionRequest/scope': 4,
      'subscriptionRequest/filteringattributes': 'a,b',
    });
  });
});
