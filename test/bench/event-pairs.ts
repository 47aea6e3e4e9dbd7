import { bothSides, type Journey, startJourney } from '../journeys/support/journey.js';
import type { Mapping } from '../journeys/support/shapes.js';
import { until } from '../journeys/support/wait.js';
import { progress } from '../stack/output.js';

export const SECRET = 'bench-webhook-secret';

export interface Pair {
  email: string;
  contactId: string;
  userId: number;
}

export interface Synced {
  journey: Journey;
  connectionId: string;
  mapping: Mapping;
  /** Linked pairs, both of them active. */
  pairs: Pair[];
}

/** A stack with so many pairs in step; nothing is delivered yet. */
export async function startSynced(
  size: number,
  { env = {}, connection = {} }: { env?: Record<string, string>; connection?: Record<string, unknown> } = {},
): Promise<Synced> {
  const journey = await startJourney({ SYNC_SCHEDULE: '0 0 0 1 1 *', LOG_LEVEL: 'warn', ...env });
  const { api, authScape, dynamics } = journey;
  await dynamics.seed({ contacts: size, accounts: 0, seed: 11 });
  await authScape.seed({ users: size, companies: 0, locations: 0, seed: 11, overlap: 1 });
  const connectionId = await api.createConnection(connection);
  const mapping = await api.createMapping(connectionId, 'User', 'contact');
  progress(`  ${size} pairs are brought into step`);
  const run = await api.sync(connectionId, { mode: 'full' }, { withinMs: 600_000 });
  // Some of the seed's odd records are refused; they are no pairs then.
  if (!run.status.endsWith('ucceeded')) throw new Error(`The first run ended as ${run.status}.`);
  await api.patchConnection(connectionId, { webhookSecret: SECRET });
  const [sides, links] = [await bothSides(journey), await api.links(connectionId)];
  const users = new Map(sides.authScape.users.map((user) => [String(user.id), user]));
  const contacts = new Map(sides.dynamics.contacts.map((row) => [row.contactid, row]));
  const pairs = links.flatMap(({ authScapeId, crmId }) => {
    const [user, row] = [users.get(authScapeId), contacts.get(crmId)];
    if (user?.isActive !== true || row?.statecode !== 0) return [];
    return [{ email: user.email, contactId: crmId, userId: user.id }];
  });
  return { journey, connectionId, mapping, pairs };
}

/** Until no message waits, hidden ones too, for a moment long enough for what is under way outside. */
export async function untilIdle(journey: Journey, withinMs: number): Promise<void> {
  let idleSince: number | undefined;
  await until(
    'the queues are empty',
    async () => {
      const waiting = await journey.waitingMessages();
      progress(`  ${waiting} messages wait`);
      if (waiting > 0) idleSince = undefined;
      else idleSince ??= Date.now();
      return idleSince !== undefined && Date.now() - idleSince > 1_500;
    },
    { withinMs, everyMs: 250 },
  );
}

/** Does the work for every item, some side by side. */
export async function eachOf<T>(items: readonly T[], lanes: number, work: (item: T) => Promise<unknown>) {
  let next = 0;
  const lane = async () => {
    for (let item = items[next]; item !== undefined; item = items[next]) {
      next += 1;
      await work(item);
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
}
