import { parseArgs } from 'node:util';
import { say } from '../stack/output.js';
import { measureEvents } from './events.js';
import { measureFleet } from './fleet.js';
import { measureFloor } from './floor.js';
import { measureKinds } from './kinds.js';
import { measureLimits } from './limits.js';
import { measureLoad } from './load.js';
import { measurePerRecord } from './per-record.js';
import type { TablesOf } from './scene.js';
import { measureSims } from './sims.js';
import { measureSync } from './sync.js';
import { measureUnchanged } from './unchanged.js';
import { measureWorkers } from './workers.js';

interface Options {
  /** Added to each request of both systems. */
  readonly latencyMs: number;
  /** What serves tables where a benchmark can choose: Azurite, or `table-server/`, which bears a million rows. */
  readonly tables: TablesOf | undefined;
}

/**
 * `npm run bench` measures everything, `npm run bench -- <name> …` some of it; `sync:500` takes another number of
 * records, `--latency 50` adds milliseconds to each request of both systems, `--tables own` puts the tables of `sync`,
 * `unchanged` and `limits` into `table-server/` in place of Azurite; those of `floor` are there always. Nothing is judged
 * here.
 */
const benchmarks: Record<string, (size: number | undefined, options: Options) => Promise<void>> = {
  load: measureLoad,
  sims: measureSims,
  sync: measureSync,
  unchanged: measureUnchanged,
  floor: measureFloor,
  'per-record': measurePerRecord,
  kinds: measureKinds,
  fleet: measureFleet,
  limits: measureLimits,
  workers: measureWorkers,
  events: measureEvents,
};

if (process.argv.includes('--help')) {
  console.log(
    `Usage: npm run bench [-- <name>[:<records>] ...] [--latency <ms>] [--tables own|azurite]\n\nKnown: ${Object.keys(benchmarks).join(', ')}.`,
  );
  process.exit(0);
}
const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { latency: { type: 'string', default: '0' }, tables: { type: 'string' } },
});
const latencyMs = Number(values.latency);
const tables = values.tables === 'own' || values.tables === 'azurite' ? values.tables : undefined;
const given = positionals.map((argument) => {
  const [name = '', size] = argument.split(':');
  return { name, size: size === undefined ? undefined : Number(size) };
});
const wrong = given.filter(
  ({ name, size }) => !Object.hasOwn(benchmarks, name) || (size !== undefined && !(size > 0)),
);
if (wrong.length > 0 || !(latencyMs >= 0) || values.tables !== tables) {
  const names = wrong.map(({ name }) => name).join(', ');
  console.error(
    `No benchmark: ${names || `latency ${values.latency}, tables ${values.tables}`}. Known: ${Object.keys(benchmarks).join(', ')}.`,
  );
  process.exit(2);
}
for (const [name, measure] of Object.entries(benchmarks)) {
  const asked = given.find((one) => one.name === name);
  if (given.length === 0 || asked !== undefined) {
    say(`== ${name}`);
    await measure(asked?.size, { latencyMs, tables });
    say();
  }
}
process.exit();
