import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createAlertPoster, isPublicIp, publicLookup } from '../../../src/adapters/http/alert-poster.js';
import { createHttpClient } from '../../../src/adapters/http/client.js';
import { type Receiver, startReceiver } from '../../stack/receiver.js';

type IsGenuine = (
  headers: Readonly<Record<string, unknown>>,
  body: string,
  secret: string,
  now?: number,
) => boolean;

/** What a receiver is given in the guide, run as it stands there. */
async function documentedCheck(): Promise<IsGenuine> {
  const guide = readFileSync(new URL('../../../infra/README.md', import.meta.url), 'utf8');
  const code = /```js\n(import \{ createHmac[\s\S]*?)```/.exec(guide)?.[1] ?? '';
  const module = (await import(`data:text/javascript,${encodeURIComponent(code)}`)) as {
    isGenuine: IsGenuine;
  };
  return module.isGenuine;
}

describe('posting an alert', () => {
  const secret = 'a-secret-of-the-receiver';
  const body = '{"id":"al_1","kind":"runFailed"}';
  const now = Date.parse('2026-11-29T08:00:00.900Z');
  let receiver: Receiver;

  beforeAll(async () => {
    receiver = await startReceiver();
  });
  beforeEach(() => {
    receiver.received.length = 0;
  });
  afterAll(() => receiver.close());

  const target = (given: string | null = secret) => ({ url: `${receiver.url}/alerts?key=1`, secret: given });
  const post = createAlertPoster({ allowLoopback: true });

  it('is signed over time and body, so that the check of the guide takes it and nothing else', async () => {
    await post(target(), 'al_1', body, now);
    const [{ headers, query, text } = { headers: {}, query: {}, text: '' }] = receiver.received;
    expect({ query, text }).toEqual({ query: { key: '1' }, text: body });
    expect(headers).toMatchObject({
      'content-type': 'application/json',
      'x-authscape-alert': 'al_1',
      'x-authscape-timestamp': String(Math.floor(now / 1000)),
    });

    const isGenuine = await documentedCheck();
    expect(isGenuine(headers, text, secret, now)).toBe(true);
    expect(isGenuine(headers, text, 'another-secret-of-it', now)).toBe(false);
    expect(isGenuine(headers, `${text} `, secret, now)).toBe(false);
    expect(isGenuine(headers, text, secret, now + 6 * 60_000)).toBe(false);
    const moved = { ...headers, 'x-authscape-timestamp': String(now / 1000 + 60) };
    expect(isGenuine(moved, text, secret, now + 60_000)).toBe(false);
    expect(isGenuine({}, text, secret, now)).toBe(false);
  });

  it('is not signed without a secret', async () => {
    await post(target(null), 'al_1', body, now);
    expect(receiver.received[0]?.headers).not.toHaveProperty('x-authscape-signature');
  });

  it.each([300, 302, 400, 410, 500])('is not taken with %i, and the address stays untold', async (status) => {
    receiver.answers.push(status);
    const refused = await post(target(), 'al_1', body, now).catch((error: unknown) => error);
    expect(refused).toMatchObject({
      code: 'connection_timeout',
      message: expect.stringContaining(`${status}`),
    });
    expect(String(Object(refused).message)).not.toContain('key=1');
  });

  it('connects to no name that leads into a private network', async () => {
    const { port } = new URL(receiver.url);
    const client = createHttpClient({ lookup: publicLookup });
    const call = client.send({ method: 'POST', url: `http://localhost:${port}/`, body, timeoutMs: 5_000 });
    await expect(call).rejects.toMatchObject({ failure: { kind: 'unreachable', reason: 'ENOTFOUND' } });
    expect(receiver.received).toEqual([]);
  });

  it.each([
    ['127.0.0.1', 4, false],
    ['10.1.2.3', 4, false],
    ['172.31.0.1', 4, false],
    ['192.168.1.1', 4, false],
    ['169.254.169.254', 4, false],
    ['100.64.0.1', 4, false],
    ['::1', 6, false],
    ['fd00::1', 6, false],
    ['fe80::1', 6, false],
    ['::ffff:10.0.0.1', 6, false],
    ['::ffff:20.50.1.1', 6, true],
    ['20.50.1.1', 4, true],
    ['2603:1020::1', 6, true],
  ])('%s is an address of the internet: %s %s', (address, family, isPublic) => {
    expect(isPublicIp(address, family)).toBe(isPublic);
  });
});
