import { describe, expect, it } from 'vitest';
import type { Current } from '../support/console.js';

const PROBLEM = {
  type: 'about:blank',
  title: 'Internal Server Error',
  status: 500,
  code: 'internal_error',
  detail: 'Something went wrong.',
  hint: 'Look the trace id up in the log.',
  traceId: 'trace-4711',
};

/** Screens with what each says when there is nothing yet. */
const EMPTY: Readonly<Record<string, RegExp>> = {
  overview: /No full sync yet/,
  mappings: /No mapping yet/,
  runs: /No run yet/,
  approvals: /Nothing waits for a decision/,
  problems: /Nothing of this kind/,
  records: /Find a record/,
  webhook: /Not registered/,
};

export function whatIsMissing(current: Current): void {
  describe('what is missing', () => {
    it('each list without entries says what comes next', async () => {
      const { journey, visit } = current();
      const id = await journey.api.createConnection({ name: 'Empty one' });
      await visit({}, async (at) => {
        for (const [screen, text] of Object.entries(EMPTY)) {
          await at.go(`connections/${id}/${screen}`);
          await at.text(text).waitFor();
          await at.isReady();
          await at.expectAccessible();
          await at.picture(`empty-${screen}`);
        }
      });
      await journey.api.ask('DELETE', `connections/${id}`);
    });

    it('each screen shows that it loads, then what went wrong, and reads again when it is asked to', async () => {
      const { on, visit } = current();
      const screens = ['mappings', 'runs', 'approvals', 'problems', 'webhook', 'records/User/1'].map(on);
      // A tab that has read nothing yet.
      await visit({ ownTab: true, at: 'left' }, async (at) => {
        at.expectStatus(500);
        for (const screen of ['connections', ...screens, 'audit']) {
          let answer = () => {};
          const held = new Promise<void>((resolve) => {
            answer = resolve;
          });
          // What the screen itself reads: the connection that surrounds it is there.
          const read =
            screen === 'connections' ? /\/api\/connections\?/ : /\/api\/(?:connections\/[^/]+\/[^?]|audit)/;
          await at.page.route(read, async (route) => {
            await held;
            await route.fulfill({ status: 500, contentType: 'application/problem+json', json: PROBLEM });
          });
          await at.go(screen);
          await at.page.getByRole('status', { name: 'Loading' }).first().waitFor();
          answer();
          const alert = at.page
            .getByRole('main')
            .getByRole('alert')
            .filter({ hasText: 'trace-4711' })
            .first();
          await alert.getByText('Look the trace id up in the log.').waitFor();
          await alert.getByText('internal_error').waitFor();
          if (screen === 'connections') {
            await at.expectAccessible();
            await at.picture('error');
          }
          await at.page.unroute(read);
          await alert.getByRole('button', { name: 'Try again' }).click();
          await at.page.getByText('trace-4711').first().waitFor({ state: 'detached' });
        }
      });
    });

    it('a service that is away is told, and the page goes on by itself when it is back', async () => {
      const { on, visit } = current();
      await visit({ at: on('mappings') }, async (at) => {
        await at.page.getByRole('link', { name: 'User – contact' }).waitFor();
        at.expectStatus(0);
        await at.page.route(/\/api\/connections/, (route) => route.abort('connectionrefused'));
        await at.page.reload();
        await at.text('The service does not answer.').waitFor();
        await at.expectAccessible();
        await at.picture('away');
        await at.page.unroute(/\/api\/connections/);
        await at.page.getByRole('link', { name: 'User – contact' }).waitFor();
        expect(await at.page.getByText('The service does not answer.').count()).toBe(0);
      });
    });

    it('a record that is nowhere is said to be nowhere', async () => {
      const { on, visit } = current();
      await visit({ at: on('records/User/99999999') }, async (at) => {
        at.expectStatus(404);
        await at.text('record_not_found').waitFor();
        await at.expectAccessible();
      });
    });
  });
}
