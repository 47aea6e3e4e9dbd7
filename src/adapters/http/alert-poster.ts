import { createHmac } from 'node:crypto';
import { lookup } from 'node:dns';
import { BlockList, type LookupFunction } from 'node:net';
import type { PostAlert } from '../../application/ports/alerts.js';
import { BridgeError } from '../../domain/errors.js';
import { createHttpClient } from './client.js';
import { HttpFailure } from './failure.js';

const TIMEOUT_MS = 10_000;

/** The signature of a body that is posted at a time: HMAC-SHA256 over `<seconds since 1970>.<body>`, in hex. */
function signature(secret: string, seconds: number, body: string): string {
  return createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex');
}

/**
 * Posts alerts. A name that leads into a private network is not connected to, also if the name server says so at that
 * moment, unless `allowLoopback` (local runs). Redirects are refused.
 */
export function createAlertPoster(options: { readonly allowLoopback: boolean }): PostAlert {
  const client = createHttpClient(options.allowLoopback ? {} : { lookup: publicLookup });
  return async ({ secret, url }, alertId, body, at) => {
    const seconds = Math.floor(at / 1000);
    try {
      await client.send({
        method: 'POST',
        url,
        headers: {
          'content-type': 'application/json',
          'x-authscape-alert': alertId,
          'x-authscape-timestamp': String(seconds),
          ...(secret === null ? {} : { 'x-authscape-signature': `v1=${signature(secret, seconds, body)}` }),
        },
        body,
        timeoutMs: TIMEOUT_MS,
      });
    } catch (error) {
      if (!(error instanceof HttpFailure)) throw error;
      // The address may hold a key: it is not told.
      throw new BridgeError(
        'connection_timeout',
        `The address of alerts did not take one (${reasonOf(error)}).`,
      );
    }
  };
}

function reasonOf({ failure }: HttpFailure): string {
  if (failure.kind === 'status') return `status ${failure.status}`;
  return 'reason' in failure ? failure.reason : failure.kind;
}

/** Networks that are not the internet (IANA, special-purpose address registries). */
const PRIVATE = new BlockList();
for (const [network, prefix] of [
  ...([
    ['0.0.0.0', 8],
    ['10.0.0.0', 8],
    ['100.64.0.0', 10],
    ['127.0.0.0', 8],
    ['169.254.0.0', 16],
  ] as const),
  ...([
    ['172.16.0.0', 12],
    ['192.0.0.0', 24],
    ['192.168.0.0', 16],
    ['198.18.0.0', 15],
  ] as const),
  ...([
    ['224.0.0.0', 4],
    ['240.0.0.0', 4],
  ] as const),
]) {
  PRIVATE.addSubnet(network, prefix, 'ipv4');
}
for (const [network, prefix] of [
  ['::', 127],
  ['64:ff9b::', 96],
  ['fc00::', 7],
  ['fe80::', 10],
  ['ff00::', 8],
] as const) {
  PRIVATE.addSubnet(network, prefix, 'ipv6');
}

/** Whether an IP address is one of the internet; IPv4 that is written as IPv6 counts as what it is. */
export function isPublicIp(address: string, family: number): boolean {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return !PRIVATE.check(mapped, 'ipv4');
  return !PRIVATE.check(address, family === 6 ? 'ipv6' : 'ipv4');
}

/** As the platform's own, but for names that lead into a private network. */
export const publicLookup: LookupFunction = (name, options, done) => {
  lookup(name, { ...options, all: true }, (error, addresses) => {
    const first = addresses?.[0];
    if (error !== null || first === undefined) return done(error, '', 4);
    if (addresses.some(({ address, family }) => !isPublicIp(address, family))) {
      return done(
        Object.assign(new Error('The name leads into a private network.'), { code: 'ENOTFOUND' }),
        '',
        4,
      );
    }
    return options.all === true ? done(null, addresses) : done(null, first.address, first.family);
  });
};
