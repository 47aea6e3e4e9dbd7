import { describe, expect, it } from 'vitest';
import { bothSides, contactOf, userOf } from '../../journeys/support/journey.js';
import type { Current } from '../support/console.js';
import { linkedUsers } from '../support/linked-users.js';

export function lookingUpRecords(current: Current): void {
  describe('looking records up', () => {
    it('finds a person, syncs an edit of one side to the other, and reads why the value is there', async () => {
      const { journey, on, visit } = current();
      const [user] = await linkedUsers(current());
      const email = user?.email ?? '';
      const { contactid } = contactOf(await bothSides(journey), email);
      await journey.editors.dynamics('PATCH', `contacts(${contactid})`, { telephone1: '+47 22 33 44 55' });
      await visit({ at: on('records') }, async (at) => {
        await at.page.getByLabel('Name, e-mail or id').fill(email);
        await at.button('Search').click();
        await at.page.getByRole('table', { name: 'Records found' }).waitFor();
        await at.expectAccessible();
        await at.picture('search');
        await at.page.getByRole('link', { name: `User ${user?.id}`, exact: true }).click();
        const changed = at.page.getByText('Changed in Dynamics', { exact: true });
        await changed.waitFor();
        await at.picture('record-differs');
        await at.button('Preview').click();
        await at.text('Would update in AuthScape').waitFor();
        await at.button('Sync to CRM').click();
        await changed.waitFor({ state: 'detached' });
        const row = at.page.getByRole('row', { name: /telephone1/ }).first();
        await row.getByText('in AuthScape: changed in Dynamics').waitFor();
        expect(await row.getByText('+47 22 33 44 55').count()).toBe(3);
      });
      expect(userOf(await bothSides(journey), email).phoneNumber).toBe('+47 22 33 44 55');
    });

    it('repairs a record that failed, and retries it', async () => {
      const { connectionId, journey, on, visit } = current();
      const [, user] = await linkedUsers(current());
      await journey.editors.updateUser(user?.id ?? 0, { lastName: 'Repaired' });
      // Custom logic of the environment refuses the record.
      const { contactid } = contactOf(await bothSides(journey), user?.email ?? '');
      const refusal = { table: 'contact', throws: 'refuse', on: ['Update'], row: contactid };
      await journey.dynamics.post('plugin', { ...refusal, message: 'A contact needs a department.' });
      await journey.api.sync(connectionId, { mode: 'incremental' });
      await visit({ at: on('problems') }, async (at) => {
        const item = at.page.getByRole('listitem').filter({ hasText: `User ${user?.id}` });
        await item.getByText('A contact needs a department.').waitFor();
        await at.expectAccessible();
        await at.picture('problems-failed');
        await journey.dynamics.remove('plugin');
        await item.getByRole('button', { name: 'Retry' }).click();
        await item.waitFor({ state: 'detached' });
      });
      expect(contactOf(await bothSides(journey), user?.email ?? '').lastname).toBe('Repaired');
    });

    it('unlinks two records, and links them again', async () => {
      const { connectionId, journey, on, visit } = current();
      const [, , user] = await linkedUsers(current());
      const { contactid } = contactOf(await bothSides(journey), user?.email ?? '');
      await visit({ at: on(`records/User/${user?.id}`) }, async (at) => {
        await at.button('Unlink').click();
        await at.page.getByRole('dialog').getByRole('button', { name: 'Unlink' }).click();
        await at.text('Unlinked').waitFor();
        await at.expectAccessible();
        expect(await at.page.getByLabel('Id of the record in Dynamics').inputValue()).toBe(contactid);
        await at.page.getByRole('button', { name: 'Link', exact: true }).click();
        const head = at.page.getByRole('region', { name: `User ${user?.id}` });
        await head.getByText('Linked', { exact: true }).waitFor();
      });
      expect(await journey.api.links(connectionId, `?authScapeId=${user?.id}`)).toMatchObject([
        { crmId: contactid },
      ]);
    });

    it('erases the values of a person from what this service has stored', async () => {
      const { connectionId, journey, on, visit } = current();
      const user = (await linkedUsers(current())).at(-1);
      await visit({ at: on(`records/User/${user?.id}`) }, async (at) => {
        await at.heading('Values now').waitFor();
        await at.button('Erase').click();
        await at.page.getByRole('dialog').getByRole('button', { name: 'Erase' }).click();
        await at.text('were erased from this service').waitFor();
      });
      const log = JSON.stringify(await journey.api.logs(connectionId, `?authScapeId=${user?.id}`));
      expect(log).not.toBe('[]');
      expect(log).not.toContain(user?.email);
    });
  });
}
