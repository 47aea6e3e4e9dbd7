import { defineConfig } from 'vitest/config';

/**
 * Three projects: `unit` is pure and shares one process, `adapters` owns private emulators per file,
 * `journeys` drives the whole local stack over HTTP. Nothing is skipped when a part cannot start: it fails.
 */
export default defineConfig({
  test: {
    // The journeys mostly wait (for a schedule, a lease, a kill): three side by side fit on two cores.
    maxWorkers: 3,
    globalSetup: 'test/support/bundle-parts.ts',
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['test/adapters/**', 'test/stack/**', 'test/journeys/**'],
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
          environment: 'node',
          testTimeout: 30_000,
          hookTimeout: 30_000,
        },
      },
      {
        test: {
          name: 'journeys',
          include: ['test/journeys/**/*.test.ts'],
          environment: 'node',
          testTimeout: 180_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
});
