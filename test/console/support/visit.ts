import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { AxeResults } from 'axe-core';
import type { Browser, BrowserContext, Page, Response } from 'playwright-core';
import { expect } from 'vitest';
import type { StackInfo } from '../../stack/launch/stack-file.js';

const axeFile = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

export interface VisitOptions {
  readonly width?: number;
  readonly height?: number;
  readonly colorScheme?: 'light' | 'dark';
  /** Leaves the key out. */
  readonly anonymous?: boolean;
}

/** A person at the console: a window of the browser, in which nothing may go wrong unseen. */
export class Visit {
  readonly page: Page;
  readonly #context: BrowserContext;
  readonly #base: string;
  readonly #faults: string[] = [];
  /** Status codes of answers that a journey provokes; the browser logs each as an error. */
  readonly #expected = new Set<number>();

  private constructor(context: BrowserContext, page: Page, base: string) {
    this.#context = context;
    this.page = page;
    this.#base = base;
    page.setDefaultTimeout(60_000);
    page.on('pageerror', (error) => this.#faults.push(`thrown: ${error.message}`));
    page.on('console', (message) => {
      if (message.type() === 'error' && !this.#isExpected(message.text())) {
        this.#faults.push(`${message.text()} (${page.url()}, ${message.location().url})`);
      }
    });
  }

  static async start(browser: Browser, info: StackInfo, options: VisitOptions = {}): Promise<Visit> {
    const context = await browser.newContext({
      viewport: { width: options.width ?? 1280, height: options.height ?? 800 },
      colorScheme: options.colorScheme ?? 'light',
      locale: 'en-US',
      timezoneId: 'Europe/Berlin',
      reducedMotion: 'reduce',
      acceptDownloads: true,
    });
    // The policy of the page lets no script in; the browser itself does.
    await context.addInitScript({ path: axeFile });
    const page = await context.newPage();
    const visit = new Visit(context, page, `${info.functions}/api/console/`);
    const key = options.anonymous ? '' : `#key=${encodeURIComponent(info.functionsKey)}`;
    await page.goto(visit.#base + key);
    return visit;
  }

  async open(path: string): Promise<Response | null> {
    return this.page.goto(this.#base + path);
  }

  /** The journey itself makes answers with this status happen; 0 stands for no answer at all. */
  expectStatus(status: number): void {
    this.#expected.add(status);
  }

  #isExpected(text: string): boolean {
    const [, status] = /responded with a status of (\d+)/.exec(text) ?? [];
    if (status !== undefined) return this.#expected.has(Number(status));
    return this.#expected.has(0) && /net::ERR_/.test(text);
  }

  button(name: string | RegExp) {
    return this.page.getByRole('button', { name });
  }

  text(text: string | RegExp) {
    return this.page.getByText(text).first();
  }

  /** Picks from one of the select fields. */
  async pick(label: string, option: string | RegExp): Promise<void> {
    await this.page.getByRole('combobox', { name: label }).click();
    await this.page.getByRole('option', { name: option }).first().click();
  }

  /** No violation that is serious or critical on what is shown now. */
  async expectAccessible(): Promise<void> {
    const { violations } = await this.page.evaluate<AxeResults>('axe.run(document)');
    const grave = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
    const found = grave.map(
      ({ id, nodes }) => `${id}: ${nodes.map((node) => node.html.slice(0, 200)).join(' | ')}`,
    );
    expect(found, `axe on ${this.page.url()}`).toEqual([]);
  }

  /** Keeps what is shown as `<CONSOLE_PICTURES>/<name>.png`, for the guides and for eyes. */
  async picture(name: string): Promise<void> {
    const directory = process.env.CONSOLE_PICTURES;
    if (directory !== undefined) await this.page.screenshot({ path: join(directory, `${name}.png`) });
  }

  /** Ends the visit; fails for anything that the browser complained about, broken policies too. */
  async end(): Promise<void> {
    await this.#context.close();
    expect(this.#faults).toEqual([]);
  }
}
