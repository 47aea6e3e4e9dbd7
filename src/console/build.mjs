/** Builds the console, unless it was built from the same sources, settings and packages before. */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
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
  await build({ configFile: join(source, 'vite.config.ts'), logLevel: 'warn' });
  mkdirSync(join(root, 'node_modules/.cache'), { recursive: true });
  writeFileSync(stamp, wanted);
}
