import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type Current, PHONE } from '../support/console.js';

const idSchema = z.looseObject({ id: z.string() });

export function lookingAtEveryScreen(current: Current): void {
  describe('every screen', () => {
    it('has no fault of accessibility, in light and in dark, and fits on a phone', async () => {
      const { connectionId, journey, on, visit } = current();
      const [run] = await journey.api.runs(connectionId);
      const [link] = await journey.api.links(connectionId, '?entity=User');
      const [mapping] = await journey.api.all(idSchema, on('mappings'));
      const screens: Record<string, string> = {
        connections: 'connections',
        overview: on('overview'),
        mappings: on('mappings'),
        mapping: on(`mappings/${mapping?.id}`),
        runs: on('runs'),
        run: on(`runs/${run?.id}`),
        approvals: on('approvals'),
        problems: on('problems'),
        records: on('records'),
        record: on(`records/User/${link?.authScapeId}`),
        webhook: on('webhook'),
        settings: on('settings'),
        audit: 'audit',
        configuration: 'configuration',
        'not-found': 'no-such-screen',
      };
      await visit({}, async (at) => {
        for (const [name, path] of Object.entries(screens)) {
          await at.go(path);
          await at.isReady();
          await at.expectAccessible();
          await at.picture(`${name}-light`);
          await at.page.emulateMedia({ colorScheme: 'dark' });
          await at.expectAccessible('colours');
          await at.picture(`${name}-dark`);
          await at.page.emulateMedia({ colorScheme: 'light' });
          const desk = at.page.viewportSize();
          await at.page.setViewportSize(PHONE);
          await at.expectFitting();
          await at.picture(`${name}-phone`);
          if (desk !== null) await at.page.setViewportSize(desk);
        }
      });
    });

    it('is reached and used by keyboard alone', async () => {
      const { on, visit } = current();
      await visit({ at: on('overview') }, async (at) => {
        const { keyboard } = at.page;
        const focused = () => at.page.evaluate<string>('document.activeElement?.textContent?.trim() ?? ""');
        await at.tab('Overview').focus();
        await keyboard.press('ArrowRight');
        expect(await focused()).toBe('Mappings');
        await keyboard.press('ArrowRight');
        await keyboard.press('Enter');
        const grid = at.page.getByRole('grid', { name: 'Runs' });
        await grid.waitFor();

        await keyboard.press('Shift+Tab');
        expect(await focused()).toBe('Sync now');
        await keyboard.press('Enter');
        await at.page.getByRole('menu').waitFor();
        await keyboard.press('ArrowDown');
        expect(await focused()).toContain('Incremental');
        await keyboard.press('Escape');
        await at.page.getByRole('menu').waitFor({ state: 'detached' });
        expect(await focused()).toBe('Sync now');

        await grid.getByRole('gridcell').first().focus();
        await keyboard.press('ArrowDown');
        await keyboard.press('Enter');
        await at.page.getByRole('grid', { name: 'Changes' }).waitFor();
      });
    });

    it('lets no script and no style in that the service did not send', async () => {
      const { visit } = current();
      await visit({}, async (at) => {
        await at.isReady();
        await at.page.evaluate(`document.head.append(
          Object.assign(document.createElement('script'), { textContent: 'window.wasRun = true' }),
          Object.assign(document.createElement('style'), { textContent: 'body { display: none }' }))`);
        expect(await at.page.evaluate('window.wasRun')).toBeUndefined();
        expect(await at.heading('Connections').isVisible()).toBe(true);
        expect(at.takeFaults()).toEqual([
          expect.stringContaining('Content Security Policy'),
          expect.stringContaining('Content Security Policy'),
        ]);
      });
    });
  });
}
