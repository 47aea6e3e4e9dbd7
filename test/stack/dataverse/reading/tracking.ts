import type { SimReply } from '../../control.js';
import { requireGlobalRead, withoutDenied } from '../access.js';
import { type Call, jsonReply } from '../call.js';
import { badRequest, DataverseError } from '../errors.js';
import type { Scalar, TableDefinition } from '../tables/schema.js';
import type { Row, TableStore } from '../tables/table-store.js';
import { countReply, maxPageSize } from './collection.js';
import { decodeCookie, encodeCookie, searchWithoutTokens } from './paging.js';
import { annotationsApplied, appliedHeader } from './preferences.js';
import { parseSelect, renderRow, viewOf } from './render.js';

const dayMs = 86_400_000;
const ALLOWED = new Set(['$select', '$skiptoken', '$deltatoken']);

/**
 * A run over changes. `to` is fixed when the run starts, so that what is written while its pages are read is part of
 * the next run. A run without `from` is the first one and lists all rows.
 */
interface Run {
  from: number | undefined;
  to: number;
  page: number;
  /** The last id of a first run, the last version of a later one. */
  last: string | number | undefined;
  phase: 'rows' | 'deletions';
}

/** Whether a GET of this set reads changes. */
export function isTrackingRead(call: Call): boolean {
  const token = call.query.get('$skiptoken');
  return (
    call.query.has('$deltatoken') ||
    (token === undefined ? call.preferences.trackChanges : token.includes('istracking="True"'))
  );
}

/** First or later run of change tracking, one page of it. */
export function readChanges(call: Call, store: TableStore): SimReply {
  checkTracking(call, store.definition);
  const selection = parseSelect(store.definition, call.query.get('$select'));
  const view = viewOf(call);
  const run = currentRun(call);
  if (call.environment.behaviour.tokenFixedAt === 'lastPage') {
    run.to = call.environment.version;
  }
  const size = Math.min(call.preferences.maxPageSize ?? maxPageSize, maxPageSize);
  const page =
    run.from === undefined ? firstRunPage(store, run, size) : laterRunPage(store, run, run.from, size);
  const isWithout = page.rows.length + page.deleted.length === 0;
  if (isWithout && run.from !== undefined && call.environment.behaviour.emptyFeed) {
    return jsonReply(200, {});
  }
  const { setName } = store.definition;
  const names = selection.names.length === 0 ? '' : `(${selection.names.join(',')})`;
  const value: unknown[] = withoutDenied(call, page.rows).map((row) =>
    renderRow(view, store.definition, row, selection.columns),
  );
  for (const id of page.deleted) {
    value.push({
      '@odata.context': `${call.root}/$metadata#${setName}/$deletedEntity`,
      id,
      reason: 'deleted',
    });
  }
  const suffix = run.from === undefined ? '' : '/$delta';
  const body: Record<string, unknown> = {
    '@odata.context': `${call.root}/$metadata#${setName}${names}${suffix}`,
    value,
  };
  const search = searchWithoutTokens(call.search);
  const start = `${call.root}/${setName}?${search === '' ? '' : `${search}&`}`;
  if (page.next === undefined) {
    body['@odata.deltaLink'] =
      `${start}$deltatoken=${encodeURIComponent(deltaToken(call, run.to)).replace('!', '%21')}`;
  } else {
    body['@odata.nextLink'] = `${start}$skiptoken=${encodeCookie(runCookie(page.next))}`;
  }
  const { preferences } = call;
  const applied = [
    ...(preferences.trackChanges ? ['odata.track-changes'] : []),
    ...(preferences.maxPageSize === undefined ? [] : [`odata.maxpagesize=${preferences.maxPageSize}`]),
    ...annotationsApplied(preferences),
  ];
  return jsonReply(200, body, appliedHeader(applied));
}

/** `<set>/$count?$deltatoken=…`: how many entries the run would have. */
export function countChanges(call: Call, store: TableStore): SimReply {
  checkTracking(call, store.definition);
  const from = parseDeltaToken(call, call.query.get('$deltatoken') ?? '');
  return countReply(store.changedAfter(from).length + store.deletedAfter(from).length);
}

function checkTracking(call: Call, table: TableDefinition): void {
  for (const name of call.query.keys()) {
    if (name.startsWith('$') && !ALLOWED.has(name)) {
      throw badRequest(`The "${name}" query parameter isn't supported when Change Tracking is enabled.`);
    }
  }
  if (!call.environment.tracks(table)) {
    throw new DataverseError(400, '0x80072491', `Entity: ${table.name} isn't enabled for change tracking.`);
  }
  requireGlobalRead(call.user, table);
}

function currentRun(call: Call): Run {
  const skip = call.query.get('$skiptoken');
  if (skip !== undefined) {
    return cookieRun(skip);
  }
  const delta = call.query.get('$deltatoken');
  const to = call.environment.version;
  const from = delta === undefined ? undefined : parseDeltaToken(call, delta);
  return { from, to, page: 1, last: from, phase: 'rows' };
}

function runCookie(run: Run) {
  const last = new Map<string, Scalar>([
    ['from', run.from ?? null],
    ['to', run.to],
    ['phase', run.phase],
    ['last', run.last ?? null],
  ]);
  return { page: run.page, isTracking: true, last };
}

function cookieRun(token: string): Run {
  const { page, last } = decodeCookie(token);
  const from = last.get('from');
  const position = last.get('last');
  return {
    page,
    from: typeof from === 'number' ? from : undefined,
    to: Number(last.get('to')),
    last: typeof position === 'string' || typeof position === 'number' ? position : undefined,
    phase: last.get('phase') === 'deletions' ? 'deletions' : 'rows',
  };
}

interface ChangePage {
  rows: Row[];
  deleted: string[];
  next: Run | undefined;
}

function firstRunPage(store: TableStore, run: Run, size: number): ChangePage {
  const rows = store.pageById(typeof run.last === 'string' ? run.last : undefined, size + 1);
  const page = rows.slice(0, size);
  const next = rows.length > size ? { ...run, page: run.page + 1, last: page.at(-1)?.id } : undefined;
  return { rows: page, deleted: [], next };
}

/** Changed rows by version, then deletions; what happened after `to` belongs to the next run. */
function laterRunPage(store: TableStore, run: Run, from: number, size: number): ChangePage {
  const position = Number(run.last ?? from);
  const rows: Row[] = [];
  if (run.phase === 'rows') {
    rows.push(...store.changedAfter(position, size + 1).filter((row) => row.version <= run.to));
    if (rows.length > size) {
      const page = rows.slice(0, size);
      return { rows: page, deleted: [], next: { ...run, page: run.page + 1, last: page.at(-1)?.version } };
    }
  }
  const deletedFrom = run.phase === 'rows' ? from : position;
  const deletions = store.deletedAfter(deletedFrom).filter((item) => item.version <= run.to);
  const shown = deletions.slice(0, size - rows.length);
  const isComplete = shown.length === deletions.length;
  const last = shown.at(-1)?.version ?? deletedFrom;
  return {
    rows,
    deleted: shown.map((item) => item.id),
    next: isComplete ? undefined : { ...run, page: run.page + 1, phase: 'deletions', last },
  };
}

/** `<version>!<MM/dd/yyyy HH:mm:ss>` in UTC. */
function deltaToken(call: Call, version: number): string {
  const [day = '', time = ''] = call.environment.timestamp().replace('Z', '').split('T');
  const [year, month, date] = day.split('-');
  return `${version}!${month}/${date}/${year} ${time}`;
}

/** The version a run starts from; a malformed token is a 400, one that is too old has its own code. */
function parseDeltaToken(call: Call, token: string): number {
  const { environment } = call;
  const match = /^(\d+)!(\d\d)\/(\d\d)\/(\d{4}) (\d\d:\d\d:\d\d)$/.exec(token);
  const [, version, month, date, year, time] = match ?? [];
  const issuedAt = Date.parse(`${year}-${month}-${date}T${time}Z`);
  if (match === null || Number.isNaN(issuedAt) || Number(version) > environment.version) {
    throw badRequest('The delta token is malformed.');
  }
  if (Number(version) < environment.tokensInvalidBelow) {
    throw new DataverseError(500, '0x80044183', 'Version stamp associated with the client is invalid.');
  }
  const ageMs = environment.now().getTime() - issuedAt;
  if (ageMs > environment.expireTrackingDays * dayMs || Number(version) < environment.tokensExpireBelow) {
    throw new DataverseError(
      environment.behaviour.expiredTokenStatus,
      '0x80044352',
      'Version stamp associated with the client has expired. Please perform a full sync.',
    );
  }
  return Number(version);
}
