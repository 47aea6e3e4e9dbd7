import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startWithinMs } from '../journeys/support/journey.js';
import { ConsoleUnderTest } from './support/console.js';
import type { Visit } from './support/visit.js';

/** `MANY_CHANGES=20000` for the figures of the documentation: the dry run alone takes minutes then. */
const MANY = Number(process.env.MANY_CHANGES ?? 2_000);
/** The largest page of the grid. */
const PAGE = 100;
const MB = 1_048_576;
/** Far above what a calm machine needs, and far below what a page takes that keeps or draws all rows. */
const LIMITS = { firstRowMs: 15_000, medianStepMs: 3_000, heapMb: 120 };

describe('a run of many changes', () => {
  let started: ConsoleUnderTest | undefined;
  let runId = '';
  const current = () => {
    if (started === undefined) throw new Error('The stack or the browser did not start.');
    return started;
  };

  beforeAll(async () => {
    started = await ConsoleUnderTest.start();
    const { api, authScape } = started.journey;
    await authScape.seed({ users: MANY, companies: 0, locations: 0, seed: 7, overlap: 0 });
    started.connectionId = await api.createConnection();
    await api.createMapping(started.connectionId, 'User', 'contact');
    const run = await api.sync(started.connectionId, { mode: 'full', dryRun: true }, { withinMs: 900_000 });
    expect(run).toMatchObject({ status: 'succeeded' });
    runId = run.id;
  }, startWithinMs + 900_000);
  afterAll(() => started?.stop());

  it('is scrolled, paged to its end, filtered and taken along', async () => {
    const { on, visit } = current();
    await visit({}, async (at) => {
      await at.isReady();
      await watchLongTasks(at);
      const grid = at.page.getByRole('grid', { name: 'Changes' });
      const before = await heapMb(at);

      const firstRowMs = await timed(async () => {
        await at.go(on(`runs/${runId}`));
        await grid.getByRole('gridcell', { name: 'Created' }).first().waitFor();
      });
      const largePage = at.page.waitForResponse(new RegExp(`/changes\\?.*limit=${PAGE}`));
      await at.pick('Rows per page:', String(PAGE));
      await largePage;
      await isRead(at);

      const scrollMs = await timed(async () => {
        await grid.hover();
        await at.page.mouse.wheel(0, PAGE * 100);
        await grid.locator(`[data-rowindex="${PAGE - 1}"]`).waitFor();
      });
      const stepsMs = await stepsToTheEnd(at);
      expect(await at.button('Go to next page').isDisabled()).toBe(true);
      const afterMb = await heapMb(at);

      const filterMs = await timed(async () => {
        await at.pick('Outcome', 'Failed');
        await at.text('No changes: both sides agree.').waitFor();
        await at.pick('Outcome', 'Skipped');
        await grid.getByRole('gridcell', { name: 'Skipped' }).first().waitFor();
      });
      const [file] = await Promise.all([at.page.waitForEvent('download'), at.button('CSV').click()]);
      const lines = readFileSync(await file.path(), 'utf8')
        .trimEnd()
        .split('\r\n');

      const medianStepMs = [...stepsMs].sort((a, b) => a - b)[Math.floor(stepsMs.length / 2)] ?? 0;
      const figuresOfIt = {
        firstRowMs,
        scrollMs,
        medianStepMs,
        longestStepMs: Math.max(...stepsMs),
        filterMs,
        heapMb: afterMb,
        grownMb: afterMb - before,
        longTasks: await longTasks(at),
      };
      // biome-ignore lint/suspicious/noConsole: what it took is read by people
      console.info(JSON.stringify(figuresOfIt));
      expect(lines.length).toBeGreaterThan(MANY);
      expect(firstRowMs).toBeLessThan(LIMITS.firstRowMs);
      expect(medianStepMs).toBeLessThan(LIMITS.medianStepMs);
      expect(afterMb).toBeLessThan(LIMITS.heapMb);
    });
  }, 600_000);
});

/** Until the page that was asked for has taken the place of the one before. */
const isRead = ({ page }: Visit): Promise<void> =>
  page.getByRole('progressbar', { name: 'Reading Changes' }).waitFor({ state: 'detached' });

/** How long each of the pages took that follow the first. */
async function stepsToTheEnd(at: Visit): Promise<number[]> {
  const stepsMs: number[] = [];
  for (let last = 2 * PAGE; last <= MANY; last += PAGE) {
    const range = new RegExp(`^${figures(last - PAGE + 1)}–${figures(last)} of `);
    const ms = await timed(async () => {
      await at.button('Go to next page').click();
      await at.text(range).waitFor();
      await isRead(at);
    });
    stepsMs.push(ms);
  }
  return stepsMs;
}

const figures = (count: number): string => count.toLocaleString('en-US');

async function timed(act: () => Promise<void>): Promise<number> {
  const start = performance.now();
  await act();
  return Math.round(performance.now() - start);
}

async function heapMb({ page }: Visit): Promise<number> {
  const session = await page.context().newCDPSession(page);
  await session.send('HeapProfiler.collectGarbage');
  const { usedSize } = await session.send('Runtime.getHeapUsage');
  await session.detach();
  return Math.round(usedSize / MB);
}

/** Tasks of more than 50 ms, in which the page answers nothing. */
async function watchLongTasks({ page }: Visit): Promise<void> {
  await page.evaluate(
    `window.longTasks = [];
    new PerformanceObserver((list) => longTasks.push(...list.getEntries().map(({ duration }) => duration)))
      .observe({ type: 'longtask' });`,
  );
}

async function longTasks({ page }: Visit): Promise<{ count: number; longestMs: number }> {
  const all = await page.evaluate<number[]>('window.longTasks');
  return { count: all.length, longestMs: Math.max(0, ...all) };
}
