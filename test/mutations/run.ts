/**
 * Breaks the engine on purpose, one way at a time, and runs the tests that need no emulator on each: `npm run
 * test:mutations`, or with a part of a name for some of them. Exit code 0 only if every break is noticed.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import type { Break } from './break.js';
import { BREAKS } from './breaks.js';

const COPIED = ['src', 'test', 'package.json', 'tsconfig.json', 'README.md', 'host.json'];
const TESTS: readonly string[] = ['test/domain', 'test/application', 'test/model', 'test/support'];

function copyOfTree(root: string): string {
  const tree = mkdtempSync(join(tmpdir(), 'mutations-'));
  for (const name of COPIED) cpSync(join(root, name), join(tree, name), { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(tree, 'node_modules'));
  return tree;
}

function runTests(tree: string, tests = TESTS): { passed: boolean; failures: string[] } {
  const vitest = join(tree, 'node_modules/vitest/vitest.mjs');
  const args = [
    vitest,
    'run',
    '--config',
    'test/vitest.config.ts',
    '--project',
    tests.every((path) => path.startsWith('test/adapters/')) ? 'adapters' : 'unit',
    '--bail',
    '1',
    ...tests,
  ];
  const { status, stdout } = spawnSync(process.execPath, args, {
    cwd: tree,
    encoding: 'utf8',
    // None of these tests starts a stack: nothing is bundled for them.
    env: { ...process.env, NO_COLOR: '1', STACK_BUNDLES: tree },
  });
  const failures = stdout.split('\n').filter((line) => /^\s*FAIL /.test(line));
  return { passed: status === 0, failures };
}

function play(tree: string, { file, find, put, tests }: Break): ReturnType<typeof runTests> {
  const path = join(tree, file);
  const source = readFileSync(path, 'utf8');
  if (!source.includes(find)) throw new Error(`${file} has no such place any more:\n${find}`);
  writeFileSync(
    path,
    source.replace(find, () => put),
  );
  try {
    if (tests !== undefined) return runTests(tree, tests);
    // Mostly the tests of the same folder notice it, in a fraction of the time.
    const folder = dirname(file.replace(/^src/, 'test'));
    const near = TESTS.some((all) => folder.startsWith(all)) && existsSync(join(tree, folder));
    const beside = near ? runTests(tree, [folder]) : { passed: true, failures: [] };
    return beside.passed ? runTests(tree) : beside;
  } finally {
    writeFileSync(path, source);
  }
}

const wanted = process.argv[2] ?? '';
if (process.argv.includes('--help')) {
  console.log('Usage: npm run test:mutations [-- <part of the name of a break>]');
  process.exit(0);
}
const tree = copyOfTree(resolve(import.meta.dirname, '../..'));
const survivors: string[] = [];
try {
  const breaks = BREAKS.filter(({ name }) => name.includes(wanted));
  // Tests that fail by themselves would notice everything.
  for (const tests of new Set(breaks.map((each) => each.tests?.join(' ')))) {
    const { failures, passed } = runTests(tree, tests?.split(' '));
    if (!passed) throw new Error(`Fails without a break: ${failures[0]?.trim() ?? tests ?? TESTS.join(' ')}`);
  }
  for (const each of breaks) {
    const { passed, failures } = play(tree, each);
    if (passed) survivors.push(each.name);
    console.log(
      `${passed ? 'SURVIVES' : 'noticed '}  ${each.name}${failures[0] === undefined ? '' : ` (${failures[0].trim()})`}`,
    );
  }
} finally {
  rmSync(tree, { recursive: true, force: true });
}
console.log(survivors.length === 0 ? 'Every break is noticed.' : `${survivors.length} breaks survive.`);
process.exitCode = survivors.length === 0 ? 0 : 1;
