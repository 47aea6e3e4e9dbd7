import { type ScanPlace, withFacts } from '../../../domain/run-facts.js';
import { both } from '../../../lib/both.js';
import { atMapping, scanPlace, type UnitInput, type UnitResult } from '../unit/unit.js';
import { keepScanned, scanPages } from './read-authscape.js';
import { readRows } from './read-dynamics.js';

/**
 * Pages of Dynamics that are read while a unit reads its lists of A, of which one brings a tenth of the records of such a
 * page: most rows are known before the records that are compared with them, and neither side waits long for the other.
 */
const ROW_PAGES = 4;

/**
 * Both sides at the same time: Dynamics for the mapping whose turn it is, AuthScape from where its reading stands, which
 * may be another mapping. What is left of AuthScape when all of Dynamics is read has a phase of its own. The order in which
 * a record and its row are read means nothing: each is compared with its link.
 */
export async function readBothUnit(input: UnitInput): Promise<UnitResult> {
  const place = scanPlace(input.run);
  const resolved = input.mappings[place.mapping];
  if (resolved === undefined) return readRows(input, 0);
  const beside = atMapping({ ...input, position: place.position }, resolved);
  const [rows, scanned] = await both(readPages(input), scanPages(beside));
  const records = await keepScanned(withLearned(beside, rows), scanned);
  return joined(rows, { ...records, facts: { scan: placeAfter(place, records) } }, rows.position);
}

function placeAfter(place: ScanPlace, { facts, position }: UnitResult): ScanPlace {
  if (position !== null) return { ...place, position };
  const ended = { ...place.ended, ...facts?.ofMapping };
  return { mapping: place.mapping + 1, position, ended };
}

async function readPages(input: UnitInput): Promise<UnitResult> {
  let read = await readRows(input, 0);
  for (let nth = 1; nth < ROW_PAGES && read.position !== null; nth += 1) {
    const page = await readRows({ ...input, position: read.position }, nth);
    read = joined(read, page, page.position);
  }
  return read;
}

function withLearned(input: UnitInput, { facts = {} }: UnitResult): UnitInput {
  const { cursor } = input.run;
  return { ...input, run: { ...input.run, cursor: { ...cursor, facts: withFacts(cursor.facts, facts) } } };
}

function joined(before: UnitResult, after: UnitResult, position: string | null): UnitResult {
  const changed: Record<string, number> = { ...before.changed };
  for (const [mappingId, records] of Object.entries(after.changed ?? {})) {
    changed[mappingId] = (changed[mappingId] ?? 0) + records;
  }
  return {
    position,
    messages: [...(before.messages ?? []), ...(after.messages ?? [])],
    changed,
    facts: withFacts(before.facts ?? {}, after.facts ?? {}),
  };
}
