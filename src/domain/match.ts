import { createHash } from 'node:crypto';
import type { ResolvedField, ResolvedMapping } from './fields.js';
import type { AuthScapeRecord, DynamicsRow } from './records.js';
import { type FieldValue, type FieldValues, matchForm, sameValue } from './values.js';

/** One record in its match group: all records of both sides that have the same key. */
export interface Candidate {
  readonly id: string;
  readonly side: 'authScape' | 'dynamics';
  /** Has a link (or, for a D row, is claimed by any mapping of the connection). */
  readonly linked: boolean;
  /** The A record of a tombstone: it may be matched, never created anew. */
  readonly tombstone: boolean;
  readonly active: boolean;
}

export type GroupDecision =
  | { readonly kind: 'link'; readonly a: Candidate; readonly d: Candidate }
  | { readonly kind: 'create'; readonly from: Candidate }
  | { readonly kind: 'none' };

export interface MatchResult {
  readonly decision: GroupDecision;
  /** Unlinked records for which nothing is done, with the reason. */
  readonly skipped: readonly { readonly candidate: Candidate; readonly reason: SkipReason }[];
}

export type SkipReason =
  | 'ambiguous_match'
  | 'match_taken'
  | 'near_match'
  | 'inactive'
  | 'no_match_key'
  | 'create_not_supported'
  | 'direction'
  | 'shared_table'
  | 'not_in_filter'
  | 'merged_away'
  | 'own_user';

/**
 * Decides one group. All rows count, linked and inactive ones too: one on each side, both free, are linked; several on a
 * side, just one of them active and that one free, stand for that side; none on the other side: a partner is created
 * for an active record. Nothing is linked by two tombstones. Everything else is reported and never written.
 */
export function decideGroup(group: readonly Candidate[]): MatchResult {
  const aRows = group.filter((row) => row.side === 'authScape');
  const dRows = group.filter((row) => row.side === 'dynamics');
  const unlinked = group.filter((row) => !row.linked);
  if (unlinked.length === 0) return { decision: { kind: 'none' }, skipped: [] };
  const a = representative(aRows);
  const d = representative(dRows);
  // The survivors of tombstones were counted with their links.
  const rest = (reason: SkipReason, except: readonly (Candidate | undefined)[] = []) =>
    unlinked
      .filter((row) => !row.tombstone && !except.includes(row))
      .map((candidate) => ({ candidate, reason }));
  // Of two survivors of different pairs nothing says that they belong together.
  if (a?.tombstone === true && d?.tombstone === true)
    return { decision: { kind: 'none' }, skipped: rest('ambiguous_match') };
  if (a !== undefined && d !== undefined) {
    return { decision: { kind: 'link', a, d }, skipped: rest('ambiguous_match', [a, d]) };
  }
  const alone = aRows.length === 0 ? d : dRows.length === 0 ? a : undefined;
  if (alone === undefined) {
    const taken = unlinked.length < group.length;
    return { decision: { kind: 'none' }, skipped: rest(taken ? 'match_taken' : 'ambiguous_match') };
  }
  if (alone.tombstone || !alone.active) {
    const own = alone.tombstone ? [] : [{ candidate: alone, reason: 'inactive' as const }];
    return { decision: { kind: 'none' }, skipped: [...own, ...rest('ambiguous_match', [alone])] };
  }
  return { decision: { kind: 'create', from: alone }, skipped: rest('ambiguous_match', [alone]) };
}

function representative(rows: readonly Candidate[]): Candidate | undefined {
  if (rows.length === 1) return rows[0]?.linked === true ? undefined : rows[0];
  const active = rows.filter((row) => row.active);
  return active.length === 1 && active[0]?.linked === false ? active[0] : undefined;
}

/**
 * The match key of an A record or a D row in one comparable form (that of the columns), null when its first part is
 * empty or cannot be converted: such a record has no key and is never matched.
 */
export function matchKey(
  fields: readonly ResolvedField[],
  source: { side: 'authScape' | 'dynamics'; values: FieldValues },
): string | null {
  const parts: (string | null)[] = [];
  for (const field of fields) {
    const value = keyValue(field, source);
    if (value === undefined) return null;
    parts.push(matchForm(value));
  }
  return parts.length === 0 || parts[0] === null ? null : JSON.stringify(parts);
}

/**
 * Why a record has no match key although it has values for it: the first of them that the other side could not hold, by
 * the name of its field. Null when a value is missing, or waits for a related record.
 */
export function keyFault(
  fields: readonly ResolvedField[],
  { side, values }: { side: 'authScape' | 'dynamics'; values: FieldValues },
): { readonly code: string; readonly message: string; readonly field: string } | null {
  for (const field of fields) {
    const converted =
      side === 'authScape'
        ? field.converter.toDynamics(values[field.aKey] ?? null, values)
        : field.converter.toAuthScape(values[field.column] ?? null);
    if (converted.ok || ['waiting', 'other_table'].includes(converted.reason)) continue;
    const name = side === 'authScape' ? field.aName : field.column;
    return { code: converted.reason, message: converted.message, field: name };
  }
  return null;
}

/** Did the reading of an A record carry all that its match key is made of? */
export function isKeyRead(
  fields: readonly ResolvedField[],
  record: Pick<AuthScapeRecord, 'complete'>,
): boolean {
  return record.complete || fields.every((field) => field.inList);
}

function keyValue(
  field: ResolvedField,
  source: { side: 'authScape' | 'dynamics'; values: FieldValues },
): FieldValue | undefined {
  if (source.side === 'dynamics') return source.values[field.column] ?? null;
  const converted = field.converter.toDynamics(source.values[field.aKey] ?? null, source.values);
  return converted.ok ? converted.value : undefined;
}

/**
 * Dynamics takes two e-mails for one that differ in accents or in the width of letters, but they are two mailboxes: no
 * second row is made, and a person says whether they belong together.
 */
export function isOtherLogin(
  { matchFields }: Pick<ResolvedMapping, 'matchFields'>,
  a: Pick<AuthScapeRecord, 'values'>,
  d: Pick<DynamicsRow, 'values'>,
): boolean {
  return matchFields.some(
    ({ isLogin, aKey, column }) => isLogin && !sameValue(a.values[aKey], d.values[column], { kind: 'email' }),
  );
}

export function keyHash(key: string): string {
  return createHash('sha256').update(key).digest('hex').slice(0, 32);
}

/** Keys by which each side is asked directly before a creation. */
export function dynamicsCriteria(
  mapping: ResolvedMapping,
  fields: readonly ResolvedField[],
  values: FieldValues,
): Readonly<Record<string, FieldValue>> | null {
  const criteria: Record<string, FieldValue> = {};
  for (const field of fields) {
    const value = keyValue(field, { side: 'authScape', values });
    if (value === undefined) return null;
    criteria[field.column] = value;
  }
  return mapping.matchFields.length === 0 ? null : criteria;
}

export function authScapeCriteria(
  fields: readonly ResolvedField[],
  values: FieldValues,
): Readonly<Record<string, FieldValue>> | null {
  const criteria: Record<string, FieldValue> = {};
  for (const field of fields) {
    const converted = field.converter.toAuthScape(values[field.column] ?? null);
    if (!converted.ok) return null;
    criteria[field.aKey] = converted.value;
  }
  return fields.length === 0 ? null : criteria;
}

/** The user that the service signs in as is no person and is never synced. */
export function isOwnUser(
  own: { readonly ownUserId: string | null },
  resolved: ResolvedMapping,
  id: string,
): boolean {
  return resolved.mapping.authScapeEntity === 'User' && id === own.ownUserId;
}
