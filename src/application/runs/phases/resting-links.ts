import type { Link } from '../../../domain/link.js';
import type { LinkRange } from '../../ports/links.js';
import type { Page, Stored } from '../../ports/stores.js';
import type { CompactLinks } from '../unit/compact-links.js';
import { isFullRead, type UnitInput } from '../unit/unit.js';

/** Begins a position at a link. Others are cursors of the scan, which hold no colon: ranges and earlier versions have those. */
const AT_LINK = 'link:';

/** The A id of the link at which a position stands; undefined for a cursor of the scan. */
export function linkAt(position: string | undefined): string | undefined {
  return position?.startsWith(AT_LINK) === true ? position.slice(AT_LINK.length) : undefined;
}

/** Which links a pass has to read, by the index: pairs that rest between them are only counted. */
export class RestingLinks {
  readonly #links: CompactLinks;
  readonly #isAtRest: (authScapeId: string) => boolean;

  constructor(links: CompactLinks, isAtRest: (authScapeId: string) => boolean) {
    this.#links = links;
    this.#isAtRest = isAtRest;
  }

  /** How many links from a place on rest, up to one that does not: the position of that one. */
  from(place: number): { count: number; next: string | undefined } {
    for (let at = place; at < this.#links.size; at += 1) {
      const id = this.#links.idAt(at);
      if (!this.#isAtRest(id)) return { count: at - place, next: AT_LINK + id };
    }
    return { count: Math.max(0, this.#links.size - place), next: undefined };
  }

  /** So many links from this one on, at most `most`, end with one that does not rest. */
  pageFrom(authScapeId: string, most: number): number {
    const start = this.#links.placeOf(authScapeId);
    // It has gone since the position was stored.
    if (start < 0) return most;
    let length = 1;
    for (let at = 1; at < most && start + at < this.#links.size; at += 1) {
      if (!this.#isAtRest(this.#links.idAt(start + at))) length = at + 1;
    }
    return length;
  }

  /** Place in the order of the scan; -1: the index does not have it. */
  placeOf(authScapeId: string): number {
    return this.#links.placeOf(authScapeId);
  }
}

/** Pairs of which both records were read and found unchanged; of a row that the feed did not bring that is known. */
export async function pairsAtRest(input: UnitInput): Promise<(id: string) => boolean> {
  const { seen, scope } = input;
  const a = await seen.of(scope, 'authScape');
  if (!isFullRead(input)) {
    const isBrought = await seen.broughtRows(scope);
    return (id) => a.has(id) && !isBrought(id);
  }
  const d = await seen.of(scope, 'dynamics');
  return (id) => a.has(id) && d.has(id);
}

/** Links of a page; more than the rows of a unit, as most pairs are unchanged. */
const LINK_PAGE = 1000;

/** From a link on, as far as a page has any to look at; or where a cursor of the scan stands. */
export function readLinks(
  { deps, scope }: UnitInput,
  cursor: string | undefined,
  resting: RestingLinks | null,
  range: LinkRange | undefined,
): Promise<Page<Stored<Link>>> {
  const { connectionId, mappingId } = scope;
  const from = linkAt(cursor);
  return from === undefined
    ? deps.links.scan(connectionId, mappingId, LINK_PAGE, cursor, range)
    : deps.links.scan(connectionId, mappingId, resting?.pageFrom(from, LINK_PAGE) ?? LINK_PAGE, undefined, {
        from,
      });
}
