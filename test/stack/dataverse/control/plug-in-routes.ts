import { z } from 'zod';
import type { Environment } from '../environment.js';
import { requireTable } from './require-table.js';

const scalar = z.union([z.string(), z.number(), z.boolean(), z.null()]);
const step = {
  table: z.string(),
  on: z.array(z.enum(['Create', 'Update', 'Delete'])).exactOptional(),
  row: z.guid().exactOptional(),
  where: z.record(z.string(), scalar).exactOptional(),
  columns: z.array(z.string()).exactOptional(),
  times: z.int().positive().exactOptional(),
};
const plugInSchema = z.union([
  z.strictObject({
    table: z.string(),
    column: z.string(),
    to: z.enum(['uppercase', 'ignore', 'append']),
    text: z.string().exactOptional(),
  }),
  z.strictObject({
    ...step,
    throws: z.enum(['refuse', 'crash', 'missing', 'timeout']),
    status: z.int().min(400).max(599).exactOptional(),
    code: z.string().exactOptional(),
    message: z.string().exactOptional(),
  }),
  z.strictObject({
    ...step,
    sets: z.record(z.string(), scalar),
    afterMs: z.int().nonnegative().exactOptional(),
  }),
]);

/** `POST /_sim/plugin`: custom logic that alters what is sent, throws, or changes the row afterwards. */
export function addPlugIn(environment: Environment, body: unknown) {
  const plugIn = plugInSchema.parse(body);
  requireTable(environment, plugIn.table);
  environment.plugIns.push(plugIn);
  return { plugIns: environment.plugIns };
}
