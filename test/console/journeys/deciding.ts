import { describe, expect, it } from 'vitest';
import { bothSides, contactOf, userOf } from '../../journeys/support/journey.js';
import type { Current } from '../support/console.js';
import { linkedUsers } from '../support/linked-users.js';

export function deciding(current: Current): void {
  describe('deciding', () => {
    it('links one of two contacts that could both be the partner', async () => {
      const { connectionId, journey, on, visit } = current();
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
      await visit({ at: on('problems') }, async (at) => {
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
        await at.picture('ambiguous');
        await group.getByRole('button', { name: 'Link these two' }).click();
        await at.text('The two records are linked.').waitFor();
      });
      const id = String(userOf(await bothSides(journey), email).id);
      expect(await journey.api.links(connectionId, `?authScapeId=${id}`)).toHaveLength(1);
    });

    it('approves one of twelve held deletes, rejects the rest, on a phone', async () => {
      const { connectionId, journey, on, visit } = current();
      const sides = await bothSides(journey);
      const emails = (await linkedUsers(current())).slice(3, 15).map(({ email }) => email);
      const ids = emails.map((email) => contactOf(sides, email).contactid);
      await Promise.all(ids.map((id) => journey.editors.dynamics('DELETE', `contacts(${id})`)));
      await journey.api.sync(connectionId, { mode: 'incremental' });
      await visit({ at: on('approvals'), phone: true }, async (at) => {
        await at.text('12 changes wait').waitFor();
        await at.page.getByText('Dynamics: gone').nth(11).waitFor();
        await at.expectAccessible();
        await at.expectFitting();
        await at.picture('held-phone');
        const boxes = at.page.getByRole('checkbox', { name: /Choose User/ });
        await boxes.first().check();
        await at.button('Approve 1 change').click();
        await at.expectAccessible();
        await at.picture('approve-phone');
        await at.button('Approve').last().click();
        await at.text('11 changes wait').waitFor();
        await at.button('Reject all').click();
        await at.button('Reject').last().click();
        await at.text('Nothing waits for a decision').waitFor();
      });
      const after = await bothSides(journey);
      expect(emails.filter((email) => !userOf(after, email).isActive)).toHaveLength(1);
    });
  });
}
