import { describe, expect, it } from 'vitest';
import { signInAs } from '../../journeys/support/people.js';
import type { ConsoleUnderTest, Current } from '../support/console.js';
import type { Visit } from '../support/visit.js';

/** With a key, and at the issuer of the stack by authorization code with PKCE. */
export function signingIn(current: Current): void {
  describe('signing in', () => {
    it('with a key: a wrong one is refused, the right one leads to what was asked for', async () => {
      const { journey, visit } = current();
      await visit({ anonymous: true, at: 'configuration' }, async (at) => {
        at.expectStatus(401);
        await at.page.getByLabel('Function key').fill('wrong');
        await at.button('Sign in').last().click();
        await at.text('The key is not known.').waitFor();
        await at.expectAccessible();
        await at.page.getByLabel('Function key').fill(journey.stack.info.functionsKey);
        await at.button('Sign in').last().click();
        await at.heading('Configuration').waitFor();
        expect(at.page.url()).toContain('/api/console/configuration');
      });
    });

    it('by the link of the local stack, whose key is gone from the address at once', async () => {
      const { journey, visit } = current();
      await visit({ ownTab: true }, async (at) => {
        await at.text('No connection yet').waitFor();
        expect(at.page.url()).not.toContain(journey.stack.info.functionsKey);
        await at.page.reload();
        await at.text('No connection yet').waitFor();
        await at.button('Sign out').click();
        await at.heading('Sign in').waitFor();
      });
    });

    it('at the issuer leads back to where the person was, with the name and the roles of the person', async () => {
      const { visit } = current();
      await visit({ anonymous: true, at: 'audit' }, async (at) => {
        await enterAtIssuer(current(), at, 'admin');
        await at.heading('Audit').waitFor();
        expect(at.page.url()).toMatch(/\/api\/console\/audit$/);
        await at.page.getByText('admin', { exact: true }).waitFor();
        await at.page.reload();
        await at.page.getByRole('link', { name: 'Connections' }).click();
        await at.button('Add connection').waitFor();
      });
    });

    it('at the issuer without any role is told that the role does not allow it', async () => {
      const { visit } = current();
      await visit({ anonymous: true }, async (at) => {
        at.expectStatus(403);
        await enterAtIssuer(current(), at, 'guest');
        await at.text('Your role does not allow this').waitFor();
        await at.expectAccessible();
      });
    });

    it('ends with the token, which leads to signing in and then back', async () => {
      const { journey, visit } = current();
      const token = await expiredToken(current());
      await visit({ anonymous: true, at: 'configuration' }, async (at) => {
        at.expectStatus(401);
        const session = JSON.stringify({ kind: 'token', token, name: 'admin' });
        await at.page.evaluate(
          `sessionStorage.setItem('crm-integration.session', ${JSON.stringify(session)})`,
        );
        await at.page.reload();
        await at.button('Download').click();
        await at.text('You were signed out').waitFor();
        await at.page.getByLabel('Function key').fill(journey.stack.info.functionsKey);
        await at.button('Sign in').last().click();
        await at.heading('Configuration').waitFor();
      });
    });
  });
}

/** What a person may not do is not offered. Needs the connection that the other journeys have made. */
export function rolesOf(current: Current): void {
  describe('signed in at the issuer', () => {
    it('a reader looks and is offered nothing else', async () => {
      const { on, visit } = current();
      await visit({ anonymous: true, at: on('settings') }, async (at) => {
        await enterAtIssuer(current(), at, 'reader');
        await at.heading('Connection test').waitFor();
        expect(await offered(at)).not.toEqual(expect.arrayContaining([expect.stringMatching(CHANGES)]));
        expect(await at.page.getByLabel('Name').isDisabled()).toBe(true);
        for (const tab of ['Mappings', 'Approvals', 'Problems', 'Webhook']) {
          await at.tab(new RegExp(`^${tab}`)).click();
          await at.isReady();
          expect(await offered(at), tab).not.toEqual(
            expect.arrayContaining([expect.stringMatching(CHANGES)]),
          );
        }
        await at.page.getByRole('link', { name: 'Configuration' }).click();
        await at.heading('Export').waitFor();
        expect(await at.heading('Import').count()).toBe(0);
      });
    });

    it('an operator syncs and decides, and changes no settings', async () => {
      const { on, visit } = current();
      await visit({ anonymous: true, at: on('mappings') }, async (at) => {
        await enterAtIssuer(current(), at, 'operator');
        await at.button('Sync now').waitFor();
        await at.isReady();
        expect(await at.button('Add mapping').count()).toBe(0);
        await at.tab('Settings').click();
        await at.heading('Connection test').waitFor();
        expect(await at.heading('Danger zone').count()).toBe(0);
      });
    });
  });
}

const CHANGES = /Sync now|Add|Save|Approve|Reject|Retry|Replay|Link|Register|Delete|Disable|Set$/;

const offered = (at: Visit): Promise<string[]> => at.page.getByRole('button').allInnerTexts();

async function enterAtIssuer({ journey }: ConsoleUnderTest, at: Visit, name: string): Promise<void> {
  const { users = [] } = journey.stack.info;
  const person = users.find((one) => one.name === name);
  await at.button(/^Sign in with/).click();
  await at.page.getByLabel('Name').fill(name);
  await at.page.getByLabel('Password').fill(person?.password ?? '');
  await at.page.getByRole('button', { name: 'Sign in' }).click();
  await at.page.waitForURL(/\/api\/console\/(?!signed-in)/);
}

/** A token of the issuer whose second is over, beyond the tolerance for clocks that differ. */
async function expiredToken({ journey }: ConsoleUnderTest): Promise<string> {
  const { identity, stack } = journey;
  await identity.post('tokens', { expiresIn: -120 });
  const token = await signInAs(stack, 'admin');
  await identity.post('tokens', { expiresIn: 3599 });
  return token;
}
