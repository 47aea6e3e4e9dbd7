import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Answer, domain, editorId, SimClient } from '../sim-client.js';
import { ServiceLimits } from './service-limits.js';

let client: SimClient;

beforeEach(async () => {
  client = await SimClient.start();
});

afterEach(() => client.sim.close());

const setLimits = (limits: object) => client.control('POST', 'limits', limits);
const advance = (advanceSeconds: number) => client.control('POST', 'clock', { advanceSeconds });
const whoAmI = () => client.get('WhoAmI');
const status = async () => (await whoAmI()).status;

async function statuses(count: number): Promise<number[]> {
  const seen: number[] = [];
  while (seen.length < count) {
    seen.push(await status());
  }
  return seen;
}

function refusalOf(answer: Answer) {
  return { status: answer.status, ...answer.json.error, retryAfter: answer.headers['retry-after'] };
}

const remaining = ({ headers }: Answer) => ({
  requests: headers['x-ms-ratelimit-burst-remaining-xrm-requests'],
  seconds: headers['x-ms-ratelimit-time-remaining-xrm-requests'],
});

describe('as long as no limits are set', () => {
  it('no request is refused, and the headers show the documented allowance', async () => {
    const [first, second] = [remaining(await whoAmI()), remaining(await whoAmI())];
    expect([first.requests, second.requests]).toEqual(['5999', '5998']);
    expect(first.seconds).toMatch(/^1,(?:199\.\d\d|200\.00)$/);
    expect(await client.control('GET', 'limits')).toEqual({
      ...{ enforced: false, requests: 6000, executionSeconds: 1200, concurrent: 52, windowSeconds: 300 },
      ...{ refused: { requests: 0, executionTime: 0, concurrent: 0 }, pauses: 0 },
    });
  });

  it('more than the documented requests pass, without one that is left', () => {
    const limits = new ServiceLimits(() => new Date(0));
    const entrances = Array.from({ length: 7000 }, () => limits.enter('u'));
    expect(entrances.some(({ isRefused }) => isRefused)).toBe(false);
    expect(limits.headers('u')['x-ms-ratelimit-burst-remaining-xrm-requests']).toBe('0');
  });
});

describe('the number of requests', () => {
  it('is limited within a window that slides, with the wait until it lets one in', async () => {
    expect(await setLimits({ requests: 3 })).toMatchObject({ enforced: true, requests: 3, concurrent: 52 });
    await advance(0);
    expect(await status()).toBe(200);
    await advance(100);
    expect(await statuses(2)).toEqual([200, 200]);
    await advance(50);
    const refused = await whoAmI();
    expect(refusalOf(refused)).toEqual({
      status: 429,
      code: '0x80072322',
      message: 'Number of requests exceeded the limit of 3 over time window of 300 seconds.',
      retryAfter: '150',
    });
    expect(remaining(refused).requests).toBe('0');
    await advance(150);
    expect(await status()).toBe(200);
    const next = refusalOf(await whoAmI());
    expect(next).toMatchObject({ status: 429, retryAfter: '100' });
    await advance(100);
    expect(await statuses(3)).toEqual([200, 200, 429]);
  });

  it('counts for each user alone', async () => {
    await setLimits({ requests: 1 });
    expect(await statuses(2)).toEqual([200, 429]);
    const editor = await client.ask('GET', 'WhoAmI', { token: `${editorId}|https://${domain}` });
    expect(editor.status).toBe(200);
    expect((await client.ask('GET', 'WhoAmI', { token: 'expired' })).status).toBe(401);
  });

  it('refuses before anything is done', async () => {
    await setLimits({ requests: 1 });
    await client.create('contacts', { lastname: 'Berg' });
    await client.control('POST', 'faults', [{ match: 'POST contacts', status: 503, times: 1 }]);
    const answer = await client.ask('POST', 'contacts', { body: { lastname: 'Dahl' } });
    expect(answer.status).toBe(429);
    expect((await client.control('GET', 'dump')).contacts).toHaveLength(1);
    expect(await client.control('GET', 'limits')).toMatchObject({ refused: { requests: 1 } });
    await advance(300);
    const faulty = await client.ask('POST', 'contacts', { body: { lastname: 'Dahl' } });
    expect(faulty.status).toBe(503);
  });

  it('makes those wait longer who keep pushing, up to a whole window', async () => {
    await setLimits({ requests: 1 });
    await status();
    await advance(100);
    const waits: number[] = [];
    for (let index = 0; index < 9; index += 1) {
      waits.push(Number((await whoAmI()).headers['retry-after']));
    }
    expect(waits.slice(0, 4)).toEqual([200, 215, 230, 245]);
    expect(waits.slice(-2)).toEqual([300, 300]);
    expect(await client.control('GET', 'limits')).toMatchObject({ pauses: 1, refused: { requests: 9 } });
    await advance(299);
    expect(await status()).toBe(429);
    await advance(300);
    expect(await status()).toBe(200);
  });
});

describe('execution time', () => {
  it('is limited for all requests together', async () => {
    // The first request alone reaches the limit only on a machine that adds half a second to it.
    await setLimits({ executionSeconds: 1 });
    await client.control('POST', 'latency', { perRequestMs: 510 });
    expect(await statuses(2)).toEqual([200, 200]);
    const refused = await whoAmI();
    expect(refusalOf(refused)).toEqual({
      status: 429,
      code: '0x80072321',
      message:
        'Combined execution time of incoming requests exceeded limit of 1,000 milliseconds over time window of 300 seconds. Decrease number of concurrent requests or reduce the duration of requests and try again later.',
      retryAfter: expect.stringMatching(/^(?:29[89]|300)$/),
    });
    expect(remaining(refused).seconds).toBe('0.00');
    await advance(300);
    expect(await status()).toBe(200);
  });

  it('of the operations of a batch counts, which is one request', async () => {
    await setLimits({ requests: 2, executionSeconds: 0.1 });
    await client.control('POST', 'latency', { perOperationMs: 40 });
    const part = [
      ...['--b', 'Content-Type: application/http', 'Content-Transfer-Encoding: binary', ''],
      ...['GET /api/data/v9.2/WhoAmI HTTP/1.1', '', ''],
    ].join('\r\n');
    const batch = await client.ask('POST', '$batch', {
      headers: { 'content-type': 'multipart/mixed; boundary=b' },
      body: `${part}${part}${part}--b--\r\n`,
    });
    expect(batch.status).toBe(200);
    expect(batch.text.match(/HTTP\/1\.1 200/g)).toHaveLength(3);
    expect(remaining(batch)).toEqual({ requests: '1', seconds: '0.00' });
    expect(refusalOf(await whoAmI())).toMatchObject({ status: 429, code: '0x80072321' });
  });
});

describe('requests at once', () => {
  it('are limited; a place is free again when one ends', async () => {
    await setLimits({ concurrent: 2 });
    await client.control('POST', 'latency', { perRequestMs: 300 });
    const answers = await Promise.all([whoAmI(), whoAmI(), whoAmI()]);
    const refused = answers.filter((answer) => answer.status !== 200);
    expect(refused.map(refusalOf)).toEqual([
      {
        status: 429,
        code: '0x80072326',
        message: 'Number of concurrent requests exceeded the limit of 2.',
        retryAfter: '1',
      },
    ]);
    await client.control('POST', 'latency', { perRequestMs: 0 });
    expect(await statuses(2)).toEqual([200, 200]);
  });

  it('that end in a cut connection leave their place', async () => {
    await setLimits({ concurrent: 1 });
    await client.control('POST', 'faults', [{ match: 'GET WhoAmI', dropConnection: 'before', times: 1 }]);
    await expect(whoAmI()).rejects.toThrow();
    expect(await status()).toBe(200);
  });
});

describe('limits', () => {
  it('end by DELETE and by a reset', async () => {
    for (const [method, route] of [
      ['DELETE', 'limits'],
      ['POST', 'reset'],
    ] as const) {
      await setLimits({ requests: 1, windowSeconds: 10 });
      expect(await statuses(2)).toEqual([200, 429]);
      await client.control(method, route);
      expect(await client.control('GET', 'limits')).toMatchObject({
        ...{ enforced: false, requests: 6000, windowSeconds: 300 },
        ...{ refused: { requests: 0 }, pauses: 0 },
      });
      expect(await statuses(2)).toEqual([200, 200]);
    }
  });

  it('set again begin anew', async () => {
    await setLimits({ requests: 1 });
    expect(await statuses(2)).toEqual([200, 429]);
    await setLimits({ requests: 1 });
    expect(await statuses(2)).toEqual([200, 429]);
  });

  it('count the last window of a long stream, and no more', () => {
    let now = 0;
    const limits = new ServiceLimits(() => new Date(now));
    limits.set({ requests: 70_000, windowSeconds: 300 });
    for (let index = 0; index < 100_000; index += 1) {
      now += 5;
      const entrance = limits.enter('u');
      if (!entrance.isRefused) entrance.leave();
    }
    expect(limits.headers('u')).toMatchObject({ 'x-ms-ratelimit-burst-remaining-xrm-requests': '10000' });
    expect(limits.report().refused.requests).toBe(0);
    now += 300_000;
    expect(limits.headers('u')['x-ms-ratelimit-burst-remaining-xrm-requests']).toBe('70000');
  });
});
