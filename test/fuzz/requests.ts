import type { Route } from '../../src/functions/routes/route.js';
import { allRoutes } from '../../src/functions/routes/table.js';
import type { Random } from '../model/random.js';
import type { RawRequest } from './raw-request.js';

/** Hostile requests, made from the service's own routes: a route that is added is asked as well. */

const IDS = [
  ...[
    '..',
    '%2e%2e',
    '.%2E',
    '.',
    '%00',
    'c_none',
    'x%27%20or%201%20eq%201',
    '%2f',
    'a%5cb',
    'a\\b',
    '..%2f..',
  ],
  ...['%F0%9F%98%80', '%ff', '%', '0', '-1', '1e309', 'null', '__proto__', 'constructor', '$metadata', ''],
  ...['x'.repeat(600), '00000000-0000-0000-0000-000000000000', '%E2%80%AE', '*', '(', ';x=1', '%0d%0ax:%20y'],
];
const VALUES: readonly unknown[] = [
  ...[
    null,
    0,
    -1,
    1e308,
    -0.5,
    2 ** 53,
    true,
    false,
    '',
    ' ',
    'x'.repeat(5_000),
    '\u202e',
    '\u0000',
    '\ud800',
  ],
  ...[
    [],
    {},
    [[]],
    { a: 1 },
    [null],
    '__proto__',
    '{{x}}',
    '%{x}',
    "' or 1 eq 1",
    '../..',
    'http://10.0.0.1/',
  ],
  ...[
    '2026-02-30',
    '9999-12-31T23:59:59.999Z',
    '0000',
    'NaN',
    '٣',
    'ﬀ',
    '\ufeff',
    'a\r\nb',
    ['x'.repeat(70_000)],
  ],
];
const QUERIES = [
  ...[
    'limit=0',
    'limit=1e9',
    'limit=x',
    'limit=1&limit=2',
    'cursor=x',
    'cursor=e30=',
    'unknown=1',
    '%',
    'a=%ff',
  ],
  ...['%00=1', 'code=x', '#', '?', '&&', '=', `search=${'x'.repeat(3_000)}`, '__proto__=1', 'limit=1#frag'],
  ...[{ nextPartitionKey: {} }, { nextPartitionKey: 5 }, { nextPartitionKey: [] }, [], null, 'x', 5]
    .map((keys) => `cursor=${encodeURIComponent(Buffer.from(JSON.stringify(keys)).toString('base64'))}`)
    .concat(`cursor=${encodeURIComponent(Buffer.from('1:2:3').toString('base64'))}`),
];
const BODIES: readonly (string | Uint8Array)[] = [
  ...[
    '',
    ' ',
    '{',
    '[]',
    'null',
    '"x"',
    '0',
    '{"a":1,"a":2}',
    '\ufeff{}',
    '['.repeat(50_000),
    '{"a":1}x',
    '{}{}',
  ],
  ...[
    `{"a":"${'x'.repeat(1_100_000)}"}`,
    '{"__proto__":{"a":1}}',
    '{"a":1e400}',
    '{"a":"\\ud800"}',
    "{'a':1}",
  ],
  Buffer.from([0x7b, 0xff, 0xfe, 0x7d]),
  Buffer.from('{"a":1}', 'utf16le'),
];
const TYPES = [
  ...['application/json', 'application/json', 'application/json', 'application/json; charset=utf-16'],
  ...[
    'text/plain',
    'application/xml',
    'multipart/form-data; boundary=x',
    'application/x-www-form-urlencoded',
  ],
  ...['application/merge-patch+json', ''],
];
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'PROPFIND', 'FOO'];
const HEADERS: Readonly<Record<string, readonly string[]>> = {
  'if-match': ['*', '""', 'W/"x"', 'x', '"\u00ff"', `"${'x'.repeat(5_000)}"`],
  'idempotency-key': ['', ' ', 'k', 'x'.repeat(5_000), '\u00ff', '../..'],
  accept: ['text/csv', 'text/html', '*/*;q=0', 'x'],
  'x-original-url': ['/api/connections/..', '/', '%'],
  'x-waws-unencoded-url': ['/api/connections/%2e%2e', 'x'],
  'x-forwarded-for': ['::1, 10.0.0.1'],
  'x-http-method-override': ['DELETE'],
  'accept-encoding': ['gzip'],
  authorization: ['Bearer x', 'Basic eDp5', 'Bearer'],
};

/** What parameters of addresses stand for where they name something that there is. */
export type KnownIds = Readonly<Record<string, readonly string[]>>;

export const routes: readonly Route[] = [
  ...allRoutes(),
  // The one route that the app serves beside the table.
  {
    ...{ name: 'console', method: 'GET', path: 'console/{path}', role: null, group: '', summary: '' },
    answers: {},
  },
];

export function makeRequest(random: Random, route: Route, known: KnownIds): RawRequest {
  const method = random.chance(0.03) ? random.pick(METHODS) : route.method;
  const path = `/api/${pathOf(random, { method, path: route.path }, known)}${queryOf(random, route)}`;
  const type = random.chance(0.8) ? 'application/json' : random.pick(TYPES);
  const headers: Record<string, string> = type === '' ? {} : { 'content-type': type };
  for (const [name, values] of Object.entries(HEADERS))
    if (random.chance(0.015)) headers[name] = random.pick(values);
  const takesBody = route.body !== undefined || ['POST', 'PUT', 'PATCH'].includes(method);
  const body = takesBody || random.chance(0.05) ? bodyOf(random, route) : undefined;
  // The host drops a body that comes in chunks.
  if (random.chance(0.05)) headers['transfer-encoding'] = 'chunked';
  else headers['content-length'] = String(body === undefined ? 0 : Buffer.byteLength(body));
  return { method, path, headers, body };
}

/** What a DELETE names last is never there: the others keep something to work on. */
function pathOf(
  random: Random,
  { method, path }: Pick<Route, 'path'> & { method: string },
  known: KnownIds,
): string {
  const last = path.endsWith('}') ? path.slice(path.lastIndexOf('{') + 1, -1) : undefined;
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => {
    const some = known[name] ?? [];
    const mayBeKnown = some.length > 0 && !(method === 'DELETE' && name === last);
    return mayBeKnown && random.chance(0.9) ? random.pick(some) : random.pick(IDS);
  });
  if (random.chance(0.02)) return `/${filled}`;
  return random.chance(0.02) ? `${filled}/` : filled;
}

function queryOf(random: Random, { query }: Route): string {
  if (random.chance(0.75)) return '';
  // A document that is carried out with it takes away what the others work on.
  const names = Object.keys(query?.shape ?? {}).filter((name) => name !== 'prune');
  if (names.length === 0 || random.chance(0.3)) return `?${random.pick(QUERIES)}`;
  const value = encodeURIComponent(Buffer.from(String(random.pick(VALUES)).slice(0, 3_000)).toString());
  return `?${random.pick(names)}=${value}`;
}

function bodyOf(random: Random, { body }: Route): string | Uint8Array {
  if (random.chance(0.15)) return random.pick(BODIES);
  const example = structuredClone(body?.example ?? { a: 1 });
  for (let changes = random.below(3); changes > 0; changes -= 1) spoil(random, example);
  return JSON.stringify(example);
}

/** Puts a value where none like it belongs, leaves one out, or adds one. */
function spoil(random: Random, value: unknown): void {
  if (typeof value !== 'object' || value === null) return;
  const holder = value as Record<string, unknown>;
  const names = Object.keys(holder);
  const name = names.length === 0 || random.chance(0.1) ? 'surplus' : random.pick(names);
  const inner = holder[name];
  if (typeof inner === 'object' && inner !== null && random.chance(0.7)) spoil(random, inner);
  else if (random.chance(0.15)) delete holder[name];
  else if (random.chance(0.9)) holder[name] = structuredClone(random.pick(VALUES));
}
