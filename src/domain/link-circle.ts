import { BridgeError } from './errors.js';

/**
 * Watches a chain of links, each given out by the page before, for one that comes again. Of all links only one is kept, by
 * Brent's method, so that the watch fits into the position of a run; a circle is found after three rounds at most.
 */
export interface LinkWatch {
  /** The link that the next ones are compared with. */
  readonly seen: string;
  readonly steps: number;
  /** After so many steps the comparison moves on; doubles. */
  readonly power: number;
}

/** Pages of one question: with full pages of Dynamics fifty million rows. */
const MOST_PAGES = 10_000;

/** The watch after one more link. Throws `dynamics_error` when the chain runs in a circle or does not end. */
export function watchLink(watch: LinkWatch | undefined, link: string): LinkWatch {
  if (watch === undefined) return { seen: link, steps: 0, power: 1 };
  const { power, seen } = watch;
  const steps = watch.steps + 1;
  if (link === seen || power + steps > MOST_PAGES) {
    throw new BridgeError(
      'dynamics_error',
      'The pages of an answer of Dynamics never end: a link came again.',
    );
  }
  return steps === power ? { seen: link, steps: 0, power: power * 2 } : { seen, steps, power };
}
