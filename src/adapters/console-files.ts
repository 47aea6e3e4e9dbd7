import { readdirSync, readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import type { ConsoleFile } from '../application/ports/console-files.js';

/**
 * The files of the built console by their paths below it. They are read when the first one is asked for, all at once:
 * only what is in this map can ever be answered. The folder lies beside the bundle.
 */
export function createConsoleFiles(folder = new URL('console/', import.meta.url)) {
  let files: ReadonlyMap<string, ConsoleFile> | undefined;
  return (path: string): ConsoleFile | undefined => {
    files ??= readFiles(folder);
    return files.get(path);
  };
}

function readFiles(folder: URL): ReadonlyMap<string, ConsoleFile> {
  const paths = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => new URL(entry.name, `file://${entry.parentPath}/`));
  return new Map(
    paths.map((url) => {
      const content = readFileSync(url);
      return [url.pathname.slice(folder.pathname.length), { content, gzipped: gzipSync(content) }];
    }),
  );
}
