import type { Browser, BrowserContext } from 'playwright-core';
import { type Journey, startJourney } from '../../journeys/support/journey.js';
import { launchBrowser } from './browser.js';
import { Visit } from './visit.js';

export interface VisitOptions {
  /** Where the visit begins; the list of connections if left out. */
  readonly at?: string;
  /** A window of a phone instead of a desk's. */
  readonly phone?: boolean;
  /** Leaves the key out, in a tab of its own. */
  readonly anonymous?: boolean;
  /** A tab of its own instead of the one that visits share. */
  readonly ownTab?: boolean;
}

const DESK = { width: 1280, height: 800 };
export const PHONE = { width: 360, height: 740 };

/** One stack and one browser for all journeys; each goes on where the one before has ended. */
export class ConsoleUnderTest {
  /** Of the connection that the journeys make and use. */
  connectionId = '';
  readonly journey: Journey;
  readonly #browser: Browser;
  readonly #context: BrowserContext;
  /** Signed in; loading the page for each visit would take longer than most of them. */
  #shared: Visit | undefined;

  private constructor(journey: Journey, browser: Browser, context: BrowserContext) {
    this.journey = journey;
    this.#browser = browser;
    this.#context = context;
  }

  /** People sign in at the issuer of the stack, or with its key. */
  static async start(): Promise<ConsoleUnderTest> {
    const [journey, browser] = await Promise.all([startJourney({ STACK_AUTH: 'app' }), launchBrowser()]);
    const context = await browser.newContext({
      colorScheme: 'light',
      locale: 'en-US',
      timezoneId: 'Europe/Berlin',
      reducedMotion: 'reduce',
      acceptDownloads: true,
      // The issuer of the stack signs its certificate itself.
      ignoreHTTPSErrors: true,
    });
    return new ConsoleUnderTest(journey, browser, context);
  }

  async stop(): Promise<void> {
    await this.#browser.close();
    await this.journey.stop();
  }

  /** Fails when the browser complained about anything meanwhile. */
  readonly visit = async (
    { at = '', phone = false, anonymous = false, ownTab = anonymous }: VisitOptions,
    act: (visit: Visit) => Promise<void>,
  ): Promise<void> => {
    const start = { path: at, size: phone ? PHONE : DESK, anonymous };
    const last = ownTab ? undefined : this.#shared;
    const visit = last ?? (await Visit.start(this.#context, this.journey.stack.info, start));
    if (!ownTab) this.#shared = undefined;
    await last?.goOn(start);
    try {
      await act(visit);
      await visit.end();
      // A tab in which something went wrong is not used again.
      if (!ownTab) this.#shared = visit;
    } catch (error) {
      visit.explain(error);
      throw error;
    } finally {
      if (this.#shared !== visit) await visit.page.close();
    }
  };

  /** Address of a screen of the connection. */
  readonly on = (path: string): string => `connections/${this.connectionId}/${path}`;
}

/** The console of a suite whose hook has started it. */
export type Current = () => ConsoleUnderTest;
