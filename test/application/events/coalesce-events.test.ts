import { beforeEach, describe, expect, it } from 'vitest';
import { createCoalescer } from '../../../src/application/events/coalesce-events.js';
import type { RecordJob } from '../../../src/domain/job.js';
import { createMemoryJobQueue } from '../../support/memory-stores.js';

let elapsed: number;
let wall: number;
let queue: ReturnType<typeof createMemoryJobQueue>;
let tell: (job: RecordJob) => Promise<void>;

beforeEach(() => {
  elapsed = 1_000;
  wall = Date.parse('2026-03-01T08:00:00Z');
  const clock = { now: () => wall, sleep: async () => {} };
  queue = createMemoryJobQueue(clock);
  tell = createCoalescer({ queue, clock, elapsed: () => elapsed });
});

const job = (more: Partial<RecordJob> = {}): RecordJob => ({
  ...{ v: 1, kind: 'record', connectionId: 'c_1', source: 'dynamics', entity: 'contact', id: 'x' },
  receivedAt: '2026-03-01T08:00:00Z',
  ...more,
});
const delays = () => queue.waiting().map(({ visibleAt }) => Math.round((visibleAt - wall) / 1000));
const pass = (ms: number) => {
  elapsed += ms;
  wall += ms;
};

describe('a burst of events about one record', () => {
  it('is one message at once and one that covers the rest', async () => {
    for (let n = 0; n < 500; n += 1) await tell(job());
    expect(delays()).toEqual([0, 2]);
  });

  it('that does not end gets few messages', async () => {
    for (let n = 0; n < 1_000; n += 1) {
      await tell(job());
      pass(20);
    }
    expect(queue.waiting().length).toBeLessThanOrEqual(6);
  });

  it('never leaves an event without a message that becomes visible after it', async () => {
    for (let n = 0; n < 2_000; n += 1) {
      await tell(job());
      const last = Math.max(...queue.waiting().map(({ visibleAt }) => visibleAt));
      expect(last).toBeGreaterThanOrEqual(wall);
      pass((n * 7919) % 400);
    }
  });

  it('keeps other records, connections and sides apart', async () => {
    const all = [job(), job({ id: 'y' }), job({ connectionId: 'c_2' }), job({ source: 'authScape' })];
    for (const each of all) await tell(each);
    expect(delays()).toEqual([0, 0, 0, 0]);
  });

  it('is over after a while', async () => {
    await tell(job());
    pass(2_000);
    await tell(job());
    expect(queue.waiting().map(({ visibleAt }) => visibleAt - wall)).toEqual([-2_000, 0]);
  });
});

describe('a message covers an event', () => {
  it('only while both clocks say that it is hidden', async () => {
    await tell(job());
    await tell(job());
    wall += 5_000;
    await tell(job());
    expect(queue.waiting()).toHaveLength(3);
    elapsed += 1_500;
    wall -= 4_900;
    await tell(job());
    expect(queue.waiting()).toHaveLength(4);
  });

  it('only when that event did not happen later than the message says', async () => {
    const at = (time: string) => job({ source: 'authScape', occurredAt: time });
    await tell(at('2026-03-01T07:59:58.000Z'));
    await tell(at('2026-03-01T07:59:59.100Z'));
    await tell(at('2026-03-01T07:59:59.900Z'));
    await tell(at('2026-03-01T07:59:57.000Z'));
    expect(queue.waiting()).toHaveLength(2);
    await tell(at('2026-03-01T08:00:00.000Z'));
    expect(queue.waiting()).toHaveLength(3);
  });

  it('only when it was stored: who shared it hears of the failure, the next one tries again', async () => {
    await tell(job());
    const { enqueue } = queue;
    queue.enqueue = async () => {
      throw new Error('down');
    };
    const both = await Promise.allSettled([tell(job()), tell(job())]);
    expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    queue.enqueue = enqueue;
    await tell(job());
    expect(queue.waiting()).toHaveLength(2);
  });
});
