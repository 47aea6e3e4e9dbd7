/**
 * Waits until a deployed app is healthy: node infra/smoke.mjs <base URL> [version it has to report]
 *
 * A new package needs a moment, a cold start some seconds; after SMOKE_SECONDS (300) without success this fails.
 */
import { setTimeout as sleep } from 'node:timers/promises';

const [, , base, expected = ''] = process.argv;
if (base === undefined) throw new Error('Say the base URL of the app.');
const url = `${base}/api/health`;
const deadline = Date.now() + Number(process.env.SMOKE_SECONDS ?? 300) * 1000;
const pauseMs = Number(process.env.SMOKE_PAUSE ?? 5) * 1000;

async function ask() {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(30_000) });
    const text = await response.text();
    return { status: response.status, text, version: versionIn(text) };
  } catch (error) {
    return { status: '000', text: String(error), version: undefined };
  }
}

function versionIn(text) {
  try {
    return JSON.parse(text).version;
  } catch {
    return undefined;
  }
}

for (;;) {
  const { status, text, version } = await ask();
  if (status === 200 && (expected === '' || version === expected)) {
    console.log(`Healthy: ${url} reports version ${version ?? '(none)'}.`);
    break;
  }
  if (Date.now() >= deadline) {
    const wanted = expected === '' ? '' : `, expected ${expected}`;
    console.error(`Not healthy: ${url} answered ${status}, version ${version ?? '(none)'}${wanted}.`);
    console.error(text.slice(0, 1000));
    process.exitCode = 1;
    break;
  }
  await sleep(pauseMs);
}
