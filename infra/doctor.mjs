/**
 * Looks at a deployment for a person at a terminal: health, then each connection's test and diagnostics.
 *
 *   npm run doctor -- --url https://<app>.azurewebsites.net --key <function key> [--connection <id>]
 *
 * Ends with 0 when all is well, 1 when there are warnings, 2 when there are errors or the service cannot be asked.
 */
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: { url: { type: 'string' }, key: { type: 'string' }, connection: { type: 'string' } },
});
if (values.url === undefined || values.key === undefined) {
  process.stderr.write('Usage: npm run doctor -- --url <address> --key <function key> [--connection <id>]\n');
  process.exit(2);
}

const MARKS = { ok: 'ok     ', info: 'info   ', warning: 'WARNING', error: 'ERROR  ' };
/** 0: all is well. */
let worst = 0;

function say(level, text) {
  worst = Math.max(worst, level === 'error' ? 2 : level === 'warning' ? 1 : 0);
  process.stdout.write(`  ${MARKS[level]}  ${text}\n`);
}

async function ask(method, path) {
  const address = new URL(path, values.url);
  // A key belongs to this service only: it goes nowhere else.
  const reply = await fetch(address, {
    method,
    headers: { 'x-functions-key': values.key },
    redirect: 'error',
    signal: AbortSignal.timeout(120_000),
  });
  const body = await reply.json().catch(() => ({}));
  if (!reply.ok && reply.status !== 503) {
    throw new Error(
      `${method} ${path} answered ${reply.status}: ${body.detail ?? body.code ?? 'no reason given'}`,
    );
  }
  return body;
}

async function health() {
  process.stdout.write('Service\n');
  const { checks = [] } = await ask('GET', '/api/health');
  for (const { name, ok, durationMs } of checks) say(ok ? 'ok' : 'error', `${name} (${durationMs} ms)`);
}

async function connections() {
  if (values.connection !== undefined) return [await ask('GET', `/api/connections/${values.connection}`)];
  const all = [];
  let cursor;
  do {
    const more = cursor === undefined ? '' : `&cursor=${encodeURIComponent(cursor)}`;
    const page = await ask('GET', `/api/connections?limit=500${more}`);
    all.push(...page.items);
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  return all;
}

async function examine({ id, name }) {
  process.stdout.write(`\nConnection ${name} (${id})\n`);
  const { steps } = await ask('POST', `/api/connections/${id}/test`);
  for (const step of steps) {
    const hint = step.hint === undefined ? '' : ` ${step.hint}`;
    say(step.ok ? 'ok' : 'error', step.ok ? step.name : `${step.name}: ${step.detail ?? step.code}.${hint}`);
  }
  const { mappings, recommendations } = await ask('GET', `/api/connections/${id}/diagnostics`);
  for (const { entity, crmEntity, authScape, dynamics, failed, held } of mappings) {
    const about = dynamics.totalIsEstimate ? 'at least ' : '';
    say(
      'ok',
      `${entity}: ${authScape.total} in AuthScape, ${crmEntity}: ${about}${dynamics.total} in Dynamics, ${authScape.linked} linked, ${failed} failed, ${held} held`,
    );
  }
  for (const { severity, code, message, action, link } of recommendations) {
    say(severity, `${code}: ${message} ${action} (${link})`);
  }
}

try {
  await health();
  const found = await connections();
  if (found.length === 0) say('warning', 'There is no connection yet.');
  for (const connection of found) await examine(connection);
} catch (error) {
  say('error', error instanceof Error ? error.message : String(error));
}
process.exitCode = worst;
