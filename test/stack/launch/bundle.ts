import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type Plugin, stop } from 'esbuild';

const file = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** What the processes of a stack run, by the names of the bundles. */
const entryPoints = {
  functions: file('../functions/main.ts'),
  azurite: file('../azurite-process.ts'),
  simulators: file('../simulators.ts'),
  tables: file('../../bench/table-server/process.ts'),
  leash: file('./leash.ts'),
};

export type Bundle = keyof typeof entryPoints;

/** As in leave-out-telemetry.ts, for Azurite in the bundle. */
const noTelemetry: Plugin = {
  name: 'no telemetry',
  setup: ({ onResolve, onLoad }) => {
    onResolve({ filter: /^applicationinsights$/ }, ({ path }) => ({ path, namespace: 'empty' }));
    onLoad({ filter: /.*/, namespace: 'empty' }, () => ({ contents: 'module.exports = {}' }));
  },
};

/**
 * Builds what the processes of a stack run, once for many starts: a process that has to find, read and translate
 * hundreds of files takes three times as long until it serves.
 */
export async function bundleParts(directory: string): Promise<void> {
  mkdirSync(directory, { recursive: true });
  await build({
    entryPoints,
    outdir: directory,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    banner: { js: "import{createRequire as __cr}from'node:module';const require=__cr(import.meta.url);" },
    plugins: [noTelemetry],
    logLevel: 'error',
  });
  await stop();
}

/** The file of a bundle in a directory that `bundleParts` has filled. */
export const bundleIn = (directory: string, name: Bundle): string => join(directory, `${name}.mjs`);
