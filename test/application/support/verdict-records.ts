import type { LogEntry } from '../../../src/domain/change.js';
import type { FieldValue, FieldValues } from '../../../src/domain/values.js';
import { LIFE, MERGED, PARTED, type ValueChange } from '../../support/memory-systems-world.js';
import { type Family, type Pair, unpartnered } from './agreement.js';
import type { Harness } from './harness.js';
import { isActiveUser, KEYS } from './kin.js';

/** What is wrong with records as a whole: removed for no reason, made twice, made without a partner, left alone. */
export function recordFaults(
  bridge: Harness,
  families: readonly Family[],
  logs: readonly LogEntry[],
  isOneKey: boolean,
): readonly string[] {
  return [
    ...families.flatMap((family) => unpartnered(bridge, family)),
    ...wronglyRemoved(bridge, logs),
    ...cascades(bridge),
    // Where `matchBy` was another one for a while, records of one key may be made.
    ...(isOneKey ? duplicates(bridge) : []),
    ...orphans(
      bridge,
      families.flatMap(({ links }) => links),
    ),
  ];
}

/** What we deactivate or delete had a partner that a person (or a cascade) deactivated or deleted before. */
function wronglyRemoved(bridge: Harness, logs: readonly LogEntry[]): readonly string[] {
  const { changes } = bridge.world;
  return changes.flatMap(({ side, id, field, from, to, by }, index) => {
    if (by !== 'bridge' || !isRemoval(field, to)) return [];
    // A survivor that was deactivated may make its next partner inactive, too.
    const partners = new Set(
      partnersOf(logs, id).flatMap((partner) => [partner, ...partnersOf(logs, partner)]),
    );
    const cause = changes
      .slice(0, index)
      .some((other) => partners.has(other.id) && other.by !== 'bridge' && isRemoval(other.field, other.to));
    return cause || partners.size === 0
      ? []
      : [`${side} ${id} was removed for no reason: ${field} ${from} -> ${to}`];
  });
}

/** Deleting an account takes its contacts along: the bridge never deletes one. */
function cascades({ world: { changes } }: Harness): readonly string[] {
  return changes.flatMap((change, index) => {
    const before = changes[index - 1];
    const isCascade = isDeath(change) && change.by === 'server' && before !== undefined;
    const isOurs = isCascade && isDeath(before) && before.by === 'bridge' && before.at === change.at;
    return isOurs ? [`our removal of ${before.id} took ${change.id} along`] : [];
  });
}

const isDeath = ({ field, to }: ValueChange) => field === LIFE && to === null;

function partnersOf(logs: readonly LogEntry[], id: string): readonly string[] {
  const found = logs.flatMap(({ authScapeId, crmId }) =>
    authScapeId === id ? [crmId] : crmId === id ? [authScapeId] : [],
  );
  return [...new Set(found.filter((partner) => partner !== null))];
}

function isRemoval(field: string, to: FieldValue): boolean {
  return (
    (field === LIFE && to === null) ||
    (field === 'isActive' && to === false) ||
    (field === 'isDeactivated' && to === true) ||
    (field === 'statecode' && to === 1)
  );
}

/** Of one key we make no second record, unless the other one came at the same moment. */
function duplicates(bridge: Harness): readonly string[] {
  const alive = new Map<string, { kind: string; key: FieldValue; since: number }>();
  const masters = new Map<string, string>();
  const faults: string[] = [];
  for (const { side, entity, id, field, to, by, at } of bridge.world.changes) {
    const kind = `${side} ${entity}`;
    if (field === LIFE && to === null) alive.delete(id);
    if (field === MERGED && typeof to === 'string') masters.set(id, to);
    if (field === LIFE && to !== null) alive.set(id, { kind, key: null, since: at });
    const record = alive.get(id);
    if (record === undefined || !isKey(field)) continue;
    const twin = [...alive].some(
      ([otherId, other]) =>
        other.kind === kind &&
        other.key === to &&
        at - other.since > MOMENT_MS &&
        !isMergedAway(bridge, masters, otherId, alive),
    );
    const isNew = record.key === null && record.since === at;
    if (by === 'bridge' && isNew && twin) faults.push(`${kind} ${id} is a duplicate of ${to}`);
    alive.set(id, { ...record, key: to });
  }
  return faults;
}

/** A row that was merged into one that is gone; `masters`: of rows that are removed in the end. */
function isMergedAway(
  { d }: Harness,
  masters: ReadonlyMap<string, string>,
  id: string,
  alive: ReadonlyMap<string, unknown>,
): boolean {
  const tables = [...d.tables.values()];
  const masterOf = (each: string) => {
    const row = tables.map(({ rows }) => rows.get(each)).find((found) => found !== undefined);
    return row === undefined ? masters.get(each) : (row.mergedInto ?? undefined);
  };
  const seen = new Set<string>();
  for (let next = masterOf(id); next !== undefined && !seen.has(next); next = masterOf(next)) {
    if (!alive.has(next) || masterOf(next) === next) return true;
    seen.add(next);
  }
  return false;
}

const isKey = (field: string) => Object.values(KEYS).some((names) => names.includes(field));

/** What we made, we made for a record of the other side: it has a partner as long as it lives, or had one. */
function orphans(bridge: Harness, links: readonly Pair[]): readonly string[] {
  const alive = new Set<string>();
  for (const { side, id, field, to, by } of bridge.world.changes) {
    // A record whose key a person changed before its maker's successor came cannot be found again.
    const isLost = side === 'authScape' && isKey(field) && by === 'person';
    if ((field === LIFE && to === null) || isLost || field === PARTED) alive.delete(`${side} ${id}`);
    else if (field === LIFE && by === 'bridge') alive.add(`${side} ${id}`);
  }
  // Where the row went meanwhile, an inactive record gets no other one: no worker asks for which record it was made.
  for (const entity of ['User', 'Location'] as const) {
    for (const { id, values } of bridge.a.records[entity].values()) {
      if (!isActiveUser(entity, values)) alive.delete(`authScape ${id}`);
    }
  }
  // A row that was merged into another one has passed its partner on to that one.
  for (const { rows } of bridge.d.tables.values()) {
    for (const { id, mergedInto } of rows.values()) if (mergedInto !== null) alive.delete(`dynamics ${id}`);
  }
  for (const id of taken(bridge)) alive.delete(`authScape ${id}`);
  for (const name of unprovable(bridge)) alive.delete(name);
  for (const { authScapeId, crmId } of links) {
    alive.delete(`authScape ${authScapeId}`);
    alive.delete(`dynamics ${crmId}`);
  }
  return [...alive].map((name) => `${name} was made for no record`);
}

/**
 * Records that were made with nothing but a key that a row had which is gone by now. A stranger may have taken that key, so no
 * worker says that such a record is the row's.
 */
function unprovable({ world: { changes } }: Harness): readonly string[] {
  const keys = new Map<string, FieldValue[]>();
  const bare = new Set<string>();
  const gone = new Set<FieldValue>();
  for (const { side, id, field, to, by } of changes) {
    const name = `${side} ${id}`;
    if (field === LIFE && to !== null && by === 'bridge' && side === 'authScape') bare.add(name);
    if (field === LIFE && to === null && side === 'dynamics')
      for (const key of keys.get(name) ?? []) gone.add(key);
    if (isKey(field) && to !== null) keys.set(name, [...(keys.get(name) ?? []), to]);
    else if (field !== LIFE && by === 'bridge') bare.delete(name);
  }
  return [...bare].filter((name) => keys.get(name)?.some((key) => gone.has(key)));
}

/** Users whose key a contact has: whether they found a partner is told by others, or another record has it before them. */
function taken({ a, d }: Harness): readonly string[] {
  const keys = new Set([...(d.tables.get('contact')?.rows.values() ?? [])].map(keyOfRow));
  return [...a.records.User.values()]
    .filter(({ values }) => keys.has(values.email ?? null))
    .map(({ id }) => id);
}

const keyOfRow = ({ values }: { values: FieldValues }) => values.emailaddress1 ?? null;

/** Between our asking for a key and our creating a record time may be made to leap; longer leaps end in a new step. */
const MOMENT_MS = 500_000;
