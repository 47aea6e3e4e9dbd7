/**
 * Records of linked pairs that a run found unchanged when it read them. They are proven equal to the link (row version,
 * or fingerprint of the fields, on a clean link of the present mapping), so nothing of them is staged: only that they
 * were seen, and their match key. A record of A counts as unchanged only where its row does, as far as rows were read by
 * then, so that a pair with work to do mostly has the record of A at hand. A part is stored for each page of Dynamics and
 * each unit of A; a step loads all parts once.
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
  readonly #brought = new Set<string>();
  readonly #byMapping = new Map<string, Promise<SeenSides>>();

  constructor(staging: StagingStore) {
    this.#staging = staging;
  }

  /** Of one side, by A id. */
  async of(scope: StagingScope, side: Side): Promise<SeenSide> {
    return (await this.#load(scope))[side];
  }

  /** Is the row of this pair among those that are staged so far? What earlier steps have staged is read once. */
  async broughtRows(scope: StagingScope): Promise<(authScapeId: string) => boolean> {
    const rows = await this.of(scope, 'dynamics');
    if (!this.#brought.has(scope.mappingId)) {
      for await (const page of pagesOf((cursor) =>
        this.#staging.scanRecords(scope, 'dynamicsLinked', 1000, cursor),
      )) {
        for (const { key } of page.items) rows.note(changed(key));
      }
      this.#brought.add(scope.mappingId);
    }
    return (id) => rows.hasChanged(id);
  }

  /**
   * Stores what was seen unchanged; what was seen changed of linked pairs is no longer among them. The same part stored
   * twice is one.
   */
  async add(
    scope: StagingScope,
    side: Side,
    part: string,
    found: { unchanged: readonly SeenRecord[]; changed: readonly string[] },
  ): Promise<void> {
    const known = (await this.#load(scope))[side];
    const now = new Set(found.unchanged.map(({ authScapeId }) => authScapeId));
    const again = found.changed.filter((id) => known.has(id) || now.has(id));
    const records = [...found.unchanged, ...again.map(changed)];
    if (records.length > 0) await this.#staging.putSeen(scope, { side, part, records });
    for (const record of [...found.unchanged, ...found.changed.map(changed)]) known.note(record);
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

function changed(authScapeId: string): SeenRecord {
  return { authScapeId, keyHash: null, active: false, changed: true };
}
