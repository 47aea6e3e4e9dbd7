import type { SimReply } from '../../control.js';
import { withoutDenied } from '../access.js';
import { type Call, jsonReply } from '../call.js';
import { badRequest, noSuchProperty, unsupported } from '../errors.js';
import type { Scalar } from '../tables/schema.js';
import type { Row, TableStore } from '../tables/table-store.js';
import { compileFilter } from './filter.js';
import { parseFilter } from './filter-parser.js';
import { OrderedRows, type OrderPart } from './ordering.js';
import { decodeCookie, encodeCookie, searchWithoutTokens } from './paging.js';
import { annotationsApplied, appliedHeader } from './preferences.js';
import { parseExpand, parseSelect, renderExpansions, renderRow, viewOf } from './render.js';
import { candidates, rowScope } from './row-scope.js';

/** Page size and cap of counts. */
export const maxPageSize = 5000;

const OPTIONS = new Set(['$select', '$filter', '$orderby', '$top', '$count', '$expand', '$skiptoken']);
const REFUSED = new Set(['$skip', '$search', '$format']);
const OTHER_LANGUAGES = new Set(['$apply', 'fetchXml', 'savedQuery', 'userQuery', '$compute']);

/** Refuses query options that Dataverse does not know, and says loudly which ones the simulator lacks. */
export function checkOptions(call: Call, allowed: ReadonlySet<string> = OPTIONS): void {
  for (const name of call.query.keys()) {
    if (OTHER_LANGUAGES.has(name)) {
      throw unsupported(`the query option ${name}`);
    }
    if (REFUSED.has(name)) {
      throw badRequest(`The query parameter ${name} is not supported.`, '0x80060888');
    }
    if (name.startsWith('$') && !allowed.has(name)) {
      throw badRequest(`The query parameter '${name}' is not valid here.`, '0x80060888');
    }
  }
}

/** GET of an entity set. */
export function readCollection(call: Call, store: TableStore): SimReply {
  checkOptions(call);
  const { query, preferences } = call;
  const { definition } = store;
  const selection = parseSelect(definition, query.get('$select'));
  const expansions = parseExpand(call.environment, definition, query.get('$expand'));
  const order = parseOrder(store, query.get('$orderby'));
  const view = viewOf(call);
  const limit = pageLimit(call);
  const { rows, hasMore, total } = readPage(call, store, order, limit.size);
  const value = withoutDenied(call, rows).map((row) => {
    const json = renderRow(view, definition, row, selection.columns);
    renderExpansions(view, row, expansions, json);
    return json;
  });
  const names = selection.names.length === 0 ? '' : `(${selection.names.join(',')})`;
  const count = Math.min(total, maxPageSize);
  const isCounted = query.get('$count') === 'true';
  const last = rows.at(-1);
  const body: Record<string, unknown> = {
    '@odata.context': `${call.root}/$metadata#${definition.setName}${names}`,
  };
  if (isCounted) {
    body['@odata.count'] = count;
  }
  if (view.isWanted('Microsoft.Dynamics.CRM.totalrecordcount')) {
    body['@Microsoft.Dynamics.CRM.totalrecordcount'] = isCounted ? count : -1;
    body['@Microsoft.Dynamics.CRM.totalrecordcountlimitexceeded'] = isCounted && total > maxPageSize;
  }
  body.value = value;
  if (hasMore && limit.isPaged && last !== undefined) {
    body['@odata.nextLink'] = nextLink(call, store, order, last);
  }
  const applied =
    preferences.maxPageSize === undefined ? [] : [`odata.maxpagesize=${preferences.maxPageSize}`];
  return jsonReply(200, body, appliedHeader([...applied, ...annotationsApplied(preferences)]));
}

/** `$top` ends the result without a link to more, and does not count when a page size was sent. */
function pageLimit(call: Call): { size: number; isPaged: boolean } {
  const top = call.query.get('$top');
  const wanted = call.preferences.maxPageSize;
  if (top !== undefined && !/^\d+$/.test(top)) {
    throw badRequest(`Invalid value '${top}' for $top query option found.`, '0x80060888');
  }
  if (wanted !== undefined || top === undefined) {
    return { size: Math.min(wanted ?? maxPageSize, maxPageSize), isPaged: true };
  }
  return { size: Math.min(Number(top), maxPageSize), isPaged: false };
}

function parseOrder(store: TableStore, orderBy: string | undefined): OrderPart[] {
  if (orderBy === undefined || orderBy.trim() === '') {
    return [];
  }
  return orderBy.split(',').map((item) => {
    const [name = '', direction = 'asc', ...rest] = item.trim().split(/\s+/);
    if (name.includes('/')) {
      throw unsupported(`the path ${name} in $orderby`);
    }
    const column = store.definition.byProperty.get(name);
    if (column === undefined) {
      throw noSuchProperty(name, store.definition.name);
    }
    if (rest.length > 0 || !['asc', 'desc'].includes(direction)) {
      throw badRequest(`Syntax error in $orderby '${item.trim()}'.`, '0x80060888');
    }
    return { column, isDescending: direction === 'desc' };
  });
}

interface Page {
  rows: Row[];
  hasMore: boolean;
  total: number;
}

function readPage(call: Call, store: TableStore, order: readonly OrderPart[], size: number): Page {
  const token = call.query.get('$skiptoken');
  const after = token === undefined ? undefined : decodeCookie(token).last;
  const { primaryId } = store.definition;
  if (call.query.get('$filter') === undefined && order.length === 0) {
    const lastId = after?.get(primaryId);
    const rows = store.pageById(typeof lastId === 'string' ? lastId : undefined, size + 1);
    return { rows: rows.slice(0, size), hasMore: rows.length > size, total: store.size };
  }
  const all = matchingRows(call, store, order);
  const from =
    after === undefined
      ? 0
      : all.countUpTo(
          order.map(({ column }) => after.get(column.property) ?? null),
          String(after.get(primaryId) ?? ''),
        );
  return { rows: all.slice(from, from + size), hasMore: all.length > from + size, total: all.length };
}

/** The last result of each table, good until something is written: later pages of a query go on sorting it. */
const lastResults = new WeakMap<TableStore, { key: string; version: number; rows: OrderedRows }>();

function matchingRows(call: Call, store: TableStore, order: readonly OrderPart[]): OrderedRows {
  const { environment, query } = call;
  const options = [...query].filter(([name]) => name !== '$skiptoken');
  const key = JSON.stringify([environment.collation.settings, options]);
  const known = lastResults.get(store);
  if (known?.key === key && known.version === environment.version) {
    return known.rows;
  }
  const rows = new OrderedRows(filteredRows(call, store), order, environment.collation.key);
  if (!/UserId|LastX/.test(key)) {
    lastResults.set(store, { key, version: environment.version, rows });
  }
  return rows;
}

/** The rows that `$filter` lets through, in no particular order. */
export function filteredRows(call: Call, store: TableStore): Row[] {
  const filter = call.query.get('$filter');
  if (filter === undefined) {
    return [...store.rows()];
  }
  const condition = parseFilter(filter, call.query);
  const test = compileFilter(condition, rowScope(call.environment, store.definition, call.user));
  const ids = candidates(store, condition);
  const matches: Row[] = [];
  if (ids === undefined) {
    for (const row of store.rows()) {
      if (test(row)) {
        matches.push(row);
      }
    }
    return matches;
  }
  for (const id of ids) {
    const row = store.get(id);
    if (row !== undefined && test(row)) {
      matches.push(row);
    }
  }
  return matches;
}

function nextLink(call: Call, store: TableStore, order: readonly OrderPart[], row: Row): string {
  const token = call.query.get('$skiptoken');
  const page = token === undefined ? 1 : decodeCookie(token).page;
  const last = new Map<string, Scalar>();
  for (const { column } of order) {
    last.set(column.property, row.values[column.property] ?? null);
  }
  last.set(store.definition.primaryId, row.id);
  const search = searchWithoutTokens(call.search);
  const start = `${call.root}/${store.definition.setName}?${search === '' ? '' : `${search}&`}`;
  return `${start}$skiptoken=${encodeCookie({ page: page + 1, isTracking: false, last })}`;
}

/** GET of `<set>/$count`: text that begins with a byte order mark. */
export function countReply(count: number): SimReply {
  return { status: 200, headers: { 'Content-Type': 'text/plain' }, body: `\uFEFF${count}` };
}
