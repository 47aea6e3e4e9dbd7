/**
 * `npm run soak`: a stack at work for 25 minutes (`SOAK_MINUTES`) under edits, creations, deletes, merges, restarts and
 * bursts of refusals, with incremental runs every five minutes. Prints a verdict; exit code 0 only if no event was lost,
 * no person is there twice, differs or has no link, nothing is left over, and a further full run has nothing to do.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Synced, startSynced } from '../bench/event-pairs.js';
import { until } from '../journeys/support/wait.js';
import { createRandom } from '../model/random.js';
import { progress, say, sayTable } from '../stack/output.js';
import { Ledger, lookAt } from './ledger.js';
import { atPace, People } from './people.js';
import { type Sample, takeSample } from './samples.js';
import { makeTrouble } from './trouble.js';
import {
  broughtByRuns,
  countEvents,
  deadLetters,
  differing,
  latencies,
  lostActs,
  staleReservations,
  unlinked,
} from './verdict.js';

const USAGE = `Usage: npm run soak

SOAK_MINUTES is how long people work (25), SOAK_SEED what they choose (1).`;
if (process.argv.includes('--help')) {
  say(USAGE);
  process.exit(0);
}
const forMs = Number(process.env.SOAK_MINUTES ?? 25) * 60_000;
if (!(forMs > 0)) {
  process.stderr.write(`${USAGE}\n`);
  process.exit(2);
}

const PAIRS = 250;
const EDIT_EVERY_MS = 200;
const CREATE_EVERY_MS = 1_000;
const DELETE_EVERY_MS = 15_000;
const MERGE_EVERY_MS = 30_000;
const LOOK_EVERY_MS = 1_000;
const SAMPLE_EVERY_MS = 60_000;
const SETTLE_WITHIN_MS = 600_000;
/** What the smallest instance of the plan has. */
const MOST_FUNCTIONS_MB = 512;

const env = { SYNC_SCHEDULE: '0 * * * * *', STACK_QUEUE_INVISIBLE_S: '30' };
const connection = { massDeleteGuard: null, syncIntervalMinutes: 5 };
const synced = await startSynced(PAIRS, { env, connection });
const { journey, connectionId } = synced;
const { api, authScape, dynamics, editors, stack } = journey;
const ledger = new Ledger();
const samples: Sample[] = [];

/** Returns who was there twice before: some records of the seed share an e-mail. */
async function startTelling({ pairs }: Synced): Promise<readonly string[]> {
  const { functions: url, functionsKey: key } = stack.info;
  const registered = await api.ask('POST', `connections/${connectionId}/webhook`, { body: { baseUrl: url } });
  if (registered.status >= 300) throw new Error(`Registering answered ${registered.status}.`);
  await dynamics.post('webhooks', { deliver: true });
  await authScape.post('events', { deliver: true, all: true, url, key });
  const emails = pairs.map(({ email }) => email);
  const sides = await lookAt(authScape, dynamics);
  ledger.take(emails, sides);
  return sides.doubled;
}

async function watch(over: AbortSignal): Promise<void> {
  let sampledAt = 0;
  while (!over.aborted) {
    const now = Date.now();
    ledger.see(await lookAt(authScape, dynamics), now);
    progress(`  ${ledger.acts.length} acts, ${ledger.open().length} not yet on the other side`);
    if (now - sampledAt >= SAMPLE_EVERY_MS) {
      samples.push(await takeSample(journey));
      sampledAt = now;
    }
    await sleep(LOOK_EVERY_MS);
  }
}

/** Nothing is told, worked on or waits any more, for a moment. */
async function settle(): Promise<void> {
  await api.patchConnection(connectionId, { syncIntervalMinutes: 1_440 });
  let quietSince: number | undefined;
  const isQuiet = async () => {
    const { dynamics: rows, authScape: records } = await countEvents(journey, connectionId);
    const waiting = await journey.waitingMessages();
    const runs = (await api.runs(connectionId)).filter(({ finishedAt }) => finishedAt === null);
    return rows.pending + records.pending + waiting + runs.length === 0;
  };
  await until(
    'all is worked on',
    async () => {
      if (await isQuiet()) quietSince ??= Date.now();
      else quietSince = undefined;
      return quietSince !== undefined && Date.now() - quietSince > 3_000;
    },
    { withinMs: SETTLE_WITHIN_MS, everyMs: 500 },
  );
}

const began = Date.now();
const over = new AbortController();
let isBad = false;
const judge = (what: string, wrong: readonly string[]): void => {
  say(`${wrong.length === 0 ? 'good' : 'BAD '}  ${what}: ${wrong.length}`);
  for (const line of wrong.slice(0, 5)) say(`        ${line}`);
  isBad ||= wrong.length > 0;
};

try {
  const doubledBefore = await startTelling(synced);
  const people = new People(editors, ledger, createRandom(Number(process.env.SOAK_SEED ?? 1)));
  const watching = watch(over.signal);
  const ended = AbortSignal.timeout(forMs);
  const [trouble] = await Promise.all([
    makeTrouble(journey, forMs, ended),
    atPace(EDIT_EVERY_MS, ended, () => people.edit()),
    atPace(CREATE_EVERY_MS, ended, () => people.create()),
    atPace(DELETE_EVERY_MS, ended, () => people.remove()),
    atPace(MERGE_EVERY_MS, ended, () => people.merge()),
  ]);
  await settle();
  await sleep(2 * LOOK_EVERY_MS);
  over.abort();
  await watching;
  ledger.see(await lookAt(authScape, dynamics), Date.now());
  samples.push(await takeSample(journey));

  const events = await countEvents(journey, connectionId);
  const runs = await api.runs(connectionId);
  // The oldest made the first links.
  const brought = await broughtByRuns(api, runs.slice(0, -1));
  const { lost, untold } = lostActs(ledger, events.dynamics, brought);
  const full = await api.sync(connectionId, { mode: 'full' }, { withinMs: SETTLE_WITHIN_MS });
  await settle();
  const second = await api.sync(connectionId, { mode: 'full' }, { withinMs: SETTLE_WITHIN_MS });
  await settle();
  const sides = await lookAt(authScape, dynamics);

  for (const line of trouble) say(line);
  say(`${ledger.acts.length} acts and ${ledger.merges} merges in ${Math.round(forMs / 60_000)} minutes:`);
  sayTable(['minute', 'acts', 'arrived', 'p50 s', 'p95 s', 'most s'], latencies(ledger, began));
  say('Rows and memory (MB):');
  const names = [...new Set(samples.flatMap(({ rows }) => Object.keys(rows)))].sort();
  sayTable(
    ['table', ...samples.map(({ at }) => `${Math.round((at - began) / 1000)} s`)],
    [
      ...names.map((name) => [name, ...samples.map(({ rows }) => rows[name] ?? 0)]),
      ['messages that wait', ...samples.map(({ waiting }) => waiting)],
      ['functions MB', ...samples.map(({ functionsMb }) => functionsMb.toFixed(0))],
      ['Azurite MB', ...samples.map(({ azuriteMb }) => azuriteMb.toFixed(0))],
    ],
  );
  const { authScape: records, dynamics: rows, worked } = events;
  say('Events, several about one record share a message:');
  sayTable(
    ['sender', 'delivered', 'not delivered', 'pending'],
    [
      ['Dynamics', rows.delivered, rows.failed + rows.dropped, rows.pending],
      ['AuthScape', records.delivered, records.failed, records.pending],
    ],
  );
  say(`Messages worked on: ${worked.received}, of them ${worked.echoes} with nothing to do.`);
  say(`${untold.length} acts Dynamics could not tell of; runs brought them.`);
  say(`Full run afterwards: ${full.status}, ${JSON.stringify(full.counts)}`);
  judge(
    'lost',
    lost.map(
      ({ kind, side, value, at }) =>
        `${kind} in ${side}, ${value}, ${Math.round((at - began) / 1000)} s after the start`,
    ),
  );
  judge(
    'events of AuthScape that were not taken',
    Array.from({ length: records.failed }, () => 'given up'),
  );
  judge(
    'doubled',
    sides.doubled.filter((one) => !doubledBefore.includes(one)),
  );
  judge('differing', differing(ledger, sides));
  judge('unlinked', await unlinked(api, connectionId, ledger, sides));
  const { created, updated, deactivated, deleted, linked } = second.counts;
  const done = created + updated + deactivated + deleted + linked;
  judge('runs with work after that one', done === 0 ? [] : [JSON.stringify(second.counts)]);
  judge('dead letters', await deadLetters(api, connectionId));
  judge('reservations that stayed', await staleReservations(journey));
  judge(
    `samples with more than ${MOST_FUNCTIONS_MB} MB`,
    samples.filter(({ functionsMb }) => functionsMb > MOST_FUNCTIONS_MB).map(({ at }) => String(at)),
  );
} finally {
  over.abort();
  await journey.stop();
}
say(isBad ? 'Something is wrong.' : 'All is well.');
process.exit(isBad ? 1 : 0);
