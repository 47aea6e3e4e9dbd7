import type { Harness } from './harness.js';

/** What runs did lies where earlier versions kept it. */
export async function inEarlierPlaces({ storage: { tables } }: Harness): Promise<void> {
  const table = tables.table('Logs');
  for (const { etag: _etag, ...row } of tables.rows('Logs')) {
    const [, runId, ...key] = /^R\|([^|]+)\|(.+)$/.exec(row.rowKey) ?? [];
    if (runId === undefined) continue;
    await table.put({ ...row, partitionKey: `!run|${runId}`, rowKey: key.join('') });
    await table.remove(row.partitionKey, row.rowKey);
  }
}
