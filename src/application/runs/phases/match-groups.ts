import { type Candidate, dynamicsCriteria, matchKey } from '../../../domain/match.js';
import type { AuthScapeRecord } from '../../../domain/records.js';
import { mapConcurrent } from '../../../lib/map-concurrent.js';
import type { StagedKey, StagedRecord } from '../../ports/staging.js';
import { isolateFailure } from '../../sync/context/record-results.js';
import { matchFieldsFor } from '../../sync/pair/resolve-lookups.js';
import { createPartner, creationBlocked, resolveUnlinked } from '../../sync/pairing/find-partner.js';
import { linkPair } from '../../sync/pairing/link-pair.js';
import { orRefused, type UnlinkedResult } from '../../sync/pairing/unlinked-result.js';
import { rememberedIndex } from '../unit/link-index.js';
import { toARecord, wholeRow } from '../unit/staged-records.js';
import { factsOf, UNIT_ROWS, type UnitInput, type UnitResult } from '../unit/unit.js';
import { decideAll, sampleOf } from './decide-groups.js';
import { atPlace, groupParts, type Place, placeOf } from './group-shares.js';
import { tallyUnlinked } from './match-unlinked.js';
import { rowsStillThere } from './rows-still-there.js';

/** How long a unit may take, as far as the pages before tell: what a death costs stays small. */
const UNIT_MS = 20_000;
const MOST_ROWS = 2_000;

/**
 * Some match groups of a full run: linked where one stands against one, created where a side is empty. A run begins with a
 * small page; the ones after it are as large as the time allows, since the more pairs of a kind there are, the fewer lanes
 * stay empty.
 */
export async function matchGroupsUnit(input: UnitInput): Promise<UnitResult> {
  const { deps, run, scope } = input;
  const parts = input.position === null ? groupParts(input) : undefined;
  if (parts !== undefined) return { position: null, parts };
  const until = deps.clock.now() + UNIT_MS;
  const first = placeOf(input.position);
  let matched = await matchPage(input, first, factsOf(run, scope.mappingId).sampled ?? 0);
  const { place } = matched;
  if (place !== null && place.rows > (first.rows ?? UNIT_ROWS) && deps.clock.now() < until) {
    const next = await matchPage(input, place, matched.sampled);
    matched = { ...next, results: [...matched.results, ...next.results] };
  }
  await tallyUnlinked(input, matched.results);
  return {
    position: matched.place === null ? null : atPlace(matched.place),
    facts: run.sample === undefined ? {} : { ofMapping: { [scope.mappingId]: { sampled: matched.sampled } } },
  };
}

interface MatchedPage {
  readonly results: readonly UnlinkedResult[];
  /** Of a sample so many pairs were taken. */
  readonly sampled: number;
  /** Where the next page begins; null after the last one. */
  readonly place: (Place & { readonly rows: number }) | null;
}

async function matchPage(input: UnitInput, place: Place, sampled: number): Promise<MatchedPage> {
  const { deps, run, scope } = input;
  const { cursor, rows = UNIT_ROWS, share } = place;
  const left = typeof run.sample === 'number' ? run.sample - sampled : Number.POSITIVE_INFINITY;
  if (left <= 0) return { results: [], sampled, place: null };
  const from = deps.clock.now();
  const page = await deps.staging.scanGroups(scope, rows, cursor ?? undefined, share);
  const { results, taken } = await matchGroups(input, page.groups, left);
  const took = Math.max(1, deps.clock.now() - from);
  // A page and a larger one after it stay below the time of a unit together.
  const next = Math.floor((rows * (UNIT_MS / 2)) / took);
  return {
    results,
    sampled: sampled + taken,
    place:
      page.nextCursor === undefined
        ? null
        : { share, cursor: page.nextCursor, rows: Math.max(UNIT_ROWS, Math.min(next, MOST_ROWS)) },
  };
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
  const present = await rowsStillThere(input, decided.link, d);
  const linked = await sideBySide(linksOf(input, decided.link, a, present));
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
