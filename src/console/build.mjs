/** Builds the console into dist/console, unless it was built from the same sources, settings and packages before. */
import { createHash } from 'node:crypto';
import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { build } from 'vite';

const source = fileURLToPath(new URL('.', import.meta.url));
const root = fileURLToPath(new URL('../..', import.meta.url));
const stamp = join(root, 'node_modules/.cache/console-build');
const files = readdirSync(source, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map(({ name, parentPath }) => join(parentPath, name));

const digest = createHash('sha256');
for (const file of [...files.sort(), join(root, 'package-lock.json')]) {
  digest.update(file).update(readFileSync(file));
}
const wanted = digest.digest('hex');
const isBuilt =
  existsSync(join(root, 'dist/console/index.html')) &&
  existsSync(stamp) &&
  readFileSync(stamp, 'utf8') === wanted;

if (!isBuilt) {
  await build({
    configFile: false,
    root: source,
    logLevel: 'warn',
    // Where the function app serves it.
    base: '/api/console/',
    plugins: [react()],
    // The function that serves the page puts a nonce of its own into each answer.
    html: { cspNonce: 'CSP_NONCE' },
    build: {
      outDir: join(root, 'dist/console'),
      emptyOutDir: true,
      target: 'es2022',
      assetsInlineLimit: 0,
      reportCompressedSize: false,
      // What the packages in it want to be named with.
      license: { fileName: 'licenses.txt' },
      // The API reference comes as one file.
      chunkSizeWarningLimit: 1_800,
      rollupOptions: {
        input: {
          index: join(source, 'index.html'),
          docs: join(source, 'docs.html'),
          embed: join(source, 'embed.ts'),
        },
        output: {
          // Portals name embed.js in their pages; all other names change with the content.
          entryFileNames: ({ name }) => (name === 'embed' ? 'embed.js' : 'assets/[name]-[hash].js'),
        },
      },
    },
  });
  const swagger = join(root, 'node_modules/swagger-ui-dist');
  // Swagger UI comes as a bundle: what is in that is named in files of its own.
  for (const file of ['NOTICE', 'swagger-ui-es-bundle.js.LICENSE.txt']) {
    appendFileSync(join(root, 'dist/console/licenses.txt'), `\n${readFileSync(join(swagger, file), 'utf8')}`);
  }
  mkdirSync(join(root, 'node_modules/.cache'), { recursive: true });
  writeFileSync(stamp, wanted);
}
