import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import chromium from '@sparticuz/chromium';
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

/** The machine's Chromium or Chrome, else the one that an npm package brings along. */
async function findBrowser(): Promise<string> {
  const given = process.env.CHROME_PATH;
  if (given !== undefined && given !== '') return given;
  const places = (process.env.PATH ?? '').split(delimiter);
  const found = places.flatMap((place) => NAMES.map((name) => join(place, name))).find(isExecutable);
  return found ?? (await chromium.executablePath());
}

export async function launchBrowser(): Promise<Browser> {
  return launcher.launch({
    executablePath: await findBrowser(),
    // Containers have neither a sandbox for the browser nor much shared memory.
    args: ['--no-sandbox', '--disable-dev-shm-usage', '--disable-gpu', '--headless=shell'],
  });
}
