import { mapConcurrent } from '../../src/lib/map-concurrent.js';
import type { BridgeRun } from '../stack/demo/bridge.js';
import { say, sayTable } from '../stack/output.js';
import { cpuOf } from './azurite-share.js';
import { readBare } from './bare-reads.js';
import { timed } from './measure.js';
import {
  connectScene,
  type MeasuredRun,
  measureRun,
  type Scene,
  startScene,
  type TablesOf,
} from './scene.js';
import { type SeededPair, seedLinks } from './seed-links.js';

const EDITS_AT_A_TIME = 8;
/** Azurite looks at all rows for each page, and takes minutes to fill. */
const OWN_TABLES_ABOVE = 200_000;
/** With more pairs a run that brings one in fifty into step takes most of an hour. */
const CHANGED_UP_TO = 200_000;

interface Row extends MeasuredRun {
  readonly title: string;
  /** Seconds of the processor that the other parts used. */
  readonly simulators: number;
  readonly azurite: number;
}

/**
 * Runs over as many linked pairs that find nothing changed, or hardly anything, against the floor of the same pages and
 * links read by a bare loop. The links are written as a first run leaves them.
 */
export async function measureUnchanged(
  size = 10_000,
  {
    latencyMs,
    tables = size > OWN_TABLES_ABOVE ? 'own' : 'azurite',
  }: { latencyMs: number; tables: TablesOf | undefined },
): Promise<void> {
  const scene = await startScene(size, 1, tables);
  const { editors, stack } = scene;
  try {
    const seeding = await timed(() => scene.seed());
    const connectionId = await connectScene(scene);
    const linking = await timed(() => seedLinks(stack, connectionId, editors.dynamicsToken));
    say(
      `${size} users, ${size} contacts, ${linking.result.count} links in ${tables === 'own' ? 'tables of the benchmark' : 'Azurite'}, Node ${process.version}; seeding took ${seconds(seeding.ms)} s, linking ${seconds(linking.ms)} s`,
    );
    await scene.setLatency(latencyMs);
    const run = async (title: string, mode: 'full' | 'incremental') => {
      const row = await measured(scene, connectionId, title, mode);
      // At once: what follows may take an hour.
      say(JSON.stringify(row));
      return row;
    };
    const rows = [await run('full, unchanged', 'full')];
    const floor = await floorOf(scene);
    say(JSON.stringify({ floor }));
    rows.push(await run('incremental, nothing', 'incremental'));
    if (size <= CHANGED_UP_TO) {
      await scene.setLatency(0);
      await edit(scene, linking.result.first);
      await scene.setLatency(latencyMs);
      rows.push(await run('full, 1 % changed on each side', 'full'));
    }
    show(rows, size);
    const [unchanged] = rows;
    const ratio = (unchanged?.seconds ?? Number.NaN) / floor.seconds;
    const processorRatio = (unchanged?.cpu ?? Number.NaN) / floor.cpu;
    say(
      `Floor of "full, unchanged": ${round(floor.seconds)} s, of the processor ${round(floor.cpu)} s beside ${round(floor.simulators)} s of the simulators and ${round(floor.azurite)} s of storage`,
    );
    const ownRatio = secondsOfRun(unchanged?.result) / floor.seconds;
    say(
      `Times the floor: ${ratio.toFixed(2)} by the clock, ${ownRatio.toFixed(2)} from the start of the run to its end, ${processorRatio.toFixed(2)} of the processor`,
    );
    say(JSON.stringify({ benchmark: 'unchanged', size, tables, floor, ratio, processorRatio, rows }));
  } finally {
    await stack.stop();
  }
}

/** Without the wait until the queue is looked at, up to a second, which has nothing to do with the pairs. */
function secondsOfRun(run: BridgeRun | undefined): number {
  return (Date.parse(run?.finishedAt ?? '') - Date.parse(run?.startedAt ?? '')) / 1000;
}

/** Of the bare loop, which runs in this process. */
async function floorOf({ editors, stack: { info } }: Scene) {
  const [before, mine] = [cpuOf(info), process.cpuUsage()];
  const { ms } = await timed(() => readBare(info, editors));
  const [after, { system, user }] = [cpuOf(info), process.cpuUsage(mine)];
  return {
    seconds: ms / 1000,
    cpu: (user + system) / 1_000_000,
    simulators: after.simulators - before.simulators,
    azurite: after.azurite - before.azurite,
  };
}

async function measured(
  scene: Scene,
  connectionId: string,
  title: string,
  mode: 'full' | 'incremental',
): Promise<Row> {
  const { info } = scene.stack;
  const before = cpuOf(info);
  const run = await measureRun(scene, connectionId, mode);
  const after = cpuOf(info);
  return {
    ...{ ...run, title },
    simulators: after.simulators - before.simulators,
    azurite: after.azurite - before.azurite,
  };
}

/** Changes the last name of one in a hundred users, and of as many contacts of other pairs. */
async function edit({ editors, size }: Scene, pairs: readonly SeededPair[]): Promise<void> {
  const count = Math.ceil(size / 100);
  await mapConcurrent(pairs.slice(0, count), EDITS_AT_A_TIME, ({ userId }) =>
    editors.updateUser(userId, { lastName: `One ${userId}` }),
  );
  await mapConcurrent(pairs.slice(count, 2 * count), EDITS_AT_A_TIME, ({ crmId, userId }) =>
    editors.dynamics('PATCH', `contacts(${crmId})`, { lastname: `One Row ${userId}` }),
  );
}

function show(rows: readonly Row[], size: number): void {
  sayTable(
    [
      'run',
      'status',
      's',
      'records/s',
      'D',
      'A',
      'storage',
      'CPU s',
      'peak MB',
      'sims CPU s',
      'storage CPU s',
    ],
    rows.map(({ result: run, title, ...one }) => [
      ...[title, run.status, round(one.seconds), Math.round((run.counts.read ?? 0) / one.seconds)],
      ...[one.dynamics.total, one.authScape.total, run.requests?.storage ?? Number.NaN],
      ...[round(one.cpu), Math.round(one.peak), round(one.simulators), round(one.azurite)],
    ]),
  );
  for (const { result, title } of rows) {
    say(`"${title}" counts ${JSON.stringify(result.counts)}, writes ${JSON.stringify(result.bySide)}`);
  }
  const [first] = rows;
  if (first?.result.counts.unchanged !== size) say(`NOT ALL ${size} PAIRS WERE FOUND UNCHANGED`);
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(1);
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
