/**
 * Records of linked pairs that a run found unchanged when it read them. They are proven equal to the link (row version,
 * or fingerprint of the fields, on a clean link of the present mapping), so nothing of them is staged: only that they
 * were seen, and their match key. A record of A counts as unchanged only where its row does, so that a pair with work
 * to do has the record of A at hand. One part is stored for each unit of reading; a step loads all parts once.
 */
import type { Side } from '../../../domain/model.js';
import { TextTable } from '../../../lib/text-table.js';
import type { SeenRecord, StagingScope, StagingStore } from '../../ports/staging.js';
import { pagesOf } from '../../shared/pages.js';
import { SeenSide } from './seen-side.js';

type SeenSides = Readonly<Record<Side, SeenSide>>;

/** What was seen unchanged, by mapping, side and A id; kept for the step. */
export class SeenRecords {
  readonly #staging: StagingStore;
  readonly #brought = new Map<string, Set<string>>();
  readonly #byMapping = new Map<string, Promise<SeenSides>>();

  constructor(staging: StagingStore) {
    this.#staging = staging;
  }

  /** Of one side, by A id. */
  async of(scope: StagingScope, side: Side): Promise<SeenSide> {
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
    const now = new Set(unchanged.map(({ authScapeId }) => authScapeId));
    const again = changed.filter((id) => known.has(id) || now.has(id));
    const records = [
      ...unchanged,
      ...again.map((authScapeId) => ({ authScapeId, keyHash: null, active: false, changed: true })),
    ];
    if (records.length === 0) return;
    await this.#staging.putSeen(scope, { side, part, records });
    for (const record of records) known.note(record);
  }

  #load(scope: StagingScope): Promise<SeenSides> {
    const known = this.#byMapping.get(scope.mappingId);
    if (known !== undefined) return known;
    const loading = this.#read(scope);
    this.#byMapping.set(scope.mappingId, loading);
    return loading;
  }

  async #read(scope: StagingScope): Promise<SeenSides> {
    const ids = new TextTable();
    const sides = { authScape: new SeenSide(ids), dynamics: new SeenSide(ids) };
    for await (const { side, records } of this.#staging.getSeen(scope)) {
      for (const record of records) sides[side].note(record);
    }
    return sides;
  }
}
