import { readFileSync } from 'node:fs';
import { z } from 'zod';

const manifest = z.object({ version: z.string() });

/**
 * The version of the package that runs. Read when the app starts, not when the bundle is made, since a deployment stamps
 * its own; the manifest lies one folder above the bundle and two above this file's source.
 */
export function packageVersion(): string {
  for (const place of ['../package.json', '../../package.json']) {
    try {
      return manifest.parse(JSON.parse(readFileSync(new URL(place, import.meta.url), 'utf8'))).version;
    } catch {
      // The other place.
    }
  }
  return 'unknown';
}
