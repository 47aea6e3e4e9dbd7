import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import type { Journey } from '../journeys/support/journey.js';
import { say, sayTable } from '../stack/output.js';
import { type Pair, type Synced, untilIdle } from './event-pairs.js';
import { percentile } from './sender.js';

const PER_SECOND = 20;
const EDITS = 400;
const LOOK_EVERY_MS = 100;
const WITHIN_MS = 120_000;

interface Way {
  title: string;
  /** Begins the values of this way: none of them may stand there already. */
  prefix: string;
  edit(pair: Pair, value: string): Promise<unknown>;
  /** The value of every record on the other side, by the pair's own id there. */
  look(): Promise<ReadonlyMap<string | number, string | null>>;
  idThere(pair: Pair): string | number;
}

/** From the moment an edit is sent to the moment its value is seen on the other side, both ways. */
export async function measureLatency({ connectionId, journey, pairs }: Synced): Promise<void> {
  const { functions: baseUrl, functionsKey: key } = journey.stack.info;
  const registered = await journey.api.ask('POST', `connections/${connectionId}/webhook`, {
    body: { baseUrl },
  });
  if (registered.status >= 300) throw new Error(`Registering answered ${registered.status}.`);
  await journey.dynamics.post('webhooks', { deliver: true });
  await journey.authScape.post('events', { deliver: true, all: true, url: baseUrl, key });
  const rows: (string | number)[][] = [];
  for (const way of ways(journey)) {
    const { late, missing } = await travel(way, pairs.slice(0, EDITS));
    const [p50, p95, most] = [percentile(late, 0.5), percentile(late, 0.95), percentile(late, 1)];
    rows.push([way.title, late.length, p50.toFixed(0), p95.toFixed(0), most.toFixed(0), missing]);
    await untilIdle(journey, WITHIN_MS);
  }
  say(
    `Edits at ${PER_SECOND}/s, until the value is on the other side (looked at every ${LOOK_EVERY_MS} ms):`,
  );
  sayTable(['way', 'edits', 'p50 ms', 'p95 ms', 'most ms', 'missing'], rows);
}

const usersSchema = z.object({ users: z.array(z.object({ id: z.number(), lastName: z.string() })) });
const contactsSchema = z.object({
  value: z.array(z.object({ contactid: z.string(), lastname: z.string().nullable() })),
});

/** Looking costs the machine that is measured: each way reads one column of the side where the edits arrive. */
function ways({ authScape, editors }: Journey): Way[] {
  return [
    {
      title: 'Dynamics to AuthScape',
      prefix: 'Row',
      edit: ({ contactId }, lastname) => editors.dynamics('PATCH', `contacts(${contactId})`, { lastname }),
      look: async () => {
        const { users } = await authScape.dump(usersSchema);
        return new Map(users.map(({ id, lastName }) => [id, lastName] as const));
      },
      idThere: ({ userId }) => userId,
    },
    {
      title: 'AuthScape to Dynamics',
      prefix: 'User',
      edit: ({ userId }, lastName) => editors.updateUser(userId, { lastName }),
      look: async () => {
        const found = await editors.dynamics('GET', 'contacts?$select=lastname');
        const rows = contactsSchema.parse(found).value;
        return new Map(rows.map(({ contactid, lastname }) => [contactid, lastname] as const));
      },
      idThere: ({ contactId }) => contactId,
    },
  ];
}

async function travel(way: Way, pairs: readonly Pair[]): Promise<{ late: number[]; missing: number }> {
  const open = new Map<Pair, { value: string; sentAt: number }>();
  const late: number[] = [];
  const edits = editAll(way, pairs, open);
  let isDone = false;
  void edits.finally(() => {
    isDone = true;
  });
  const deadline = performance.now() + WITHIN_MS;
  while ((!isDone || open.size > 0) && performance.now() < deadline) {
    const values = await way.look();
    const now = performance.now();
    for (const [pair, { sentAt, value }] of open) {
      if (values.get(way.idThere(pair)) !== value) continue;
      late.push(now - sentAt);
      open.delete(pair);
    }
    await sleep(LOOK_EVERY_MS);
  }
  await edits;
  return { late, missing: open.size };
}

/** One pair after the other at the given pace; slow answers hold no other pair up. */
async function editAll(
  way: Way,
  pairs: readonly Pair[],
  open: Map<Pair, { value: string; sentAt: number }>,
): Promise<void> {
  const start = performance.now();
  const all: Promise<unknown>[] = [];
  for (const [index, pair] of pairs.entries()) {
    const wait = start + (index * 1000) / PER_SECOND - performance.now();
    if (wait > 1) await sleep(wait);
    const value = `${way.prefix}${index}`;
    open.set(pair, { value, sentAt: performance.now() });
    all.push(way.edit(pair, value));
  }
  await Promise.all(all);
}
