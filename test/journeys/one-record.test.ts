import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchStack, type Stack } from '../stack/launch/stack.js';

/** "Sync to CRM" of one record and its preview, over HTTP on the whole stack. */

let stack: Stack;
let connection: string;
let mapping: string;

beforeAll(async () => {
  stack = await launchStack({
    ports: { functions: 0, dataverse: 0, authScape: 0, identity: 0, queues: 0, tables: 0 },
    env: { ...process.env, SYNC_SCHEDULE: '0 0 0 1 1 *' },
    report: () => {},
  });
  await sim('POST', stack.info.authScape, 'seed', { users: 3, companies: 0, locations: 0, seed: 5 });
  const made = await send('/connections', {
    name: 'One record',
    provider: 'Dynamics365',
    environment: stack.info.environment,
  });
  connection = made.body.id;
  const mapped = await send(`/connections/${connection}/mappings`, {
    authScapeEntity: 'User',
    crmEntity: 'contact',
  });
  mapping = mapped.body.id;
}, 60_000);

afterAll(async () => {
  await stack?.stop();
});

interface Result {
  readonly outcome: string;
  readonly crmId?: string;
  readonly changes: readonly { side: string; action: string; fields: { field: string; to: unknown }[] }[];
}

interface Answer {
  readonly status: number;
  readonly body: { id: string; code?: string; results: Result[] };
}

async function send(path: string, body?: unknown): Promise<Answer> {
  const response = await fetch(`${stack.info.functions}/api${path}`, {
    method: 'POST',
    headers: { 'x-functions-key': stack.info.functionsKey, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: (await response.json()) as Answer['body'] };
}

async function sim(method: string, base: string, what: string, body?: unknown): Promise<unknown> {
  const response = await fetch(`${base}/_sim/${what}`, {
    method,
    ...(body === undefined
      ? {}
      : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
  });
  const text = await response.text();
  return text === '' ? undefined : JSON.parse(text);
}

async function contacts(): Promise<Record<string, unknown>[]> {
  const dump = (await sim('GET', stack.info.dataverse, 'dump')) as { contacts?: Record<string, unknown>[] };
  return dump.contacts ?? [];
}

async function seededUser(): Promise<{ id: number | string; email: string; firstName: string }> {
  const dump = (await sim('GET', stack.info.authScape, 'dump')) as {
    users: { id: number; email: string; firstName: string; isActive: boolean }[];
  };
  const user = dump.users.findLast(({ isActive }) => isActive);
  if (!user) throw new Error('No active user was seeded.');
  return user;
}

describe('one record', () => {
  it('is previewed without a write, then synced, then in step', async () => {
    const user = await seededUser();
    const preview = await send(`/connections/${connection}/mappings/${mapping}/preview`, {
      authScapeId: String(user.id),
    });
    expect(preview.status).toBe(200);
    expect(preview.body.results).toMatchObject([{ changes: [{ side: 'dynamics', action: 'create' }] }]);
    expect(await contacts()).toEqual([]);

    const synced = await send(`/users/${user.id}/sync`);
    expect(synced.body.results).toMatchObject([{ outcome: 'created', crmId: expect.any(String) }]);
    expect(await contacts()).toMatchObject([{ firstname: user.firstName }]);

    const again = await send(`/users/${user.id}/sync`);
    expect(again.body.results).toMatchObject([{ outcome: 'unchanged' }]);
    const crmId = synced.body.results[0]?.crmId ?? '';
    const fromRow = await send(`/connections/${connection}/records/contact/${crmId}/sync`);
    expect(fromRow.body.results).toMatchObject([{ outcome: 'unchanged', crmId }]);
  });

  it('that is nowhere is 404', async () => {
    const user = await send('/users/999999/sync');
    expect([user.status, user.body.code]).toEqual([404, 'record_not_found']);
    const row = await send(
      `/connections/${connection}/records/contact/00000000-0000-4000-8000-00000000dead/sync`,
    );
    expect([row.status, row.body.code]).toEqual([404, 'record_not_found']);
    const table = await send(
      `/connections/${connection}/records/lead/00000000-0000-4000-8000-00000000dead/sync`,
    );
    expect([table.status, table.body.code]).toEqual([404, 'not_found']);
    for (const target of [{ authScapeId: '999999' }, { crmId: '00000000-0000-4000-8000-00000000dead' }]) {
      const preview = await send(`/connections/${connection}/mappings/${mapping}/preview`, target);
      expect([preview.status, preview.body.code]).toEqual([404, 'record_not_found']);
    }
  });

  it.each([
    ['GetUser answers 500', 'authScape', { match: 'GET GetUser', status: 500 }],
    ['GetUser answers 403', 'authScape', { match: 'GET GetUser', status: 403 }],
    ['GetUser answers with a page', 'authScape', { match: 'GET GetUser', body: '<html>Blocked</html>' }],
    ['Dynamics answers 500', 'dataverse', { match: 'GET contacts', status: 500, code: '0x80040224' }],
    ['Dynamics answers 400', 'dataverse', { match: 'GET contacts', status: 400, code: '0x80040265' }],
  ] as const)('that cannot be read is record_unreadable, not unchanged: %s', async (_what, side, fault) => {
    const { answers, after } = await syncUnder(side, { status: 200, ...fault });
    for (const { status, body } of answers) {
      expect([status, body]).toMatchObject([
        200,
        { results: [{ outcome: 'failed', error: { code: 'record_unreadable' } }] },
      ]);
    }
    expect(after.body.results).toMatchObject([{ outcome: 'unchanged' }]);
  });

  it('that may not be read is left alone with the reason', async () => {
    const denied = { match: 'GET contacts', status: 403, code: '0x80040220' };
    for (const { body } of (await syncUnder('dataverse', denied)).answers) {
      expect(body.results).toMatchObject([{ outcome: 'skipped', error: { code: 'access_denied' } }]);
    }
  });
});

/** What both ways of syncing the user's pair by hand answer while one side refuses to show its record, and afterwards. */
async function syncUnder(side: 'authScape' | 'dataverse', fault: object) {
  const user = await seededUser();
  const crmId = (await send(`/users/${user.id}/sync`)).body.results[0]?.crmId ?? '';
  const row = side === 'authScape' ? String(user.id) : crmId;
  await sim('POST', stack.info[side], 'faults', [{ ...fault, row }]);
  const paths = [`/users/${user.id}/sync`, `/connections/${connection}/records/contact/${crmId}/sync`];
  const answers: Answer[] = [];
  for (const path of paths) answers.push(await send(path));
  await sim('DELETE', stack.info[side], 'faults');
  return { answers, after: await send(`/users/${user.id}/sync`) };
}
