import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Reply } from './support/api.js';
import { doubles, fingerprint } from './support/fingerprint.js';
import { bothSides, type Journey, startJourney } from './support/journey.js';
import type { Run } from './support/shapes.js';
import type { Simulator } from './support/simulator.js';
import { until } from './support/wait.js';

/** A worker that dies is found out within seconds instead of minutes. */
const impatient = {
  SYNC_SCHEDULE: '* * * * * *',
  RUN_LEASE_SECONDS: '3',
  STACK_QUEUE_INVISIBLE_S: '3',
  AUTHSCAPE_WRITE_TIMEOUT_SECONDS: '3',
};
/** Short enough for the loss of storage, but it never ends under a living worker's hands. */
const patient = { ...impatient, RUN_LEASE_SECONDS: '6' };
const mapped = [
  ['Company', 'account'],
  ['Location', 'account'],
  ['User', 'contact'],
] as const;

async function prepare(journey: Journey): Promise<string> {
  await journey.dynamics.seed({ contacts: 300, accounts: 10, seed: 11 });
  await journey.authScape.seed({ users: 300, companies: 20, locations: 30, seed: 11, overlap: 0.5 });
  const connectionId = await journey.api.createConnection();
  for (const [entity, table] of mapped) {
    await journey.api.createMapping(connectionId, entity, table);
  }
  return connectionId;
}

/** The moment when the simulator has been asked that often. */
const reached = (simulator: Simulator, route: string, times: number) =>
  until(
    `${route} was called ${times} times`,
    async () => {
      const { byPart, byRoute } = await simulator.requests();
      return (byRoute[route] ?? 0) + (byPart[route] ?? 0) >= times;
    },
    { everyMs: 5, withinMs: 120_000 },
  );

async function endState(journey: Journey, connectionId: string) {
  const links = await journey.api.links(connectionId);
  const tombstones = await journey.api.links(connectionId, '?state=tombstone');
  const sides = await bothSides(journey);
  return { sides, links, print: fingerprint(sides, [...links, ...tombstones]) };
}

type EndState = Awaited<ReturnType<typeof endState>>;

/**
 * A record that a dead worker had created in the moment of its death may be counted as linked or unchanged by the one
 * that finds it: the sum stays the same.
 */
function outcome({ status, counts }: Run) {
  const { created, linked, updated, unchanged, read: _read, ...rest } = counts;
  return { status, ...rest, inStep: created + linked + updated + unchanged };
}

interface Lost {
  run: Run;
  during: Reply;
  after: Reply;
  /** Active new contacts with an e-mail, each of which is to become one user. */
  newcomers: number;
  sides: EndState['sides'];
}

/** A full sync of some more contacts, in the middle of which storage is away for a moment. */
async function loseStorage(journey: Journey, connectionId: string): Promise<Lost> {
  const { api, authScape, dynamics, stack } = journey;
  const known = new Set((await bothSides(journey)).dynamics.contacts.map((contact) => contact.contactid));
  await dynamics.seed({ contacts: 40, accounts: 0, seed: 12 });
  const { contacts } = (await bothSides(journey)).dynamics;
  const newcomers = contacts.filter(
    (row) => !known.has(row.contactid) && row.statecode === 0 && row.emailaddress1 !== null,
  );
  const created = (await authScape.requests()).byRoute['POST CreateAccount'] ?? 0;
  const { id } = await api.requestSync(connectionId, { mode: 'full' });
  await reached(authScape, 'POST CreateAccount', created + 5);
  let comeBack: () => void = () => undefined;
  const away = new Promise<void>((resolve) => {
    comeBack = resolve;
  });
  await stack.kill('azurite', 'SIGTERM', away);
  const health = () => api.ask('GET', 'health', { anonymous: true });
  const during = await until(
    'the service is unhealthy',
    async () => {
      const reply = await health();
      return reply.status === 503 && reply;
    },
    { everyMs: 10 },
  );
  comeBack();
  const run = await api.follow(id, { withinMs: 120_000 });
  const sides = await bothSides(journey);
  return { run, during, after: await health(), newcomers: newcomers.length, sides };
}

describe('a first full sync of some hundred records', () => {
  let calm: Journey;
  let wild: Journey;
  let calmRun: Run;
  let wildRun: Run;
  let calmEnd: EndState;
  let wildEnd: EndState;
  let wildId: string;
  let lost: Lost;

  async function undisturbed(connectionId: string): Promise<void> {
    calmRun = await calm.api.sync(connectionId, { mode: 'full' }, { withinMs: 180_000 });
    calmEnd = await endState(calm, connectionId);
    lost = await loseStorage(calm, connectionId);
  }

  /** The worker is killed at five moments of the run. */
  async function killed(): Promise<void> {
    const { id } = await wild.api.requestSync(wildId, { mode: 'full' });
    const { dynamics, authScape, stack } = wild;
    const moments: [Simulator, string, number][] = [
      [dynamics, 'POST accounts', 1],
      [authScape, 'PUT UpdateUser', 5],
      [dynamics, 'POST contacts', 1],
      [dynamics, 'POST contacts', 60],
      [authScape, 'POST CreateAccount', 1],
    ];
    for (const [simulator, route, times] of moments) {
      await reached(simulator, route, times);
      await stack.kill('functions', 'SIGKILL');
    }
    wildRun = await wild.api.follow(id, { withinMs: 180_000 });
    wildEnd = await endState(wild, wildId);
  }

  beforeAll(async () => {
    [calm, wild] = await Promise.all([startJourney(patient), startJourney(impatient)]);
    const [calmId, otherId] = await Promise.all([prepare(calm), prepare(wild)]);
    wildId = otherId;
    await Promise.all([undisturbed(calmId), killed()]);
  }, 300_000);
  afterAll(() => Promise.all([calm?.stop(), wild?.stop()]));

  it('ends by itself though its worker is killed again and again', async () => {
    expect(outcome(wildRun)).toEqual(outcome(calmRun));
    expect(await wild.api.runs(wildId)).toHaveLength(1);
  });

  it('leaves what an undisturbed run leaves', () => {
    expect(wildEnd.print).toEqual(calmEnd.print);
  });

  it('makes no record twice', () => {
    const { sides, links } = wildEnd;
    const emailsOf = (end: EndState) => end.sides.dynamics.contacts.map((row) => row.emailaddress1);

    expect(doubles(sides.authScape.users.map((user) => user.email))).toEqual([]);
    expect(doubles(sides.dynamics.accounts.map((row) => row.name))).toEqual([]);
    // A few contacts of the seed share an e-mail: those, and no others.
    expect(doubles(emailsOf(wildEnd))).toEqual(doubles(emailsOf(calmEnd)));
    expect(doubles(links.map((link) => `${link.entity} ${link.authScapeId}`))).toEqual([]);
    expect(doubles(links.map((link) => link.crmId))).toEqual([]);
  });

  it('writes nothing in the next full sync', async () => {
    const run = await wild.api.sync(wildId, { mode: 'full' });

    expect(run.counts).toMatchObject({ created: 0, updated: 0, linked: 0 });
    expect(await bothSides(wild)).toEqual(wildEnd.sides);
  });

  it('waits for storage that is away, and says so under /api/health meanwhile', () => {
    const { run, during, after, newcomers, sides } = lost;
    const { users } = sides.authScape;

    expect(during.body).toMatchObject({ status: 'unhealthy' });
    expect(after).toMatchObject({ status: 200, body: { status: 'healthy' } });
    expect(run).toMatchObject({ error: null, counts: { failed: calmRun.counts.failed } });
    expect(users).toHaveLength(calmEnd.sides.authScape.users.length + newcomers);
    expect(doubles(users.map((user) => user.email))).toEqual([]);
  });
});
