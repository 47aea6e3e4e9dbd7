import type { Side } from '../../../src/domain/model.js';
import type { FieldValues } from '../../../src/domain/values.js';
import { createHarness } from '../../application/support/harness.js';
import type { Act, Deeded } from '../../application/support/history.js';
import { createRandom } from '../../model/random.js';
import type { ValueChange } from '../../support/memory-systems-world.js';
import { LIFE } from '../../support/memory-systems-world.js';
import { bothSides, type Journey } from './journey.js';
import { createReplay } from './replay.js';
import { showAuthScape, showDynamics } from './show.js';

/** What one person changed, in the order of the changes. */
export interface PersonsAct extends Deeded {
  readonly changes: readonly ValueChange[];
  /** The same with what the server does then by itself: a cascade, a merge. */
  readonly happened: readonly ValueChange[];
}

/**
 * The deeds of the in-process histories, carried out on the real stack: before each deed the records of both simulators
 * are copied into systems in memory, the deed acts on the copy, and what it changed there is done again by the
 * editors over HTTP.
 */
export async function createMirror(journey: Journey, seed: number) {
  const copy = await createHarness();
  const replay = createReplay(journey, copy);
  const random = createRandom(seed);
  let numbers = 1_000;
  const scene = {
    bridge: copy,
    random,
    number: () => {
      numbers += 1;
      return numbers;
    },
  };

  const sightings = new Map<string, Sighting>();
  const made = new Set<string>();

  async function load(): Promise<void> {
    const { authScape, dynamics } = await bothSides(journey);
    showAuthScape(copy.a, authScape);
    showDynamics(copy.d, dynamics);
    for (const sighting of shownBy(copy)) {
      const name = recordName(sighting);
      if (!sightings.has(name)) sightings.set(name, sighting);
    }
  }

  /** A deed that is possible now, if some tries find one: in a world that is young most are not. */
  async function deed(deeds: readonly Act[]): Promise<Deeded | undefined> {
    for (let tries = 0; tries < 6; tries += 1) {
      const deeded = await random.pick(deeds)(scene);
      if (deeded !== undefined) return deeded;
    }
    return undefined;
  }

  /** Does one of the deeds as a person; undefined where it is not possible now. */
  async function act(deeds: readonly Act[]): Promise<PersonsAct | undefined> {
    await load();
    const before = copy.world.changes.length;
    const mergedBefore = mastersOf(copy);
    const deeded = await deed(deeds);
    // What the server does by itself (a cascade, a merge) the real one does, too.
    const happened = copy.world.changes.slice(before);
    const changes = happened.filter(({ by }) => by === 'person');
    if (deeded === undefined) return undefined;
    for (const [loser, master] of mastersOf(copy)) {
      if (mergedBefore.get(loser) !== master) await replay.merge(deeded.entity, loser, master);
    }
    // A new record comes whole: its values are no edits of their own.
    const created = new Set(
      changes.filter(({ field, to }) => field === LIFE && to !== null).map(({ id }) => id),
    );
    // AuthScape gives a new record another id than the copy did.
    const realIds = new Map<string, string>();
    for (const change of changes) {
      if (created.has(change.id) && change.field !== LIFE) continue;
      realIds.set(change.id, await replay.change(change));
    }
    const real = (id: string) => realIds.get(id) ?? id;
    for (const change of changes) {
      const name = recordName({ ...change, id: real(change.id) });
      // One that was seen before comes back.
      if (created.has(change.id) && !sightings.has(name)) made.add(name);
    }
    return {
      ...{ ...deeded, id: real(deeded.id) },
      changes: changes.map((change) => ({ ...change, id: real(change.id) })),
      happened: happened.map((change) => ({ ...change, id: real(change.id) })),
    };
  }

  return { act, random, copy, load, sightings, made };
}

/** A record as it was first seen. */
export interface Sighting {
  readonly side: Side;
  readonly entity: string;
  readonly id: string;
  readonly values: FieldValues;
}

export const recordName = ({ side, entity, id }: Pick<ValueChange, 'side' | 'entity' | 'id'>): string =>
  `${side} ${entity} ${id}`;

function shownBy({ a, d }: Mirror['copy']): readonly Sighting[] {
  const records = Object.entries(a.records).flatMap(([entity, each]) =>
    [...each.values()].map(({ id, values }) => ({
      side: 'authScape' as const,
      entity,
      id,
      values: { ...values },
    })),
  );
  const rows = [...d.tables].flatMap(([entity, table]) =>
    [...table.rows.values()].map(({ id, values }) => ({
      side: 'dynamics' as const,
      entity,
      id,
      values: { ...values },
    })),
  );
  return [...records, ...rows];
}

export type Mirror = Awaited<ReturnType<typeof createMirror>>;

function mastersOf({ d }: Mirror['copy']): Map<string, string> {
  const rows = [...d.tables.values()].flatMap((table) => [...table.rows.values()]);
  return new Map(rows.flatMap(({ id, mergedInto }) => (mergedInto === null ? [] : [[id, mergedInto]])));
}
