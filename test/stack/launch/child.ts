import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { type Bundle, bundleIn } from './bundle.js';

export interface ChildOptions {
  name: string;
  /** What to run, and where its bundle is. */
  entry: Bundle;
  bundles: string;
  env: NodeJS.ProcessEnv;
  /** Everything the process prints is appended here, line by line: others may write to the same file. */
  logFile: string;
  /** What each line in the file begins with. */
  linePrefix: string;
  /** Called for each line on standard error. */
  onErrorLine(line: string): void;
  /** A process that cannot send messages tells that it serves by a line; its first group is the answer. */
  readyLine?: RegExp;
}

/** A running part of the stack. */
export interface Child {
  pid: number;
  startedAt: number;
  /** What the process told when it began to serve; rejects with its last errors when it ended before. */
  ready: Promise<unknown>;
  /** A few words on how it ended. */
  exited: Promise<string>;
  isRunning(): boolean;
  kill(signal: NodeJS.Signals): void;
  /** SIGTERM, after the grace SIGKILL; resolves when the process is gone. */
  stop(graceMs: number): Promise<void>;
}

const root = fileURLToPath(new URL('../../..', import.meta.url));
const readyWithinMs = 30_000;
const keptErrorLines = 20;
const outputGraceMs = 200;

/** Runs a module of the stack in a process of its own that cannot outlive this one. */
export function startChild(options: ChildOptions): Child {
  const leash = pathToFileURL(bundleIn(options.bundles, 'leash')).href;
  const running = spawn(process.execPath, ['--import', leash, bundleIn(options.bundles, options.entry)], {
    cwd: root,
    env: options.env,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const errors: string[] = [];
  const exited = new Promise<string>((resolve) => {
    running.once('error', (error) => resolve(error.message));
    const ended = (code: number | null, signal: string | null) => resolve(signal ?? `code ${code}`);
    running.once('close', ended);
    // The output may be held open by a helper process a little longer; the end itself must not wait for it.
    running.once('exit', (code, signal) => setTimeout(ended, outputGraceMs, code, signal));
  });
  const ready = readiness(running, options, exited, errors);
  // A caller that waits for it is told; without one the end of the process is enough.
  ready.catch(() => undefined);
  record(running, options, errors);
  return {
    pid: running.pid ?? 0,
    startedAt: Date.now(),
    ready,
    exited,
    isRunning: () => running.exitCode === null && running.signalCode === null,
    kill: (signal) => {
      running.kill(signal);
    },
    stop: async (graceMs) => {
      running.kill('SIGTERM');
      const lastResort = setTimeout(() => running.kill('SIGKILL'), graceMs);
      await exited;
      clearTimeout(lastResort);
    },
  };
}

function readiness(
  child: ChildProcess,
  { name, readyLine }: ChildOptions,
  exited: Promise<string>,
  errors: string[],
): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const fail = (what: string) => reject(new Error([`${name} ${what}`, ...errors].join('\n')));
    const deadline = setTimeout(() => fail(`did not serve within ${readyWithinMs / 1000} s`), readyWithinMs);
    const done = (told: unknown) => {
      clearTimeout(deadline);
      resolve(told);
    };
    child.on('message', done);
    if (readyLine !== undefined && child.stdout !== null) {
      createInterface({ input: child.stdout }).on('line', (line) => {
        const told = readyLine.exec(line)?.[1];
        if (told !== undefined) {
          done(told);
        }
      });
    }
    void exited.then((how) => {
      clearTimeout(deadline);
      fail(`ended (${how}) before it served`);
    });
  });
}

function record(
  child: ChildProcess,
  { logFile, linePrefix, onErrorLine }: ChildOptions,
  errors: string[],
): void {
  const log = createWriteStream(logFile, { flags: 'a', mode: 0o600 });
  const write = (line: string) => log.write(`${linePrefix}${line}\n`);
  child.once('close', () => log.end());
  if (child.stdout !== null) {
    createInterface({ input: child.stdout }).on('line', write);
  }
  if (child.stderr !== null) {
    createInterface({ input: child.stderr }).on('line', (line) => {
      write(line);
      errors.push(line);
      errors.splice(0, errors.length - keptErrorLines);
      onErrorLine(line);
    });
  }
}
