import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import {
  bothSides,
  contactOf,
  type Journey,
  startJourney,
  startWithinMs,
  userOf,
} from './support/journey.js';
import { until } from './support/wait.js';
import { executionContext } from './support/webhook-bodies.js';

/** The default of the setting: requests at once of one connection. */
const RECORD_CONCURRENCY = 8;

const limitsSchema = z.object({
  refused: z.object({ requests: z.number(), executionTime: z.number(), concurrent: z.number() }),
  pauses: z.number(),
});

const secret = 'a-secret-of-the-flow-0123456789';

describe('an event beside a run', () => {
  let journey: Journey;
  let connectionId: string;
  let organizationId: string;

  const updated = (contactId: string) =>
    journey.api.ask('POST', `crm/webhook/dynamics/${connectionId}`, {
      body: executionContext(organizationId, 'Update', contactId),
      headers: { 'content-type': 'application/json', 'x-authscape-webhook-secret': secret },
      anonymous: true,
    });

  /** Active users with a contact of the same e-mail. */
  const linkedPairs = async () => {
    const sides = await bothSides(journey);
    const linked = new Set((await journey.api.links(connectionId)).map(({ crmId }) => crmId));
    return sides.authScape.users.flatMap((user) => {
      const contact = sides.dynamics.contacts.find((row) => row.emailaddress1?.toLowerCase() === user.email);
      return contact !== undefined && linked.has(contact.contactid) && user.isActive
        ? [{ user, contact }]
        : [];
    });
  };

  const limits = async () => {
    const reply = await fetch(`${journey.stack.info.dataverse}/_sim/limits`);
    return limitsSchema.parse(await reply.json());
  };

  beforeAll(async () => {
    journey = await startJourney();
    connectionId = await journey.api.createConnection();
    await journey.api.createMapping(connectionId, 'User', 'contact');
    await journey.api.patchConnection(connectionId, { webhookSecret: secret });
    organizationId = (await journey.api.test(connectionId)).organizationId ?? '';
  }, startWithinMs);
  afterAll(() => journey?.stop());

  it('[R5] shares the limits of Dynamics with a run: both wait, and both arrive whole', async () => {
    const { api, authScape, dynamics, editors } = journey;
    await dynamics.seed({ contacts: 140, accounts: 0, seed: 12 });
    await authScape.seed({ users: 140, companies: 0, locations: 0, seed: 12, overlap: 1 });
    await api.sync(connectionId, { mode: 'full' });
    const pairs = await linkedPairs();
    // More than the batches that a window lets in; the editor has the same limits, so that his edits fit into one.
    const [byRun, byEvent] = [pairs.slice(0, 125), pairs.slice(125, 128)];
    for (const { user } of byRun) {
      await editors.updateUser(user.id, { phoneNumber: '+47 700' });
    }

    await dynamics.post('latency', { perRequestMs: 20 });
    await dynamics.post('limits', { requests: 4, windowSeconds: 2, concurrent: RECORD_CONCURRENCY });
    const { id: runId } = await api.requestSync(connectionId, { mode: 'incremental' });
    // By then the run has read what changed in Dynamics: later changes can come by events only.
    await until('the run has to wait', async () => (await limits()).pauses > 0);
    for (const { contact } of byEvent) {
      await editors.dynamics('PATCH', `contacts(${contact.contactid})`, { telephone1: '+47 800' });
      expect((await updated(contact.contactid)).status).toBe(202);
    }
    const acceptedAt = Date.now();
    const run = await api.follow(runId);
    await until('the queue is empty', async () => (await journey.waitingMessages()) === 0);
    const { pauses, refused } = await limits();

    expect(run).toMatchObject({ status: 'succeeded', counts: { updated: byRun.length, failed: 0 } });
    expect(Date.parse(run.finishedAt ?? '')).toBeGreaterThan(acceptedAt);
    const sides = await bothSides(journey);
    const phones = (some: typeof pairs) =>
      some.flatMap(({ user }) => [
        userOf(sides, user.email).phoneNumber,
        contactOf(sides, user.email).telephone1,
      ]);
    expect(new Set(phones(byRun))).toEqual(new Set(['+47 700']));
    expect(new Set(phones(byEvent))).toEqual(new Set(['+47 800']));
    expect((await api.ask('GET', `connections/${connectionId}/dead-letters`)).body).toMatchObject({
      items: [],
    });
    // A worker that is refused pauses all of them: only what was under way by then is refused too.
    expect(refused).toMatchObject({ executionTime: 0, concurrent: 0 });
    expect(refused.requests).toBeLessThanOrEqual(pauses * RECORD_CONCURRENCY);
  });
});
