import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { doubles, fingerprint } from './support/fingerprint.js';
import { bothSides, type Journey, startJourney, startWithinMs } from './support/journey.js';
import type { Run } from './support/shapes.js';
import { firstRunOverSlowRows } from './support/slow-rows.js';
import { allRowsOf } from './support/storage-scan.js';
import { until } from './support/wait.js';

const settings = {
  SYNC_SCHEDULE: '* * * * * *',
  RUN_LEASE_SECONDS: '3',
  STACK_QUEUE_INVISIBLE_S: '3',
  AUTHSCAPE_WRITE_TIMEOUT_SECONDS: '3',
  RUN_PART_RECORDS: '30',
};

const WORKERS = ['worker 1', 'worker 2'] as const;

const runRow = z.object({
  cursor: z.object({
    parts: z
      .object({ list: z.array(z.object({ lease: z.object({ owner: z.string() }).nullable() })) })
      .optional(),
  }),
});

/** Workers that hold a part of the connection's run at this moment. */
async function workersAtWork({ stack }: Journey): Promise<number> {
  const rows = await allRowsOf(stack.info, 'Runs');
  const runs = rows.flatMap(({ data }) => (typeof data === 'string' ? runRow.parse(JSON.parse(data)) : []));
  const parts = runs.flatMap(({ cursor }) => cursor.parts?.list ?? []);
  return new Set(parts.flatMap(({ lease }) => lease?.owner || [])).size;
}

/** What a dead worker had made may be counted as linked or unchanged by the one that finds it. */
function inStep({ counts }: Run): number {
  return counts.created + counts.linked + counts.updated + counts.unchanged;
}

async function prepare(journey: Journey): Promise<string> {
  await journey.dynamics.seed({ contacts: 240, accounts: 0, seed: 17 });
  await journey.authScape.seed({ users: 240, companies: 0, locations: 0, seed: 17, overlap: 0.5 });
  const connectionId = await journey.api.createConnection();
  await journey.api.createMapping(connectionId, 'User', 'contact');
  return connectionId;
}

async function endState(journey: Journey, connectionId: string) {
  const sides = await bothSides(journey);
  return { sides, print: fingerprint(sides, await journey.api.links(connectionId)) };
}

/** So few pairs that the time is Dynamics' and not the processor's, of which a busy machine has none for further processes. */
const FEW_AT_ONCE = { RECORD_LANES: '8', RUN_PART_RECORDS: '12' };

it('three processes take less time than one where Dynamics takes its time for each row', {
  timeout: startWithinMs,
}, async () => {
  const [alone, three] = await Promise.all([
    firstRunOverSlowRows(200, { ...FEW_AT_ONCE, RUN_WORKERS: '1' }),
    firstRunOverSlowRows(200, { ...FEW_AT_ONCE, STACK_WORKERS: '3' }),
  ]);
  expect(three.run.counts).toEqual(alone.run.counts);
  expect(three.ms).toBeLessThan(alone.ms);
});

describe('three processes on one run', () => {
  let alone: Journey;
  let three: Journey;
  let aloneId: string;
  let threeId: string;

  beforeAll(async () => {
    [alone, three] = await Promise.all([
      startJourney({ ...settings, RUN_WORKERS: '1' }),
      startJourney({ ...settings, STACK_WORKERS: '3' }),
    ]);
    [aloneId, threeId] = await Promise.all([prepare(alone), prepare(three)]);
  }, startWithinMs);
  afterAll(() => Promise.all([alone?.stop(), three?.stop()]));

  it('bring both sides to the same state as one, though two of them are killed', async () => {
    const expected = await alone.api.sync(aloneId, { mode: 'full' }, { withinMs: 120_000 });
    const { id } = await three.api.requestSync(threeId, { mode: 'full' });
    await until('several share the run', async () => (await workersAtWork(three)) >= 2, { everyMs: 10 });
    // Two of three have a part: at least one of these.
    await Promise.all(WORKERS.map((worker) => three.stack.kill(worker, 'SIGKILL')));
    const run = await three.api.follow(id, { withinMs: 120_000 });
    expect(run.status).toBe(expected.status);
    expect(inStep(run)).toBe(inStep(expected));
    expect(run.counts).toMatchObject({ failed: expected.counts.failed, skipped: expected.counts.skipped });
    const [one, other] = [await endState(alone, aloneId), await endState(three, threeId)];
    expect(other.print).toEqual(one.print);
    expect(doubles(other.sides.authScape.users.map(({ email }) => email))).toEqual([]);
    const second = await three.api.sync(threeId, { mode: 'full' });
    expect(second.counts).toMatchObject({ created: 0, linked: 0, updated: 0 });
  });
});
