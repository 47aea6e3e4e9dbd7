import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { bothSides } from '../../journeys/support/journey.js';
import { until } from '../../journeys/support/wait.js';
import type { Current } from '../support/console.js';

export function syncing(current: Current): void {
  describe('syncing', () => {
    it('tries 20 records, sees both sides beside each other, and takes them back', async () => {
      const { connectionId, journey, on, visit } = current();
      const before = await bothSides(journey);
      await visit({ at: on('overview') }, async (at) => {
        await at.text('No full sync yet').waitFor();
        await at.button('Try 20 records').click();
        await at.heading('What was tried').waitFor();
        await at.heading('Sample of 20').waitFor();
        const pairs = at.page.getByRole('button', { name: /^User \d+: .*Update/ });
        await pairs.first().click();
        const sides = at.page.getByRole('table', { name: 'Both sides now' });
        await sides.getByRole('columnheader', { name: /^AuthScape: / }).waitFor();
        await at.page
          .getByRole('heading', { name: /^Replaced in / })
          .first()
          .waitFor();
        await at.expectAccessible();
        await at.picture('sample');
        expect((await journey.api.links(connectionId, '?entity=User')).length).toBe(20);

        await at.button('Take it back').click();
        await at.page.getByRole('dialog').getByRole('button', { name: 'Take back' }).click();
        await at.text(/^\d+ pairs unlinked, \d+ values written back/).waitFor();
        expect(await journey.api.links(connectionId)).toEqual([]);
        await at.go(on('overview'));
        await at.text('No full sync yet').waitFor();
      });
      const after = await bothSides(journey);
      const valuesOf = ({ authScape, dynamics }: typeof before) => ({
        users: authScape.users.map(({ id, firstName, lastName, phoneNumber }) => [
          id,
          firstName,
          lastName,
          phoneNumber,
        ]),
        contacts: dynamics.contacts
          .filter((row) => before.dynamics.contacts.some(({ contactid }) => contactid === row.contactid))
          .map(({ contactid, firstname, lastname, telephone1 }) => [
            contactid,
            firstname,
            lastname,
            telephone1,
          ]),
      });
      const isKnown = ({ id }: { id: number }) => before.authScape.users.some((user) => user.id === id);
      const known = { ...after.authScape, users: after.authScape.users.filter(isKnown) };
      expect(valuesOf({ ...after, authScape: known })).toEqual(valuesOf(before));
      for (const { accountid } of after.dynamics.accounts) {
        await journey.editors.dynamics('DELETE', `accounts(${accountid})`);
      }
    });

    it('looks at a dry run, carries it out, and sees the progress move', async () => {
      const { journey, on, visit } = current();
      await visit({ at: on('overview') }, async (at) => {
        await at.text('No full sync yet').waitFor();
        await at.button('Sync now').click();
        await at.page.getByRole('menuitem', { name: /Dry run/ }).click();
        await at.button('Do it').waitFor();
        const grid = at.page.getByRole('grid', { name: 'Changes' });
        await grid.getByRole('row').nth(3).waitFor();
        await at.pick('Outcome', 'Linked');
        await grid.getByRole('gridcell', { name: 'Linked' }).first().click();
        const dialog = at.page.getByRole('dialog');
        await dialog.getByRole('heading').first().waitFor();
        await at.expectAccessible();
        await at.picture('change');
        await dialog.getByRole('button', { name: 'Close' }).click();
        expect((await bothSides(journey)).dynamics.accounts).toHaveLength(0);

        await journey.dynamics.post('latency', { perRequestMs: 20, perOperationMs: 0 });
        await at.button('Do it').click();
        const bar = at.page.getByRole('progressbar', { name: 'Progress of the run' });
        const seen = new Set<string | null>();
        await bar.waitFor();
        await until('the run has ended', async () => {
          if ((await bar.count()) === 0) return true;
          seen.add(await bar.getAttribute('aria-valuenow', { timeout: 300 }).catch(() => null));
          return false;
        });
        await journey.dynamics.post('latency', { perRequestMs: 0, perOperationMs: 0 });
        seen.delete(null);
        expect(seen.size).toBeGreaterThan(1);
        await at.text('Partially succeeded').waitFor();
        await grid.getByRole('row').nth(3).waitFor();

        const [file] = await Promise.all([at.page.waitForEvent('download'), at.button('CSV').click()]);
        expect(file.suggestedFilename()).toMatch(/^changes-r_\w+\.csv$/);
        expect(readFileSync(await file.path(), 'utf8').split('\r\n').length).toBeGreaterThan(60);
      });
      expect((await bothSides(journey)).dynamics.accounts).toHaveLength(3);
    });

    it('cancels a run', async () => {
      const { journey, on, visit } = current();
      await journey.dynamics.post('latency', { perRequestMs: 300, perOperationMs: 0 });
      await visit({ at: on('runs') }, async (at) => {
        await at.button('Sync now').click();
        await at.page.getByRole('menuitem', { name: /Full sync/ }).click();
        await at.button('Cancel run').click();
        await at.text('Cancelled').waitFor();
        await journey.dynamics.post('latency', { perRequestMs: 0, perOperationMs: 0 });
        await at.page.getByRole('link', { name: 'All runs' }).click();
        const grid = at.page.getByRole('grid', { name: 'Runs' });
        await grid.getByRole('link', { name: 'Dry run (full)' }).click();
        await at.button('Do it').waitFor();
      });
    });

    it('scrolls and pages through a run of 20,000 changes', async () => {
      const { connectionId, journey, on, visit } = current();
      const [run] = await journey.api.runs(connectionId);
      await visit({}, async (at) => {
        await at.page.route(/\/api\/runs\/[^/]+\/changes/, (route) => {
          const query = new URL(route.request().url()).searchParams;
          return route.fulfill({
            json: pageOfChanges(Number(query.get('cursor')), Number(query.get('limit'))),
          });
        });
        await at.go(on(`runs/${run?.id}`));
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
  });
}

const MANY = 20_000;

/** What the API answers for a run that lists that many: the cursor is opaque to the page. */
function pageOfChanges(start: number, limit: number) {
  const end = Math.min(start + limit, MANY);
  const items = Array.from({ length: end - start }, (_, index) => ({
    id: `l_${start + index}`,
    mappingId: 'm_many',
    entity: 'User',
    authScapeId: String(start + index),
    crmEntity: 'contact',
    crmId: null,
    side: 'dynamics',
    action: 'update',
    outcome: 'updated',
    fields: [
      {
        field: 'telephone1',
        from: `old ${start + index}`,
        to: `new ${start + index}`,
        rule: 'authScapeChanged',
      },
    ],
  }));
  return { items, ...(end < MANY ? { nextCursor: String(end) } : {}) };
}
