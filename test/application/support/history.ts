import { isDeepStrictEqual } from 'node:util';
import { linkFromRow } from '../../../src/adapters/storage/link-rows.js';
import { UnknownOutcomeError } from '../../../src/application/ports/systems.js';
import { BridgeError } from '../../../src/domain/errors.js';
import type { EntityMapping } from '../../../src/domain/model.js';
import { createRandom, type Random } from '../../model/random.js';
import type { Worker } from '../../support/memory-systems-world.js';
import { createHarness, type Harness, type HarnessOptions } from './harness.js';
import type { Keys, World } from './identity.js';
import { kinOf } from './kin.js';
import { changeMapping } from './mappings.js';
import { type Scheduler, schedule, type Turn } from './scheduler.js';

/** How lively a history is; shares of 0 leave a kind of event out. */
export interface Liveliness {
  readonly people: number;
  readonly crashes: number;
  readonly faults: number;
  readonly workers: number;
}

export interface HistoryOptions {
  readonly seed: number;
  readonly liveliness: Liveliness;
  readonly harness?: HarnessOptions;
  /** What people may do; each gets a number that no other value has. */
  readonly deeds: readonly Act[];
  readonly prepare?: (bridge: Harness, random: Random) => void;
  readonly steps: number;
  /** What comes to an end with the noise. */
  readonly lift?: (bridge: Harness) => void;
  /** What people do before the first sync. */
  readonly before?: number;
  /** Further names of the keys that mappings may match by in this history. */
  readonly furtherKeys?: Keys;
}

export interface Scene {
  readonly bridge: Harness;
  readonly random: Random;
  /** The next number for a value. */
  number(): number;
}

/** Does something as a person, and returns what events tell of it; undefined when it is not possible now. */
export type Deed = (scene: Scene) => Deeded | undefined;
/** The same through the service, which takes time. */
export type Act = (scene: Scene) => Deeded | undefined | Promise<Deeded | undefined>;

export interface Deeded {
  readonly text: string;
  readonly source: 'dynamics' | 'authScape';
  readonly entity: string;
  readonly id: string;
}

export interface History {
  readonly bridge: Harness;
  /** What happened, for people who look for a fault. */
  readonly told: readonly string[];
  /** Every link that there was at any time. */
  readonly links: World['links'];
}

/** Looks at the links again and again, and keeps each pair that it saw. */
function createLinkWatch(bridge: Harness) {
  const seen = new Map<string, World['links'][number]>();
  return {
    look(): void {
      for (const row of bridge.storage.tables.rows('Links')) {
        const name = `${row.partitionKey}/${row.rowKey}/${String(row.crmId)}`;
        if (row.state !== 'linked' || seen.has(name)) continue;
        const { entity, authScapeId, crmId, plan } = linkFromRow(row).value;
        // The row that it plans to make may never be made.
        if (plan?.kind === 'createDynamics') continue;
        seen.set(name, { entity, authScapeId, crmId });
      }
    },
    links: () => [...seen.values()],
  };
}

/** Noise: people, runs, events, faults and deaths in any order, as the seed says. Then all of them stop. */
export async function playHistory(options: HistoryOptions): Promise<History> {
  const random = createRandom(options.seed);
  const bridge = await createHarness(options.harness);
  const told: string[] = [];
  let numbers = 1_000;
  const scene: Scene = {
    bridge,
    random,
    number: () => {
      numbers += 1;
      return numbers;
    },
  };
  options.prepare?.(bridge, random);
  const mappings = (await kinOf(bridge)).map(({ mapping }) => mapping);
  for (let count = 0; count < (options.before ?? 4); count += 1)
    told.push(`before: ${(await random.pick(options.deeds)(scene))?.text}`);
  await restoreMappings(bridge, mappings);
  await bridge.sync('full');
  const scheduler = schedule(bridge);
  const noise = createNoise(options, scene, scheduler, told);
  const watch = createLinkWatch(bridge);
  watch.look();
  for (let step = 0; step < options.steps; step += 1) {
    await noise.step();
    watch.look();
  }
  await noise.end();
  options.lift?.(bridge);
  await restoreMappings(bridge, mappings);
  watch.look();
  bridge.world.before = undefined;
  bridge.world.after = undefined;
  return { bridge, told, links: watch.links() };
}

function createNoise(options: HistoryOptions, scene: Scene, scheduler: Scheduler, told: string[]) {
  const { bridge, random } = scene;
  const { liveliness } = options;
  const active = new Map<Worker, Promise<void>>();
  const events: Deeded[] = [];
  let workers = 0;
  let sent = 0;

  function startWorker(): void {
    const job = bridge.storage.jobs.take();
    if (job === undefined || active.size >= liveliness.workers) {
      if (job !== undefined) void bridge.storage.jobs.enqueue(job);
      return;
    }
    workers += 1;
    const worker: Worker = { name: `w${workers}`, dead: false };
    told.push(`${worker.name} takes ${job.kind} ${'id' in job ? job.id : ''}`);
    const done = bridge.deliver(job, worker).finally(() => active.delete(worker));
    active.set(worker, done);
  }

  async function person(): Promise<void> {
    const deeded = await random.pick(options.deeds)(scene);
    if (deeded === undefined) return;
    told.push(`person: ${deeded.text}`);
    if (random.chance(0.6)) events.push(deeded);
  }

  async function sendEvent(): Promise<void> {
    const event = events.length === 0 ? undefined : random.pick(events);
    if (event === undefined) return;
    if (random.chance(0.8)) events.splice(events.indexOf(event), 1);
    const occurredAt = random.chance(0.5) ? bridge.clock.now() : undefined;
    sent += 1;
    // Every other time as in a flood: together with others that are still to come.
    if (event.source === 'dynamics' && sent % 2 === 0)
      await bridge.flood([event, ...events.filter(({ source }) => source === 'dynamics').slice(0, 3)]);
    else await bridge.event(event.source, event.entity, event.id, occurredAt);
  }

  async function startRun(): Promise<void> {
    if ((await bridge.storage.runs.blocking(bridge.connection.id)) !== undefined) return;
    if ((await kinOf(bridge)).every(({ mapping }) => !mapping.enabled)) return;
    const mode = random.chance(0.35) ? 'full' : 'incremental';
    told.push(`run ${mode}`);
    await bridge.start(mode);
  }

  function turn(): void {
    if (scheduler.waiting.length === 0) return;
    const next = random.pick(scheduler.waiting);
    const fault = random.chance(liveliness.faults) ? faultAt(next) : undefined;
    if (fault === undefined) {
      next.goOn();
      return;
    }
    told.push(`${next.worker.name} ${next.at} ${next.call?.name} ${next.call?.id}: ${fault.name}`);
    next.fail(fault);
  }

  function kill(): void {
    const [worker] = [...active.keys()];
    if (worker === undefined) return;
    const eligibility = scheduler.waiting.find((each) => each.worker === worker);
    told.push(
      `${worker.name} dies ${eligibility?.at} ${eligibility?.call?.name ?? eligibility?.request?.table} ${eligibility?.call?.id ?? ''}`,
    );
    scheduler.kill(worker);
  }

  return {
    async step(): Promise<void> {
      await scheduler.settle();
      const dice = random.next();
      if (dice < liveliness.people) await person();
      else if (dice < liveliness.people + liveliness.crashes) kill();
      else if (dice < 0.16) startWorker();
      else if (dice < 0.19) await sendEvent();
      else if (dice < 0.21) await startRun();
      else if (dice < 0.24) bridge.clock.advance(random.below(3_000));
      else if (dice < 0.243) bridge.clock.advance(random.below(400_000));
      else turn();
    },
    async end(): Promise<void> {
      told.push('the noise ends');
      for (const worker of [...active.keys()]) if (random.chance(0.5)) scheduler.kill(worker);
      scheduler.release();
      await Promise.all(active.values());
    },
  };
}

/** What people did to the mappings is taken back: the verdict is on the connection as it was set up. */
async function restoreMappings(bridge: Harness, originals: readonly EntityMapping[]): Promise<void> {
  for (const { mapping } of await kinOf(bridge)) {
    const original = originals.find(({ authScapeEntity }) => authScapeEntity === mapping.authScapeEntity);
    if (original === undefined) continue;
    const { fields, filter, matchBy } = original;
    const wanted = { enabled: true, fields, filter, matchBy };
    const present = {
      enabled: mapping.enabled,
      fields: mapping.fields,
      filter: mapping.filter,
      matchBy: mapping.matchBy,
    };
    if (!isDeepStrictEqual(wanted, present)) await changeMapping(bridge, () => wanted, mapping.id);
  }
}

const PASSING = { dynamics: 'dynamics_unavailable', authScape: 'authscape_unreachable' } as const;

function faultAt({ at, call }: Turn): Error | undefined {
  if (call === null) return undefined;
  if (at === 'after') return new UnknownOutcomeError('The answer was lost.');
  return new BridgeError(PASSING[call.side], 'It does not answer.');
}
