import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { allRoutes } from '../../src/functions/routes/table.js';
import { compileRoute } from '../stack/functions/routes.js';
import { bothSides, type Journey, startJourney, startWithinMs } from './support/journey.js';
import { putMessage } from './support/storage-scan.js';
import { until } from './support/wait.js';

/** Every route once with success, in the order in which an administrator meets them; each answer is held against the document. */

const part = z.looseObject({ id: z.string() });
const parts = z.looseObject({ items: z.array(part) });
const links = z.looseObject({
  items: z.array(z.looseObject({ id: z.string(), authScapeId: z.string(), crmId: z.string() })),
});
const DEPARTMENT = { authScapeField: 'id', crmField: 'department', direction: 'Outbound' };
const COMPANY = {
  ...{ authScapeField: 'companyId', relatedEntity: 'Company' },
  ...{ crmLookupField: 'parentcustomerid', crmRelatedEntity: 'account' },
};
const SECRET = 'a-secret-of-the-webhook';

describe('every route', () => {
  const answered = new Set<string>();
  let journey: Journey;
  let c: string;
  let users: string;

  beforeAll(async () => {
    journey = await startJourney({ SYNC_SCHEDULE: '0 0 0 1 1 *' });
    await journey.dynamics.seed({ contacts: 24, accounts: 2, seed: 61 });
    await journey.authScape.seed({ users: 24, companies: 2, locations: 1, seed: 61, overlap: 1 });
  }, startWithinMs);
  afterAll(() => journey?.stop());

  async function ask(
    request: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<unknown> {
    const [method = '', path = ''] = request.split(' ');
    const reply = await journey.api.ask(method, path, { body, headers });
    if (reply.status >= 300) throw new Error(`${request} answered ${reply.status}: ${reply.text}`);
    const [bare = ''] = path.split('?');
    const route = allRoutes().find(
      (one) => one.method === method && compileRoute(one.path)(bare) !== undefined,
    );
    answered.add(route?.name ?? `no route: ${request}`);
    return reply.body;
  }

  const made = async (request: string, body: unknown) => part.parse(await ask(request, body)).id;
  const linked = async () => links.parse(await ask(`GET connections/${c}/links?entity=User&limit=500`)).items;
  async function run(body: unknown): Promise<string> {
    const id = await made(`POST connections/${c}/sync`, body);
    await journey.api.follow(id);
    return id;
  }
  /** A run that waits since so many contacts were deleted in Dynamics. */
  async function heldRun(): Promise<string> {
    for (const { crmId } of (await linked()).slice(0, 7)) {
      await journey.editors.dynamics('DELETE', `contacts(${crmId})`);
    }
    const id = await run({ mode: 'incremental' });
    expect(await ask(`GET runs/${id}`)).toMatchObject({ status: 'awaitingApproval' });
    return id;
  }

  it('sets up', async () => {
    const { environment, credentials } = journey.stack.info;
    await ask('GET health');
    await ask('GET openapi.json');
    c = await made('POST connections', {
      ...{ name: 'Every route', provider: 'Dynamics365', environment, ...credentials },
      ...{ fullSyncSchedule: null, webhookSecret: SECRET, massDeleteGuard: { count: 5, percent: 20 } },
    });
    await ask('GET connections');
    await ask(`GET connections/${c}`);
    await ask(`PATCH connections/${c}`, { syncIntervalMinutes: 1_440 });
    await ask(`POST connections/${c}/test`);
    const alerts = { url: 'https://alerts.contoso.com/sync', secret: 'a-secret-of-sixteen' };
    await ask(`PUT connections/${c}/alerts`, alerts);
    await ask(`GET connections/${c}/alerts`);
    await ask(`DELETE connections/${c}/alerts`);
    await ask(`GET connections/${c}/schema/entities`);
    await ask(`GET connections/${c}/schema/entities/contact/fields`);
    await ask('GET schema/authscape/User/fields');
  });

  it('maps', async () => {
    const mappings = `connections/${c}/mappings`;
    await made(`POST ${mappings}`, { authScapeEntity: 'Company', crmEntity: 'account' });
    const first = await made(`POST ${mappings}`, { authScapeEntity: 'User', crmEntity: 'contact' });
    await ask(`DELETE ${mappings}/${first}`);
    users = `${mappings}/${await made(`POST ${mappings}`, { authScapeEntity: 'User', crmEntity: 'contact' })}`;
    await ask(`GET ${mappings}`);
    await ask(`GET ${users}`);
    await ask(`PATCH ${users}`, { direction: 'Bidirectional' });
    const fields = z.looseObject({ items: z.array(z.looseObject({ id: z.string() })) });
    const present = fields.parse(await ask(`GET ${users}/fields`)).items;
    await ask(
      `PUT ${users}/fields`,
      present.map(({ id: _, ...field }) => field),
    );
    const field = await made(`POST ${users}/fields`, DEPARTMENT);
    await ask(`GET ${users}/fields/${field}`);
    await ask(`PATCH ${users}/fields/${field}`, { enabled: false });
    await ask(`DELETE ${users}/fields/${field}`);
    const relationship = await made(`POST ${users}/relationships`, COMPANY);
    await ask(`GET ${users}/relationships`);
    await ask(`GET ${users}/relationships/${relationship}`);
    await ask(`PATCH ${users}/relationships/${relationship}`, { enabled: false });
    await ask(`DELETE ${users}/relationships/${relationship}`);
  });

  it('syncs', async () => {
    const sample = await run({ mode: 'full', sample: 2 });
    await ask(`POST runs/${sample}/take-back`);
    const full = await run({ mode: 'full' });
    await ask(`GET runs/${full}/changes`);
    await ask(`GET connections/${c}/runs`);
    await ask(`POST runs/${full}/cancel`);
    const [one] = await linked();
    if (one === undefined) throw new Error('Nothing was linked.');
    await ask(`POST ${users}/preview`, { authScapeId: one.authScapeId });
    await ask(`POST users/${one.authScapeId}/sync`);
    await ask(`POST connections/${c}/records/contact/${one.crmId}/sync`);
    const { companies, locations } = (await bothSides(journey)).authScape;
    await ask(`POST companies/${companies[0]?.id}/sync`);
    await ask(`POST locations/${locations[0]?.id}/sync`);
  });

  it('looks at what was synced', async () => {
    const [one] = await linked();
    await ask(`GET connections/${c}/records/User/${one?.authScapeId}`);
    await ask(`GET connections/${c}/records?search=${one?.authScapeId}%40&entity=User`);
    for (const what of ['problems', 'stats', 'diagnostics', 'logs', 'duplicates', 'dead-letters']) {
      await ask(`GET connections/${c}/${what}`);
    }
    await ask(`POST connections/${c}/problems/retry`, { kind: 'failed' });
    await ask(`DELETE connections/${c}/logs?olderThan=2000-01-01`);
    await ask(`DELETE connections/${c}/links/${one?.id}`);
    const pair = { authScapeId: one?.authScapeId, crmId: one?.crmId };
    await ask(`POST connections/${c}/links`, { mappingId: users.split('/').at(-1), ...pair });
  });

  it('hears of changes', async () => {
    const [one] = await linked();
    const row = { MessageName: 'Update', PrimaryEntityName: 'contact', PrimaryEntityId: one?.crmId };
    await ask(`POST crm/webhook/dynamics/${c}`, row, { 'x-authscape-webhook-secret': SECRET });
    const occurredAt = new Date().toISOString();
    const event = { entity: 'User', id: one?.authScapeId, change: 'updated', occurredAt };
    await ask('POST authscape/events', { events: [event] });
    const webhook = `connections/${c}/webhook`;
    await ask(`POST ${webhook}`, { baseUrl: journey.stack.info.functions });
    await ask(`GET ${webhook}`);
    await ask(`GET ${webhook}/power-automate`);
    await ask(`POST ${webhook}/rotate-secret`);
    await ask(`DELETE ${webhook}`);
  });

  it('decides', async () => {
    await ask(`POST runs/${await heldRun()}/approve`);
    await until('the run went on', async () => {
      const [newest] = await journey.api.runs(c);
      return newest?.status === 'succeeded' || newest?.status === 'partiallySucceeded';
    });
    await ask(`POST runs/${await heldRun()}/reject`);
  });

  it('works on dead letters', async () => {
    const letters = async () => parts.parse(await ask(`GET connections/${c}/dead-letters`)).items;
    for (const id of ['one', 'two', 'three']) {
      const job = { v: 1, kind: 'record', connectionId: c, source: 'dynamics', entity: 'contact', id };
      await putMessage(journey.stack.info, 'sync-records-poison', {
        ...job,
        receivedAt: '2026-01-01T00:00:00Z',
      });
    }
    await until('all are kept', async () => (await letters()).length === 3);
    const [first, second] = await letters();
    await ask(`DELETE connections/${c}/dead-letters/${first?.id}`);
    await ask(`POST connections/${c}/dead-letters/${second?.id}/replay`);
    await ask(`POST connections/${c}/dead-letters/replay`);
  });

  it('keeps the configuration as code, erases a person, and ends', async () => {
    const document = await ask('GET configuration');
    await ask('POST configuration/plan', document);
    await ask('PUT configuration', document);
    const [one] = await linked();
    await until('the last run has ended', async () => (await journey.api.runs(c))[0]?.status !== 'running');
    await ask(`POST connections/${c}/erase`, { entity: 'User', authScapeId: one?.authScapeId });
    await ask('GET audit');
    await ask(`DELETE connections/${c}`);
  });

  it('was answered with success', () => {
    expect([...answered].sort()).toEqual(
      allRoutes()
        .map(({ name }) => name)
        .sort(),
    );
  });
});
