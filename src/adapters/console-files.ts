import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import type { ConsoleFile } from '../application/ports/console-files.js';

/**
 * The files of the built console by their paths below it. They are read when the first one is asked for, all at once:
 * only what is in this map can ever be answered. The folder lies beside the bundle.
 */
export function createConsoleFiles(folder = fileURLToPath(new URL('console/', import.meta.url))) {
  let files: ReadonlyMap<string, ConsoleFile> | undefined;
  return (path: string): ConsoleFile | undefined => {
    files ??= readFiles(folder);
    return files.get(path);
  };
}

function readFiles(folder: string): ReadonlyMap<string, ConsoleFile> {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return new Map(
    entries
      .filter((entry) => entry.isFile())
      .map(({ name, parentPath }) => {
        const file = join(parentPath, name);
        const content = readFileSync(file);
        const path = relative(folder, file).split(sep).join('/');
        return [path, { content, gzipped: gzipSync(content) }];
      }),
  );
}
