import { readFileSync, writeFileSync } from 'node:fs';
import { z } from 'zod';
import { type BridgeRun, connectBridge } from '../stack/demo/bridge.js';
import { type Stack, startStack } from '../stack/launch/stack.js';
import { progress, say, sayTable } from '../stack/output.js';
import { timed } from './measure.js';

const runWithinMs = 3_600_000;
/** The timer must not add runs of its own to what is measured. */
const quietSchedule = { SYNC_SCHEDULE: '0 0 0 1 1 *' };
const requestsSchema = z.object({
  total: z.number(),
  byRoute: z.record(z.string(), z.number()),
  batchOperations: z.number(),
  bytesIn: z.number(),
  bytesOut: z.number(),
});

type Requests = z.infer<typeof requestsSchema>;

interface Measured {
  title: string;
  ms: number;
  run: BridgeRun;
  dataverse: Requests;
  authScape: Requests;
  /** Of the Functions process, in MB; undefined where there is no /proc. */
  peak: number | undefined;
}

/** Brings as many users as contacts, half of them the same people, into step, and does it once more. */
export async function measureFullSync(size = 10_000): Promise<void> {
  const stack = await startStack({ env: quietSchedule });
  try {
    const { info } = stack;
    await simulator(info.dataverse, 'POST', 'seed', { contacts: size, accounts: 0, seed: 1 });
    const people = { users: size, companies: 0, locations: 0, seed: 1, overlap: 0.5 };
    await simulator(info.authScape, 'POST', 'seed', people);
    const bridge = connectBridge(info, runWithinMs);
    const connectionId = await bridge.createConnection('Benchmark');
    await bridge.configure('Benchmark', connectionId, [['User', 'contact']]);
    say(`${size} users, ${size} contacts, half matching, one mapping, Node ${process.version}`);
    const measured: Measured[] = [];
    for (const title of ['first run', 'second run, nothing changed']) {
      measured.push(
        await measure(stack, title, async () => {
          const [run] = await bridge.sync(connectionId, showProgress);
          return run;
        }),
      );
    }
    show(measured);
  } finally {
    await stack.stop();
  }
}

async function measure(stack: Stack, title: string, sync: () => Promise<BridgeRun>): Promise<Measured> {
  const { dataverse, authScape } = stack.info;
  await Promise.all([dataverse, authScape].map((url) => simulator(url, 'DELETE', 'requests')));
  forgetPeak(stack.info.pids.functions);
  const { result, ms } = await timed(sync);
  return {
    title,
    ms,
    run: result,
    dataverse: requestsSchema.parse(await simulator(dataverse, 'GET', 'requests')),
    authScape: requestsSchema.parse(await simulator(authScape, 'GET', 'requests')),
    peak: peakOf(stack.info.pids.functions),
  };
}

function show(measured: readonly Measured[]): void {
  sayTable(
    [
      'measured',
      'wall s',
      'status',
      'Dataverse requests',
      'in batches',
      'AuthScape requests',
      'storage requests',
      'peak RSS MB',
    ],
    measured.map(({ title, ms, run, dataverse, authScape, peak }) => [
      title,
      (ms / 1000).toFixed(1),
      run.status,
      dataverse.total,
      dataverse.batchOperations,
      authScape.total,
      run.requests?.storage ?? '?',
      peak?.toFixed(0) ?? '?',
    ]),
  );
  for (const { title, run, dataverse, authScape } of measured) {
    const routes = [dataverse, authScape].flatMap(({ byRoute }) => Object.entries(byRoute));
    say(`Requests of the ${title} (counts ${JSON.stringify(run.counts)}):`);
    sayTable(['route', 'requests'], routes);
  }
}

function showProgress(run: BridgeRun): void {
  progress(`  ${run.status} ${run.phase ?? ''} ${Math.round(run.percent ?? 0)} %`);
}

async function simulator(url: string, method: string, route: string, body?: unknown): Promise<unknown> {
  const reply = await fetch(`${url}/_sim/${route}`, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await reply.text();
  if (!reply.ok) {
    throw new Error(`${method} /_sim/${route} answered ${reply.status}: ${text}`);
  }
  return text === '' ? undefined : JSON.parse(text);
}

/** Linux keeps the largest resident size of a process, and starts anew when 5 is written here. */
function forgetPeak(pid: number): void {
  try {
    writeFileSync(`/proc/${pid}/clear_refs`, '5');
  } catch {
    // Not Linux, or not allowed: the figure is then that of the whole life.
  }
}

function peakOf(pid: number): number | undefined {
  try {
    const kilobytes = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return kilobytes === undefined ? undefined : (Number(kilobytes) * 1024) / 1_000_000;
  } catch {
    return undefined;
  }
}
