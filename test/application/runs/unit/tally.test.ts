import { expect, it } from 'vitest';
import { createStagingStore } from '../../../../src/adapters/storage/staging-table.js';
import { type Stage, Tally } from '../../../../src/application/runs/unit/tally.js';
import { NOTHING, type PairResult } from '../../../../src/application/sync/context/sync-context.js';
import { type Run, withCounts } from '../../../../src/domain/run.js';
import { sampleRun } from '../../../contracts/stores-samples.js';
import { createMemoryTables } from '../../../support/memory-tables.js';

function open() {
  const tables = createMemoryTables();
  const staging = createStagingStore(tables, { now: () => 0, sleep: async () => {} });
  /** What a unit counts that came to these results, and of how many pairs it keeps that. */
  async function unit(run: Run, stage: Stage, results: Readonly<Record<string, Partial<PairResult>>>) {
    const before = tables.rows('Staging').length;
    const tally = new Tally();
    for (const [key, result] of Object.entries(results)) tally.pair(key, { ...NOTHING, ...result });
    const counted = await tally.apply(staging, run, stage);
    return { run: withCounts(run, counted), kept: tables.rows('Staging').length - before };
  }
  return { unit };
}

const DONE = ['created', 'linked', 'updated', 'conflict', 'deactivated', 'deleted'] as const;

it.each(DONE)('what is done is not kept of a pair: %s', async (outcome) => {
  const { kept } = await open().unit(sampleRun('c'), 'first', { 'm|1': { outcome } });
  expect(kept).toBe(0);
});

it.each<[string, Partial<PairResult>]>([
  ['it failed', { outcome: 'failed' }],
  ['it was passed over', { outcome: 'skipped' }],
  ['it waits for a related record', { outcome: 'linked', waiting: true }],
  ['another worker has it in hand', { outcome: 'created', busyUntil: 7 }],
  [
    'the guard has to see the rest',
    { outcome: 'updated', guarded: [{ category: 'key|email', detail: 'x' }] },
  ],
  ['a record of it is gone', { outcome: 'updated', gone: 'dynamics' }],
])('a pair that is met again counts once: %s', async (_why, first) => {
  const { unit } = open();
  const { kept, run } = await unit(sampleRun('c'), 'first', { 'm|1': first, 'm|2': { outcome: 'updated' } });
  expect(kept).toBe(1);
  const later = await unit(run, 'later', { 'm|1': { outcome: 'conflict' } });
  const { failed, conflicts, updated, linked, created, skipped, unchanged } = later.run.counts;
  expect(failed + conflicts + updated + linked + created + skipped).toBe(2);
  expect(unchanged).toBe(0);
});

it.each<[string, Partial<Run>, Stage]>([
  ['a unit that is repeated', {}, 'repeat'],
  ['a later phase', {}, 'later'],
  ['a dry run', { dryRun: true }, 'first'],
])('%s keeps what all came to', async (_what, of, stage) => {
  const { kept } = await open().unit(sampleRun('c', of), stage, { 'm|1': { outcome: 'linked' } });
  expect(kept).toBe(1);
});
