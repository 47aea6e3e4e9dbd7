import { z } from 'zod';
import { type Editors, signIn } from '../journeys/support/editors.js';
import { Simulator } from '../journeys/support/simulator.js';
import { type Bridge, type BridgeRun, connectBridge } from '../stack/demo/bridge.js';
import { type Stack, startStack } from '../stack/launch/stack.js';
import { progress } from '../stack/output.js';
import { timed } from './measure.js';
import { type Asked, takeAsked } from './table-server/asked.js';
import { cpuSeconds, forgetPeak, peakMegabytes } from './worker-usage.js';

const runWithinMs = 3_600_000;
/** Rows that one request seeds: no answer may take minutes. */
const SEEDED_AT_ONCE = 100_000;
/** The timer must not add runs of its own to what is measured. */
const quietSchedule = { SYNC_SCHEDULE: '0 0 0 1 1 *' };

const requestsSchema = z.object({ total: z.number(), byRoute: z.record(z.string(), z.number()) });
const usersSchema = z.object({ users: z.array(z.looseObject({ id: z.number(), email: z.string() })) });
const contactsSchema = z.object({
  contacts: z.array(
    z.looseObject({
      contactid: z.string(),
      emailaddress1: z.string().nullable(),
      firstname: z.string().nullable(),
      lastname: z.string().nullable(),
    }),
  ),
});

export type User = z.infer<typeof usersSchema>['users'][number];
export type Contact = z.infer<typeof contactsSchema>['contacts'][number];
export type SideRequests = z.infer<typeof requestsSchema>;

export interface Scene {
  readonly stack: Stack;
  readonly bridge: Bridge;
  readonly editors: Editors;
  readonly size: number;
  /** Empties both systems and seeds them as at the start; what the product knows of them stays. */
  seed(): Promise<void>;
  setLatency(ms: number): Promise<void>;
  users(): Promise<readonly User[]>;
  contacts(): Promise<readonly Contact[]>;
  /** What is sent to both systems, and how long it takes. */
  requestsOf<T>(work: () => Promise<T>): Promise<Measured<T>>;
}

export interface Measured<T> {
  readonly result: T;
  readonly seconds: number;
  readonly dynamics: SideRequests;
  readonly authScape: SideRequests;
  /** What all processes asked of storage, the run's own steps and what else went on; only with tables of the benchmark. */
  readonly tables: readonly Asked[];
}

export type TablesOf = 'azurite' | 'own';

/** A stack with as many users as contacts, `overlap` of them the same people; nothing is synced yet. */
export async function startScene(size: number, overlap = 0.5, tables: TablesOf = 'azurite'): Promise<Scene> {
  const stack = await startStack({ env: { ...quietSchedule, STACK_TABLES: tables } });
  const dynamics = Simulator.at(stack.info.dataverse);
  const authScape = Simulator.at(stack.info.authScape);
  const sides = [dynamics, authScape] as const;
  const seed = async () => {
    for (const side of sides) await side.post('reset', {});
    for (let left = size; left > 0; left -= SEEDED_AT_ONCE) {
      const count = Math.min(left, SEEDED_AT_ONCE);
      await dynamics.seed({ contacts: count, accounts: 0, seed: 1 });
      await authScape.seed({ users: count, companies: 0, locations: 0, seed: 1, overlap });
      progress(`  ${size - left + count} seeded on each side`);
    }
  };
  return {
    ...{ seed, size, stack },
    bridge: connectBridge(stack.info, runWithinMs),
    editors: await signIn(stack),
    setLatency: async (ms) => {
      for (const side of sides) await side.post('latency', { perRequestMs: ms });
    },
    users: async () => (await authScape.dump(usersSchema)).users,
    contacts: async () => (await dynamics.dump(contactsSchema)).contacts,
    async requestsOf(work) {
      for (const side of sides) await side.clearRequests();
      const takeTables = async () => (tables === 'own' ? takeAsked(stack.info.tables) : []);
      await takeTables();
      const { ms, result } = await timed(work);
      const [asked, told] = [await dynamics.requests(), await authScape.requests()];
      return {
        ...{ result, seconds: ms / 1000 },
        dynamics: requestsSchema.parse(asked),
        authScape: requestsSchema.parse(told),
        tables: await takeTables(),
      };
    },
  };
}

export interface MeasuredRun extends Measured<BridgeRun> {
  /** Of the functions process. */
  readonly cpu: number;
  readonly peak: number;
}

/** One run of the product, to its end. */
export async function measureRun(
  scene: Scene,
  connectionId: string,
  mode: 'full' | 'incremental',
): Promise<MeasuredRun> {
  const { bridge, stack } = scene;
  const pid = stack.info.pids.functions;
  forgetPeak(pid);
  const before = cpuSeconds(pid);
  const measured = await scene.requestsOf(async () => {
    const runs = await bridge.sync(connectionId, showProgress, mode);
    return runs.at(-1) ?? runs[0];
  });
  return { ...measured, cpu: cpuSeconds(pid) - before, peak: peakMegabytes(pid) };
}

/** A connection with users mapped to contacts. */
export async function connectScene({ bridge }: Scene): Promise<string> {
  const connectionId = await bridge.createConnection('Benchmark');
  await bridge.configure('Benchmark', connectionId, [['User', 'contact']]);
  return connectionId;
}

function showProgress(run: BridgeRun): void {
  progress(`  ${run.status} ${run.phase ?? ''} ${Math.round(run.percent ?? 0)} %`);
}
