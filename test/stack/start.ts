import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { runDemo } from './demo.js';
import { whyNotFree } from './launch/free.js';
import { whenOwnerEnds } from './launch/owner.js';
import { launchStack, type Stack, type StackSettings } from './launch/stack.js';
import { consoleLink, writeStackFile } from './launch/stack-file.js';
import { workersOf } from './launch/workers.js';

const usage = `Usage: npm start [-- --no-demo]
       npm run demo

Starts the whole local stack on the loopback address, syncs a demo and serves until it is interrupted.

  --no-demo    starts everything empty
  --demo-only  ends after the demo, with exit code 0 only if both sides agree
  --build      builds the app first, as npm start does
  --help       shows this

PORT           port of the Functions host (7071); the others are fixed
STACK_PORTS    0 picks free ports
STACK_AUTH     app: callers sign in at the stack's own issuer; who may is in the file of addresses and keys
STACK_WORKERS  how many Functions processes take messages from the queues (1, at most 8)
STACK_FILE     where the addresses and keys are written (.local/stack.json)`;

const modes = ['--no-demo', '--demo-only', '--build'];
const given = process.argv.slice(2);
if (given.includes('--help')) {
  console.log(usage);
  process.exit(0);
}
const unknown = given.filter((argument) => !modes.includes(argument));
if (unknown.length > 0) {
  console.error(`Unknown argument ${unknown.join(' ')}. Known: ${modes.join(', ')}, --help.`);
  process.exit(2);
}

const stackFile = resolve(process.env.STACK_FILE ?? '.local/stack.json');
const interruption = new AbortController();
const interrupted = new Promise<void>((done) => {
  interruption.signal.addEventListener('abort', () => done(), { once: true });
});
let isLost = false;

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    // Asked twice: end at once; the parts notice that their parent is gone.
    if (interruption.signal.aborted && signal === 'SIGINT') {
      process.exit(130);
    }
    interruption.abort(new Error(`Ended by ${signal}.`));
  });
}

whenOwnerEnds(() => interruption.abort(new Error('npm has ended.')));

function ports(): StackSettings['ports'] {
  if (process.env.STACK_PORTS === '0') {
    return { functions: 0, dataverse: 0, authScape: 0, identity: 0, queues: 0, tables: 0 };
  }
  const functions = Number(process.env.PORT ?? 7071);
  return { functions, dataverse: 7072, authScape: 7073, identity: 7074, queues: 10_001, tables: 10_002 };
}

/** Only now is anything written: the build and the file of a stack that is running already are not touched. */
async function prepare(): Promise<boolean> {
  // Throws what the launch would throw, but before the build.
  workersOf(process.env);
  const obstacle = await whyNotFree(ports(), stackFile);
  if (obstacle !== undefined) {
    console.error(obstacle);
    return false;
  }
  if (!given.includes('--build')) {
    return true;
  }
  return spawnSync('npm', ['run', '--silent', 'build'], { stdio: 'inherit' }).status === 0;
}

async function serve(): Promise<number> {
  rmSync(stackFile, { force: true });
  let isWritten = false;
  const stack = await launchStack({
    ports: ports(),
    env: process.env,
    logDirectory: dirname(stackFile),
    report: (line) => console.error(line),
    onChange: (info) => {
      if (isWritten) {
        writeStackFile(stackFile, info);
      }
    },
    onLost: () => {
      isLost = true;
      interruption.abort(new Error('The simulators ended.'));
    },
    signal: interruption.signal,
  });
  try {
    console.log(`Serving on ${stack.info.functions} after ${process.uptime().toFixed(1)} s.`);
    const agreed = given.includes('--no-demo') ? true : await demo(stack);
    writeStackFile(stackFile, stack.info);
    isWritten = true;
    if (given.includes('--demo-only')) {
      return agreed ? 0 : 1;
    }
    console.log(`The console, signed in: ${consoleLink(stack.info)}`);
    console.log(`Addresses and keys are in ${stackFile}. Ctrl-C ends everything.`);
    await interrupted;
    return isLost ? 1 : 0;
  } finally {
    await stack.stop();
  }
}

async function demo(stack: Stack): Promise<boolean> {
  const outcome = await Promise.race([runDemo(stack.info), interrupted]);
  if (outcome === undefined) {
    interruption.signal.throwIfAborted();
    return false;
  }
  stack.info.connectionId = outcome.connectionId;
  return outcome.agreed;
}

try {
  process.exitCode = (await prepare()) ? await serve() : 1;
} catch (error) {
  const isAsked = interruption.signal.aborted && !isLost;
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = isAsked ? 130 : 1;
}
// Connections kept open by the demo's client must not hold the process.
process.exit();
