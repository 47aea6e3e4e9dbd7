import { execFile } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { say, sayTable } from '../stack/output.js';
import { median, timed } from './measure.js';

interface Loaded {
  readonly ms: number;
  readonly megabytes: number;
  readonly laterMs: number;
}

const repeats = 20;
const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = path.join(root, 'dist');
const bundle = path.join(folder, 'main.js');
const loader = fileURLToPath(new URL('./load-bundle.mjs', import.meta.url));

/** What a cold start pays for the code: the built bundle in a fresh Node process, time and again. */
export async function measureLoad(): Promise<void> {
  const env = {
    PATH: process.env.PATH,
    AzureWebJobsStorage: 'UseDevelopmentStorage=true',
    KEY_VAULT_URI: 'https://vault.vault.azure.net',
    AuthScape__ApiUrl: 'https://api.example',
    AuthScape__IdpUrl: 'https://idp.example',
    AuthScape__ClientId: 'bridge',
    AuthScape__ClientSecret: 'placeholder',
  };
  const loads: Loaded[] = [];
  const processes: number[] = [];
  const empty: number[] = [];
  for (let at = 0; at < repeats; at += 1) {
    const { result, ms } = await timed(() =>
      promisify(execFile)(process.execPath, [loader, bundle], { env }),
    );
    loads.push(JSON.parse(result.stdout) as Loaded);
    processes.push(ms);
    empty.push((await timed(() => promisify(execFile)(process.execPath, ['-e', '0'], { env }))).ms);
  }
  const megabytes = readdirSync(folder)
    .filter((name) => name.endsWith('.js'))
    .reduce((sum, name) => sum + statSync(path.join(folder, name)).size / 1e6, 0);
  say(`The bundle of ${megabytes.toFixed(2)} MB in parts, Node ${process.version}, median of ${repeats}:`);
  sayTable(
    ['measured', 'value'],
    [
      ['import of the bundle', `${median(loads.map(({ ms }) => ms)).toFixed(0)} ms`],
      [
        'import of all parts that are loaded later',
        `${median(loads.map(({ laterMs }) => laterMs)).toFixed(0)} ms`,
      ],
      ['whole process', `${median(processes).toFixed(0)} ms`],
      ['a process that does nothing', `${median(empty).toFixed(0)} ms`],
      ['resident memory after loading', `${median(loads.map(({ megabytes }) => megabytes)).toFixed(0)} MB`],
    ],
  );
}
