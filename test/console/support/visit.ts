import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { AxeResults } from 'axe-core';
import type { BrowserContext, Page } from 'playwright-core';
import { expect } from 'vitest';
import type { StackInfo } from '../../stack/launch/stack-file.js';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** To describe each element that keeps a rule takes axe most of its time, and it is read nowhere. */
const VIOLATIONS_ALONE = { resultTypes: ['violations'], preload: false };

interface Start {
  readonly path: string;
  readonly size: { readonly width: number; readonly height: number };
  readonly anonymous: boolean;
}

/** A person at the console: a tab of the browser, in which nothing may go wrong unseen. */
export class Visit {
  readonly page: Page;
  readonly #base: string;
  readonly #faults: string[] = [];
  /** Status codes of answers that a journey provokes; the browser logs each as an error. */
  readonly #expected = new Set<number>();

  private constructor(page: Page, base: string) {
    this.page = page;
    this.#base = base;
    page.setDefaultTimeout(30_000);
    page.on('pageerror', (error) => this.#faults.push(`thrown: ${error.message}`));
    page.on('console', (message) => {
      if (message.type() === 'error' && !this.#isExpected(message.text())) {
        this.#faults.push(`${message.text()} (${page.url()}, ${message.location().url})`);
      }
    });
  }

  /** A new tab of this size that opens the path, signed in by the link of the stack or, when `anonymous`, by nothing. */
  static async start(
    context: BrowserContext,
    info: StackInfo,
    { path, size, anonymous }: Start,
  ): Promise<Visit> {
    const page = await context.newPage();
    await page.setViewportSize(size);
    const visit = new Visit(page, `${info.functions}/api/console/`);
    const key = anonymous ? '' : `#key=${encodeURIComponent(info.functionsKey)}`;
    await page.goto(visit.#base + path + key);
    return visit;
  }

  /** The visit that comes next in the same tab, without loading the page anew. */
  async goOn({ path, size }: Omit<Start, 'anonymous'>): Promise<void> {
    await this.page.setViewportSize(size);
    // Where the pointer was left, it would open a tip.
    await this.page.mouse.move(0, 0);
    await this.go(path);
  }

  /** To another screen without loading the page anew, as by a link. */
  async go(path: string): Promise<void> {
    const address = JSON.stringify(new URL(path, this.#base).pathname);
    await this.page.evaluate(
      `history.pushState(null, '', ${address}); dispatchEvent(new PopStateEvent('popstate'))`,
    );
    await this.#nextFrames();
  }

  /** What was begun shows two frames later. */
  async #nextFrames(): Promise<void> {
    await this.page.evaluate(
      'new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))',
    );
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

  /** A string is the whole name: a part of it may also be in a random id, such as that of a run. */
  button(name: string | RegExp) {
    return this.page.getByRole('button', { name, exact: true });
  }

  heading(name: string | RegExp) {
    return this.page.getByRole('heading', { name, exact: true });
  }

  tab(name: string | RegExp) {
    return this.page.getByRole('tab', { name, exact: true });
  }

  text(text: string | RegExp) {
    return this.page.getByText(text).first();
  }

  /** Picks from one of the select fields. */
  async pick(label: string, option: string | RegExp): Promise<void> {
    await this.page.getByRole('combobox', { name: label }).click();
    await this.page.getByRole('option', { name: option }).first().click();
    await this.page.getByRole('listbox').waitFor({ state: 'detached' });
  }

  /** Until the screen has read what it shows. */
  async isReady(): Promise<void> {
    await this.page.locator('main').getByRole('heading').first().waitFor();
    await this.page.getByRole('progressbar', { name: 'Opening' }).waitFor({ state: 'detached' });
    await this.#nextFrames();
    await this.page.getByRole('status', { name: 'Loading' }).first().waitFor({ state: 'detached' });
  }

  /** No violation of any rule on what is shown now; colours alone where everything else was looked at before. */
  async expectAccessible(what: 'everything' | 'colours' = 'everything'): Promise<void> {
    // The policy of the page lets no script in; the browser itself does.
    if (!(await this.page.evaluate('"axe" in window'))) await this.page.evaluate(axe);
    const options = { ...VIOLATIONS_ALONE, ...(what === 'colours' ? { runOnly: ['color-contrast'] } : {}) };
    const violations = await this.page.evaluate<AxeResults['violations']>(
      `axe.run(${JSON.stringify(options)}).then(({ violations }) => violations)`,
    );
    const found = violations.map(
      ({ id, nodes }) => `${id}: ${nodes.map((node) => node.html.slice(0, 200)).join(' | ')}`,
    );
    this.#faults.push(...found.map((fault) => `axe: ${fault} (${this.page.url()})`));
  }

  /** Nothing makes the page itself scroll sideways. */
  async expectFitting(): Promise<void> {
    const width = await this.page.evaluate<number>('document.documentElement.scrollWidth');
    const wanted = this.page.viewportSize()?.width;
    if (width !== wanted) this.#faults.push(`${width} instead of ${wanted} wide (${this.page.url()})`);
  }

  /** What a bar of progress has shown, one after the other, until it was gone. */
  async progressUntilGone(label: string): Promise<(string | null)[]> {
    await this.page.getByRole('progressbar', { name: label }).waitFor();
    return this.page.evaluate<(string | null)[]>(
      `new Promise((done) => {
        const bar = document.querySelector('[role=progressbar][aria-label="${label}"]');
        const seen = [bar?.getAttribute('aria-valuenow') ?? null];
        new MutationObserver((changes, observer) => {
          if (changes.some(({ target }) => target === bar)) seen.push(bar.getAttribute('aria-valuenow'));
          if (bar?.isConnected) return;
          observer.disconnect();
          done(seen);
        }).observe(document.body, { subtree: true, childList: true, attributeFilter: ['aria-valuenow'] });
      })`,
    );
  }

  /** Keeps what is shown as `<CONSOLE_PICTURES>/<name>.png`, for the guides and for eyes. */
  async picture(name: string): Promise<void> {
    const directory = process.env.CONSOLE_PICTURES;
    if (directory !== undefined) await this.page.screenshot({ path: join(directory, `${name}.png`) });
  }

  /** What the browser complained about, and forgets it. */
  takeFaults(): string[] {
    return this.#faults.splice(0);
  }

  /** Adds to a failure what went wrong in the page before it. */
  explain(error: unknown): void {
    const faults = this.takeFaults();
    if (error instanceof Error && faults.length > 0) error.message += `\nBefore: ${faults.join('\n')}`;
  }

  /** Leaves the screen; fails for anything that the browser complained about, broken policies too. */
  async end(): Promise<void> {
    await this.page.unrouteAll();
    // A screen without requests, so that the next visit finds nothing of this one.
    await this.go('left');
    expect(this.takeFaults()).toEqual([]);
    this.#expected.clear();
  }
}
