import type { Link } from '../../../domain/link.js';
import type { LinkStore } from '../../ports/links.js';
import type { MappingStore } from '../../ports/stores.js';
import { pagesOf } from '../../shared/pages.js';
import { proofOf, type UnchangedProof } from './unchanged.js';

/** What matching and staging need to know of a link without reading it. */
export interface IndexedLink {
  readonly mappingId: string;
  readonly authScapeId: string;
  readonly crmId: string;
  readonly link: Pick<Link, 'state' | 'tombstone' | 'dVersion' | 'changedAt'>;
  /** Null where only a look at the fields can tell whether the pair changed. */
  readonly proof: UnchangedProof | null;
}

/** Links of a mapping by A id, and how much this process had written to them when their reading began. */
interface Loaded {
  readonly links: Map<string, IndexedLink>;
  readonly writes: number;
}

/**
 * The links of a connection by both ids, read by scans (a page of rows costs less than a hundred point reads) and kept
 * for the step. Rows that appear meanwhile do no harm: linking inserts under both keys and fails on a taken one.
 */
export class LinkIndex {
  readonly #links: LinkStore;
  readonly #mappings: MappingStore;
  readonly #connectionId: string;
  readonly #byMapping = new Map<string, Loaded>();
  readonly #byTable = new Map<string, Map<string, IndexedLink>>();

  constructor(links: LinkStore, mappings: MappingStore, connectionId: string) {
    this.#links = links;
    this.#mappings = mappings;
    this.#connectionId = connectionId;
  }

  async byAuthScapeId(mappingId: string): Promise<ReadonlyMap<string, IndexedLink>> {
    const known = this.#byMapping.get(mappingId);
    if (known !== undefined) return known.links;
    const writes = this.#links.writesTo(this.#connectionId, mappingId);
    const loaded = new Map<string, IndexedLink>();
    for await (const page of pagesOf((cursor) =>
      this.#links.scan(this.#connectionId, mappingId, 1000, cursor),
    )) {
      for (const { value } of page.items) {
        const { authScapeId, crmId, state, tombstone, dVersion, changedAt } = value;
        const link = { state, tombstone, dVersion, changedAt };
        loaded.set(authScapeId, { mappingId, authScapeId, crmId, link, proof: proofOf(value) });
      }
    }
    this.#byMapping.set(mappingId, { links: loaded, writes });
    return loaded;
  }

  /** Over all mappings of the table, enabled or not: a row has one link at the most. */
  async byCrmId(table: string): Promise<ReadonlyMap<string, IndexedLink>> {
    const known = this.#byTable.get(table);
    if (known !== undefined) return known;
    const mappings = await this.#mappings.list(this.#connectionId);
    const loaded = new Map<string, IndexedLink>();
    for (const { value } of mappings) {
      if (value.crmEntity !== table) continue;
      for (const entry of (await this.byAuthScapeId(value.id)).values()) loaded.set(entry.crmId, entry);
    }
    this.#byTable.set(table, loaded);
    return loaded;
  }

  /** Forgets links of mappings to which something was written since they were read. */
  clear(): void {
    for (const [mappingId, { writes }] of this.#byMapping) {
      if (this.#links.writesTo(this.#connectionId, mappingId) === writes) continue;
      this.#byMapping.delete(mappingId);
      this.#byTable.clear();
    }
  }
}
