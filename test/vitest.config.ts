import { defineConfig, type TestProjectInlineConfiguration } from 'vitest/config';
import { LANES, TestOrder } from './support/test-order.js';

const JOURNEYS = ['test/journeys/**/*.test.ts', 'test/console/journeys.test.ts'];
const ADAPTERS = ['test/adapters/**/*.test.ts', 'test/stack/**/*.test.ts'];
const KEY_VAULT = ['test/*/key-vault/*.test.ts'];

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
      exclude: [...ADAPTERS, ...JOURNEYS],
      // Histories and crashes run many scenarios in one test; a loaded machine is no failure.
      testTimeout: 60_000,
    },
  },
  {
    test: {
      ...shared,
      name: 'adapters',
      include: ADAPTERS,
      exclude: KEY_VAULT,
      testTimeout: 30_000,
      hookTimeout: 30_000,
    },
  },
  {
    test: { ...shared, name: 'journeys', include: JOURNEYS, testTimeout: 180_000, hookTimeout: 60_000 },
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
const together: TestProjectInlineConfiguration = {
  test: {
    ...shared,
    name: 'all',
    include: ['test/**/*.test.ts'],
    exclude: KEY_VAULT,
    testTimeout: 180_000,
    hookTimeout: 60_000,
  },
};

const isOneKind = process.argv.some((argument) => argument.startsWith('--project'));

export default defineConfig({
  test: {
    maxWorkers: LANES,
    sequence: { sequencer: TestOrder },
    globalSetup: 'test/support/bundle-parts.ts',
    projects: [...(isOneKind ? kinds : [together]), keyVault],
  },
});
