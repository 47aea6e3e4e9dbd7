/**
 * Takes the values of one record out of the tables. What names it by ids stays: entries of the log with what was done
 * and to which fields, claims, dead letters of other work. Rows that are nothing but values or digests of them go.
 */
import type { ErasedRecord, RecordEraser } from '../../application/ports/retention.js';
import type { Clock } from '../../application/ports/runtime.js';
import type { StoredAnswer } from '../../application/ports/stores.js';
import { keptChange, type LogEntry } from '../../domain/change.js';
import type { AuthScapeEntity } from '../../domain/model.js';
import type { RecordProblem } from '../../domain/problem.js';
import { mapConcurrent } from '../../lib/map-concurrent.js';
import { allRows, getRows, putRows, removeRows } from './bulk.js';
import { rowsOf } from './dead-letter-table.js';
import { checkVersion, fromJsonColumns, textColumn } from './json-columns.js';
import { encodeKey, prefixEnd } from './keys.js';
import { claimFromRow, claimKeys, claimToRow, isReservation, pendingCreationFromRow } from './link-rows.js';
import { copyKeys, earlierRunKeys, recordPrefix, runKeys, runQueries, timeKeys } from './log-keys.js';
import { logFromRow, logToRow } from './log-table.js';
import { runsOf } from './run-table.js';
import type { RowKeys, StoredRow, Tables } from './table.js';

const AT_A_TIME = 8;
const ANSWER_PARTITIONS = 256;

/** See `ports/retention.ts`. */
export function createRecordEraser(tables: Tables, clock: Clock): RecordEraser {
  return {
    async idsInLog(connectionId, entity, authScapeId) {
      const entries = await entriesOf(tables, connectionId, entity, [recordPrefix('A', authScapeId)]);
      return [...new Set(entries.flatMap(({ crmId }) => (crmId === null ? [] : [crmId.toLowerCase()])))];
    },
    erase: async (record) => ({
      claims: await eraseClaims(tables, record),
      logs: await eraseLogs(tables, record),
      changes: await eraseRunChanges(tables, record),
      problems: await eraseProblems(tables, record),
      reservations: await eraseReservations(tables, clock, record),
      deadLetters: await eraseDeadLetters(tables, record),
      staged: await eraseStaged(tables, record),
      answers: await eraseAnswers(tables, record),
    }),
  };
}

interface Named {
  readonly authScapeId?: string | null | undefined;
  readonly crmId?: string | null | undefined;
}

function names({ authScapeIds, crmIds }: ErasedRecord, { authScapeId, crmId }: Named): boolean {
  return authScapeIds.some((id) => id === authScapeId) || crmIds.some((id) => id === crmId?.toLowerCase());
}

async function entriesOf(
  tables: Tables,
  connectionId: string,
  entity: AuthScapeEntity,
  prefixes: readonly string[],
): Promise<readonly LogEntry[]> {
  const partition = encodeKey(connectionId);
  const rows = await mapConcurrent(prefixes, AT_A_TIME, (from) =>
    allRows(tables.table('Logs'), { partition, from, below: prefixEnd(from), where: { entity } }),
  );
  const entries = rows.flat().map(logFromRow);
  return [...new Map(entries.map((entry) => [entry.id, entry])).values()];
}

async function eraseLogs(tables: Tables, record: ErasedRecord): Promise<number> {
  const { authScapeIds, connectionId, crmIds, entity } = record;
  const entries = await entriesOf(tables, connectionId, entity, [
    ...authScapeIds.map((id) => recordPrefix('A', id)),
    ...crmIds.map((id) => recordPrefix('D', id)),
  ]);
  return rewriteEntries(tables, entries, (entry) => [
    timeKeys(entry),
    ...copyKeys(entry),
    ...keysByRun(entry),
  ]);
}

/** Plans of dry runs and skips are listed by their runs only, to which the hours of the log lead. */
async function eraseRunChanges(tables: Tables, record: ErasedRecord): Promise<number> {
  const { connectionId, entity } = record;
  const table = tables.table('Logs');
  const hours = await allRows(table, {
    partition: encodeKey(connectionId),
    from: 'H|',
    below: prefixEnd('H|'),
  });
  const runs = [...new Set(hours.map((row) => textColumn(row, 'runId')))];
  const queries = runs.flatMap((id) => Object.values(runQueries({ connectionId, id })));
  const rows = await mapConcurrent(queries, AT_A_TIME, (query) =>
    allRows(table, { ...query, where: { runOnly: true, entity } }),
  );
  const entries = rows
    .flat()
    .map(logFromRow)
    .filter((entry) => names(record, entry));
  return rewriteEntries(tables, entries, keysByRun);
}

function keysByRun(entry: LogEntry): readonly RowKeys[] {
  return [...runKeys(entry), ...earlierRunKeys(entry)];
}

/** Stores entries without their values wherever they are stored; what is gone by now is not brought back. */
async function rewriteEntries(
  tables: Tables,
  entries: readonly LogEntry[],
  keysOf: (entry: LogEntry) => readonly RowKeys[],
): Promise<number> {
  const table = tables.table('Logs');
  const holding = entries.filter((entry) => hasValues(entry));
  const rows = await mapConcurrent(holding, AT_A_TIME, async (entry) => {
    const present = await getRows(table, keysOf(entry));
    return present.flatMap((row) => (row === undefined ? [] : [logToRow(keptChange(entry, 'none'), row)]));
  });
  await putRows(
    table,
    rows.flat().map(({ etag: _etag, ...row }) => row),
  );
  return holding.length;
}

function hasValues(entry: LogEntry): boolean {
  return JSON.stringify(keptChange(entry, 'none')) !== JSON.stringify(entry);
}

/** What a partner was made of stays with the claim on its row. */
async function eraseClaims(tables: Tables, record: ErasedRecord): Promise<number> {
  const table = tables.table('LinkClaims');
  const { connectionId, crmIds, mappings } = record;
  const keys = [...new Set(mappings.map(({ crmEntity }) => crmEntity))].flatMap((name) =>
    crmIds.map((id) => claimKeys(connectionId, name, id)),
  );
  const rows = (await getRows(table, keys)).filter((row) => row !== undefined);
  const made = rows.filter(
    (row) => pendingCreationFromRow(row) !== undefined && !isReservation(claimFromRow(row)),
  );
  for (const row of made) await table.replace(claimToRow(connectionId, claimFromRow(row)), row.etag);
  return made.length;
}

async function eraseProblems(tables: Tables, record: ErasedRecord): Promise<number> {
  const table = tables.table('Problems');
  const rows = await allRows(table, { partition: encodeKey(record.connectionId) });
  return removeFound(tables, 'Problems', rows, (row) => {
    const problem = fromJsonColumns<RecordProblem>(row, 'data');
    return problem.entity === record.entity && names(record, problem);
  });
}

/** Their keys are digests of match keys. One that is held still is given back by its holder. */
async function eraseReservations(tables: Tables, clock: Clock, record: ErasedRecord): Promise<number> {
  const rows = await allRows(tables.table('KeyClaims'), { partition: encodeKey(record.connectionId) });
  return removeFound(
    tables,
    'KeyClaims',
    rows,
    (row) =>
      Number(textColumn(row, 'until')) <= clock.now() &&
      names(record, { crmId: typeof row.crmId === 'string' ? row.crmId : null }),
  );
}

async function eraseDeadLetters(tables: Tables, record: ErasedRecord): Promise<number> {
  const { authScapeIds, connectionId, crmIds, entity, mappings } = record;
  const job = { v: 1, kind: 'record', connectionId, receivedAt: '' } as const;
  const jobs = [
    ...authScapeIds.map((id) => ({ ...job, source: 'authScape' as const, entity, id })),
    ...mappings.flatMap(({ crmEntity }) =>
      crmIds.map((id) => ({ ...job, source: 'dynamics' as const, entity: crmEntity, id })),
    ),
  ];
  const rows = await getRows(tables.table('DeadLetters'), jobs.flatMap(rowsOf));
  return removeFound(
    tables,
    'DeadLetters',
    rows.filter((row) => row !== undefined),
    () => true,
  );
}

/** No run is under way: what runs have left of their scratch rows is not needed. */
async function eraseStaged(tables: Tables, { connectionId }: ErasedRecord): Promise<number> {
  const runs = await allRows(tables.table('Runs'), { ...runsOf(connectionId), keysOnly: true });
  const rows = await mapConcurrent(runs, AT_A_TIME, ({ rowKey }) =>
    allRows(tables.table('Staging'), { partitionPrefix: `${rowKey}|`, keysOnly: true }),
  );
  return removeFound(tables, 'Staging', rows.flat(), () => true);
}

/** An answer that is kept for repeats names the pair that a person linked, with what was written. */
async function eraseAnswers(tables: Tables, record: ErasedRecord): Promise<number> {
  const ids = new Set(record.mappings.map(({ id }) => id));
  const partitions = Array.from({ length: ANSWER_PARTITIONS }, (_, at) => at.toString(16).padStart(2, '0'));
  const rows = await mapConcurrent(partitions, AT_A_TIME, (partition) =>
    allRows(tables.table('Idempotency'), { partition, where: { state: 'done' } }),
  );
  return removeFound(tables, 'Idempotency', rows.flat(), (row) => {
    const { body } = fromJsonColumns<StoredAnswer>(row, 'answer');
    const { authScapeId, crmId, mappingId } = Object(body === '' ? null : JSON.parse(body)) as Named & {
      readonly mappingId?: string;
    };
    return mappingId !== undefined && ids.has(mappingId) && names(record, { authScapeId, crmId });
  });
}

async function removeFound(
  tables: Tables,
  name: 'Problems' | 'KeyClaims' | 'DeadLetters' | 'Staging' | 'Idempotency',
  rows: readonly StoredRow[],
  isMeant: (row: StoredRow) => boolean,
): Promise<number> {
  rows.forEach(checkVersion);
  const meant = rows.filter(isMeant);
  await removeRows(tables.table(name), meant);
  return meant.length;
}
