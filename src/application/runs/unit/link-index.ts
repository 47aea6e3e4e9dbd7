import type { LinkBrief, LinkStore } from '../../ports/links.js';
import type { StagingScope, StagingStore } from '../../ports/staging.js';
import type { MappingStore } from '../../ports/stores.js';
import { CompactLinks, type IndexedLink } from './compact-links.js';
import type { IndexMemory } from './index-memory.js';
import type { UnitInput } from './unit.js';

/** How a run keeps its index for later steps. */
interface Kept {
  /** For other processes too, in rows that hold thousands of links each; left out: in memory, within one phase. */
  readonly staging?: Pick<StagingStore, 'getBriefs' | 'putBriefs'>;
  readonly scope: Omit<StagingScope, 'mappingId'>;
  /** An earlier step of the phase may have left it. */
  readonly isThere: boolean;
  /** The phase, and the mapping whose turn it is. */
  readonly place: string;
}

/** From so many links on it is kept, where nothing else is given: fewer are scanned as quickly. */
const KEPT_FROM = 50_000;

/** For the phases that read: what they find out by the index holds where links were made or changed since. */
export function keptIndex(input: UnitInput): Kept {
  return { ...rememberedIndex(input), staging: input.deps.staging };
}

/** For a phase that has to know the links as they are when it begins; its parts are steps of their own. */
export function rememberedIndex({ position, run, scope }: UnitInput): Kept {
  return { scope, isThere: position !== null, place: `${run.phase} ${scope.mappingId}` };
}

/** Links of a mapping, and how much this process had written to them when their reading began. */
interface Loaded {
  readonly links: CompactLinks;
  readonly writes: number;
}

export interface LinksOfTable {
  readonly size: number;
  get(crmId: string): IndexedLink | undefined;
}

/**
 * The links of a connection by both ids, read by scans (a page of rows costs less than a hundred point reads) and kept
 * for the step. Rows that appear meanwhile do no harm: linking inserts under both keys and fails on a taken one.
 */
export class LinkIndex {
  readonly #links: LinkStore;
  readonly #mappings: MappingStore;
  readonly #connectionId: string;
  readonly #memory: IndexMemory;
  readonly #keptFrom: number;
  readonly #byMapping = new Map<string, Loaded>();
  /** Both sides ask at the same time. */
  readonly #loading = new Map<string, Promise<CompactLinks>>();
  /** What was read and no later step has yet, by mapping. */
  readonly #unkept = new Map<string, Required<Pick<Kept, 'staging' | 'scope'>>>();
  readonly #byTable = new Map<string, readonly CompactLinks[]>();

  constructor(
    links: LinkStore,
    mappings: MappingStore,
    connectionId: string,
    memory: IndexMemory,
    keptFrom = KEPT_FROM,
  ) {
    this.#links = links;
    this.#mappings = mappings;
    this.#connectionId = connectionId;
    this.#memory = memory;
    this.#keptFrom = keptFrom;
  }

  async byAuthScapeId(mappingId: string, kept?: Kept): Promise<CompactLinks> {
    const known = this.#byMapping.get(mappingId);
    const links = known?.links ?? (await (this.#loading.get(mappingId) ?? this.#loadNew(mappingId, kept)));
    if (kept !== undefined && links.size >= this.#keptFrom) {
      this.#memory.remember(kept.scope.runId, kept.place, links);
    }
    return links;
  }

  /** Over all mappings of the table, enabled or not: a row has one link at the most. */
  async byCrmId(table: string, kept?: Kept): Promise<LinksOfTable> {
    const known = this.#byTable.get(table) ?? (await this.#load(table, kept));
    return {
      size: known.reduce((sum, { size }) => sum + size, 0),
      get: (crmId) => {
        // Where several know the row the last one counts.
        for (let at = known.length - 1; at >= 0; at -= 1) {
          const found = known[at]?.byCrmId(crmId);
          if (found !== undefined) return found;
        }
        return undefined;
      },
    };
  }

  async #loadNew(mappingId: string, kept: Kept | undefined): Promise<CompactLinks> {
    const writes = this.#links.writesTo(this.#connectionId, mappingId);
    const loading = this.#loadOne(mappingId, kept);
    this.#loading.set(mappingId, loading);
    try {
      const links = await loading;
      this.#byMapping.set(mappingId, { links, writes });
      return links;
    } finally {
      this.#loading.delete(mappingId);
    }
  }

  async #loadOne(mappingId: string, kept: Kept | undefined): Promise<CompactLinks> {
    // What is not used must not be in memory beside what takes its place.
    if (!kept?.isThere) this.#memory.forget();
    if (kept === undefined) return this.#scan(mappingId);
    const scope = { ...kept.scope, mappingId };
    const known = kept.isThere ? await this.#earlier(kept, scope) : undefined;
    if (known !== undefined) return known;
    const scanned = await this.#scan(mappingId);
    if (scanned.size >= this.#keptFrom && kept.staging !== undefined)
      this.#unkept.set(mappingId, { staging: kept.staging, scope: kept.scope });
    return scanned;
  }

  /** Keeps for a later step what it may need: most runs end within one. */
  async keep(): Promise<void> {
    for (const [mappingId, { scope, staging }] of this.#unkept) {
      const links = this.#byMapping.get(mappingId)?.links;
      if (links !== undefined) await staging.putBriefs({ ...scope, mappingId }, links.briefs());
    }
    this.#unkept.clear();
  }

  async #earlier(kept: Kept, scope: StagingScope): Promise<CompactLinks | undefined> {
    const { mappingId, runId } = scope;
    const known = this.#memory.find(runId, kept.place, mappingId);
    if (known !== undefined || kept.staging === undefined) return known;
    return filled(mappingId, kept.staging.getBriefs(scope));
  }

  async #scan(mappingId: string): Promise<CompactLinks> {
    const scanned = await filled(mappingId, this.#links.briefs(this.#connectionId, mappingId));
    return scanned ?? new CompactLinks(mappingId);
  }

  async #load(table: string, kept: Kept | undefined): Promise<readonly CompactLinks[]> {
    const mappings = await this.#mappings.list(this.#connectionId);
    const loaded: CompactLinks[] = [];
    for (const { value } of mappings) {
      if (value.crmEntity === table) loaded.push(await this.byAuthScapeId(value.id, kept));
    }
    this.#byTable.set(table, loaded);
    return loaded;
  }

  /** Forgets all: other workers have written to links. */
  forget(): void {
    this.#byMapping.clear();
    this.#byTable.clear();
    this.#memory.forget();
  }

  /** Forgets links of mappings of which one was made or ended, as far as this process knows, since they were read. */
  clear(): void {
    for (const [mappingId, { writes }] of this.#byMapping) {
      if (this.#links.writesTo(this.#connectionId, mappingId) === writes) continue;
      this.#byMapping.delete(mappingId);
      this.#byTable.clear();
      this.#memory.forget();
    }
  }
}

/** Undefined where not all are there. */
async function filled(
  mappingId: string,
  pages: AsyncIterable<readonly LinkBrief[] | undefined>,
): Promise<CompactLinks | undefined> {
  const links = new CompactLinks(mappingId);
  for await (const page of pages) {
    if (page === undefined) return undefined;
    for (const link of page) links.add(link);
  }
  return links;
}
