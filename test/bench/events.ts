import { loadavg } from 'node:os';
import { QueueClient } from '@azure/storage-queue';
import { bothSides } from '../journeys/support/journey.js';
import { writesIn } from '../journeys/support/simulator.js';
import { connectionString } from '../journeys/support/storage-scan.js';
import { progress, say, sayTable } from '../stack/output.js';
import { shareText, watched } from './azurite-share.js';
import { measureBatch } from './event-batch.js';
import { measureLatency } from './event-latency.js';
import { eachOf, type Pair, SECRET, type Synced, startSynced, untilIdle } from './event-pairs.js';
import { type Load, percentile, type Sent, sendLoad, startBareHost } from './sender.js';

const FULL_RATE = { lanes: 32, forMs: 5_000 };
const STEADY = { rate: 100, count: 3_000 };
const BURST = { rate: 1_000, count: 1_000 };
const PROCESSED_WITHIN_MS = 300_000;
const LATENCY_PAIRS = 440;

/** How fast events are taken, how soon an edit is on the other side, and what a burst costs. */
export async function measureEvents(size = 2_000): Promise<void> {
  say(`Node ${process.version}, load average ${loads()}`);
  const few = await startSynced(LATENCY_PAIRS);
  try {
    await measureBurst(few);
    await measureLatency(few);
  } finally {
    await few.journey.stop();
  }
  const many = await startSynced(Math.ceil(size * 1.1));
  try {
    await measureReceiver({ ...many, pairs: many.pairs.slice(0, size) });
  } finally {
    await many.journey.stop();
  }
  say(`load average at the end ${loads()}`);
}

const loads = () =>
  loadavg()
    .map((load) => load.toFixed(1))
    .join(' ');

const notification = (id: string) =>
  JSON.stringify({ MessageName: 'Update', PrimaryEntityName: 'contact', PrimaryEntityId: id });

function receiver({ connectionId, journey }: Synced, pairs: readonly Pair[]): Load {
  return {
    url: `${journey.stack.info.functions}/api/crm/webhook/dynamics/${connectionId}`,
    headers: { 'content-type': 'application/json', 'x-authscape-webhook-secret': SECRET },
    bodies: pairs.map(({ contactId }) => notification(contactId)),
  };
}

async function measureReceiver(synced: Synced): Promise<void> {
  const { pairs } = synced;
  const { info } = synced.journey.stack;
  const load = receiver(synced, pairs);
  const host = await startBareHost(info);
  const queue = new QueueClient(connectionString(info), 'bare');
  const bare = async (how: Partial<Load>) => {
    const sent = await sendLoad({ ...load, url: host.url, ...how });
    // The emulator slows down with its backlog.
    await queue.clearMessages();
    return sent;
  };
  try {
    progress('  warming up');
    // Both are warm before they are measured.
    await bare({ ...FULL_RATE, bodies: load.bodies.slice(0, 200) });
    await sendLoad({ ...load, ...FULL_RATE, bodies: load.bodies.slice(0, 200) });
    await untilIdle(synced.journey, PROCESSED_WITHIN_MS);
    const before = await bare(FULL_RATE);
    const full = await withEdits(synced, 'Full', () => sendLoad({ ...load, ...FULL_RATE }));
    const after = await bare(FULL_RATE);
    sayTable(COLUMNS, [
      line('bare handler, full rate', before),
      line('receiver, full rate', full.sent, full),
      line('bare handler, full rate again', after),
    ]);
    say(`Meanwhile: ${shareText(full.share)}.`);
    const bareRate = (rateOf(before) + rateOf(after)) / 2;
    say(
      `Rate of the receiver: ${((100 * rateOf(full.sent)) / bareRate).toFixed(0)} % of the bare handler's.`,
    );
    const steady = await withEdits(synced, 'Steady', () => sendLoad({ ...load, ...STEADY }));
    const steadyBare = await bare(STEADY);
    sayTable(COLUMNS, [
      line('receiver, 100/s', steady.sent, steady),
      line('bare handler, 100/s', steadyBare),
    ]);
    say(`Meanwhile: ${shareText(steady.share)}.`);
    await measureBatch(synced, load);
  } finally {
    host.stop();
  }
}

const COLUMNS = ['receiver', 'requests', 'per s', 'p50 ms', 'p99 ms', 'answers', 'processed after s', 'lost'];
const rateOf = ({ latencies, ms }: Sent) => (latencies.length * 1000) / ms;

function line(what: string, sent: Sent, work?: { processedMs: number; lost: number }) {
  const { latencies, statuses } = sent;
  return [
    what,
    latencies.length,
    rateOf(sent).toFixed(0),
    percentile(latencies, 0.5).toFixed(1),
    percentile(latencies, 0.99).toFixed(1),
    JSON.stringify(statuses),
    work === undefined ? '' : (work.processedMs / 1000).toFixed(1),
    work?.lost ?? '',
  ];
}

/** Edits every contact unseen, lets them be told of, and counts the users that never got the edit. */
async function withEdits({ journey, pairs }: Synced, lastname: string, send: () => Promise<Sent>) {
  await eachOf(pairs, 16, ({ contactId }) =>
    journey.editors.dynamics('PATCH', `contacts(${contactId})`, { lastname }),
  );
  progress(`  ${pairs.length} edits made: ${lastname}`);
  const { result: sent, share } = await watched(journey.stack.info, send);
  progress(`  ${sent.sent} events sent: ${lastname}`);
  const from = performance.now();
  await untilIdle(journey, PROCESSED_WITHIN_MS);
  const processedMs = performance.now() - from;
  const { users } = (await bothSides(journey)).authScape;
  const there = new Map(users.map((user) => [user.id, user.lastName]));
  // At full rate time may end before the bodies do: those were never sent.
  const told = pairs.slice(0, sent.sent);
  const lost = told.filter(({ userId }) => there.get(userId) !== lastname).length;
  return { sent, share, processedMs, lost };
}

async function measureBurst(synced: Synced): Promise<void> {
  const { authScape, dynamics, editors } = synced.journey;
  const [pair] = synced.pairs;
  if (pair === undefined) throw new Error('There is no pair.');
  await editors.dynamics('PATCH', `contacts(${pair.contactId})`, { lastname: 'Burst' });
  await dynamics.clearRequests();
  await authScape.clearRequests();
  const sent = await sendLoad({ ...receiver(synced, [pair]), ...BURST });
  await untilIdle(synced.journey, PROCESSED_WITHIN_MS);
  const [d, a] = [await dynamics.requests(), await authScape.requests()];
  const [sentS, answeredS] = [sent.sentMs, sent.ms].map((ms) => (ms / 1000).toFixed(2));
  say(`1,000 notifications for one record, sent within ${sentS} s and answered within ${answeredS} s:`);
  sayTable(
    ['side', 'reads of the record', 'writes', 'requests in all'],
    [
      ['Dynamics', d.byRoute['GET contacts'] ?? 0, sum(writesIn(d)), d.total],
      ['AuthScape', a.byRoute['GET GetUser'] ?? 0, sum(writesIn(a)), a.total],
    ],
  );
}

const sum = (counts: Record<string, number>) => Object.values(counts).reduce((all, count) => all + count, 0);
