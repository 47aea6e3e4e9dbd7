import { z } from 'zod';
import { percentile } from '../bench/sender.js';
import type { Api } from '../journeys/support/api.js';
import type { Journey } from '../journeys/support/journey.js';
import type { Run } from '../journeys/support/shapes.js';
import { allRowsOf } from '../journeys/support/storage-scan.js';
import { type Act, type Ledger, type Sides, wrongIn } from './ledger.js';

/** Longer than the slowest event took by so much: until then one may be worked on yet when a run is faster. */
const MARGIN_MS = 60_000;

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
  const ranAt = ({ value }: Act) => brought.get(value.toLowerCase());
  const slowest = acts
    .filter((act) => ranAt(act) === undefined)
    .map(({ arrivedAt = 0, at }) => arrivedAt - at)
    .reduce((most, took) => Math.max(most, took), 0);
  const left = acts.filter((act) => {
    const runMs = ranAt(act);
    return act.arrivedAt === undefined || (runMs !== undefined && runMs - act.at > slowest + MARGIN_MS);
  });
  const isUntold = (act: Act) =>
    act.side === 'dynamics' &&
    (rows.has(act.person.contactId?.toLowerCase() ?? '') || rows.has(act.person.rowId ?? ''));
  return { lost: left.filter((act) => !isUntold(act)), untold: left.filter(isUntold) };
}

/** Persons that one side shows otherwise than people left them. */
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

/** Reservations of keys that runs should have dropped: they let one rest for ten minutes after its time. */
export async function staleReservations({ stack }: Pick<Journey, 'stack'>): Promise<string[]> {
  const before = Date.now() - 15 * 60_000;
  const rows = await allRowsOf(stack.info, 'KeyClaims');
  return rows.flatMap(({ until }) => (Number(until) < before ? [`until ${String(until)}`] : []));
}

const letterSchema = z.looseObject({ input: z.unknown(), cause: z.looseObject({ code: z.string() }) });

export async function deadLetters(api: Api, connectionId: string): Promise<string[]> {
  const letters = await api.all(letterSchema, `connections/${connectionId}/dead-letters`);
  return letters.map(({ cause, input }) => `${JSON.stringify(cause)} ${JSON.stringify(input)}`);
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
