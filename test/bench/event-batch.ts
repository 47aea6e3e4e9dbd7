import { say, sayTable } from '../stack/output.js';
import { type Synced, untilIdle } from './event-pairs.js';
import { type Load, percentile, sendLoad } from './sender.js';

const EVENTS = 500;
const POSTS = 4;
const LOAD = { rate: 100, count: 1_000 };
const PROCESSED_WITHIN_MS = 300_000;

/** How long one post of as many events as AuthScape may send waits for its answer, at rest and under load. */
export async function measureBatch(synced: Synced, webhooks: Load): Promise<void> {
  const { pairs, journey } = synced;
  const { functions, functionsKey } = journey.stack.info;
  const events = pairs.slice(0, EVENTS).map(({ userId }) => ({
    entity: 'User',
    id: String(userId),
    change: 'updated',
    occurredAt: new Date().toISOString(),
  }));
  const post: Load = {
    url: `${functions}/api/authscape/events`,
    headers: { 'content-type': 'application/json', 'x-functions-key': functionsKey },
    bodies: Array.from({ length: POSTS }, () => JSON.stringify({ events })),
    lanes: 1,
    forMs: 60_000,
  };
  const calm = await sendLoad({ ...post, bodies: post.bodies.slice(0, 1) });
  await untilIdle(journey, PROCESSED_WITHIN_MS);
  const [busy, told] = await Promise.all([sendLoad(post), sendLoad({ ...webhooks, ...LOAD })]);
  say(`${events.length} events of AuthScape in one post; under load ${LOAD.rate} notifications/s beside it:`);
  sayTable(
    ['post', 'posts', 'p50 ms', 'most ms', 'answers'],
    [calm, busy].map(({ latencies, statuses }, index) => [
      index === 0 ? 'at rest' : 'under load',
      latencies.length,
      percentile(latencies, 0.5).toFixed(0),
      percentile(latencies, 1).toFixed(0),
      JSON.stringify(statuses),
    ]),
  );
  say(`The notifications: p99 ${percentile(told.latencies, 0.99).toFixed(0)} ms.`);
}
