import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  bothSides,
  contactOf,
  type Journey,
  startJourney,
  startWithinMs,
  userOf,
} from '../journeys/support/journey.js';
import { until } from '../journeys/support/wait.js';
import { launchBrowser } from './support/browser.js';
import { Visit, type VisitOptions } from './support/visit.js';

/** One stack and one browser for all; each journey goes on where the one before has ended. */
describe('a person at the console', () => {
  let journey: Journey;
  let browser: Browser;
  let connectionId = '';

  beforeAll(async () => {
    [journey, browser] = await Promise.all([startJourney(), launchBrowser()]);
    await journey.authScape.post('custom-fields', { name: 'Level', platform: 1, type: 1 });
    await journey.dynamics.seed({ contacts: 60, accounts: 0, seed: 7 });
    await journey.authScape.seed({ users: 80, companies: 3, locations: 0, seed: 7, overlap: 0.5 });
  }, startWithinMs);
  afterAll(async () => {
    await browser?.close();
    await journey?.stop();
  });

  /** Fails when the browser complained about anything meanwhile. */
  async function visit(options: VisitOptions, act: (visit: Visit) => Promise<void>): Promise<void> {
    const one = await Visit.start(browser, journey.stack.info, options);
    await act(one);
    await one.end();
  }

  const onConnection = (path: string) => `connections/${connectionId}/${path}`;

  it('signs in with a key: a wrong one is refused, the right one leads to where one wanted to be', async () => {
    await visit({ anonymous: true }, async (at) => {
      at.expectStatus(401);
      await at.open('configuration');
      await at.page.getByLabel('Function key').fill('wrong');
      await at.button('Sign in').click();
      await at.text('The key was not accepted.').waitFor();
      await at.expectAccessible();
      await at.page.getByLabel('Function key').fill(journey.stack.info.functionsKey);
      await at.button('Sign in').click();
      await at.page.getByRole('heading', { name: 'Configuration' }).waitFor();
      expect(at.page.url()).toContain('/api/console/configuration');
    });
  });

  it('is signed in by the link of the local stack, whose key is gone from the address at once', async () => {
    await visit({}, async (at) => {
      await at.text('No connection yet').waitFor();
      expect(at.page.url()).not.toContain(journey.stack.info.functionsKey);
      await at.page.reload();
      await at.text('No connection yet').waitFor();
      await at.expectAccessible();
    });
  });

  it('adds a connection, whose full address is shortened before its eyes, and tests it', async () => {
    await visit({}, async (at) => {
      const { environment, credentials } = journey.stack.info;
      await at.button('Add connection').click();
      await at.page.getByLabel('Name').fill('Production Dynamics');
      await at.page.getByLabel('Environment').fill(`https://${environment}/main.aspx?appid=1`);
      await at.page.getByLabel('Name').focus();
      await at.text('is a full address').waitFor();
      expect(await at.page.getByLabel('Environment').inputValue()).toBe(environment);
      await at.expectAccessible();
      await at.button('Next').click();
      await at.page.getByLabel('Its own app registration').check();
      await at.page.getByLabel('Directory (tenant) id').fill(credentials.tenantId);
      await at.page.getByLabel('Application (client) id').fill(credentials.clientId);
      await at.page.getByLabel('Client secret').fill(credentials.clientSecret);
      await at.button('Create and test').click();
      await at.text('The connection works').waitFor();
      await at.expectAccessible();
      await at.button('Go on to the mappings').click();
      await at.text('No mapping yet').waitFor();
      [, connectionId = ''] = /connections\/(c_\w+)/.exec(at.page.url()) ?? [];
    });
  });

  it('maps companies and users, with a custom field, a table of values and a relationship', async () => {
    await visit({}, async (at) => {
      await at.open(onConnection('mappings'));
      await at.button('Add mapping').click();
      await at.pick('AuthScape entity', 'Company');
      await at.button('Add').last().click();
      await at.page.getByRole('heading', { name: 'Fields of Company – account' }).waitFor();
      await at.page.getByRole('link', { name: 'All mappings' }).click();
      await at.button('Add mapping').click();
      await at.button('Add').last().click();
      await at.page.getByRole('heading', { name: 'Fields of User – contact' }).waitFor();
      await at.expectAccessible();

      await at.button('Add field').click();
      await pickField(at, 'AuthScape field', 'Level', 'customFields.Level');
      await pickField(at, 'Dynamics column', 'new_level', 'new_level');
      await at.button(/transform of customFields.Level/).click();
      await at.pick('Transform', 'Table of values');
      await at.button('Add pair').click();
      await at.page.getByLabel('AuthScape value').fill('gold');
      await at.pick('Dynamics value', /Gold/);
      await at.expectAccessible();
      await at.button('Take over').click();
      await at.button(/Direction of customFields.Level/).click();
      await at.button('Save fields').click();
      await at.text('The fields were saved.').waitFor();

      await at.button('Add relationship').click();
      await at.pick('Dynamics lookup', 'parentcustomerid');
      await at.button('Add').last().click();
      await at.page
        .getByRole('cell', { name: /parentcustomerid/ })
        .first()
        .waitFor();
    });
    const { items } = (await journey.api.ask('GET', `connections/${connectionId}/mappings`)).body as {
      items: { authScapeEntity: string; fields: object[]; relationships: object[] }[];
    };
    const users = items.find(({ authScapeEntity }) => authScapeEntity === 'User');
    expect(users?.fields).toContainEqual(
      expect.objectContaining({
        crmField: 'new_level',
        direction: 'Outbound',
        transform: { type: 'valueMap', map: { gold: 3 } },
      }),
    );
    expect(users?.relationships).toHaveLength(1);
  });

  it('is told beside the field what the service does not take', async () => {
    await visit({}, async (at) => {
      at.expectStatus(422);
      await at.open(onConnection('mappings'));
      await at.page.getByRole('link', { name: 'User – contact' }).click();
      await at.button('Add field').click();
      await pickField(at, 'AuthScape field', 'firstName', 'firstName');
      await pickField(at, 'Dynamics column', 'nickname', 'nickname');
      await at.button('Save fields').click();
      await at.text('This AuthScape field is written by').waitFor();
      await at.page.getByLabel('Filter').fill('nonsense eq 1');
      await at.text('The table has no column "nonsense".').waitFor();
    });
  });

  it('looks at a dry run, carries it out, and sees the progress move', async () => {
    await visit({}, async (at) => {
      await at.open(onConnection('overview'));
      await at.text('Nothing was synced yet').waitFor();
      await at.button('Sync now').click();
      await at.page.getByRole('menuitem', { name: /Dry run/ }).click();
      await at.button('Do it').waitFor();
      const grid = at.page.getByRole('grid', { name: 'Changes' });
      await grid.getByRole('row').nth(3).waitFor();
      await at.pick('Outcome', 'Linked');
      await grid.getByRole('gridcell', { name: 'Linked' }).first().click();
      await at.page.getByRole('dialog').getByRole('heading').first().waitFor();
      await at.expectAccessible();
      await at.page.getByRole('dialog').getByRole('button', { name: 'Close' }).click();
      expect((await bothSides(journey)).dynamics.accounts).toHaveLength(0);

      await journey.dynamics.post('latency', { perRequestMs: 40, perOperationMs: 0 });
      await at.button('Do it').click();
      const bar = at.page.getByRole('progressbar', { name: 'Progress of the run' });
      const seen = new Set<string>();
      await until('the run has ended', async () => {
        seen.add((await bar.getAttribute('aria-valuenow', { timeout: 300 }).catch(() => null)) ?? 'none');
        return (
          (await at.page.getByText('Succeeded', { exact: true }).count()) > 0 ||
          (await at.page.getByText('Partially succeeded', { exact: true }).count()) > 0
        );
      });
      await journey.dynamics.post('latency', { perRequestMs: 0, perOperationMs: 0 });
      expect([...seen].filter((value) => value !== 'none').length).toBeGreaterThan(1);
      await at.expectAccessible();

      const [file] = await Promise.all([at.page.waitForEvent('download'), at.button('CSV').click()]);
      expect(file.suggestedFilename()).toMatch(/^changes-r_\w+\.csv$/);
    });
    expect((await bothSides(journey)).dynamics.accounts).toHaveLength(3);
  });

  it('finds a person, syncs an edit of one side to the other, and reads why the value is there', async () => {
    const sides = await bothSides(journey);
    const user = sides.authScape.users.find((one) => one.isActive && !one.email.startsWith('sync-'));
    const email = user?.email ?? '';
    await journey.editors.dynamics('PATCH', `contacts(${contactOf(sides, email).contactid})`, {
      telephone1: '+47 22 33 44 55',
    });
    await visit({}, async (at) => {
      await at.open(onConnection('records'));
      await at.page.getByLabel('Name, e-mail or id').fill(email);
      await at.button('Search').click();
      await at.page.getByRole('link', { name: `User ${user?.id}` }).click();
      await at.text('Changed in Dynamics').waitFor();
      await at.expectAccessible();
      await at.button('Preview').click();
      await at.text('Would update in AuthScape').waitFor();
      await at.button('Sync to CRM').click();
      await at.page.getByRole('heading', { name: 'History' }).waitFor();
      await at.text('changed in Dynamics').waitFor();
      await until('both sides are the same', async () => !(await at.text('Changed in Dynamics').isVisible()));
      await at.expectAccessible();
    });
    expect(userOf(await bothSides(journey), email).phoneNumber).toBe('+47 22 33 44 55');
  });

  it('repairs a record that failed, and retries it', async () => {
    const sides = await bothSides(journey);
    const user = sides.authScape.users.filter((one) => one.isActive && !one.email.startsWith('sync-'))[1];
    await journey.editors.updateUser(user?.id ?? 0, { lastName: 'Repaired' });
    await journey.dynamics.faults({ match: 'PATCH contacts', status: 400, code: '0x80040265', times: 1 });
    await journey.api.sync(connectionId, { mode: 'incremental' });
    await visit({}, async (at) => {
      await at.open(onConnection('problems'));
      const item = at.page.getByRole('listitem').filter({ hasText: `User ${user?.id}` });
      await item.waitFor();
      await at.expectAccessible();
      await item.getByRole('button', { name: 'Retry' }).click();
      await item.waitFor({ state: 'detached', timeout: 60_000 });
    });
    expect(contactOf(await bothSides(journey), user?.email ?? '').lastname).toBe('Repaired');
  });

  it('links one of two contacts that could both be the partner', async () => {
    const email = 'twice@example.com';
    const twin = { firstname: 'Twin', lastname: 'Contact', emailaddress1: email };
    await journey.editors.dynamics('POST', 'contacts', twin);
    await journey.editors.dynamics('POST', 'contacts', twin);
    await journey.editors.authScape('POST', 'CreateAccount', {
      email,
      firstName: 'Twin',
      lastName: 'User',
      password: 'Twice-1234',
    });
    await journey.api.sync(connectionId, { mode: 'full' });
    await visit({}, async (at) => {
      await at.open(onConnection('problems'));
      await at.button(/^Ambiguous/).click();
      const group = at.page.getByRole('region', { name: `Candidates for ${email}` });
      await group
        .getByRole('radiogroup', { name: /Dynamics/ })
        .getByRole('radio')
        .first()
        .check();
      await group.getByRole('button', { name: 'Preview' }).click();
      await group.getByText(/Would/).first().waitFor();
      await at.expectAccessible();
      await group.getByRole('button', { name: 'Link these two' }).click();
      await at.text('The two records are linked.').waitFor();
    });
    const id = String(userOf(await bothSides(journey), email).id);
    expect(await journey.api.links(connectionId, `?authScapeId=${id}`)).toHaveLength(1);
  });

  it('approves some of twelve held deletes and rejects the rest, on a phone', async () => {
    const sides = await bothSides(journey);
    const emails = sides.authScape.users
      .filter((one) => one.isActive && !one.email.startsWith('sync-'))
      .map(({ email }) => email.toLowerCase())
      .filter((email) => sides.dynamics.contacts.some((row) => row.emailaddress1?.toLowerCase() === email))
      .slice(-12);
    for (const email of emails) {
      await journey.editors.dynamics('DELETE', `contacts(${contactOf(sides, email).contactid})`);
    }
    await journey.api.sync(connectionId, { mode: 'incremental' });
    await visit({ width: 360, height: 740 }, async (at) => {
      await at.open(onConnection('approvals'));
      await at.text('12 changes wait').waitFor();
      await at.expectAccessible();
      expect(await at.page.evaluate('document.documentElement.scrollWidth')).toBe(360);
      await at.page
        .getByRole('checkbox', { name: /Choose User/ })
        .first()
        .check();
      await at.button('Approve 1 change').click();
      await at.button('Approve').last().click();
      await at.text('11 changes wait').waitFor({ timeout: 60_000 });
      await at.button('Reject all').click();
      await at.button('Reject').last().click();
      await at.text('Nothing waits for a decision').waitFor({ timeout: 60_000 });
    });
    const after = await bothSides(journey);
    expect(emails.filter((email) => !userOf(after, email).isActive)).toHaveLength(1);
  });

  it('is asked to sign in again when its key is refused meanwhile, and is then where it was', async () => {
    await visit({}, async (at) => {
      await at.open(onConnection('settings'));
      await at.page.getByRole('heading', { name: 'Danger zone' }).waitFor();
      at.expectStatus(401);
      await at.page.evaluate(
        `sessionStorage.setItem('crm-integration.session', JSON.stringify({ kind: 'key', key: 'expired' }))`,
      );
      await at.page.reload();
      await at.text('You were signed out').waitFor();
      await at.page.getByLabel('Function key').fill(journey.stack.info.functionsKey);
      await at.button('Sign in').click();
      await at.page.getByRole('heading', { name: 'Danger zone' }).waitFor();
    });
  });

  it('says that the service is away, and goes on by itself when it is back', async () => {
    await visit({}, async (at) => {
      await at.open(onConnection('mappings'));
      await at.page.getByRole('link', { name: 'User – contact' }).waitFor();
      at.expectStatus(0);
      await at.page.route(/\/api\/connections/, (route) => route.abort('connectionrefused'));
      await at.page.getByRole('link', { name: 'Records' }).click();
      await at.page.getByRole('link', { name: 'Mappings' }).click();
      await at.page.getByRole('link', { name: 'Connections' }).first().click();
      await at.page.reload().catch(() => undefined);
      await at.text('The service does not answer.').waitFor();
      await at.page.unroute(/\/api\/connections/);
      await at.page.getByRole('link', { name: 'Production Dynamics' }).waitFor();
      expect(await at.text('The service does not answer.').isVisible()).toBe(false);
    });
  });

  it('pages and scrolls through a run of 20,000 changes', async () => {
    const [run] = await journey.api.runs(connectionId);
    const total = 20_000;
    await visit({}, async (at) => {
      await at.page.route(/\/api\/runs\/[^/]+\/changes/, (route) => {
        const query = new URL(route.request().url()).searchParams;
        const [start, limit] = [Number(query.get('cursor') ?? 0), Number(query.get('limit'))];
        const items = Array.from({ length: Math.min(limit, total - start) }, (_, at) => ({
          ...{
            mappingId: 'm',
            entity: 'User',
            authScapeId: String(start + at),
            crmEntity: 'contact',
            crmId: null,
          },
          ...{ side: 'dynamics', action: 'update', outcome: 'updated' },
          fields: [
            {
              field: 'telephone1',
              from: `old ${start + at}`,
              to: `new ${start + at}`,
              rule: 'authScapeChanged',
            },
          ],
        }));
        const end = start + items.length;
        return route.fulfill({ json: { items, ...(end < total ? { nextCursor: String(end) } : {}) } });
      });
      await at.open(onConnection(`runs/${run?.id}`));
      const grid = at.page.getByRole('grid', { name: 'Changes' });
      await grid.getByText('old 0', { exact: true }).waitFor();
      await grid.hover();
      await at.page.mouse.wheel(0, 900);
      await grid.getByText('old 30', { exact: true }).waitFor();
      for (const first of [50, 100, 150]) {
        await at.button('Go to next page').click();
        await grid.getByText(`old ${first}`, { exact: true }).waitFor();
      }
      await at.button('Go to previous page').click();
      await grid.getByText('old 100', { exact: true }).waitFor();
    });
  });

  it.each(['light', 'dark'] as const)(
    'has no screen with a grave fault of accessibility (%s)',
    async (scheme) => {
      const [run] = await journey.api.runs(connectionId);
      const [link] = await journey.api.links(connectionId);
      const screens = ['overview', 'mappings', 'runs', `runs/${run?.id}`, 'approvals', 'problems', 'records']
        .concat(`records/${link?.entity}/${link?.authScapeId}`, 'webhook', 'settings')
        .map(onConnection);
      await visit({ colorScheme: scheme }, async (at) => {
        for (const screen of ['connections', ...screens, 'audit', 'configuration', 'no-such-screen']) {
          await at.open(screen);
          await at.page.locator('main').waitFor();
          await at.page.getByRole('status', { name: 'Loading' }).first().waitFor({ state: 'detached' });
          await at.expectAccessible();
          await at.picture(
            `${screen.split('/')[2] ?? screen}${screen.split('/').length > 3 ? '-one' : ''}-${scheme}`,
          );
        }
      });
    },
  );

  it('fits on a phone', async () => {
    await visit({ width: 360, height: 740 }, async (at) => {
      for (const screen of [
        'connections',
        ...['overview', 'problems', 'approvals', 'records'].map(onConnection),
      ]) {
        await at.open(screen);
        await at.page.locator('main').waitFor();
        await at.page.getByRole('status', { name: 'Loading' }).first().waitFor({ state: 'detached' });
        expect(await at.page.evaluate('document.documentElement.scrollWidth'), screen).toBe(360);
        await at.picture(`${screen.split('/')[2] ?? screen}-phone`);
      }
    });
  });
});

async function pickField(at: Visit, label: string, typed: string, option: string): Promise<void> {
  const input = at.page.getByRole('combobox', { name: label }).last();
  await input.fill(typed);
  await at.page
    .getByRole('option', { name: new RegExp(`^${option}`) })
    .first()
    .click();
}
