import { execFile } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { mkdtemp, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type Browser, chromium as launcher } from 'playwright-core';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome'];

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

const UNPACK = fileURLToPath(new URL('./unpack-browser.mjs', import.meta.url));

/**
 * The browser of the npm package. The package takes a file that is there for a whole one; a process that ended in the
 * midst of unpacking, or is still at it, would leave one that crashes. So it is unpacked aside and put in its place whole.
 */
async function unpackedBrowser(): Promise<string> {
  const place = join(tmpdir(), 'console-test-browser');
  const file = join(place, 'chromium');
  if (isExecutable(file)) return file;
  const aside = await mkdtemp(`${place}-`);
  try {
    const env = { ...process.env, TMPDIR: aside };
    await promisify(execFile)(process.execPath, [UNPACK], { env });
    await rename(aside, place);
  } catch (error) {
    await rm(aside, { recursive: true, force: true });
    // Another process was quicker.
    if (!isExecutable(file)) throw error;
  }
  return file;
}

/** The machine's Chromium or Chrome, else the one that an npm package brings along. */
async function findBrowser(): Promise<string> {
  const given = process.env.CHROME_PATH;
  if (given !== undefined && given !== '') return given;
  const places = (process.env.PATH ?? '').split(delimiter);
  const found = places.flatMap((place) => NAMES.map((name) => join(place, name))).find(isExecutable);
  return found ?? (await unpackedBrowser());
}

export async function launchBrowser(): Promise<Browser> {
  return launcher.launch({
    executablePath: await findBrowser(),
    // Containers have neither a sandbox for the browser nor much shared memory.
    args: ['--no-sandbox', '--disable-dev-shm-usage', '--disable-gpu', '--headless=shell'],
  });
}
