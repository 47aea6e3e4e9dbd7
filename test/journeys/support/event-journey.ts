import { bothSides, contactOf, type Journey, startJourney, userOf } from './journey.js';
import { until } from './wait.js';

/** Two simulators with pairs that were synced once, and the webhook receiver; no worker has anything to do. */
export interface EventJourney {
  readonly journey: Journey;
  readonly connectionId: string;
  /** E-mails of active pairs. */
  email(index: number): string;
  /** The pair of an e-mail as both sides have it now. */
  pair(address: string): Promise<{ contact: ReturnType<typeof contactOf>; user: ReturnType<typeof userOf> }>;
  patchContact(id: string, body: Record<string, unknown>): Promise<unknown>;
  /** Posts to the receiver and gives the status. */
  receive(body: string, secret: string | undefined, id?: string): Promise<number>;
  /** Statuses of answers that asked for patience without saying how much. */
  readonly impatient: readonly number[];
  /** Until the simulators have nothing to tell and the counters have not moved for a while. */
  rest(): Promise<void>;
}

export async function startEventJourney(): Promise<EventJourney> {
  const journey = await startJourney({
    ...{ SYNC_SCHEDULE: '0 0 0 1 1 *', STACK_QUEUE_INVISIBLE_S: '5' },
    // A worker that was killed holds its pair for so long, and some seconds.
    AUTHSCAPE_WRITE_TIMEOUT_SECONDS: '5',
  });
  const { api, authScape, dynamics } = journey;
  await dynamics.seed({ contacts: 12, accounts: 0, seed: 11 });
  await authScape.seed({ users: 12, companies: 0, locations: 0, seed: 11, overlap: 1 });
  const connectionId = await api.createConnection();
  await api.createMapping(connectionId, 'User', 'contact');
  const run = await api.sync(connectionId, { mode: 'full' });
  if (run.status !== 'succeeded') throw new Error(`The first sync has ${run.status}.`);
  const sides = await bothSides(journey);
  const emails = sides.authScape.users
    .filter((user) => user.isActive && user.email.startsWith('user') === false)
    .map((user) => user.email)
    .filter((email) => sides.dynamics.contacts.some((row) => row.emailaddress1?.toLowerCase() === email));
  const impatient: number[] = [];
  return {
    journey,
    connectionId,
    impatient,
    email(index) {
      const found = emails[index];
      if (found === undefined) throw new Error('The seed has too few pairs.');
      return found;
    },
    async pair(address) {
      const sides = await bothSides(journey);
      return { contact: contactOf(sides, address), user: userOf(sides, address) };
    },
    patchContact: (id, body) => journey.editors.dynamics('PATCH', `contacts(${id})`, body),
    async receive(body, secret, id = connectionId) {
      const reply = await fetch(`${journey.stack.info.functions}/api/crm/webhook/dynamics/${id}`, {
        method: 'POST',
        headers: secret === undefined ? {} : { 'x-authscape-webhook-secret': secret },
        body,
      });
      await reply.arrayBuffer();
      if (reply.status === 503 && !reply.headers.has('retry-after')) impatient.push(reply.status);
      return reply.status;
    },
    async rest() {
      let before = '';
      let quietSince = Date.now();
      await until('everything is at rest', async () => {
        const now = JSON.stringify([await journey.dynamics.requests(), await journey.authScape.requests()]);
        if (now !== before) quietSince = Date.now();
        before = now;
        // A message may be hidden for longer than that.
        return Date.now() - quietSince > 2_500 && (await journey.waitingMessages()) === 0;
      });
    },
  };
}

export const arrives = (what: string, check: () => Promise<boolean>, withinMs = 15_000) =>
  until(what, check, { withinMs });

export function notification(id: string, more: Record<string, unknown> = {}): string {
  return JSON.stringify({
    ...{ MessageName: 'Update', PrimaryEntityName: 'contact', PrimaryEntityId: id, ...more },
  });
}
