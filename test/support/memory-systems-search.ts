import { spellings } from '../../src/adapters/dataverse/spellings.js';
import { type FieldValue, type FieldValues, matchForm } from '../../src/domain/values.js';
import { Collation } from '../stack/dataverse/reading/collation.js';
import { likeTest } from '../stack/dataverse/reading/filter-values.js';
import type { MemoryRow, MemoryTable } from './memory-systems-rows.js';

const COLLATION = new Collation();

/** As the adapter asks and the database compares, and then as the adapter compares what came. */
export function meets(
  { schema }: MemoryTable,
  row: MemoryRow,
  criteria: FieldValues,
  spelling: 'any' | 'usual',
): boolean {
  const asked = Object.entries(criteria);
  return (
    asked.length > 0 &&
    asked.every(([name, value]) => {
      const type = schema.columns.find((column) => column.name === name)?.type;
      const shown = row.values[name] ?? null;
      const isFound = (type !== 'string' && type !== 'memo') || isSpelt(shown, value, spelling);
      return isFound && matchForm(shown) === matchForm(value);
    })
  );
}

function isSpelt(shown: FieldValue, value: FieldValue, spelling: 'any' | 'usual'): boolean {
  if (shown === null || value === null) return shown === value;
  const text = String(shown);
  return spellings(String(value), spelling).some((each) =>
    each.kind === 'text'
      ? COLLATION.key(text) === COLLATION.key(each.value)
      : likeTest(each.value, 'startswith', COLLATION.pattern)(text),
  );
}
