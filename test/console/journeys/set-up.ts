import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { Current } from '../support/console.js';
import type { Visit } from '../support/visit.js';

const mappingsSchema = z.object({
  items: z.array(
    z.looseObject({
      authScapeEntity: z.string(),
      fields: z.array(z.looseObject({})),
      relationships: z.array(z.unknown()),
    }),
  ),
});

export function settingUp(current: Current): void {
  describe('setting up', () => {
    it('adds a connection, whose full address is shortened before its eyes, and tests it', async () => {
      const { journey, visit } = current();
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
        await at.page.getByLabel('Client secret').fill('a-wrong-secret');
        await at.button('Create and test').click();
        await at.text('invalid_client_credentials').waitFor();
        await at.expectAccessible();
        await at.picture('connection-test-failed');
        await at.button('Go on to the mappings').click();
        await at.text('No mapping yet').waitFor();
        [, current().connectionId = ''] = /connections\/(c_\w+)/.exec(at.page.url()) ?? [];
      });
    });

    it('mends the secret that the test refused, and tests again', async () => {
      const { journey, on, visit } = current();
      await visit({ at: on('settings') }, async (at) => {
        await at.page.getByLabel('New client secret').fill(journey.stack.info.credentials.clientSecret);
        await at.button('Save').last().click();
        await at.text('The client secret was saved.').waitFor();
        await at.button('Test').click();
        await at.text('The connection works').waitFor();
      });
    });

    it('maps companies and users, with a custom field, a table of values and a relationship', async () => {
      const { connectionId, journey, on, visit } = current();
      await visit({ at: on('mappings') }, async (at) => {
        await at.button('Add mapping').click();
        await at.pick('AuthScape entity', 'Company');
        await at.button('Add').last().click();
        await at.heading('Fields of Company – account').waitFor();
        await at.page.getByRole('link', { name: 'All mappings' }).click();
        await at.button('Add mapping').click();
        await at.button('Add').last().click();
        await at.heading('Fields of User – contact').waitFor();

        await at.button('Add field').click();
        await pickField(at, 'AuthScape field', 'Level', 'customFields.Level');
        await pickField(at, 'Dynamics column', 'new_level', 'new_level');
        await at.button(/transform of customFields.Level/).click();
        await at.pick('Transform', 'Table of values');
        await at.button('Add pair').click();
        await at.page.getByLabel('AuthScape value').fill('gold');
        await at.pick('Dynamics value', /Gold/);
        await at.expectAccessible();
        await at.picture('transform');
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
        await at.picture('mapping');
      });
      const path = `connections/${connectionId}/mappings`;
      const { items } = await journey.api.expect(mappingsSchema, 'GET', path);
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
      const { on, visit } = current();
      await visit({ at: on('mappings') }, async (at) => {
        at.expectStatus(422);
        await at.page.getByRole('link', { name: 'User – contact' }).click();
        await at.button('Add field').click();
        await pickField(at, 'AuthScape field', 'firstName', 'firstName');
        await pickField(at, 'Dynamics column', 'nickname', 'nickname');
        await at.button('Save fields').click();
        await at.text('This AuthScape field is written by').waitFor();
        await at.page.getByLabel('Filter').fill('nonsense eq 1');
        await at.text('The table has no column "nonsense".').waitFor();
        await at.expectAccessible();
      });
    });
  });
}

async function pickField(at: Visit, label: string, typed: string, option: string): Promise<void> {
  const input = at.page.getByRole('combobox', { name: label }).last();
  await input.fill(typed);
  await at.page
    .getByRole('option', { name: new RegExp(`^${option}`) })
    .first()
    .click();
}
