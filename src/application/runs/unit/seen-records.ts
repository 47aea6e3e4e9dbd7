/**
 * Records of linked pairs that a run found unchanged when it read them. They are proven equal to the link (row version,
 * or fingerprint of the fields, on a clean link of the present mapping), so nothing of them is staged: only that they
 * were seen, and their match key. A record of A counts as unchanged only where its row does, so that a pair with work
 * to do has the record of A at hand. One part is stored for each unit of reading; a step loads all parts once.
 */
import type { Side } from '../../../domain/model.js';
import type { SeenRecord, StagingScope, StagingStore } from '../../ports/staging.js';
import { pagesOf } from '../../shared/pages.js';

interface SeenSides {
  readonly authScape: Map<string, SeenRecord>;
  readonly dynamics: Map<string, SeenRecord>;
}

/** What was seen unchanged, by mapping, side and A id; kept for the step. */
export class SeenRecords {
  readonly #staging: StagingStore;
  readonly #brought = new Map<string, Set<string>>();
  readonly #byMapping = new Map<string, Promise<SeenSides>>();

  constructor(staging: StagingStore) {
    this.#staging = staging;
  }

  /** Of one side, by A id. */
  async of(scope: StagingScope, side: Side): Promise<ReadonlyMap<string, SeenRecord>> {
    return (await this.#load(scope))[side];
  }

  /** A ids of pairs whose row is staged; read once a step, after all rows were. */
  async broughtRows(scope: StagingScope): Promise<ReadonlySet<string>> {
    const known = this.#brought.get(scope.mappingId) ?? new Set<string>();
    if (this.#brought.has(scope.mappingId)) return known;
    for await (const page of pagesOf((cursor) =>
      this.#staging.scanRecords(scope, 'dynamicsLinked', 1000, cursor),
    )) {
      for (const { key } of page.items) known.add(key);
    }
    this.#brought.set(scope.mappingId, known);
    return known;
  }

  /**
   * Stores what a unit saw unchanged; what it saw changed is no longer among them, since lists that move bring a record
   * twice. The same part stored twice is one.
   */
  async add(
    scope: StagingScope,
    side: Side,
    part: string,
    { unchanged, changed }: { unchanged: readonly SeenRecord[]; changed: readonly string[] },
  ): Promise<void> {
    const known = (await this.#load(scope))[side];
    const again = changed.filter((id) => known.has(id) || unchanged.some((one) => one.authScapeId === id));
    const records = [
      ...unchanged,
      ...again.map((authScapeId) => ({ authScapeId, keyHash: null, active: false, changed: true })),
    ];
    if (records.length === 0) return;
    await this.#staging.putSeen(scope, { side, part, records });
    note(known, records);
  }

  #load(scope: StagingScope): Promise<SeenSides> {
    const known = this.#byMapping.get(scope.mappingId);
    if (known !== undefined) return known;
    const loading = this.#read(scope);
    this.#byMapping.set(scope.mappingId, loading);
    return loading;
  }

  async #read(scope: StagingScope): Promise<SeenSides> {
    const sides: SeenSides = { authScape: new Map(), dynamics: new Map() };
    for (const { side, records } of await this.#staging.getSeen(scope)) {
      note(sides[side], records);
    }
    return sides;
  }
}

function note(known: Map<string, SeenRecord>, records: readonly SeenRecord[]): void {
  for (const record of records) {
    if (record.changed) known.delete(record.authScapeId);
    else known.set(record.authScapeId, record);
  }
}
