import { describe, expect, it } from 'vitest';
import { bothSides, contactOf } from '../../journeys/support/journey.js';
import { signInAs } from '../../journeys/support/people.js';
import type { Current } from '../support/console.js';
import { linkedUsers } from '../support/linked-users.js';
import { Portal } from '../support/portal.js';

/** `embed.js` in a page of another origin, which has a policy of its own. */
export function inThePortal(current: Current): void {
  describe('in a page of the portal', () => {
    it('syncs a record with the token of the portal, and says what came of it or what was wrong', async () => {
      const { journey, visit } = current();
      const { stack, editors } = journey;
      const [, , , user] = await linkedUsers(current());
      const recordId = String(user?.id);
      const email = user?.email ?? '';
      const [operator, reader] = [await signInAs(stack, 'operator'), await signInAs(stack, 'reader')];
      const portal = await Portal.start(stack.info.functions);
      await visit({ anonymous: true }, async (at) => {
        const open = (recordId: string, token: string) =>
          at.page.goto(portal.address({ entity: 'User', recordId, token }));
        const state = at.page.getByRole('status');

        await editors.updateUser(user?.id ?? 0, { lastName: 'Portal' });
        await open(recordId, operator);
        await at.button('Sync to CRM').click();
        await state.getByText('updated', { exact: true }).waitFor();
        expect(contactOf(await bothSides(journey), email).lastname).toBe('Portal');
        await at.button('Sync to CRM').click();
        await state.getByText('unchanged', { exact: true }).waitFor();

        at.expectStatus(404);
        await open('99999999', operator);
        await at.button('Sync to CRM').click();
        await state.getByText('AuthScape has no User with the id "99999999".').waitFor();

        at.expectStatus(403);
        await open(recordId, reader);
        await at.button('Sync to CRM').click();
        await state.getByText('sync.operate').waitFor();

        await open(recordId, operator);
        portal.isAllowed = false;
        expect(at.takeFaults()).toEqual([]);
        await at.button('Sync to CRM').click();
        await state.getByText('The service cannot be reached from this page.').waitFor();
        expect(at.takeFaults()[0]).toContain('has been blocked by CORS policy');
      });
      portal.stop();
    });
  });
}
