import type { FieldValue } from '../../../src/domain/values.js';
import { numberOf } from '../../model/oracle.js';
import { LIFE, MERGED, PARTED, type ValueChange } from '../../support/memory-systems-world.js';

/**
 * Who is who: from the changes of both systems alone, without asking the engine. Two records may belong together when
 * they had one key at one moment while neither was merged away, or when the row that one of them belonged to was merged
 * into the other and no further record had that one's key then. Everything else gives one person what is another one's.
 */

/** Names of the fields by which strangers are matched, by entity and table: each of them was `matchBy` at some time. */
export type Keys = Readonly<Record<string, readonly string[]>>;

interface Living {
  readonly id: string;
  readonly kind: string;
  readonly side: ValueChange['side'];
  /** What each of its key fields holds; the names of a pair's fields stand in the same order. */
  readonly now: FieldValue[];
  /** Every key that it ever had, by key field. */
  readonly ever: Set<FieldValue>[];
  isMerged: boolean;
  isGone: boolean;
  readonly isOurs: boolean;
}

interface Tie {
  readonly a: string;
  readonly d: string;
}

export interface World {
  readonly changes: readonly ValueChange[];
  readonly keys: Keys;
  /** Entity and table of each kind of pair. */
  readonly pairs: readonly (readonly [string, string])[];
  /** Every link that there was at any time. */
  readonly links: readonly {
    readonly entity: string;
    readonly authScapeId: string;
    readonly crmId: string;
  }[];
  /** What living records show in the end. */
  readonly shown: readonly { readonly name: string; readonly values: readonly FieldValue[] }[];
}

const nameOf = ({ side, entity, id }: Pick<ValueChange, 'side' | 'entity' | 'id'>) =>
  `${side} ${entity} ${id}`;
const formOf = (key: FieldValue) => (typeof key === 'string' ? key.trim().toLowerCase() : null);

/** What of an end state gives one person what is another one's. */
export function identityFaults(world: World): readonly string[] {
  const ties = tiesOf(world);
  return [...wrongLinks(world, ties), ...strangeValues(world, ties), ...endedForNothing(world, ties)];
}

/** Every tie that keys and merges have made at any time. */
function tiesOf({ changes, keys, pairs, links }: World): ReadonlySet<string> {
  const linked = new Set(links.map((link) => linkName(pairs, link)));
  const living = new Map<string, Living>();
  const ties = new Map<string, Tie>();
  const merges: { loser: string; master: string }[] = [];
  const parted = new Map<string, Set<number>>();
  for (const change of changes) {
    const name = nameOf(change);
    if (change.field === PARTED) parted.set(name, (parted.get(name) ?? new Set()).add(change.at));
    const before = living.get(name);
    if (change.field === LIFE) {
      const { side, entity, id, by } = change;
      const names = keys[entity] ?? [];
      const state = {
        now: before?.now ?? names.map(() => null),
        ever: before?.ever ?? names.map(() => new Set<FieldValue>()),
        isMerged: before?.isMerged ?? false,
      };
      living.set(name, {
        id,
        side,
        kind: entity,
        ...state,
        isGone: change.to === null,
        isOurs: before?.isOurs ?? by === 'bridge',
      });
    }
    const record = living.get(name);
    const place = record === undefined ? -1 : (keys[record.kind] ?? []).indexOf(change.field);
    if (record !== undefined && place >= 0) {
      record.now[place] = formOf(change.to);
      record.ever[place]?.add(formOf(change.to));
    }
    if (record !== undefined && change.field === 'statecode' && change.to === 0) record.isMerged = false;
    if (record !== undefined && change.field === MERGED) {
      record.isMerged = true;
      merges.push({ loser: name, master: `${change.side} ${change.entity} ${String(change.to)}` });
    }
    tieByKey(living, pairs, ties);
    for (const { loser, master } of merges) tieByMerge(living, { ties, linked, parted }, loser, master);
  }
  return new Set(ties.keys());
}

const tieName = (a: string, d: string) => `${a} = ${d}`;

/** What we make is for a record as it was read, which may have another key by then, or be gone. */
function isSameKey(one: Living, other: Living): boolean {
  if (one.isOurs) return had(other, one.now);
  if (other.isOurs) return had(one, other.now);
  return !one.isGone && !other.isGone && one.now.some((key, place) => isKey(key) && key === other.now[place]);
}

const isKey = (key: FieldValue | undefined): boolean => key !== null && key !== undefined;
const had = ({ ever }: Living, keys: readonly FieldValue[]): boolean =>
  keys.some((key, place) => isKey(key) && ever[place]?.has(key) === true);

function tieByKey(living: ReadonlyMap<string, Living>, pairs: World['pairs'], ties: Map<string, Tie>): void {
  for (const [entity, table] of pairs) {
    for (const [a, one] of living) {
      if (one.kind !== entity) continue;
      for (const [d, other] of living) {
        // What we make for a row that is merged away meanwhile was made for that row.
        if (other.kind === table && (one.isOurs || !other.isMerged) && isSameKey(one, other))
          ties.set(tieName(a, d), { a, d });
      }
    }
  }
}

/**
 * A record that was tied to the loser may have the master, as long as no other one that lives has its key or had its link: one
 * that shared its key for a while and was never linked is no partner, nor is one whose link a person has ended since.
 */
function tieByMerge(
  living: ReadonlyMap<string, Living>,
  {
    ties,
    linked,
    parted,
  }: {
    readonly ties: Map<string, Tie>;
    readonly linked: ReadonlySet<string>;
    readonly parted: ReadonlyMap<string, ReadonlySet<number>>;
  },
  loser: string,
  master: string,
): void {
  const row = living.get(master);
  if (row === undefined || row.isGone) return;
  const isParted = (name: string) => [...(parted.get(name) ?? [])].some((at) => parted.get(master)?.has(at));
  for (const { a, d } of [...ties.values()]) {
    if (d !== loser) continue;
    const rivals = [...living].filter(
      ([name, each]) =>
        each.side === 'authScape' &&
        !each.isGone &&
        name !== a &&
        // Where `matchBy` changes, who has one of the keys only need not be a candidate at that moment.
        ((row.now.length === 1 &&
          ties.has(tieName(name, master)) &&
          linked.has(tieName(name, master)) &&
          !isParted(name)) ||
          each.now.every((key, place) => isKey(key) && key === row.now[place])),
    );
    if (rivals.length === 0) ties.set(tieName(a, master), { a, d: master });
  }
}

function linkName(pairs: World['pairs'], { entity, authScapeId, crmId }: World['links'][number]): string {
  const table = pairs.find(([one]) => one === entity)?.[1] ?? '';
  return tieName(`authScape ${entity} ${authScapeId}`, `dynamics ${table} ${crmId}`);
}

function wrongLinks({ links, pairs }: World, ties: ReadonlySet<string>): readonly string[] {
  return links.flatMap((link) => {
    const name = linkName(pairs, link);
    const [a, d] = name.split(' = ');
    return ties.has(name) ? [] : [`${a} has the row of another one: ${d}`];
  });
}

/** Each record with all that it is tied to, over any number of ties. */
function circles(ties: ReadonlySet<string>): (name: string) => string {
  const parent = new Map<string, string>();
  const find = (name: string): string => {
    const up = parent.get(name) ?? name;
    return up === name ? name : find(up);
  };
  for (const tie of ties) {
    const [a = '', d = ''] = tie.split(' = ');
    parent.set(find(a), find(d));
  }
  return find;
}

/** A value has a number of its own: it may be shown by those only who are tied to a record that a person gave it to. */
function strangeValues({ changes, shown }: World, ties: ReadonlySet<string>): readonly string[] {
  const circleOf = circles(ties);
  const givers = new Map<string, Set<string>>();
  for (const change of changes) {
    const number = numberOf(change.to);
    if (change.by !== 'person' || number === null) continue;
    const known = givers.get(number) ?? new Set();
    givers.set(number, known.add(circleOf(nameOf(change))));
  }
  return shown.flatMap(({ name, values }) =>
    values.flatMap((value) => {
      const number = numberOf(value);
      const known = number === null ? undefined : givers.get(number);
      return known === undefined || known.has(circleOf(name))
        ? []
        : [`${name} shows what is another one's: ${value}`];
    }),
  );
}

const ENDS: readonly (readonly [string, FieldValue])[] = [
  [LIFE, null],
  ['isActive', false],
  ['isDeactivated', true],
  ['statecode', 1],
];
const isEnd = ({ field, to }: ValueChange) => ENDS.some(([name, value]) => field === name && to === value);

/** What we end has a record in its circle that was deleted, deactivated or merged away by others before. */
function endedForNothing({ changes }: World, ties: ReadonlySet<string>): readonly string[] {
  const merges = changes.flatMap((change) =>
    change.field === MERGED
      ? [tieName(nameOf(change), `${change.side} ${change.entity} ${String(change.to)}`)]
      : [],
  );
  const circleOf = circles(new Set([...ties, ...merges]));
  // A merge makes its loser inactive: that ends no record.
  const isCause = (other: ValueChange) =>
    isEnd(other) && (other.by === 'person' || (other.by === 'server' && other.field === LIFE));
  return changes.flatMap((change, index) => {
    if (change.by !== 'bridge' || !isEnd(change)) return [];
    const circle = circleOf(nameOf(change));
    const cause = changes
      .slice(0, index)
      .some((other) => isCause(other) && circleOf(nameOf(other)) === circle);
    return cause ? [] : [`${nameOf(change)} was ended for nothing: ${change.field} = ${change.to}`];
  });
}
