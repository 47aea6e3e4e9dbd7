import { defineConfig } from 'vitest/config';
import { LongFirst } from './support/long-first.js';

/**
 * `unit` is pure, `adapters` owns private emulators per file, `journeys` drives the whole local stack over HTTP. Files of
 * a project share processes, as loading the same modules for each anew takes longer than most tests; `key-vault` does
 * not, since the identity library keeps tokens for the life of a process. Nothing is skipped when a part cannot start: it
 * fails.
 */
export default defineConfig({
  test: {
    // The journeys mostly wait (for a schedule, a lease, a kill): three side by side fit on two cores.
    maxWorkers: 3,
    sequence: { sequencer: LongFirst },
    globalSetup: 'test/support/bundle-parts.ts',
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['test/adapters/**', 'test/stack/**', 'test/journeys/**', 'test/console/journeys.test.ts'],
          isolate: false,
          environment: 'node',
          // Histories and crashes run many scenarios in one test; a loaded machine is no failure.
          testTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'adapters',
          include: ['test/adapters/**/*.test.ts', 'test/stack/**/*.test.ts'],
          exclude: ['test/*/key-vault/**'],
          isolate: false,
          environment: 'node',
          testTimeout: 30_000,
          hookTimeout: 30_000,
        },
      },
      {
        test: {
          name: 'key-vault',
          include: ['test/*/key-vault/*.test.ts'],
          environment: 'node',
          testTimeout: 30_000,
          hookTimeout: 30_000,
        },
      },
      {
        test: {
          name: 'journeys',
          include: ['test/journeys/**/*.test.ts', 'test/console/journeys.test.ts'],
          isolate: false,
          environment: 'node',
          testTimeout: 180_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
});
