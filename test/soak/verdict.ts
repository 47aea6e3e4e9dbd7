import { z } from 'zod';
import { percentile } from '../bench/sender.js';
import type { Api } from '../journeys/support/api.js';
import type { Journey } from '../journeys/support/journey.js';
import type { Run } from '../journeys/support/shapes.js';
import { allRowsOf } from '../journeys/support/storage-scan.js';
import { type Act, type Ledger, type Sides, wrongIn } from './ledger.js';

/** Until an event has surely been worked on, with what outages, restarts and bursts put off. */
const EVENT_WITHIN_MS = 120_000;

const toldSchema = z.object({ delivered: z.number(), failed: z.number(), pending: z.number() });
const webhooksSchema = toldSchema.extend({
  dropped: z.number(),
  undelivered: z.array(z.object({ table: z.string(), id: z.string(), message: z.string() })),
});
const statsSchema = z.looseObject({
  events: z.looseObject({ received: z.number(), echoes: z.number(), deadLettered: z.number() }),
});

/** What was told on one end, and what became of it on the other. */
export async function countEvents({ api, authScape, dynamics }: Journey, connectionId: string) {
  const [rows, records, stats] = await Promise.all([
    dynamics.get(webhooksSchema, 'webhooks'),
    authScape.get(toldSchema, 'events'),
    api.expect(statsSchema, 'GET', `connections/${connectionId}/stats?days=1`),
  ]);
  return { dynamics: rows, authScape: records, worked: stats.events };
}

export type EventCounts = Awaited<ReturnType<typeof countEvents>>;

/** When which run wrote a value that a person had entered on the other side. */
export async function broughtByRuns(api: Api, runs: readonly Run[]): Promise<ReadonlyMap<string, number>> {
  const brought = new Map<string, number>();
  for (const run of runs) {
    if (run.dryRun || run.startedAt === null) continue;
    for (const { fields } of await api.changes(run.id))
      for (const { to } of fields) brought.set(String(to).toLowerCase(), Date.parse(run.startedAt));
  }
  return brought;
}

/**
 * Acts whose event was taken and did not bring them: still open with empty queues, or brought by a run that began when
 * the event should long have been worked on. What Dynamics could not deliver, and never tells again, is no loss of ours.
 */
export function lostActs(
  { acts }: Ledger,
  { undelivered }: EventCounts['dynamics'],
  brought: ReadonlyMap<string, number>,
): { lost: readonly Act[]; untold: readonly Act[] } {
  const rows = new Set(undelivered.map(({ id }) => id.toLowerCase()));
  const left = acts.filter(({ arrivedAt, at, value }) => {
    const ranAt = brought.get(value.toLowerCase());
    return arrivedAt === undefined || (ranAt !== undefined && ranAt - at > EVENT_WITHIN_MS);
  });
  const isUntold = (act: Act) =>
    act.side === 'dynamics' &&
    (rows.has(act.person.contactId?.toLowerCase() ?? '') || rows.has(act.person.rowId ?? ''));
  return { lost: left.filter((act) => !isUntold(act)), untold: left.filter(isUntold) };
}

/** Persons whom one side shows otherwise than people left them. */
export function differing({ people }: Ledger, sides: Sides): string[] {
  return people.flatMap((person) => wrongIn(person, sides) ?? []);
}

/** Persons on both sides who have no link, and links to records that are gone. */
export async function unlinked(api: Api, connectionId: string, { people }: Ledger, sides: Sides) {
  const links = new Map((await api.links(connectionId)).map((link) => [link.authScapeId, link.crmId]));
  return people
    .filter(({ state }) => state === 'alive')
    .flatMap(({ email }) => {
      const [user, contact] = [sides.users.get(email), sides.contacts.get(email)];
      if (user === undefined || contact === undefined) return [];
      return links.get(String(user.id)) === contact.contactid ? [] : [`${email} is not linked`];
    });
}

/** Reservations of keys whose time is over. */
export async function staleReservations({ stack }: Pick<Journey, 'stack'>): Promise<number> {
  const rows = await allRowsOf(stack.info, 'KeyClaims');
  return rows.filter(({ until }) => Number(until) < Date.now()).length;
}

const windowMs = 60_000;

/** Per minute: how many acts arrived, and how long they took. */
export function latencies({ acts }: Ledger, from: number): (string | number)[][] {
  const windows = new Map<number, Act[]>();
  for (const act of acts) {
    const window = Math.floor((act.at - from) / windowMs);
    windows.set(window, [...(windows.get(window) ?? []), act]);
  }
  return [...windows].sort(([a], [b]) => a - b).map(([window, some]) => [window, ...latencyOf(some)]);
}

function latencyOf(acts: readonly Act[]): (string | number)[] {
  const took = acts.flatMap(({ arrivedAt, at }) => (arrivedAt === undefined ? [] : [arrivedAt - at]));
  const seconds = (share: number) => (percentile(took, share) / 1000).toFixed(1);
  return [acts.length, took.length, seconds(0.5), seconds(0.95), seconds(1)];
}
