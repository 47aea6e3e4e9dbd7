import type { Clock } from '../../application/ports/runtime.js';
import type { AuthScapeRecord } from '../../domain/records.js';
import type { Details } from './details.js';
import type { Lists } from './lists.js';

/** AuthScape lists locations all at once or not at all. A person may rename one meanwhile: that risk is taken. */
const SERVES_MS = 15_000;

interface Known {
  readonly records: Map<string, AuthScapeRecord>;
  readonly readAt: number;
}

/** All locations, as a list of a moment ago and what came since say it; creations among them in turn. */
export interface KnownLocations {
  /** No creation goes on meanwhile. `fresh` reads the list anew. */
  inTurn<T>(work: (read: (fresh: boolean) => Promise<readonly AuthScapeRecord[]>) => Promise<T>): Promise<T>;
  /** The newest location, which a creation has just made; undefined where the next id is free or of another one. */
  next(isWanted: (record: AuthScapeRecord) => boolean): Promise<AuthScapeRecord | undefined>;
  /** A location as an update has left it; undefined where that is not known. */
  note(updated: AuthScapeRecord | undefined): void;
}

export function createKnownLocations({
  clock,
  details,
  lists,
}: {
  readonly clock: Clock;
  readonly details: Details;
  readonly lists: Lists;
}): KnownLocations {
  let known: Known | undefined;
  let turn: Promise<unknown> = Promise.resolve();

  /** Ids rise by one: where the next one is free, none has come since. */
  async function read(fresh: boolean): Promise<readonly AuthScapeRecord[]> {
    const serves = !fresh && known !== undefined && clock.now() - known.readAt <= SERVES_MS;
    if (known === undefined || !serves || (await atNextId(known)) !== undefined) {
      const all = await lists.locations([]);
      known = { records: new Map(all.map((record) => [record.id, record])), readAt: clock.now() };
    }
    return [...known.records.values()];
  }

  async function atNextId({ records }: Known): Promise<AuthScapeRecord | undefined> {
    const highest = [...records.keys()].reduce((most, id) => Math.max(most, Number(id)), 0);
    // Of an empty list nothing is known: any id may be the next.
    if (highest === 0) return undefined;
    return (await details.read('Location', String(highest + 1)))?.record;
  }

  return {
    inTurn: (work) => {
      const mine = turn.then(() => work(read));
      turn = mine.catch(() => undefined);
      return mine;
    },
    next: async (isWanted) => {
      const record = known === undefined ? undefined : await atNextId(known);
      if (record === undefined || !isWanted(record)) return undefined;
      known?.records.set(record.id, record);
      return record;
    },
    note: (updated) => {
      if (updated === undefined) known = undefined;
      else known?.records.set(updated.id, updated);
    },
  };
}
