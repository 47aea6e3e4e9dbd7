/**
 * Bundles src/main.ts into dist: main.js is what the host loads when it starts, the other files are parts that are loaded
 * where they are used first (each `import()` in the source makes one). Part of `npm run build`.
 */
import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));

/**
 * Takes of zod what is used: of an import as a namespace esbuild leaves out the rest, of `{ z }` nothing. The rest is
 * two thirds of it, messages in fifty languages above all.
 */
const partOfZod = {
  name: 'part of zod',
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]src[\\/].*\.ts$/ }, async ({ path }) => ({
      contents: (await readFile(path, 'utf8')).replace(
        "import { z } from 'zod';",
        "import * as z from 'zod';",
      ),
      loader: 'ts',
    }));
  },
};

/** The heads of the routes come as they are, without the shapes that they are made from. */
const routeHeads = {
  name: 'route heads',
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]routes[\\/]heads\.ts$/ }, async ({ path }) => {
      const { metafile, outputFiles } = await build({
        absWorkingDir: root,
        entryPoints: [path],
        bundle: true,
        platform: 'node',
        format: 'esm',
        write: false,
        metafile: true,
      });
      const code = Buffer.from(outputFiles[0].contents).toString('base64');
      const { ROUTE_HEADS } = await import(`data:text/javascript;base64,${code}`);
      return {
        contents: `export const ROUTE_HEADS = ${JSON.stringify(ROUTE_HEADS)};`,
        watchFiles: Object.keys(metafile.inputs).map((file) => `${root}${file}`),
      };
    });
  },
};

/** How esbuild makes the app; names stay, as stacks and logs show them. */
export const bundleOptions = {
  absWorkingDir: root,
  entryPoints: ['src/main.ts'],
  outdir: 'dist',
  bundle: true,
  splitting: true,
  platform: 'node',
  target: 'node20',
  format: 'esm',
  sourcemap: true,
  // What is read takes as long to compile as it is long.
  minifyWhitespace: true,
  minifySyntax: true,
  external: ['@azure/functions-core'],
  banner: { js: "import{createRequire as __cr}from'node:module';const require=__cr(import.meta.url);" },
  plugins: [routeHeads, partOfZod],
  logLevel: 'warning',
};

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { metafile } = await build({ ...bundleOptions, metafile: true });
  writeFileSync(`${root}dist/meta.json`, JSON.stringify(metafile));
  // Parts of earlier builds have other names.
  for (const name of readdirSync(`${root}dist`)) {
    if (/\.js(\.map)?$/.test(name) && metafile.outputs[`dist/${name}`] === undefined) {
      rmSync(`${root}dist/${name}`);
    }
  }
}
