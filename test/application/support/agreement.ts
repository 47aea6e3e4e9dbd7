import type { Link } from '../../../src/domain/link.js';
import { flowsFrom } from '../../../src/domain/model.js';
import { canonical, type FieldValues } from '../../../src/domain/values.js';
import type { Harness } from './harness.js';
import { isActiveUser, KEYS, type Kin, mayDiffer, termsOf } from './kin.js';

/** What both systems hold when all is at rest, wherever it was read. */
export interface Sides {
  readonly a: Pick<Harness['a'], 'records'>;
  readonly d: Pick<Harness['d'], 'tables' | 'forms'>;
}

/** What of a link the API shows. */
export type Pair = Pick<Link, 'authScapeId' | 'table' | 'crmId' | 'state'>;

/** The links of one mapping. */
export interface Family<P extends Pair = Pair> {
  readonly kin: Kin;
  readonly links: readonly P[];
}

/** Does the log say why this field of the pair was left out? It goes by either of its names. */
export type IsLeftOut = (pair: Pair, names: readonly string[]) => boolean;

/** Told as field errors, and allowed to differ: a value that the server turns back, a login that another user has or an Admin keeps. */
export const LEFT_OUT: readonly string[] = ['write_ignored', 'email_taken', 'admin_login_protected'];

/** Whether linked records agree, field by field, and no record has two links. */
export function agreementFaults(
  sides: Sides,
  families: readonly Family[],
  isLeftOut: IsLeftOut,
): readonly string[] {
  const pairs = families.flatMap(({ kin, links }) =>
    links
      .filter(({ state }) => state === 'linked')
      .flatMap((link) => differences(sides, kin, link, families, isLeftOut)),
  );
  return [...pairs, ...linkedTwice(families)];
}

const STATE_NAMES = ['isActive', 'isDeactivated', 'statecode'] as const;

function linkedTwice(families: readonly Family[]): readonly string[] {
  const names = families.flatMap(({ kin, links }) =>
    links.flatMap(({ authScapeId, crmId }) => [`row ${crmId}`, `${kin.entity} ${authScapeId}`]),
  );
  return names.filter((name, index) => names.indexOf(name) !== index).map((name) => `${name} has two links`);
}

export function nameOf({ entity }: Kin, { authScapeId, crmId }: Pair): string {
  return `${entity} ${authScapeId}/${crmId.slice(-4)}`;
}

function differences(
  sides: Sides,
  kin: Kin,
  link: Pair,
  families: readonly Family[],
  isLeftOut: IsLeftOut,
): readonly string[] {
  const name = nameOf(kin, link);
  const a = sides.a.records[kin.entity].get(link.authScapeId);
  const d = sides.d.tables.get(kin.table)?.rows.get(link.crmId);
  if (a === undefined || d === undefined) {
    return [`${name} lacks ${a === undefined ? 'A' : 'D'}`];
  }
  const faults: string[] = [];
  for (const [key, column] of Object.entries(kin.texts)) {
    const [ours, theirs] = [a.values[key] ?? null, d.values[column] ?? null];
    const differs = canonical(ours, { kind: 'text' }) !== canonical(theirs, { kind: 'text' });
    if (!differs || mayDiffer(termsOf(kin, key), ours, theirs)) continue;
    // The form that Dynamics gives to a value does not come back where values only go there.
    const isForm = sides.d.forms.get(column)?.(ours) === theirs;
    if (isForm && termsOf(kin, key)?.direction === 'Outbound') continue;
    if (!isLeftOut(link, [key, column])) faults.push(`${name} differs: ${key} ${ours} / ${theirs}`);
  }
  const stateTerms = termsOf(kin, kin.entity === 'User' ? 'isActive' : 'isDeactivated');
  const isApart = isActiveUser(kin.entity, a.values) !== (d.values.statecode === 0);
  if (isApart && !mayDiffer(stateTerms, true, true) && !isLeftOut(link, STATE_NAMES))
    faults.push(`${name} differs: state`);
  return [...faults, ...lookupFaults(kin, link, [a.values, d.values], families, isLeftOut)];
}

/** Where both sides lead to records that have partners, they lead to partners of each other. */
function lookupFaults(
  kin: Kin,
  link: Pair,
  [ofA, ofD]: readonly FieldValues[],
  families: readonly Family[],
  isLeftOut: IsLeftOut,
): readonly string[] {
  return kin.lookups.flatMap(({ key, column, to }) => {
    const [ours, theirs] = [ofA?.[key] ?? null, ofD?.[column] ?? null];
    const related = families
      .filter((family) => family.kin.entity === to)
      .flatMap(({ links }) => links)
      .filter(({ state }) => state === 'linked');
    const target = related.find(({ authScapeId }) => authScapeId === ours);
    const isKnown = related.some(({ table, crmId }) => `${table}:${crmId}` === theirs);
    // What leads to a record without partner waits, and is neither followed nor cleared.
    if ((ours !== null && target === undefined) || (theirs !== null && !isKnown)) return [];
    const expected = target === undefined ? null : `${target.table}:${target.crmId}`;
    if (expected === theirs || mayDiffer(termsOf(kin, key), ours, theirs)) return [];
    if (isLeftOut(link, [key, column])) return [];
    return [`${nameOf(kin, link)} differs: ${key} ${ours} / ${theirs}, not ${expected}`];
  });
}

/**
 * A record that is active and the only one with its key has a partner, or had one, unless the key's owner has another one. A
 * record whose row was merged away waits for a person.
 */
export function unpartnered({ a, d }: Sides, { kin, links }: Family): readonly string[] {
  const [key, column] = KEYS[kin.entity];
  const ours = [...a.records[kin.entity].values()].map(({ id, values }) => ({
    name: `${kin.entity} ${id}`,
    key: values[key],
    active: isActiveUser(kin.entity, values),
    known: links.some((link) => link.authScapeId === id),
  }));
  const table = [...(d.tables.get(kin.table)?.rows.values() ?? [])];
  const merged = table.filter(({ id, mergedInto, values }) => {
    const isThere = mergedInto !== null && mergedInto !== id && d.tables.get(kin.table)?.rows.has(mergedInto);
    return isThere === true && values.statecode !== 0;
  });
  const waits = new Set(merged.map(({ values }) => values[column] ?? null));
  const rows = table.map(({ id, values }) => ({
    name: `${kin.table} ${id}`,
    key: values[column],
    active: values.statecode === 0,
    known: links.some((link) => link.crmId === id),
  }));
  const lonely = (side: typeof ours) =>
    side.filter((record) => {
      // Several on either side have to be told apart by a person.
      const isClear = [ours, rows].every(
        (all) => all.filter(({ key: other }) => other === record.key).length < 2,
      );
      const isTaken = [...ours, ...rows].some((other) => other.key === record.key && other.known);
      return record.active && record.key !== null && !record.known && isClear && !isTaken;
    });
  // A user cannot be made without an e-mail.
  const makesUsers = kin.entity === 'User' && flowsFrom('dynamics', kin.terms.get(key)?.direction ?? 'none');
  return [
    ...(flowsFrom('authScape', kin.direction)
      ? lonely(ours).filter((record) => !waits.has(record.key ?? null))
      : []),
    ...(flowsFrom('dynamics', kin.direction) && makesUsers ? lonely(rows) : []),
  ].map(({ name }) => `${name} is alone`);
}
