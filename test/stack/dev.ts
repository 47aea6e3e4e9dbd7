/** Builds the app again on each change of its source and lets the running stack start it anew (`npm run dev`). */
import { readFileSync } from 'node:fs';
import { context } from 'esbuild';
import { z } from 'zod';

const stackSchema = z.object({ pids: z.object({ functions: z.int().positive() }) });

function restartFunctions(): void {
  const { pids } = stackSchema.parse(
    JSON.parse(readFileSync(process.env.STACK_FILE ?? '.local/stack.json', 'utf8')),
  );
  // The stack starts the process again on the same port.
  process.kill(pids.functions, 'SIGTERM');
}

let builds = 0;
const builder = await context({
  // As in the script `build`.
  entryPoints: ['src/main.ts', 'src/adapters/telemetry/open-telemetry.ts'],
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'esm',
  outdir: 'dist',
  entryNames: '[name]',
  sourcemap: true,
  external: ['@azure/functions-core', './open-telemetry.js'],
  banner: {
    js: "import{createRequire as __cr}from'node:module';const require=__cr(import.meta.url);",
  },
  plugins: [
    {
      name: 'restart-functions',
      setup(build) {
        build.onEnd(({ errors }) => {
          builds += 1;
          if (errors.length === 0 && builds > 1) restartFunctions();
        });
      },
    },
  ],
});
await builder.watch();
