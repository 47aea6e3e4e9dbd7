import { type Candidate, decideGroup, dynamicsCriteria, matchKey } from '../../../domain/match.js';
import type { AuthScapeRecord } from '../../../domain/records.js';
import type { Sample } from '../../../domain/run.js';
import { mapConcurrent } from '../../../lib/map-concurrent.js';
import type { StagedKey, StagedRecord } from '../../ports/staging.js';
import { isolateFailure } from '../../sync/context/record-results.js';
import { matchFieldsFor } from '../../sync/pair/resolve-lookups.js';
import { createPartner, creationBlocked, resolveUnlinked } from '../../sync/pairing/find-partner.js';
import { linkPair } from '../../sync/pairing/link-pair.js';
import { orRefused, skippedA, skippedD, type UnlinkedResult } from '../../sync/pairing/unlinked-result.js';
import { rememberedIndex } from '../unit/link-index.js';
import { toARecord, wholeRow } from '../unit/staged-records.js';
import { factsOf, UNIT_ROWS, type UnitInput, type UnitResult } from '../unit/unit.js';
import { groupParts, nextPosition, placeOf } from './group-shares.js';
import { tallyUnlinked } from './match-unlinked.js';

interface Decided {
  readonly link: { a: Candidate; d: Candidate }[];
  readonly createFromA: Candidate[];
  readonly createFromD: Candidate[];
  readonly skipped: UnlinkedResult[];
}

/** How long a unit may take, as far as its first page tells: what a death costs stays small. */
const UNIT_MS = 20_000;
const MOST_ROWS = 1_000;

/**
 * Some match groups of a full run: linked where one stands against one, created where a side is empty. After a small page
 * comes one that is as large as the time allows, since the more pairs of a kind there are, the fewer lanes stay empty.
 */
export async function matchGroupsUnit(input: UnitInput): Promise<UnitResult> {
  const { deps, run, scope } = input;
  const parts = input.position === null ? groupParts(input) : undefined;
  if (parts !== undefined) return { position: null, parts };
  const before = factsOf(run, scope.mappingId).sampled ?? 0;
  const from = deps.clock.now();
  let matched = await matchPage(input, { position: input.position, rows: UNIT_ROWS, sampled: before });
  const took = Math.max(1, deps.clock.now() - from);
  const rows = Math.min(MOST_ROWS, Math.floor((UNIT_ROWS * (UNIT_MS - took)) / took));
  if (matched.position !== null && rows >= UNIT_ROWS) {
    const next = await matchPage(input, { ...matched, rows });
    matched = { ...next, results: [...matched.results, ...next.results] };
  }
  const { position, results, sampled } = matched;
  await tallyUnlinked(input, results);
  const facts = { ofMapping: { [scope.mappingId]: { sampled } } };
  return { position, facts: run.sample === undefined ? {} : facts };
}

interface Page {
  readonly position: string | null;
  readonly rows: number;
  /** Of a sample so many pairs were taken. */
  readonly sampled: number;
}

async function matchPage(
  input: UnitInput,
  { position, rows, sampled }: Page,
): Promise<Omit<Page, 'rows'> & { readonly results: readonly UnlinkedResult[] }> {
  const { deps, run, scope } = input;
  const left = typeof run.sample === 'number' ? run.sample - sampled : Number.POSITIVE_INFINITY;
  if (left <= 0) return { position: null, sampled, results: [] };
  const { cursor, share } = placeOf(position);
  const page = await deps.staging.scanGroups(scope, rows, cursor, share);
  const { results, taken } = await matchGroups(input, page.groups, left);
  return { position: nextPosition(page.nextCursor, share), sampled: sampled + taken, results };
}

/** What came of all records of some groups, and of how many groups a partner was found or is made. */
async function matchGroups(
  input: UnitInput,
  groups: readonly (readonly StagedKey[])[],
  left: number,
): Promise<{ readonly results: readonly UnlinkedResult[]; readonly taken: number }> {
  if (groups.length === 0) return { results: [], taken: 0 };
  const { deps, index, run, scope } = input;
  // As the links are before: by that survivors are told from others when all is counted.
  await index.byAuthScapeId(scope.mappingId, rememberedIndex(input));
  const all = decideAll(input, groups);
  const decided = run.sample === undefined ? all : sampleOf(input, run.sample, all, left);
  const a = await recordsOf(groups, [...decided.link.map((pair) => pair.a), ...decided.createFromA], (ids) =>
    deps.staging.getRecords(scope, 'authScape', ids),
  );
  const d = await recordsOf(groups, [...decided.link.map((pair) => pair.d), ...decided.createFromD], (ids) =>
    stagedRows(input, ids),
  );
  const fromA = await dueFromA(input, decided.createFromA, a);
  const sideBySide = (works: readonly Work[]) => deps.lanes.map(works, (work) => work());
  // Pairs of one kind are at the same step at the same time. While rows are made on one side, so are records on the other.
  const linked = await sideBySide(linksOf(input, decided.link, a, d));
  const created = await mapConcurrent(
    [
      fromA.due.map((record) => () => createFromA(input, record)),
      createsFromD(input, decided.createFromD, d),
    ],
    2,
    sideBySide,
  );
  const anew = fromA.present.length === 0 ? [] : await resolveUnlinked(input.context, fromA.present, []);
  return {
    results: [...decided.skipped, ...linked.flat(), ...created.flat(2), ...anew],
    taken: decided.link.length + decided.createFromA.length + decided.createFromD.length,
  };
}

function sampleOf(input: UnitInput, sample: Sample, all: Decided, left: number): Decided {
  return typeof sample === 'number' ? firstOf(input, all, left) : namedOf(all, new Set(sample));
}

/** Records that are asked for by id, with the reason where one is skipped. */
function namedOf(all: Decided, ids: ReadonlySet<string>): Decided {
  return {
    link: all.link.filter(({ a }) => ids.has(a.id)),
    createFromA: all.createFromA.filter(({ id }) => ids.has(id)),
    createFromD: [],
    skipped: all.skipped.filter(({ authScapeId }) => authScapeId !== null && ids.has(authScapeId)),
  };
}

/** So many pairs: what belongs together first, then creations of the sides that can make one; what is skipped is none. */
function firstOf({ context }: UnitInput, all: Decided, left: number): Decided {
  const due = (from: 'authScape' | 'dynamics', candidates: Candidate[]) =>
    creationBlocked(context, from) === null ? candidates : [];
  const link = all.link.slice(0, left);
  const createFromA = due('authScape', all.createFromA).slice(0, left - link.length);
  const rest = left - link.length - createFromA.length;
  return { link, createFromA, createFromD: due('dynamics', all.createFromD).slice(0, rest), skipped: [] };
}

function decideAll(input: UnitInput, groups: readonly (readonly StagedKey[])[]): Decided {
  const decided: Decided = { link: [], createFromA: [], createFromD: [], skipped: [] };
  for (const group of groups) {
    const { decision, skipped } = decideGroup(group);
    if (decision.kind === 'link') decided.link.push({ a: decision.a, d: decision.d });
    if (decision.kind === 'create') {
      (decision.from.side === 'authScape' ? decided.createFromA : decided.createFromD).push(decision.from);
    }
    for (const { candidate, reason } of skipped) {
      decided.skipped.push(
        candidate.side === 'authScape'
          ? skippedA(input.resolved, candidate.id, reason)
          : skippedD(input.resolved, candidate.id, reason),
      );
    }
  }
  return decided;
}

/** The records of candidates by id: most came with their keys, the others are read. */
async function recordsOf(
  groups: readonly (readonly StagedKey[])[],
  candidates: readonly Candidate[],
  read: (ids: readonly string[]) => Promise<ReadonlyMap<string, StagedRecord>>,
): Promise<ReadonlyMap<string, StagedRecord>> {
  const wanted = new Set(candidates.map(({ id, side }) => `${side}|${id}`));
  const found = new Map<string, StagedRecord>();
  for (const { id, record, side } of groups.flat()) {
    if (record !== undefined && wanted.has(`${side}|${id}`)) found.set(id, record);
  }
  const missing = candidates.map(({ id }) => id).filter((id) => !found.has(id));
  for (const [id, record] of missing.length === 0 ? [] : await read(missing)) found.set(id, record);
  return found;
}

/** Rows without a link lie under their own id; survivors of tombstones lie under their former partner's. */
async function stagedRows(
  input: UnitInput,
  ids: readonly string[],
): Promise<ReadonlyMap<string, StagedRecord>> {
  const { deps, scope, index, resolved } = input;
  const found = new Map(await deps.staging.getRecords(scope, 'dynamics', ids));
  const byD = await index.byCrmId(resolved.mapping.crmEntity);
  const partners = ids
    .filter((id) => !found.has(id))
    .flatMap((id) => {
      const known = byD.get(id);
      return known === undefined ? [] : [known.authScapeId];
    });
  const others = await deps.staging.getRecords(scope, 'dynamicsLinked', partners);
  for (const record of others.values()) found.set(record.id, record);
  return found;
}

/** What is done about one pair. */
type Work = () => Promise<readonly UnlinkedResult[]>;

function linksOf(
  input: UnitInput,
  pairs: readonly { a: Candidate; d: Candidate }[],
  a: ReadonlyMap<string, StagedRecord>,
  d: ReadonlyMap<string, StagedRecord>,
): readonly Work[] {
  return pairs.flatMap((pair) => {
    const record = a.get(pair.a.id);
    const row = d.get(pair.d.id);
    if (record === undefined || row === undefined) return [];
    return () => orRefused(input.context, { a: [record.id], d: [] }, () => linkOne(input, record, row));
  });
}

async function linkOne(
  { context, resolved }: UnitInput,
  record: StagedRecord,
  row: StagedRecord,
): Promise<readonly UnlinkedResult[]> {
  const whole = record.complete
    ? toARecord(record)
    : await context.authScape.get(resolved.mapping.authScapeEntity, record.id, resolved.keys);
  if (whole === undefined) return [];
  const d = await wholeRow({ context, resolved }, row);
  if (d === undefined) return [];
  const result = await linkPair(context, whole, d);
  return [{ authScapeId: record.id, crmId: row.id, result }];
}

/**
 * Directly before a creation the other side is asked by key once more: both scans are minutes old by now. What is there
 * by now is matched anew.
 */
async function dueFromA(
  input: UnitInput,
  rows: readonly Candidate[],
  staged: ReadonlyMap<string, StagedRecord>,
): Promise<{ due: readonly AuthScapeRecord[]; present: readonly AuthScapeRecord[] }> {
  const records = rows.flatMap((row) => {
    const record = staged.get(row.id);
    return record === undefined ? [] : [toARecord(record)];
  });
  const isBlocked = creationBlocked(input.context, 'authScape') !== null;
  const made = await madeBefore(input, records);
  const { absent, present } = isBlocked
    ? { absent: records, present: [] }
    : await askFirst(
        input,
        records.filter((record) => !made.has(record.id)),
      );
  return { due: records.filter((record) => made.has(record.id) || absent.includes(record)), present };
}

function createFromA({ context }: UnitInput, record: AuthScapeRecord): Promise<readonly UnlinkedResult[]> {
  return orRefused(context, { a: [record.id], d: [] }, () => createPartner(context, { a: record }));
}

/** Records whose partner an attempt that died has made or begun: they are finished and counted, not matched anew. */
async function madeBefore(
  input: UnitInput,
  records: readonly AuthScapeRecord[],
): Promise<ReadonlySet<string>> {
  if (!input.run.cursor.repeated) return new Set();
  const { context, resolved } = input;
  const ids = records.map((record) => record.id);
  const links = await context.links.getMany(context.connection.id, resolved.mapping.id, ids);
  return new Set(
    [...links.values()].flatMap(({ value }) => (value.state === 'linked' ? [value.authScapeId] : [])),
  );
}

async function askFirst(
  input: UnitInput,
  records: readonly AuthScapeRecord[],
): Promise<{ absent: readonly AuthScapeRecord[]; present: readonly AuthScapeRecord[] }> {
  const { context, resolved } = input;
  if (records.length === 0) return { absent: [], present: [] };
  const fields = await matchFieldsFor(context, records, []);
  const criteria = records
    .map((record) => dynamicsCriteria(resolved, fields, record.values))
    .filter((entry) => entry !== null);
  const rows = await isolateFailure(
    // All rows were read in this run and compared as a whole.
    () => context.dynamics.findBy(resolved.mapping.crmEntity, criteria, resolved.columns, 'usual'),
    () => undefined,
  );
  // They are told one by one.
  if (rows === undefined) return { absent: [], present: records };
  const taken = new Set(rows.map((row) => matchKey(fields, { side: 'dynamics', values: row.values })));
  const isTaken = (record: AuthScapeRecord) =>
    taken.has(matchKey(fields, { side: 'authScape', values: record.values }));
  return {
    absent: records.filter((record) => !isTaken(record)),
    present: records.filter(isTaken),
  };
}

function createsFromD(
  input: UnitInput,
  rows: readonly Candidate[],
  staged: ReadonlyMap<string, StagedRecord>,
): readonly Work[] {
  const { context } = input;
  return rows.flatMap((candidate) => {
    const row = staged.get(candidate.id);
    if (row === undefined) return [];
    return () =>
      orRefused(context, { a: [], d: [row.id] }, async () =>
        createPartner(context, { d: await wholeRow(input, row) }),
      );
  });
}
