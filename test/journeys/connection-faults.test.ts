import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Journey, startJourney, startWithinMs } from './support/journey.js';

interface Trouble {
  name: string;
  /** What the connection says instead of the right thing. */
  connection?: Record<string, unknown>;
  arrange?: (journey: Journey) => Promise<unknown>;
  repair?: (journey: Journey) => Promise<unknown>;
  step: string;
  code: string;
}

const user = (state: string, privilege?: string) => (journey: Journey) =>
  journey.dynamics.post('users', { appId: journey.stack.info.credentials.clientId, state, privilege });

const troubles: Trouble[] = [
  {
    name: 'a wrong client secret',
    connection: { clientSecret: 'not-the-secret-of-this-application' },
    step: 'token',
    code: 'invalid_client_credentials',
  },
  {
    name: 'an unknown application',
    connection: { clientId: '00000000-0000-4000-8000-00000000000f' },
    step: 'token',
    code: 'invalid_client_credentials',
  },
  {
    name: 'an unknown tenant',
    connection: { tenantId: '00000000-0000-4000-8000-00000000000e' },
    step: 'token',
    code: 'tenant_not_found',
  },
  {
    name: 'an environment that there is not',
    connection: { environment: 'nowhere-at-all.crm.dynamics.com' },
    step: 'token',
    code: 'environment_not_found',
  },
  {
    name: 'an environment that cuts every connection',
    arrange: ({ dynamics }) => dynamics.faults({ match: '* *', dropConnection: 'before' }),
    repair: ({ dynamics }) => dynamics.clearFaults(),
    step: 'whoAmI',
    code: 'dynamics_unavailable',
  },
  {
    name: 'no application user in the environment',
    arrange: user('none'),
    repair: user('ok'),
    step: 'whoAmI',
    code: 'application_user_missing',
  },
  {
    name: 'an application user without roles',
    arrange: user('noRole'),
    repair: user('ok'),
    step: 'whoAmI',
    code: 'access_denied',
  },
  {
    name: 'a role without the privilege to read contacts',
    arrange: user('missingPrivilege', 'prvReadContact'),
    repair: user('ok'),
    step: 'read contact',
    code: 'access_denied',
  },
  {
    name: 'an AuthScape without the user management module',
    arrange: ({ authScape }) => authScape.post('install', { module: false }),
    repair: ({ authScape }) => authScape.post('install', { module: true }),
    step: 'authScape module',
    code: 'authscape_module_missing',
  },
  {
    name: 'an AuthScape that takes no token of ours',
    arrange: ({ authScape }) => authScape.post('tokens', { mode: 'stock', expireAll: true }),
    repair: ({ authScape }) => authScape.post('tokens', { mode: 'patched', expireAll: true }),
    step: 'authScape token',
    code: 'authscape_unauthorized',
  },
  {
    name: 'an AuthScape that cuts every connection',
    arrange: ({ authScape }) => authScape.faults({ match: '* *', dropConnection: 'before' }),
    repair: ({ authScape }) => authScape.clearFaults(),
    step: 'authScape token',
    code: 'authscape_unreachable',
  },
];

describe('what is wrong with a connection', () => {
  let journey: Journey;

  beforeAll(async () => {
    journey = await startJourney();
    await journey.dynamics.seed({ contacts: 3, accounts: 0, seed: 2 });
    await journey.authScape.seed({ users: 3, companies: 0, locations: 0, seed: 2, overlap: 0 });
  }, startWithinMs);
  afterAll(() => journey?.stop());

  it.each(troubles)(
    'is told by its test and by a run: $name',
    async ({ connection = {}, arrange, repair, step, code }) => {
      const { api } = journey;
      const id = await api.createConnection(connection);
      const path = `connections/${id}/mappings?validate=false`;
      await api.ask('POST', path, { body: { authScapeEntity: 'User', crmEntity: 'contact' } });
      await arrange?.(journey);
      const started = Date.now();
      const test = await api.test(id);
      const tested = Date.now() - started;
      const run = await api.sync(id, { mode: 'full' });
      await repair?.(journey);
      const shown = await api.connection(id);
      await api.ask('DELETE', `connections/${id}`);
      const fault = test.steps.find((one) => !one.ok);

      expect(fault).toMatchObject({ name: step, code, detail: expect.any(String), hint: expect.any(String) });
      expect(test.ok).toBe(false);
      expect(tested).toBeLessThan(30_000);
      expect(run).toMatchObject({ status: 'failed', error: { code, hint: expect.any(String) } });
      expect(shown.lastSyncError).toMatchObject({ code });
    },
  );
});
