import { defineConfig, type TestProjectInlineConfiguration } from 'vitest/config';
import { z } from 'zod';
import { LONG_TESTS } from './support/long-tests.js';
import { LANES, TestOrder } from './support/test-order.js';

const JOURNEYS = ['test/journeys/**/*.test.ts', 'test/console/{journeys,many-changes}.test.ts'];
const ADAPTERS = ['test/adapters/**/*.test.ts', 'test/stack/**/*.test.ts'];
const KEY_VAULT = ['test/*/key-vault/*.test.ts'];

/** `long` takes the long tests alone, `all` both; `short` leaves them out, as is done anyway where no kind is chosen. */
const length = z.enum(['all', 'long', 'short']).optional().parse(process.env.TEST_LENGTH);
const leftOut = length === 'short' ? LONG_TESTS : [];

/** Files of a project share processes, as loading the same modules for each anew takes longer than most tests. */
const shared = { isolate: false, environment: 'node' } as const;

/**
 * `unit` is pure, `adapters` owns private emulators per file, `journeys` drives the whole local stack over HTTP;
 * `key-vault` shares no process, since the identity library keeps tokens for the life of one. Nothing is skipped when a
 * part cannot start: it fails.
 */
const kinds: TestProjectInlineConfiguration[] = [
  {
    test: {
      ...shared,
      name: 'unit',
      include: ['test/**/*.test.ts'],
      exclude: [...ADAPTERS, ...JOURNEYS, ...leftOut],
      // Histories and crashes run many scenarios in one test; a loaded machine is no failure.
      testTimeout: 60_000,
    },
  },
  {
    test: {
      ...shared,
      name: 'adapters',
      include: ADAPTERS,
      exclude: [...KEY_VAULT, ...leftOut],
      testTimeout: 30_000,
      hookTimeout: 30_000,
    },
  },
  {
    test: {
      ...shared,
      name: 'journeys',
      include: JOURNEYS,
      exclude: leftOut,
      testTimeout: 180_000,
      hookTimeout: 60_000,
    },
  },
];
const keyVault: TestProjectInlineConfiguration = {
  test: {
    name: 'key-vault',
    include: KEY_VAULT,
    environment: 'node',
    testTimeout: 30_000,
    hookTimeout: 30_000,
  },
};
/**
 * All kinds that share processes as one: a process goes on only with files of its own project, and journeys that wait
 * leave time for tests that compute.
 */
const isLong = length === 'long';
const together: TestProjectInlineConfiguration = {
  test: {
    ...shared,
    name: isLong ? 'long' : 'all',
    include: isLong ? LONG_TESTS : ['test/**/*.test.ts'],
    exclude: isLong ? [] : [...KEY_VAULT, ...(length === 'all' ? [] : LONG_TESTS)],
    testTimeout: 180_000,
    hookTimeout: 60_000,
  },
};

/** `--project` chooses kinds. */
const isOneKind = process.argv.some((argument) => argument.startsWith('--project'));
const projects = isOneKind ? [...kinds, keyVault] : isLong ? [together] : [together, keyVault];

export default defineConfig({
  test: {
    maxWorkers: LANES,
    sequence: { sequencer: TestOrder },
    globalSetup: 'test/support/bundle-parts.ts',
    projects,
  },
});
