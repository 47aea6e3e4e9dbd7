import type { DynamicsSystem } from '../../application/ports/systems.js';
import type { DynamicsRow } from '../../domain/records.js';
import { matchForm } from '../../domain/values.js';
import type { DataverseApi } from './api.js';
import type { DataverseTable } from './columns.js';
import { anyContains, isGuid, query } from './odata.js';
import { rowFormat } from './row-format.js';
import { pageSchema, parse } from './wire.js';

/** Rows of which a person knows a part of a text or the id; see `DynamicsSystem.search`. */
export async function searchRows(
  api: DataverseApi,
  schema: DataverseTable,
  text: string,
  { in: textColumns, columns, limit }: Parameters<DynamicsSystem['search']>[2],
): Promise<readonly DynamicsRow[]> {
  const isId = isGuid(text);
  if (!isId && textColumns.length === 0) return [];
  const format = rowFormat(schema, [...new Set([...columns, ...textColumns])]);
  const filter = isId ? `${schema.primaryId} eq ${text.toLowerCase()}` : anyContains(textColumns, text);
  const path = query({
    $select: format.select,
    $filter: filter,
    $orderby: `${schema.primaryId} asc`,
    $top: String(limit),
  });
  const { body, readAt } = await api.read(`${schema.entitySetName}${path}`, { prefer: format.prefer });
  const rows = parse(pageSchema, body, 'a page of rows').value.flatMap(
    (raw) => format.toRow(raw, readAt) ?? [],
  );
  // Some characters are patterns to Dynamics: only what really holds the text counts.
  const wanted = matchForm(text) ?? '';
  const holds = (row: DynamicsRow) =>
    textColumns.some((column) => matchForm(row.values[column])?.includes(wanted) === true);
  return isId ? rows : rows.filter(holds);
}
