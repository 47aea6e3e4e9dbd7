import type { SimReply } from '../../control.js';
import { type Call, jsonReply } from '../call.js';
import { noSuchProperty, noSuchRow } from '../errors.js';
import type { Row, TableStore } from '../tables/table-store.js';
import { requireRow } from '../writing/write-handlers.js';
import { checkOptions } from './collection.js';
import { annotationsApplied, appliedHeader } from './preferences.js';
import { etagOf, parseExpand, parseSelect, renderExpansions, renderRow, viewOf } from './render.js';

const OPTIONS = new Set(['$select', '$expand']);

/** GET of one row; 304 when the caller has this version already and asked for nothing that an etag leaves out. */
export function readRow(call: Call, store: TableStore, id: string): SimReply {
  checkOptions(call, OPTIONS);
  const row = requireRow(call, store, id);
  const isConditional =
    store.definition.hasRowVersions &&
    !call.query.has('$expand') &&
    call.preferences.annotations === undefined;
  if (isConditional && call.headers['if-none-match'] === etagOf(row)) {
    return { status: 304, headers: { ETag: etagOf(row) } };
  }
  return rowReply(call, store, row);
}

function rowReply(call: Call, store: TableStore, row: Row): SimReply {
  const { definition } = store;
  const selection = parseSelect(definition, call.query.get('$select'));
  const expansions = parseExpand(call.environment, definition, call.query.get('$expand'));
  const view = viewOf(call);
  const names = selection.names.length === 0 ? '' : `(${selection.names.join(',')})`;
  const body: Record<string, unknown> = {
    '@odata.context': `${call.root}/$metadata#${definition.setName}${names}/$entity`,
    ...renderRow(view, definition, row, selection.columns),
  };
  renderExpansions(view, row, expansions, body);
  return jsonReply(200, body, { ETag: etagOf(row), ...appliedHeader(annotationsApplied(call.preferences)) });
}

/** GET of `<row>/<column>` (with the value in an envelope, or bare with `/$value`) or `<row>/<lookup>`. */
export function readProperty(
  call: Call,
  store: TableStore,
  id: string,
  name: string,
  isBare: boolean,
): SimReply {
  const row = requireRow(call, store, id);
  const { definition } = store;
  const column = definition.byProperty.get(name);
  if (column !== undefined) {
    const value = row.values[column.property] ?? null;
    if (value === null) {
      return { status: 204 };
    }
    if (isBare) {
      return { status: 200, headers: { 'Content-Type': 'text/plain' }, body: String(value) };
    }
    const context = `${call.root}/$metadata#${definition.setName}(${id})/${name}`;
    return jsonReply(200, { '@odata.context': context, value });
  }
  const navigation = definition.navigations.get(name);
  if (navigation === undefined) {
    throw noSuchProperty(name, definition.name);
  }
  const { property } = navigation.column;
  const target = row.lookups[property];
  const related = target === undefined ? undefined : call.environment.tables.get(target);
  const relatedId = row.values[property];
  if (target === undefined || related === undefined || typeof relatedId !== 'string') {
    return { status: 204 };
  }
  const relatedRow = navigation.tables.includes(target) ? related.get(relatedId) : undefined;
  if (relatedRow === undefined) {
    throw noSuchRow(target, relatedId);
  }
  return rowReply(call, related, relatedRow);
}
