import { z } from 'zod';
import type { Environment } from '../environment.js';
import type { UniqueKey } from '../tables/keys.js';
import { requireColumn, requireTable } from './require-table.js';

const keySchema = z.strictObject({
  table: z.string(),
  columns: z.array(z.string()).min(1).max(16),
  kind: z.enum(['alternateKey', 'constraint', 'uniqueIndex', 'duplicateRule']).default('alternateKey'),
  name: z.string().exactOptional(),
  indexStatus: z.enum(['Active', 'Pending', 'InProgress', 'Failed']).default('Active'),
  status: z.int().min(400).max(599).exactOptional(),
});

/** `POST /_sim/keys`: values that no two rows may share. Rows that are there already are not looked at. */
export function addKey(environment: Environment, body: unknown): { keys: readonly UniqueKey[] } {
  const key = keySchema.parse(body);
  const store = requireTable(environment, key.table);
  for (const name of key.columns) {
    requireColumn(store, name);
  }
  environment.keys.push({ ...key, name: key.name ?? `new_${key.columns.join('_')}_key` });
  return { keys: environment.keys };
}
