import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import type { Journey } from '../journeys/support/journey.js';
import { progress, say, sayTable } from '../stack/output.js';
import { type Pair, SECRET, startSynced } from './event-pairs.js';
import type { TablesOf } from './scene.js';
import { percentile } from './sender.js';

const PAIRS = 200;
const EDIT_EVERY_MS = 1_000;
const LOOK_EVERY_MS = 50;
/** Of the age of an edit that has not arrived: looks at many late ones would be a load that makes them later. */
const LOOK_EVERY_SHARE = 0.05;
const ARRIVES_WITHIN_MS = 600_000;
const RUN_WITHIN_MS = 3_600_000;

const reportSchema = z.object({
  refused: z.object({ requests: z.number(), executionTime: z.number(), concurrent: z.number() }),
  pauses: z.number(),
});
const userSchema = z.looseObject({ lastName: z.string() });

/**
 * A full run that brings so many further users and as many contacts into step, half of them the same people, under the
 * documented limits of Dynamics, while each second a person edits a contact that is linked already: how many requests are
 * refused, and how long the edits take to arrive.
 */
export async function measureLimits(
  size = 20_000,
  { latencyMs, tables = 'azurite' }: { latencyMs: number; tables: TablesOf | undefined },
): Promise<void> {
  const { connectionId, journey, pairs } = await startSynced(PAIRS, { env: { STACK_TABLES: tables } });
  const { api, authScape, dynamics, stack } = journey;
  try {
    await api.patchConnection(connectionId, { webhookSecret: SECRET });
    const body = { baseUrl: stack.info.functions };
    const registered = await api.ask('POST', `connections/${connectionId}/webhook`, { body });
    if (registered.status >= 300) throw new Error(`Registering answered ${registered.status}.`);
    await dynamics.seed({ contacts: size, accounts: 0, seed: 21 });
    await authScape.seed({ users: size, companies: 0, locations: 0, seed: 21, overlap: 0.5 });
    await dynamics.post('webhooks', { deliver: true });
    for (const side of [dynamics, authScape]) {
      await side.post('latency', { perRequestMs: latencyMs });
      await side.clearRequests();
    }
    await dynamics.post('limits', {});
    const began = performance.now();
    const { id } = await api.requestSync(connectionId, { mode: 'full' });
    const over = new AbortController();
    const edits = editUntil(journey, pairs, over.signal);
    const run = await api.follow(id, { withinMs: RUN_WITHIN_MS });
    const seconds = (performance.now() - began) / 1_000;
    over.abort();
    const late = await edits;
    const reply = await fetch(`${stack.info.dataverse}/_sim/limits`);
    const { pauses, refused } = reportSchema.parse(await reply.json());
    const { total } = z.object({ total: z.number() }).parse(await dynamics.requests());
    const all = refused.requests + refused.executionTime + refused.concurrent;
    say(
      `${size} users, ${size} contacts, half matching, ${latencyMs} ms added to a request, tables of ${tables === 'own' ? 'the benchmark' : 'Azurite'}: ${run.status}, ${seconds.toFixed(0)} s`,
    );
    sayTable(
      ['requests to Dynamics', 'refused', '% refused', 'pauses'],
      [[total, all, ((100 * all) / total).toFixed(2), pauses]],
    );
    const [p50, p95, most] = [0.5, 0.95, 1].map((share) => Math.round(percentile(late, share)));
    say('Edits in Dynamics meanwhile, until they are in AuthScape:');
    sayTable(['edits', 'p50 ms', 'p95 ms', 'most ms'], [[late.length, p50 ?? 0, p95 ?? 0, most ?? 0]]);
    say(JSON.stringify({ benchmark: 'limits', size, seconds, total, refused, pauses, p50, p95, most }));
  } finally {
    await journey.stop();
  }
}

/** Edits one contact after the other until the signal; returns how long each took to arrive, in milliseconds. */
async function editUntil(journey: Journey, pairs: readonly Pair[], over: AbortSignal): Promise<number[]> {
  const { editors } = journey;
  const late: number[] = [];
  const under: Promise<void>[] = [];
  const editOne = async ({ contactId, userId }: Pair, lastname: string) => {
    const sentAt = performance.now();
    await editors.dynamics('PATCH', `contacts(${contactId})`, { lastname });
    while (
      userSchema.parse(await editors.authScape('GET', `GetUser?userId=${userId}`)).lastName !== lastname
    ) {
      const age = performance.now() - sentAt;
      if (age > ARRIVES_WITHIN_MS) throw new Error(`${lastname} has not arrived in AuthScape.`);
      await sleep(Math.max(LOOK_EVERY_MS, age * LOOK_EVERY_SHARE));
    }
    late.push(performance.now() - sentAt);
    progress(`  ${late.length} edits have arrived`);
  };
  for (let edit = 0; !over.aborted; edit += 1) {
    const pair = pairs[edit % pairs.length];
    if (pair !== undefined) under.push(editOne(pair, `Edit ${edit}`));
    await sleep(EDIT_EVERY_MS, undefined, { signal: over }).catch(() => undefined);
  }
  await Promise.all(under);
  return late;
}
