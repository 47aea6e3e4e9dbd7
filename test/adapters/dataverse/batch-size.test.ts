import { describe, expect, it } from 'vitest';
import { inBulk } from '../../../src/adapters/bulk-work.js';
import { batching } from '../../../src/adapters/dataverse/batching.js';
import type { HttpRequest } from '../../../src/adapters/http/client.js';
import { HttpFailure } from '../../../src/adapters/http/failure.js';
import { handClock } from '../http/script.js';

const URL_OF_BATCH = 'https://x.example/api/data/v9.2/$batch';

interface Sent {
  readonly parts: number;
  readonly tokens: string | undefined;
  readonly bytes: number;
}

/** A server that says to have taken `partMs` for each part. */
function setUp(partMs: () => number) {
  const clock = handClock();
  const sent: Sent[] = [];
  let underWay = 0;
  let most = 0;

  async function attempt(request: HttpRequest) {
    const parts = request.url === URL_OF_BATCH ? (request.body?.split('HTTP/1.1').length ?? 0) - 1 : 1;
    sent.push({ parts, tokens: request.headers?.Authorization, bytes: request.body?.length ?? 0 });
    underWay += 1;
    most = Math.max(most, underWay);
    const sentAt = clock.now();
    await new Promise((resolve) => setImmediate(resolve));
    underWay -= 1;
    const isLate = parts * partMs() > request.timeoutMs;
    if (isLate) {
      clock.move(request.timeoutMs);
      throw new HttpFailure({ kind: 'timeout' });
    }
    const text = `${'--b\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n\r\n'.repeat(parts)}--b--`;
    const headers = { 'content-type': 'multipart/mixed; boundary=b' };
    return {
      status: 200,
      headers,
      text,
      sentAt,
      answeredAt: sentAt + parts * partMs(),
      afterUnknownFate: false,
    };
  }
  const transport = batching({
    transport: { attempt, attemptLater: (make) => attempt(make()) },
    url: URL_OF_BATCH,
    clock,
  });
  let row = 0;
  const ask = (more: Partial<HttpRequest> = {}) => {
    row += 1;
    return transport.attempt({
      method: 'PATCH',
      url: `https://x.example/api/data/v9.2/contacts(${row})`,
      headers: { Authorization: 'one' },
      timeoutMs: 45_000,
      record: String(row),
      ...more,
    });
  };
  const askMany = (count: number, more?: Partial<HttpRequest>) =>
    Promise.allSettled(Array.from({ length: count }, () => ask(more)));
  const largest = () => Math.max(...sent.map(({ parts }) => parts));
  return { ask, askMany, largest, most: () => most, sent };
}

/** The largest batch of the last of many rounds. */
async function settled(partMs: number): Promise<number> {
  const { askMany, largest, sent } = setUp(() => partMs);
  for (let round = 0; round < 15; round += 1) {
    sent.length = 0;
    await askMany(100);
  }
  return largest();
}

describe('how many parts a batch has', () => {
  it.each([
    [5, 50],
    [20, 50],
    [50, 20],
    [100, 10],
    [500, 10],
    [1_400, 10],
    [2_900, 5],
    [20_000, 2],
  ])('parts of %i ms: %i', async (partMs, parts) => {
    expect(Math.abs((await settled(partMs)) - parts)).toBeLessThanOrEqual(parts / 10);
  });

  it('falls after a batch that was not answered in time, and rises again', async () => {
    let partMs = 10;
    const { askMany, largest, sent } = setUp(() => partMs);
    for (let round = 0; round < 10; round += 1) await askMany(100);
    expect(largest()).toBe(50);
    partMs = 5_000;
    await askMany(100);
    partMs = 10;
    sent.length = 0;
    await askMany(40);
    expect(largest()).toBeLessThan(20);
    for (let round = 0; round < 20; round += 1) await askMany(100);
    expect(largest()).toBe(50);
  });

  it('is bounded in bytes: a large one goes alone', async () => {
    const { askMany, sent } = setUp(() => 5);
    await askMany(8, { body: 'x'.repeat(300_000) });
    expect(sent.map(({ parts }) => parts)).toEqual([3, 3, 2]);
    sent.length = 0;
    await askMany(3, { body: 'x'.repeat(1_100_000) });
    expect(sent.map(({ parts }) => parts)).toEqual([1, 1, 1]);
  });
});

describe('gathering', () => {
  it('has few batches under way at once', async () => {
    const { askMany, most } = setUp(() => 100);
    await askMany(400);
    expect(most()).toBe(4);
  });

  it('does not let what events ask wait for the batches of runs', async () => {
    const { ask, askMany, sent } = setUp(() => 100);
    const run = inBulk(() => askMany(1_000));
    await ask({ headers: { Authorization: 'event' } });
    expect(sent.some(({ tokens }) => tokens === 'event')).toBe(true);
    expect(sent.length).toBeLessThan(20);
    await run;
    expect(sent).toHaveLength(101);
  });

  it('keeps requests with different tokens apart', async () => {
    const { ask, sent } = setUp(() => 100);
    const other = { headers: { Authorization: 'two' } };
    await Promise.all([ask(), ask(other), ask(), ask(other)]);
    expect(sent.map(({ parts, tokens }) => [parts, tokens])).toEqual([
      [2, 'one'],
      [2, 'two'],
    ]);
  });

  it('leaves a request about no single row alone', async () => {
    const { askMany, sent } = setUp(() => 100);
    await askMany(3, { record: undefined });
    expect(sent.map(({ parts }) => parts)).toEqual([1, 1, 1]);
  });
});
