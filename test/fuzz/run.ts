/**
 * `npm run test:fuzz`: hostile requests over all routes of a stack of its own, 5,000 or as many as are named. Prints how many were
 * answered with which status; exit code 0 only if every route was asked, no answer is a 5xx without a name, no answer, row,
 * message or log holds a planted secret, and the connection is there as before.
 */
import { z } from 'zod';
import { type Journey, startJourney } from '../journeys/support/journey.js';
import { createRandom } from '../model/random.js';
import { say, sayTable } from '../stack/output.js';
import { sendRaw } from './raw-request.js';
import { type KnownIds, makeRequest, routes } from './requests.js';
import { findIn, searchStores } from './secrets.js';

const ROUNDS = Number(process.argv[2] ?? 5_000);
const AT_A_TIME = 8;
const PLANTED = {
  clientSecret: 'canary-client-secret-7Qx~9',
  webhookSecret: 'canary-webhook-secret-7Qx',
  /** What another system quotes back: its message is stored and shown. */
  token: 'canary-bearer-token-7Qx',
} as const;
const SECRETS = Object.values(PLANTED);
/** Answers of 500 and above that say what is away, or what another system answered. */
const NAMED = /"code":"(?!internal_error)[a-z_]+"/;

const random = createRandom(Number(process.env.FUZZ_SEED ?? 1));
const made = z.looseObject({ id: z.string() });
const counts = new Map<string, number>();
const asked = new Map<string, number>();
const codes = new Map<string, number>();
const wrong: string[] = [];
const add = (to: Map<string, number>, name: string) => to.set(name, (to.get(name) ?? 0) + 1);

/** A connection with all that the parameters of addresses can name. */
async function prepare({ api, authScape, dynamics }: Journey): Promise<KnownIds> {
  await dynamics.seed({ contacts: 30, accounts: 5, seed: 7 });
  await authScape.seed({ users: 30, companies: 5, locations: 5, seed: 7, overlap: 0.5 });
  const { clientSecret: own, ...secrets } = { ...PLANTED };
  const id = await api.createConnection({ massDeleteGuard: { count: 1, percent: 1 } });
  const { id: mappingId, fields } = await api.createMapping(id, 'User', 'contact');
  const first = await api.sync(id, { mode: 'full' });
  await api.patchConnection(id, { webhookSecret: secrets.webhookSecret });
  // A second one, whose secret is wrong: Entra ID's answer to it is stored and shown.
  const other = await api.ask('POST', 'connections', {
    body: {
      ...{ name: 'Other', provider: 'Dynamics365', environment: 'contoso.crm.dynamics.com' },
      ...{
        tenantId: '11111111-1111-4111-8111-111111111111',
        clientId: '22222222-2222-4222-8222-222222222222',
      },
      ...{ clientSecret: own, webhookSecret: secrets.webhookSecret },
    },
  });
  const links = await api.links(id);
  const otherId = made.parse(other.body).id;
  return {
    ...{ id: [id, id, id, otherId], connectionId: [id], mappingId: [mappingId], runId: [first.id] },
    fieldId: fields.map((field) => field.id),
    linkId: links.map((link) => link.id).slice(0, 5),
    ...{
      crmEntity: ['contact', 'account'],
      entity: ['User', 'Company', 'Location'],
      logicalName: ['contact'],
    },
    crmId: links.map((link) => link.crmId).slice(0, 5),
    authScapeId: links.map((link) => link.authScapeId).slice(0, 5),
    userId: links.map((link) => link.authScapeId).slice(0, 5),
    ...{ companyId: ['1', '2'], locationId: ['1', '2'], path: ['config.json', 'index.html'] },
  };
}

async function once({ stack: { info } }: Journey, known: KnownIds): Promise<void> {
  // Each route in turn, so that none is left out however few requests are sent.
  const route = routes[[...asked.values()].reduce((sum, count) => sum + count, 0) % routes.length];
  if (route === undefined) throw new Error('There is no route.');
  const name = `${route.method} ${route.path}`;
  add(asked, name);
  const request = makeRequest(random, route, known);
  const key: Record<string, string> = random.chance(0.05) ? {} : { 'x-functions-key': info.functionsKey };
  const { status, text, headers } = await sendRaw(info.functions, {
    ...request,
    headers: { ...key, ...request.headers },
  });
  add(counts, String(status));
  const shown = `${status} ${request.method} ${request.path.slice(0, 200)}`;
  if (status >= 400) add(codes, `${status} ${/"code":"([a-z_]+)"/.exec(text)?.[1] ?? '(empty)'}`);
  if (status >= 500 && !NAMED.test(text)) wrong.push(`${shown}: ${text.slice(0, 200)}`);
  if (/\bat \S+:\d+:\d+|node_modules/.test(text)) wrong.push(`${shown}: shows where the code is`);
  wrong.push(...findIn(shown, text + headers, SECRETS));
}

async function flood(journey: Journey, known: KnownIds): Promise<void> {
  const quoted = { status: 400, message: `Wrong header Authorization: Bearer ${PLANTED.token}` };
  await journey.dynamics.faults({ match: 'PATCH contacts', probability: 0.2, ...quoted });
  await journey.authScape.faults({ match: 'PUT UpdateUser', probability: 0.2, ...quoted });
  let left = ROUNDS;
  const lane = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      await once(journey, known);
    }
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, lane));
  await Promise.all([journey.dynamics.clearFaults(), journey.authScape.clearFaults()]);
}

const journey = await startJourney();
try {
  const known = await prepare(journey);
  await flood(journey, known);
  const kept = await journey.api.ask('GET', `connections/${known.connectionId?.[0]}`);
  if (kept.status !== 200) wrong.push('The connection is gone.');
  wrong.push(...(await searchStores(journey.stack, SECRETS)));
} finally {
  await journey.stop();
}
sayTable(['status', 'answers'], [...counts].sort());
say();
sayTable(['refusal', 'answers'], [...codes].sort());
say();
const least = Math.min(...routes.map(({ method, path }) => asked.get(`${method} ${path}`) ?? 0));
say(`${routes.length} routes, each asked ${least} times or more.`);
if (least === 0) wrong.push('Some routes were not asked.');
for (const line of wrong.slice(0, 20)) say(line);
say(
  wrong.length === 0
    ? 'Every answer has a name, and no secret is anywhere.'
    : `${wrong.length} things are wrong.`,
);
process.exit(wrong.length === 0 ? 0 : 1);
