import { mapConcurrent } from '../../src/lib/map-concurrent.js';
import { say, sayTable } from '../stack/output.js';
import {
  connectScene,
  type MeasuredRun,
  measureRun,
  type Scene,
  startScene,
  type TablesOf,
} from './scene.js';

const EDITS_AT_A_TIME = 8;
/** Of the users are among the contacts. */
const HALF = 0.5;

interface Step {
  readonly title: string;
  readonly mode: 'full' | 'incremental';
  /** What people do before the run. */
  prepare(scene: Scene): Promise<void>;
}

const nothing = async () => undefined;

const STEPS: readonly Step[] = [
  { title: 'first run', mode: 'full', prepare: nothing },
  { title: 'full, unchanged', mode: 'full', prepare: nothing },
  {
    title: 'full, 1 % changed on each side',
    mode: 'full',
    prepare: (scene) => edit(scene, Math.ceil(scene.size / 100), 'One'),
  },
  { title: 'incremental, nothing', mode: 'incremental', prepare: nothing },
  {
    title: 'incremental, 100 changed',
    mode: 'incremental',
    prepare: (scene) => edit(scene, Math.min(50, Math.floor(scene.size / 4)), 'Two'),
  },
];

/** Brings as many users as contacts, half of them the same people, into step, and what later runs cost. */
export async function measureSync(
  size = 10_000,
  { latencyMs, tables = 'azurite' }: { latencyMs: number; tables: TablesOf | undefined },
): Promise<void> {
  const scene = await startScene(size, HALF, tables);
  try {
    await scene.seed();
    const connectionId = await connectScene(scene);
    say(
      `${size} users, ${size} contacts, half matching, one mapping, ${latencyMs} ms added to a request, tables of ${tables === 'own' ? 'the benchmark' : 'Azurite'}, Node ${process.version}`,
    );
    const measured: (MeasuredRun & { readonly title: string })[] = [];
    for (const { title, mode, prepare } of STEPS) {
      await prepare(scene);
      await scene.setLatency(latencyMs);
      measured.push({ title, ...(await measureRun(scene, connectionId, mode)) });
      await scene.setLatency(0);
    }
    show(measured, size);
  } finally {
    await scene.stack.stop();
  }
}

/** Changes the last name of so many users, and of as many contacts that are other people. */
async function edit({ contacts, editors, users }: Scene, count: number, prefix: string): Promise<void> {
  const [allUsers, allContacts] = [await users(), await contacts()];
  const edited = allUsers.slice(0, count);
  const emails = new Set(edited.map(({ email }) => email.toLowerCase()));
  const others = allContacts.filter(({ emailaddress1 }) => {
    return emailaddress1 !== null && !emails.has(emailaddress1.toLowerCase());
  });
  await mapConcurrent([...edited.entries()], EDITS_AT_A_TIME, ([n, { id }]) =>
    editors.updateUser(id, { lastName: `${prefix} ${n}` }),
  );
  await mapConcurrent([...others.slice(0, count).entries()], EDITS_AT_A_TIME, ([n, { contactid }]) =>
    editors.dynamics('PATCH', `contacts(${contactid})`, { lastname: `${prefix} Row ${n}` }),
  );
}

function show(measured: readonly (MeasuredRun & { readonly title: string })[], size: number): void {
  const rows = measured.map(({ title, result: run, ...one }) => ({
    run: title,
    status: run.status,
    seconds: round(one.seconds),
    recordsPerSecond: Math.round((run.counts.read ?? 0) / one.seconds),
    dynamicsPer1000: perThousand(one.dynamics.total, size),
    authScapePer1000: perThousand(one.authScape.total, size),
    storagePer1000: perThousand(run.requests?.storage ?? Number.NaN, size),
    storageRequests: run.requests?.storage ?? Number.NaN,
    cpuSeconds: round(one.cpu),
    // The worker's processor stood still: for answers, for its turn, or for a pause.
    waitingSeconds: round(Math.max(0, one.seconds - one.cpu)),
    peakMegabytes: Math.round(one.peak),
  }));
  sayTable(
    [
      'run',
      'status',
      's',
      'records/s',
      'D/1000',
      'A/1000',
      'storage/1000',
      'storage',
      'CPU s',
      'waiting s',
    ].concat('peak MB'),
    rows.map((row) => Object.values(row)),
  );
  for (const { authScape, dynamics, result, tables, title } of measured) {
    say(`Requests of "${title}" (counts ${JSON.stringify(result.counts)}):`);
    const routes = [dynamics, authScape].flatMap(({ byRoute }) => Object.entries(byRoute));
    sayTable(['route', 'requests'], routes);
    if (tables.length > 0) {
      sayTable(
        ['table', 'reads', 'writes', 'rows written', 'removals', 'rows removed'],
        tables.map(Object.values),
      );
    }
  }
  say(JSON.stringify({ benchmark: 'sync', size, rows }));
}

function perThousand(count: number, size: number): number {
  return round((count / size) * 1_000);
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
