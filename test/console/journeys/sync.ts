import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { bothSides } from '../../journeys/support/journey.js';
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
        const seen = new Set(await at.progressUntilGone('Progress of the run'));
        await journey.dynamics.post('latency', { perRequestMs: 0, perOperationMs: 0 });
        expect(seen.size).toBeGreaterThan(1);
        await at.text('Succeeded').waitFor();
        await at.pick('Outcome', 'All');
        await at.text(/^1–50 of more than 50$/).waitFor();
        await at.button('Go to next page').click();
        await at.text(/^51–/).waitFor();
        await at.button('Go to previous page').click();
        await at.text(/^1–50 of more than 50$/).waitFor();

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
  });
}
