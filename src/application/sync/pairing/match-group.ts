import type { ResolvedField, ResolvedMapping } from '../../../domain/fields.js';
import { evaluate } from '../../../domain/filter.js';
import {
  authScapeCriteria,
  type Candidate,
  dynamicsCriteria,
  isOwnUser,
  matchKey,
} from '../../../domain/match.js';
import type { AuthScapeRecord, DynamicsRow } from '../../../domain/records.js';
import type { FieldValue } from '../../../domain/values.js';
import type { MappingContext, SyncContext } from '../context/sync-context.js';
import { type MatchEligibility, matchEligibility } from '../links/match-eligibility.js';
import { isVacated, ownersOf } from '../links/row-owners.js';

/** The records of one match key, as both sides were asked for them by key. */
export interface Group {
  readonly key: string;
  readonly aCriteria: Readonly<Record<string, FieldValue>> | null;
  readonly dCriteria: Readonly<Record<string, FieldValue>> | null;
  readonly a: Map<string, AuthScapeRecord>;
  /** Rows that may be matched. */
  readonly d: Map<string, DynamicsRow>;
  /** Rows that were merged away: they are no candidates. */
  readonly merged: Map<string, DynamicsRow>;
  /** Rows that the filter leaves out. */
  readonly outside: Map<string, DynamicsRow>;
}

export class GroupSet {
  readonly #byKey = new Map<string, Group>();
  readonly #resolved: ResolvedMapping;
  readonly #fields: readonly ResolvedField[];

  constructor(resolved: ResolvedMapping, fields: readonly ResolvedField[]) {
    this.#resolved = resolved;
    this.#fields = fields;
  }

  get groups(): readonly Group[] {
    return [...this.#byKey.values()];
  }

  /** False for a record without a key. */
  addRecord(record: AuthScapeRecord): boolean {
    const key = matchKey(this.#fields, { side: 'authScape', values: record.values });
    if (key === null) return false;
    const group = this.#groupOf(key);
    group.a.set(record.id, record);
    const dCriteria = dynamicsCriteria(this.#resolved, this.#fields, record.values);
    this.#byKey.set(key, { ...group, dCriteria });
    return true;
  }

  /** False for a row without a key. */
  addRow(row: DynamicsRow): boolean {
    const key = matchKey(this.#fields, { side: 'dynamics', values: row.values });
    if (key === null) return false;
    const group = this.#groupOf(key);
    placeRow(this.#resolved, group, row);
    this.#byKey.set(key, { ...group, aCriteria: authScapeCriteria(this.#fields, row.values) });
    return true;
  }

  /** Asks Dynamics for the rows of all keys at once. */
  async askDynamics(context: SyncContext): Promise<void> {
    const { crmEntity } = this.#resolved.mapping;
    const criteria = this.groups
      .map((group) => group.dCriteria ?? this.#columnsOf(group))
      .filter((wanted) => wanted !== undefined);
    if (criteria.length === 0) return;
    const rows = await context.dynamics.findBy(crmEntity, criteria, this.#resolved.columns, 'any');
    for (const row of rows) {
      const key = matchKey(this.#fields, { side: 'dynamics', values: row.values });
      const group = key === null ? undefined : this.#byKey.get(key);
      if (group !== undefined) placeRow(this.#resolved, group, row);
    }
  }

  /** Asks AuthScape for the records of one key. */
  async askAuthScape(context: SyncContext, group: Group): Promise<void> {
    const { authScapeEntity } = this.#resolved.mapping;
    const sample = [...group.a.values()][0];
    const criteria =
      group.aCriteria ??
      (sample === undefined
        ? null
        : Object.fromEntries(this.#fields.map((field) => [field.aKey, sample.values[field.aKey] ?? null])));
    // No other user in A can have the same login.
    const isUnique = group.a.size > 0 && this.#fields.some((field) => field.isLogin);
    if (criteria === null || isUnique) return;
    const found = await context.authScape.findBy(authScapeEntity, criteria, this.#resolved.keys);
    for (const record of found) {
      if (!isOwnUser(context, this.#resolved, record.id) && !group.a.has(record.id))
        group.a.set(record.id, record);
    }
  }

  /** Criteria taken from a D row itself, where no A record of the group gave them. */
  #columnsOf(group: Group): Readonly<Record<string, FieldValue>> | undefined {
    const row = [...group.d.values(), ...group.merged.values(), ...group.outside.values()][0];
    if (row === undefined) return undefined;
    return Object.fromEntries(this.#fields.map(({ column }) => [column, row.values[column] ?? null]));
  }

  #groupOf(key: string): Group {
    const empty = { a: new Map(), d: new Map(), merged: new Map(), outside: new Map() };
    return this.#byKey.get(key) ?? { key, aCriteria: null, dCriteria: null, ...empty };
  }
}

function placeRow({ filter }: ResolvedMapping, group: Group, row: DynamicsRow): void {
  for (const rows of [group.d, group.merged, group.outside]) rows.delete(row.id);
  if (row.mergedInto !== null) group.merged.set(row.id, row);
  else if (filter === null || evaluate(filter, row.values)) group.d.set(row.id, row);
  else group.outside.set(row.id, row);
}

/**
 * The records of a group as they stand towards matching. A record whose partner is gone is free where the other side has
 * a record for it: deleted and made anew, that one is the partner.
 */
export async function candidatesOf(context: MappingContext, group: Group): Promise<readonly Candidate[]> {
  const { connection, links } = context;
  const { mapping } = context.resolved;
  const own = await links.getMany(connection.id, mapping.id, [...group.a.keys()]);
  const owners = await ownersOf(context, mapping.crmEntity, [...group.d.keys()]);
  const candidates: Candidate[] = [];
  for (const row of group.d.values()) {
    const owner = owners.get(row.id);
    candidates.push(candidate('dynamics', row, matchEligibility(owner, 'dynamics', row)));
  }
  const isWanted = candidates.some(({ linked, active }) => active && !linked);
  for (const record of group.a.values()) {
    const link = own.get(record.id)?.value;
    const isFree = isWanted && link !== undefined && (await isVacated(context, link));
    const eligibility = isFree ? 'free' : matchEligibility(link, 'authScape', record);
    candidates.push(candidate('authScape', record, eligibility));
  }
  return candidates;
}

function candidate(
  side: Candidate['side'],
  record: { id: string; active: boolean },
  eligibility: MatchEligibility,
): Candidate {
  return {
    side,
    id: record.id,
    active: record.active,
    linked: eligibility === 'linked',
    tombstone: eligibility === 'tombstone',
  };
}
