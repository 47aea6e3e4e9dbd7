import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { until } from '../../journeys/support/wait.js';
import type { Current } from '../support/console.js';
import { rolesOf } from './sign-in.js';

const documentSchema = z.looseObject({
  connections: z.array(z.looseObject({ name: z.string(), syncIntervalMinutes: z.number() })),
});

const credentialSchema = z.object({ kind: z.string(), name: z.string().optional() });

export function administering(current: Current): void {
  describe('administering', () => {
    it('changes a setting, sees the next five times, and finds the change in the audit', async () => {
      const { on, visit } = current();
      await visit({ at: on('settings') }, async (at) => {
        await at.page.getByLabel('Full sync schedule (UTC)').fill('0 30 3 * * 1');
        await at.text(/Next in your time zone:(.* · ){4}/).waitFor();
        await at.page.getByLabel('Incremental sync every').fill('30');
        await at.button('Save settings').click();
        await at.text('The settings were saved.').waitFor();
        await at.page.getByRole('link', { name: 'Audit' }).click();
        const grid = at.page.getByRole('grid', { name: 'Audit' });
        await grid.getByText('syncIntervalMinutes: 15 → 30').click();
        const dialog = at.page.getByRole('dialog', { name: 'connection.update' });
        await dialog.getByRole('heading', { name: 'syncIntervalMinutes' }).waitFor();
        await at.expectAccessible();
        await at.picture('audit-entry');
        await at.page.keyboard.press('Escape');
        await at.page.getByRole('textbox', { name: 'Who' }).fill('nobody');
        await at.text('Nothing was changed yet.').waitFor();
      });
    });

    it('has alerts posted to an address, and ends them', async () => {
      const { connectionId, journey, on, visit } = current();
      await visit({ at: on('settings') }, async (at) => {
        await at.text('No alerts are sent.').waitFor();
        await at.page.getByLabel('Address for alerts').fill('https://10.0.0.1/hook');
        await at.page.getByLabel('Secret that signs alerts').fill('a-secret-of-sixteen');
        at.expectStatus(400);
        await at.button('Set alerts').click();
        await at.text('invalid_request').waitFor();
        await at.page.getByLabel('Address for alerts').fill('https://alerts.contoso.com/hook?key=hidden');
        await at.button('Set alerts').click();
        await at.text('https://alerts.contoso.com').waitFor();
        await at.expectAccessible();
        await at.picture('alerts');
        expect(await at.page.content()).not.toContain('key=hidden');
        await at.button('End alerts').click();
        await at.text('No alerts are sent.').waitFor();
      });
      expect(await journey.api.ask('GET', `connections/${connectionId}/alerts`)).toMatchObject({
        status: 404,
      });
    });

    it('chooses a certificate and the managed identity to sign in with, and goes back to the secret', async () => {
      const { connectionId, journey, on, visit } = current();
      const credential = async () =>
        credentialSchema.parse((await journey.api.connection(connectionId)).credential);
      const kind = async () => (await credential()).kind;
      await visit({ at: on('settings') }, async (at) => {
        await at.pick('Sign in with', 'Certificate');
        await at.page.getByLabel('Name of the certificate in Key Vault').fill('dynamics-sign-in');
        const credentials = at.page.getByRole('region', { name: 'Credentials' });
        await credentials.getByRole('button', { name: 'Save' }).click();
        await at.text('Certificate dynamics-sign-in').waitFor();
        expect(await credential()).toEqual({ kind: 'certificate', name: 'dynamics-sign-in' });
        await at.expectAccessible();
        await at.picture('credentials');
        await at.pick('Sign in with', 'Managed identity');
        await credentials.getByRole('button', { name: 'Save' }).click();
        await until('the identity is stored', async () => (await kind()) === 'managedIdentity');
        await at.text('Test the connection after saving').waitFor({ state: 'detached' });
        await at.pick('Sign in with', 'Client secret');
        await credentials.getByRole('button', { name: 'Save' }).click();
        await until('the secret is used again', async () => (await kind()) === 'clientSecret');
      });
    });

    it('takes the configuration along, and carries an edited one out after its plan was seen', async () => {
      const { connectionId, journey, visit } = current();
      await visit({ at: 'configuration' }, async (at) => {
        const [file] = await Promise.all([at.page.waitForEvent('download'), at.button('Download').click()]);
        const kept = documentSchema.parse(JSON.parse(readFileSync(await file.path(), 'utf8')));
        const [connection] = kept.connections;
        const edited = { ...kept, connections: [{ ...connection, syncIntervalMinutes: 45 }] };
        await at.page.getByLabel('Configuration document').fill(JSON.stringify(edited));
        await at.button('Show the plan').click();
        await at.page.getByRole('row', { name: /syncIntervalMinutes 30 45/ }).waitFor();
        await at.expectAccessible();
        await at.picture('plan');
        await at.button('Carry it out').click();
        await at.text('The configuration was carried out.').waitFor();
        await at.button('Show the plan').click();
        await at.text('Nothing would change.').waitFor();
      });
      expect(await journey.api.connection(connectionId)).toMatchObject({ syncIntervalMinutes: 45 });
    });

    it('registers the webhook, reads the flow for Power Automate, and unregisters it', async () => {
      const { on, visit } = current();
      await visit({ at: on('webhook') }, async (at) => {
        await at.page.getByRole('button', { name: 'Register', exact: true }).click();
        await at.text('The webhook is registered.').waitFor();
        await at.page.getByRole('row', { name: /contact Update/ }).waitFor();
        await at.button('Show the recipe').click();
        await at.text('x-authscape-webhook-secret').waitFor();
        await at.expectAccessible();
        await at.picture('webhook-registered');
        await at.button('Unregister').click();
        await at.page.getByRole('dialog').getByRole('button', { name: 'Unregister' }).click();
        await at.text('Not registered').waitFor();
      });
    });

    rolesOf(current);

    it('deletes a connection whose name was typed', async () => {
      const { journey, visit } = current();
      await journey.api.createConnection({ name: 'Old one', clientSecret: 'a-wrong-secret' });
      await visit({ ownTab: true }, async (at) => {
        await at.page.clock.install();
        await at.page.getByRole('link', { name: 'Old one' }).click();
        await at.tab('Settings').click();
        // Nor may a slow deletion let the screens of the connection ask about it.
        await at.page.route(/\/api\/connections\/\w+$/, async (route) => {
          if (route.request().method() !== 'DELETE') return route.continue();
          const response = await route.fetch();
          await at.page.clock.fastForward(20_000);
          await at.heading('Deleting the connection').waitFor();
          return route.fulfill({ response });
        });
        // A slow answer must not let the list ask about what is gone.
        await at.page.route(/\/api\/connections\?/, async (route) => {
          await new Promise((answer) => setTimeout(answer, 500));
          await route.continue();
        });
        await at.button('Delete the connection').click();
        const dialog = at.page.getByRole('dialog');
        expect(await dialog.getByRole('button', { name: 'Delete' }).isDisabled()).toBe(true);
        await dialog.getByLabel('Type "Old one" to confirm').fill('Old one');
        await dialog.getByRole('button', { name: 'Delete' }).click();
        await at.page.getByRole('link', { name: 'Production Dynamics' }).waitFor();
        await at.page.getByRole('link', { name: 'Old one' }).waitFor({ state: 'detached' });
      });
    });
  });
}
