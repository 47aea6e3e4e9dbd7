import { say } from '../stack/output.js';
import { measureEvents } from './events.js';
import { measureFullSync } from './full-sync.js';
import { measureLoad } from './load.js';
import { measurePerRecord } from './per-record.js';
import { measureSims } from './sims.js';

/**
 * `npm run bench` measures everything, `npm run bench -- <name> …` some of it; `full-sync:500` takes another number of
 * records. Nothing is judged here.
 */
const benchmarks: Record<string, (size: number | undefined) => Promise<void>> = {
  load: measureLoad,
  sims: measureSims,
  'full-sync': measureFullSync,
  'per-record': measurePerRecord,
  events: measureEvents,
};

if (process.argv.includes('--help')) {
  console.log(
    `Usage: npm run bench [-- <name>[:<records>] ...]\n\nKnown: ${Object.keys(benchmarks).join(', ')}.`,
  );
  process.exit(0);
}
const given = process.argv.slice(2).map((argument) => {
  const [name = '', size] = argument.split(':');
  return { name, size: size === undefined ? undefined : Number(size) };
});
const wrong = given.filter(
  ({ name, size }) => !Object.hasOwn(benchmarks, name) || (size !== undefined && !(size > 0)),
);
if (wrong.length > 0) {
  const names = wrong.map(({ name }) => name).join(', ');
  console.error(`No benchmark: ${names}. Known: ${Object.keys(benchmarks).join(', ')}.`);
  process.exit(2);
}
for (const [name, measure] of Object.entries(benchmarks)) {
  const asked = given.find((one) => one.name === name);
  if (given.length === 0 || asked !== undefined) {
    say(`== ${name}`);
    await measure(asked?.size);
    say();
  }
}
process.exit();
