import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundleParts } from '../stack/launch/bundle.js';

/** Bundles the parts of the stack once for all tests that start them; test processes inherit where, if it is not set before. */
export async function setup(): Promise<(() => void) | undefined> {
  if (process.env.STACK_BUNDLES !== undefined) return undefined;
  const directory = mkdtempSync(join(tmpdir(), 'stack-bundles-'));
  await bundleParts(directory);
  process.env.STACK_BUNDLES = directory;
  return () => rmSync(directory, { recursive: true, force: true });
}
