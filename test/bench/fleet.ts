import { say, sayTable } from '../stack/output.js';

/**
 * What a deployment takes: a simulation of the queue `sync-runs`, of the instances that the platform adds for it and of
 * the limits of storage and Dynamics, second by second over a day. Nothing is called; the costs of a record are those
 * that the other benchmarks measure on the product, the limits those that Microsoft documents.
 */
interface Deployment {
  readonly title: string;
  readonly connections: number;
  readonly linksEach: number;
  readonly fullRunsPerDay: number;
  readonly incrementalRunsPerDay: number;
  /** Hours over which the full runs begin: zero is all of them at the same second. */
  readonly spreadHours: number;
  readonly mostInstances: number;
}

const K = 1_000;
const DEPLOYMENTS: readonly Deployment[] = [
  ...[0, 8].map((spreadHours) => ({
    title: `1,000 connections of 10,000 links, full runs ${spreadHours === 0 ? 'at once' : 'over 8 hours'}`,
    ...{ connections: 1_000, linksEach: 10 * K, fullRunsPerDay: 1, incrementalRunsPerDay: 96 },
    ...{ spreadHours, mostInstances: 40 },
  })),
  {
    title: 'one connection of 10,000,000 links',
    ...{ connections: 1, linksEach: 10 * K * K, fullRunsPerDay: 1, incrementalRunsPerDay: 96 },
    ...{ spreadHours: 0, mostInstances: 40 },
  },
];

/**
 * Per link of a run that finds nothing to do, as `unchanged:100000` measures them; `waitMs` is what answers of services that
 * are no emulators next door are taken to add: 100 ms for a page of AuthScape, a second for one of Dynamics.
 */
const COST = {
  full: { storage: 0.0022, authScape: 1 / 250, cpuMs: 0.14, waitMs: 0.7 },
  incremental: { storage: 0.0017, authScape: 1 / 250, cpuMs: 0.1, waitMs: 0.5 },
} as const;
/** Requests to storage of a run, whatever its size. */
const STORAGE_PER_RUN = 35;
/** Of an instance: one core, and what the queue trigger works on side by side (host.json). */
const INSTANCE = { cores: 1, lanes: 8 + 4, addedPerSecond: 0.2, idleSeconds: 300 };
const STORAGE_PER_SECOND = 20_000;
const SECONDS_PER_DAY = 86_400;
/** USD: storage requests by ten thousand, a second of an instance of 2 GB. */
const PRICE = { tenThousandStorageRequests: 0.00036, instanceSecond: 2 * 0.000026 };

interface Run {
  readonly kind: keyof typeof COST;
  readonly beganAt: number;
  left: number;
}

interface Day {
  readonly instances: number;
  readonly instanceSeconds: number;
  readonly storage: number;
  readonly busiestStorage: number;
  readonly authScape: number;
  readonly longestFull: number;
  readonly longestWait: number;
  readonly unfinished: number;
}

export async function measureFleet(): Promise<void> {
  say('A day of deployments, simulated with the present costs of a record; nothing changes in the data.');
  const rows = DEPLOYMENTS.map((deployment) => {
    const day = simulate(deployment);
    const storageUsd = (day.storage / 10_000) * PRICE.tenThousandStorageRequests;
    return {
      deployment: deployment.title,
      instances: day.instances,
      instanceHours: Math.round(day.instanceSeconds / 3_600),
      storageMillions: Math.round(day.storage / 1e6),
      busiestStoragePerSecond: Math.round(day.busiestStorage),
      authScapeMillions: Number((day.authScape / 1e6).toFixed(1)),
      longestFullMinutes: Math.round(day.longestFull / 60),
      longestWaitMinutes: Math.round(day.longestWait / 60),
      unfinishedRuns: day.unfinished,
      usdPerMonth: Math.round(30 * (storageUsd + day.instanceSeconds * PRICE.instanceSecond)),
    };
  });
  sayTable(
    ['deployment', 'instances', 'hours of them', 'storage M', 'most/s', 'AuthScape M', 'full run min'].concat(
      'wait min',
      'unfinished',
      'USD/month',
    ),
    rows.map((row) => Object.values(row)),
  );
  say(JSON.stringify({ benchmark: 'fleet', rows }));
}

/** Runs wait in the order in which they came; one connection has one run at a time, worked on by one lane. */
function simulate(deployment: Deployment): Day {
  const arrivals = arrivalsOf(deployment);
  const waiting: Run[] = [];
  let working: Run[] = [];
  const busy = new Set<number>();
  let [instances, quietSince, next] = [0, 0, 0];
  const day = { instances: 0, instanceSeconds: 0, storage: 0, busiestStorage: 0, authScape: 0 };
  let [longestFull, longestWait] = [0, 0];
  const connectionOf = new Map<Run, number>();
  for (let now = 0; now < SECONDS_PER_DAY; now += 1) {
    for (; (arrivals[next]?.at ?? Number.POSITIVE_INFINITY) <= now; next += 1) {
      const { connection = 0, kind = 'full' } = arrivals[next] ?? {};
      // The timer starts none while one is under way.
      if (busy.has(connection)) continue;
      busy.add(connection);
      const run = { kind, beganAt: now, left: deployment.linksEach };
      connectionOf.set(run, connection);
      waiting.push(run);
    }
    const wanted = Math.min(
      deployment.mostInstances,
      Math.ceil((waiting.length + working.length) / INSTANCE.lanes),
    );
    if (wanted >= instances) quietSince = now;
    if (wanted > instances) instances = Math.min(wanted, instances + INSTANCE.addedPerSecond);
    else if (now - quietSince > INSTANCE.idleSeconds) instances = wanted;
    day.instances = Math.max(day.instances, Math.ceil(instances));
    day.instanceSeconds += Math.ceil(instances);
    while (working.length < Math.floor(instances) * INSTANCE.lanes) {
      const run = waiting.shift();
      if (run === undefined) break;
      longestWait = Math.max(longestWait, now - run.beganAt);
      working.push(run);
      day.storage += STORAGE_PER_RUN;
    }
    const done = advance(working, Math.floor(instances));
    day.storage += done.storage;
    day.authScape += done.authScape;
    day.busiestStorage = Math.max(day.busiestStorage, done.storage);
    for (const run of working.filter(({ left }) => left <= 0)) {
      busy.delete(connectionOf.get(run) ?? 0);
      connectionOf.delete(run);
      if (run.kind === 'full') longestFull = Math.max(longestFull, now - run.beganAt);
    }
    working = working.filter(({ left }) => left > 0);
  }
  return { ...day, longestFull, longestWait, unfinished: waiting.length + working.length };
}

/** One second of work: as fast as waiting allows, the cores and the storage account shared fairly. */
function advance(working: readonly Run[], instances: number): { storage: number; authScape: number } {
  const speeds = working.map(({ kind, left }) =>
    Math.min(left, 1_000 / (COST[kind].cpuMs + COST[kind].waitMs)),
  );
  const sum = (of: 'cpuMs' | 'storage' | 'authScape') =>
    working.reduce((total, { kind }, index) => total + (speeds[index] ?? 0) * COST[kind][of], 0);
  const cores = Math.max(1, instances) * INSTANCE.cores * 1_000;
  const share = Math.min(
    1,
    cores / Math.max(1, sum('cpuMs')),
    STORAGE_PER_SECOND / Math.max(1, sum('storage')),
  );
  for (const [index, run] of working.entries()) run.left -= (speeds[index] ?? 0) * share;
  return { storage: sum('storage') * share, authScape: sum('authScape') * share };
}

function arrivalsOf({
  connections,
  fullRunsPerDay,
  incrementalRunsPerDay,
  spreadHours,
}: Deployment): { at: number; connection: number; kind: keyof typeof COST }[] {
  const arrivals = [];
  for (let connection = 0; connection < connections; connection += 1) {
    const phase = connection / connections;
    for (const [kind, perDay, spread] of [
      ['full', fullRunsPerDay, spreadHours * 3_600],
      ['incremental', incrementalRunsPerDay, SECONDS_PER_DAY / incrementalRunsPerDay],
    ] as const) {
      const period = SECONDS_PER_DAY / perDay;
      for (let n = 0; n < perDay; n += 1) {
        arrivals.push({ at: n * period + phase * spread, connection, kind });
      }
    }
  }
  return arrivals.sort((one, other) => one.at - other.at);
}
