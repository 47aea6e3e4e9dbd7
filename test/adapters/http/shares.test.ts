import { describe, expect, it } from 'vitest';
import { inBulk } from '../../../src/adapters/bulk-work.js';
import { createShares } from '../../../src/adapters/http/shares.js';
import { createThrottle } from '../../../src/adapters/http/throttle.js';
import { createProcessStore } from '../../../src/adapters/storage/process-table.js';
import { createMemoryTables } from '../../support/memory-tables.js';
import { virtualClock } from './virtual-clock.js';

const ID = 'c_shared';
const CALL_MS = 400;

function setUp() {
  const clock = virtualClock();
  const tables = createMemoryTables();
  const requests: string[] = [];
  tables.before = ({ kind }) => {
    requests.push(kind);
  };
  const warnings: string[] = [];
  const under = { all: 0, most: 0 };

  function startProcess(processId: string, concurrency = 48) {
    const share = createShares({
      processes: createProcessStore(tables),
      processId,
      clock,
      logger: { warn: (message) => warnings.push(message) },
    })(ID);
    const throttle = createThrottle({ concurrency, clock, share });
    const seen = { running: 0 };
    const call = () =>
      throttle.run(async () => {
        seen.running += 1;
        under.all += 1;
        under.most = Math.max(under.most, under.all);
        await clock.sleep(CALL_MS);
        under.all -= 1;
        seen.running -= 1;
      }, 600_000);
    /** As a run does: so many calls side by side, for so long. */
    const work = (ms: number, lanes = 60) => {
      const until = clock.now() + ms;
      const lane = async () => {
        while (clock.now() < until) await call();
      };
      return inBulk(() => Promise.all(Array.from({ length: lanes }, lane)));
    };
    return { call, seen, share, throttle, work };
  }
  return { clock, requests, startProcess, tables, under, warnings };
}

describe('several processes of one connection', () => {
  it('divide its places and stay below them together', async () => {
    const { clock, startProcess, under } = setUp();
    const [one, two, three] = [startProcess('p1'), startProcess('p2'), startProcess('p3')];
    const works = [one.work(120_000)];
    await clock.until(clock.sleep(40_000));
    expect(one.seen.running).toBe(47);
    works.push(two.work(80_000), three.work(80_000));
    await clock.until(clock.sleep(40_000));
    // Alone it had 48 places; the two that came began with four each.
    expect(under.most).toBeLessThanOrEqual(52 + 4);
    under.most = 0;
    await clock.until(clock.sleep(20_000));
    expect([one, two, three].map(({ seen }) => seen.running)).toEqual([15, 15, 15]);
    expect(under.most).toBeLessThanOrEqual(48);
    await clock.until(Promise.all(works));
  });

  it('have all places again a minute after the others have ended', async () => {
    const { clock, startProcess, tables } = setUp();
    const [one, two] = [startProcess('p1'), startProcess('p2')];
    const works = Promise.all([one.work(150_000), two.work(30_000)]);
    await clock.until(clock.sleep(29_000));
    expect(one.seen.running).toBe(23);
    await clock.until(clock.sleep(110_000));
    expect(one.seen.running).toBe(47);
    expect(tables.rows('Processes').map(({ rowKey }) => rowKey)).toEqual(['p1']);
    await clock.until(works);
  });

  it('ask storage at most once in ten seconds', async () => {
    const { clock, requests, startProcess } = setUp();
    await clock.until(startProcess('p1').work(300_000, 10));
    expect(requests.length).toBeLessThanOrEqual(32);
    expect(requests).toContain('put');
  });

  it('tell nobody of single calls', async () => {
    const { clock, requests, startProcess } = setUp();
    const { call } = startProcess('p1');
    for (let index = 0; index < 50; index += 1) await clock.until(call());
    expect(requests).toEqual([]);
  });

  it('pause together', async () => {
    const { clock, startProcess } = setUp();
    const [one, two] = [startProcess('p1'), startProcess('p2')];
    const works = Promise.all([one.work(120_000), two.work(120_000)]);
    await clock.until(clock.sleep(40_000));
    one.throttle.pause(60_000);
    await clock.until(clock.sleep(16_000));
    expect([one.seen.running, two.seen.running]).toEqual([0, 0]);
    await clock.until(clock.sleep(40_000));
    expect([one.seen.running, two.seen.running]).toEqual([0, 0]);
    await clock.until(works);
  });

  it('keep their share while storage fails, and say so once', async () => {
    const { clock, startProcess, tables, warnings } = setUp();
    const [one, two] = [startProcess('p1'), startProcess('p2')];
    const works = Promise.all([one.work(300_000), two.work(50_000)]);
    await clock.until(clock.sleep(40_000));
    tables.before = () => {
      throw new Error('away');
    };
    await clock.until(clock.sleep(150_000));
    expect(one.seen.running).toBe(23);
    expect(warnings).toHaveLength(2);
    tables.before = undefined;
    await clock.until(clock.sleep(60_000));
    expect(one.seen.running).toBe(47);
    await clock.until(works);
  });
});
