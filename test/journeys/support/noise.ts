import type { Act } from '../../application/support/history.js';
import type { Kin } from '../../application/support/kin.js';
import type { Random } from '../../model/random.js';
import { createDoors } from './doors.js';
import type { Journey } from './journey.js';
import type { Mirror, PersonsAct } from './mirror.js';
import { createRefusals } from './refusals.js';
import type { InjectedFault, Simulator } from './simulator.js';
import { until } from './wait.js';

export interface Stage {
  readonly journey: Journey;
  readonly mirror: Mirror;
  readonly connectionId: string;
  readonly webhookSecret: string;
  readonly kin: readonly Kin[];
  readonly deeds: readonly Act[];
  readonly mayKill: boolean;
  /** Do people part links, switch mappings and cancel runs as well? */
  readonly hasDoors: boolean;
}

export interface Told {
  readonly lines: readonly string[];
  readonly acts: readonly PersonsAct[];
  /** A worker died or did not hear an answer: what it replaced meanwhile cannot be known. */
  readonly wasDeaf: boolean;
}

const AUTHSCAPE_ROUTES = {
  User: ['POST GetUsers', 'GET GetUser', 'PUT UpdateUser', 'POST CreateAccount'],
  Company: ['POST GetCompanies', 'GET GetCompany', 'POST UpdateCompany'],
  Location: ['GET GetLocations', 'GET GetLocation', 'POST UpdateLocation'],
} as const;
const ONE_RECORD: Readonly<Record<string, string>> = {
  User: 'users',
  Company: 'companies',
  Location: 'locations',
};

/** People, runs, events, calls for one record, faults and deaths in any order, while the product works on. */
export async function makeNoise(stage: Stage, steps: number): Promise<Told> {
  const { journey, mirror, connectionId } = stage;
  const { random } = mirror;
  const lines: string[] = [];
  const acts: PersonsAct[] = [];
  let kills = stage.mayKill ? 2 : 0;
  let wasDeaf = false;
  const refusals = createRefusals(journey, random);
  const doors = createDoors(
    journey,
    connectionId,
    stage.kin.map(({ mapping }) => mapping.id),
  );

  /** People try until nothing stands in their way: the faults are for the product. */
  async function person(): Promise<void> {
    await Promise.all([journey.dynamics.clearFaults(), journey.authScape.clearFaults()]);
    try {
      const act = await mirror.act(stage.deeds);
      if (act === undefined) return;
      acts.push(act);
      lines.push(`person: ${act.text}`);
    } catch (error) {
      // What a person wants to edit may have gone meanwhile.
      lines.push(`person in vain: ${String(error)}`);
    } finally {
      await refusals.putBack();
    }
  }

  /** What is asked of the product may be refused, or may find it dead; the noise goes on. */
  async function ask(path: string, body?: unknown, headers: Record<string, string> = {}): Promise<void> {
    const status = await journey.api
      .ask('POST', path, { body, headers })
      .then((reply) => reply.status)
      .catch(() => 'no answer');
    lines.push(`${path}: ${status}`);
  }

  async function tell(): Promise<void> {
    if (acts.length === 0) return;
    // Any act, an old or a told one too: events come late, twice and in any order.
    const { source, entity, id, changes } = random.pick(acts);
    if (source === 'authScape') {
      const at =
        changes[0] === undefined || random.chance(0.5) ? {} : { occurredAt: new Date().toISOString() };
      await ask('authscape/events', { events: [{ entity, id, change: 'updated', ...at }] });
      return;
    }
    const body = { MessageName: 'Update', PrimaryEntityName: entity, PrimaryEntityId: id };
    const headers = { 'x-authscape-webhook-secret': stage.webhookSecret };
    await ask(`crm/webhook/dynamics/${connectionId}`, body, headers);
  }

  async function oneRecord(): Promise<void> {
    if (acts.length === 0) return;
    const { source, entity, id } = random.pick(acts);
    const ofRow = `connections/${connectionId}/records/${entity}/${id}/sync`;
    await ask(source === 'authScape' ? `${ONE_RECORD[entity]}/${id}/sync` : ofRow);
  }

  async function disturb(): Promise<void> {
    if (random.chance(0.15)) {
      lines.push('the delta links expire');
      await journey.dynamics.post('tracking', { expireTokens: true });
      return;
    }
    const isDynamics = random.chance(0.5);
    const simulator = isDynamics ? journey.dynamics : journey.authScape;
    const fault = faultOf(random, random.pick(routesOf(random.pick(stage.kin), isDynamics)));
    if (fault.dropConnection === 'afterCommit') wasDeaf = true;
    lines.push(`fault ${JSON.stringify(fault)}`);
    await simulator.faults(fault);
  }

  async function kill(): Promise<void> {
    if (kills === 0) return;
    kills -= 1;
    wasDeaf = true;
    lines.push('the worker dies');
    await journey.stack.kill('functions', 'SIGKILL');
    const health = () => journey.api.ask('GET', 'health', { anonymous: true });
    await until('it is there again', () =>
      health().then(
        ({ status }) => status === 200,
        () => false,
      ),
    );
  }

  /** The product gets some requests further, if it has anything to do. */
  async function watch(): Promise<void> {
    const total = async (simulator: Simulator) => (await simulator.requests()).total;
    const sum = async () => (await total(journey.dynamics)) + (await total(journey.authScape));
    const goal = (await sum()) + 1 + random.below(12);
    await until('it went on', async () => (await sum()) >= goal, { withinMs: 400, everyMs: 10 }).catch(
      () => undefined,
    );
  }

  for (let step = 0; step < steps; step += 1) {
    await refusals.end(step, lines);
    const dice = random.next();
    if (dice < 0.27) await person();
    else if (dice < 0.3 && stage.hasDoors)
      lines.push(await doors.act(random).catch((error) => `in vain: ${error}`));
    else if (dice < 0.4) for (let count = random.below(3); count >= 0; count -= 1) await tell();
    else if (dice < 0.47) await oneRecord();
    else if (dice < 0.57)
      await random.pick([disturb, disturb, disturb, () => refusals.begin(step, acts, lines)])();
    else if (dice < 0.6) await kill();
    else if (dice < 0.72) {
      const mode = random.chance(0.35) ? 'full' : 'incremental';
      await ask(`connections/${connectionId}/sync`, { mode });
    } else await watch();
  }
  await Promise.all([journey.dynamics.clearFaults(), journey.authScape.clearFaults()]);
  if (stage.hasDoors) await doors.close();
  lines.push('the noise ends');
  return { lines, acts, wasDeaf };
}

const WHOLE_BATCH = 'POST $batch';

function routesOf({ entity, table }: Kin, isDynamics: boolean): readonly string[] {
  return isDynamics
    ? [...['GET', 'PATCH', 'POST', 'DELETE'].map((method) => `${method} ${table}s`), WHOLE_BATCH]
    : AUTHSCAPE_ROUTES[entity];
}

function faultOf(random: Random, match: string): InjectedFault {
  const times = 1 + random.below(3);
  return random.pick<InjectedFault>([
    { match, times, status: 429, retryAfter: 1 },
    { match, times, status: 503 },
    { match, times, dropConnection: 'before' },
    { match, times: 1, dropConnection: 'afterCommit' },
    { match, times, delayMs: 200 },
    ...(match === WHOLE_BATCH
      ? [
          { match, times, status: 400, code: '0x80048d19' },
          { match, times, cutAfter: 1_000 },
        ]
      : []),
  ]);
}
