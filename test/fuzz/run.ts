/**
 * `npm run test:fuzz`: hostile requests over all routes of a stack of its own, 5,000 or as many as are named. Prints how many were
 * answered with which status; exit code 0 only if no answer is a 5xx without a name, no answer, row, message or log holds a planted
 * secret, and the connection is there as before.
 */
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { keyedRoutes } from '../journeys/support/route-cases.js';
import { allMessages, allRows } from '../journeys/support/storage-scan.js';
import { startStack } from '../stack/launch/stack.js';
import { say, sayTable } from '../stack/output.js';

const ROUNDS = Number(process.argv[2] ?? 5_000);
const AT_A_TIME = 8;
const CANARIES = ['canary-client-secret-7Qx', 'canary-webhook-secret-7Qx'] as const;
/** Answers of 500 and above that say what is away, or what another system answered. */
const NAMED = /"code":"(?!internal_error)[a-z_]+"/;

let state = Number(process.env.FUZZ_SEED ?? 1);
const random = (below: number): number => {
  state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
  return Math.floor((state / 2 ** 32) * below);
};
const pick = <T>(some: readonly [T, ...T[]] | readonly T[]): T => some[random(some.length)] as T;

const IDS = [
  '..',
  '%2e%2e',
  '.',
  '%00',
  'c_none',
  "x' or 1 eq 1",
  '%2f',
  'a%5cb',
  '😀',
  '0',
  '-1',
  'null',
  '__proto__',
  'x'.repeat(600),
];
const VALUES: readonly unknown[] = [
  null,
  0,
  -1,
  1e308,
  true,
  '',
  ' ',
  'x'.repeat(5_000),
  '\u202e',
  '\u0000',
  [],
  {},
  [[]],
  { a: 1 },
  '__proto__',
];
const QUERIES = [
  ...[
    'limit=0',
    'limit=1e9',
    'limit=x',
    'cursor=x',
    'cursor=e30=',
    'days=-1',
    'unknown=1',
    'validate=no',
    '%',
    'a=%ff',
  ],
  ...[{ nextPartitionKey: {} }, { nextPartitionKey: 5 }, { nextPartitionKey: [] }, []].map(
    (keys) => `cursor=${encodeURIComponent(Buffer.from(JSON.stringify(keys)).toString('base64'))}`,
  ),
];
const NAMES = [
  'name',
  'provider',
  'environment',
  'mode',
  'crmEntity',
  'authScapeEntity',
  'fields',
  'events',
  'filter',
  'baseUrl',
];
const BODIES = [
  '',
  '{',
  '[]',
  'null',
  '"x"',
  '{"a":1,"a":2}',
  '\ufeff{}',
  '[[[[[[[[',
  `{"a":"${'x'.repeat(1_100_000)}"}`,
];

function body(): string | Uint8Array {
  const kind = random(10);
  if (kind === 0) return Buffer.from([0x7b, 0xff, 0xfe, 0x7d]);
  if (kind < 4) return pick(BODIES);
  return JSON.stringify(
    Object.fromEntries(Array.from({ length: 1 + random(4) }, () => [pick(NAMES), pick(VALUES)])),
  );
}

const made = z.object({ id: z.string() });
const stack = await startStack();
const { functions, functionsKey } = stack.info;
const keyed = { 'x-functions-key': functionsKey };

async function ask(method: string, path: string, content?: unknown): Promise<unknown> {
  const reply = await fetch(`${functions}/api/${path}`, {
    method,
    headers: { ...keyed, 'content-type': 'application/json' },
    ...(content === undefined ? {} : { body: JSON.stringify(content) }),
  });
  return reply.json();
}

const counts = new Map<string, number>();
const wrong: string[] = [];

async function once(connectionId: string): Promise<void> {
  const [method = '', template = ''] = pick(keyedRoutes).split(' ');
  // The connection itself is never deleted by its own id here: what deletes it all the same has been led astray.
  const known = (name: string) =>
    name === 'c' && method !== 'DELETE' && random(3) > 0 ? connectionId : pick(IDS);
  const path = template
    .replace('{m}', 'connections/{c}/mappings/{x}')
    .replace(/\{(\w+)\}/g, (_, name: string) => known(name));
  const query = random(3) === 0 ? `?${pick(QUERIES)}` : '';
  const sent = ['POST', 'PUT', 'PATCH'].includes(method) ? { body: body() } : {};
  const type = pick(['application/json', 'application/json', 'text/plain', 'application/xml']);
  const key = random(20) === 0 ? {} : keyed;
  const reply = await fetch(`${functions}/api/${path}${query}`, {
    method,
    headers: { ...key, 'content-type': type },
    ...sent,
  });
  const text = await reply.text();
  counts.set(String(reply.status), (counts.get(String(reply.status)) ?? 0) + 1);
  if (reply.status >= 500 && !NAMED.test(text))
    wrong.push(`${reply.status} ${method} /${path}${query}: ${text.slice(0, 200)}`);
  for (const canary of CANARIES)
    if (text.includes(canary)) wrong.push(`${method} /${path}: the answer holds a secret`);
}

/** A secret as it is, in base64, as hex and escaped. */
const forms = (secret: string): readonly string[] => [
  secret,
  Buffer.from(secret).toString('base64').replace(/=+$/, ''),
  Buffer.from(secret).toString('hex'),
  encodeURIComponent(secret),
];

try {
  const [clientSecret, webhookSecret] = CANARIES;
  const connection = {
    name: 'Fuzz',
    provider: 'Dynamics365',
    environment: stack.info.environment,
    clientSecret,
    webhookSecret,
  };
  const { id } = made.parse(await ask('POST', 'connections', connection));
  let left = ROUNDS;
  const lane = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      await once(id);
    }
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, lane));
  const kept = made.safeParse(await ask('GET', `connections/${id}`));
  if (!kept.success) wrong.push('The connection is gone.');
  const log = readFileSync(stack.logFiles.functions, 'utf8');
  const texts = [...(await allRows(stack.info)), ...(await allMessages(stack.info)), log];
  for (const form of CANARIES.flatMap(forms)) {
    const found = texts.find((text) => text.includes(form));
    if (found !== undefined) wrong.push(`A secret is in ${found.slice(0, 40)}`);
  }
  sayTable(['status', 'answers'], [...counts].sort());
} finally {
  await stack.stop();
}
for (const line of wrong.slice(0, 20)) say(line);
say(
  wrong.length === 0
    ? 'Every answer has a name, and no secret is anywhere.'
    : `${wrong.length} things are wrong.`,
);
process.exit(wrong.length === 0 ? 0 : 1);
