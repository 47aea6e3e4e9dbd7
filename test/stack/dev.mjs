/** Builds the app again on each change of its source and lets the running stack start it anew (`npm run dev`). */
import { readFileSync } from 'node:fs';
import { context } from 'esbuild';
import { bundleOptions } from '../../infra/bundle.mjs';

function restartFunctions() {
  const { pids } = JSON.parse(readFileSync(process.env.STACK_FILE ?? '.local/stack.json', 'utf8'));
  // The stack starts each again, the first on the same port.
  for (const pid of [pids.functions, ...(pids.workers ?? [])]) process.kill(pid, 'SIGTERM');
}

let builds = 0;
const builder = await context({
  ...bundleOptions,
  plugins: [
    ...bundleOptions.plugins,
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
