import { beforeEach, describe, expect, it } from 'vitest';
import { createEventGatherer } from '../../../src/application/events/gather-events.js';
import type { Job, RecordJob } from '../../../src/domain/job.js';

let elapsed: number;
let stored: Job[];
let sleeping: (() => void)[];
let gather: (job: RecordJob) => Promise<void>;
let away: boolean;

beforeEach(() => {
  elapsed = 1_000;
  stored = [];
  sleeping = [];
  away = false;
  gather = createEventGatherer({
    queue: {
      async enqueue(job) {
        if (away) throw new Error('away');
        stored.push(job);
      },
    },
    clock: { sleep: () => new Promise((resolve) => sleeping.push(resolve)) },
    elapsed: () => elapsed,
  });
});

const job = (id: number, connectionId = 'c_1'): RecordJob => ({
  ...{ v: 1, kind: 'record', connectionId, source: 'dynamics', entity: 'contact', id: `row ${id}` },
  receivedAt: '2026-03-01T08:00:00Z',
});
/** So many events at the same moment; how many of them are stored. */
function flood(count: number, from = 0): { readonly all: Promise<void>[]; readonly done: () => number } {
  let done = 0;
  const all = Array.from({ length: count }, (_, index) =>
    gather(job(from + index)).then(() => {
      done += 1;
    }),
  );
  return { all, done: () => done };
}
const awake = () => {
  for (const wake of sleeping.splice(0)) wake();
};
const told = () =>
  stored.flatMap((each) =>
    each.kind === 'batch' ? each.records.map(({ id }) => id) : 'id' in each ? each.id : [],
  );

describe('events of Dynamics', () => {
  it('go on the queue one by one while few come', async () => {
    for (let n = 0; n < 40; n += 1) {
      await gather(job(n));
      elapsed += 200;
    }
    expect(stored).toEqual(Array.from({ length: 40 }, (_, n) => job(n)));
  });

  it('share a message in a flood, and each is stored when its sender is told so', async () => {
    const { all, done } = flood(100);
    await Promise.all(all.slice(0, 8));
    expect([stored.length, done()]).toEqual([8, 8]);
    awake();
    await Promise.all(all);
    expect(stored.slice(8)).toMatchObject([{ kind: 'batch', source: 'dynamics', connectionId: 'c_1' }]);
    expect(told()).toEqual(Array.from({ length: 100 }, (_, n) => `row ${n}`));
  });

  it('take as many messages as they need, none larger than the queue takes', async () => {
    const { all } = flood(3_000);
    awake();
    await Promise.all(all);
    expect(told().sort()).toEqual(Array.from({ length: 3_000 }, (_, n) => `row ${n}`).sort());
    for (const each of stored) expect(JSON.stringify(each).length).toBeLessThan(47_000);
    expect(stored.length).toBeLessThan(20);
  });

  it('go alone again when the flood is over', async () => {
    const { all } = flood(500);
    awake();
    await Promise.all(all);
    elapsed += 2_000;
    const late = gather(job(1_000));
    awake();
    await late;
    elapsed += 5_000;
    const before = stored.length;
    await gather(job(1_001));
    expect([stored.length - before, stored.at(-1)]).toEqual([1, job(1_001)]);
  });

  it('of another connection do not wait for a flood', async () => {
    flood(100);
    await gather(job(1, 'c_2'));
    expect(stored.at(-1)).toEqual(job(1, 'c_2'));
  });

  it('are refused, all that share a message, when it could not be stored', async () => {
    const { all } = flood(20);
    await Promise.all(all.slice(0, 8));
    away = true;
    awake();
    const results = await Promise.allSettled(all.slice(8));
    expect(new Set(results.map(({ status }) => status))).toEqual(new Set(['rejected']));
    away = false;
    const again = flood(12, 8);
    awake();
    await Promise.all(again.all);
    expect(new Set(told()).size).toBe(20);
  });
});
