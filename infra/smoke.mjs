/**
 * Waits until a deployed app is healthy: a new package needs a moment, a cold start some seconds.
 *
 * An empty 404 from the health route is the host without functions: the app could not be loaded, mostly because a setting
 * is missing or wrong. That does not pass by waiting, but a host that is being replaced answers so too.
 */
import { setTimeout as sleep } from 'node:timers/promises';

const USAGE = `Usage: node infra/smoke.mjs <base URL> [version it has to report]

Asks <base URL>/api/health until it is healthy. SMOKE_SECONDS (300) is how long it waits, SMOKE_PAUSE (5) the seconds
between two questions.`;
const WITHOUT_FUNCTIONS = `The host runs, but without functions: the app could not be loaded, mostly because a setting is missing or wrong.
The cause is in its log:
  az webapp log tail --name <app> --resource-group <group>
  or in Application Insights: traces | where message has "unable to load" or severityLevel >= 3 | order by timestamp desc`;

const given = process.argv.slice(2);
if (given.includes('--help')) {
  console.log(USAGE);
  process.exit(0);
}
const [base, expected = ''] = given;
if (base === undefined || !URL.canParse(base) || given.length > 2) {
  console.error(USAGE);
  process.exit(2);
}
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
    console.error(status === 404 && text === '' ? WITHOUT_FUNCTIONS : text.slice(0, 1000));
    process.exitCode = 1;
    break;
  }
  await sleep(pauseMs);
}
