import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { root } from '../infra/support/template.js';
import { unzip } from '../infra/support/zip.js';
import { type Journey, startJourney, startWithinMs } from './support/journey.js';

/** The very package that is deployed, unpacked elsewhere, with nothing of this repository beside it. */

const run = promisify(execFile);
const version = '0.0.0+package';
const directory = mkdtempSync(path.join(tmpdir(), 'deployed-'));
let journey: Journey;

beforeAll(async () => {
  const zip = path.join(directory, 'package.zip');
  await run(process.execPath, [path.join(root, 'infra/package.mjs'), zip, version]);
  for (const [name, content] of unzip(readFileSync(zip))) {
    const file = path.join(directory, 'app', name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, content);
  }
  journey = await startJourney({ APP_DIR: path.join(directory, 'app') });
}, startWithinMs);
afterAll(async () => {
  await journey?.stop();
  rmSync(directory, { recursive: true });
});

describe('the package that is deployed', () => {
  it('passes the smoke test of the deployment, which minds the version', async () => {
    const smoke = (wanted: string) =>
      run(process.execPath, [path.join(root, 'infra/smoke.mjs'), journey.stack.info.functions, wanted], {
        env: { ...process.env, SMOKE_SECONDS: '0', SMOKE_PAUSE: '1' },
      });
    expect((await smoke(version)).stdout).toContain(`reports version ${version}`);
    await expect(smoke('0.0.0+other')).rejects.toMatchObject({ code: 1 });
  });

  it('syncs', async () => {
    await journey.authScape.post('seed', { users: 3, companies: 0, locations: 0, seed: 1, overlap: 0 });
    const connectionId = await journey.api.createConnection();
    await journey.api.createMapping(connectionId, 'User', 'contact');
    const first = await journey.api.sync(connectionId, { mode: 'full' });
    expect(first).toMatchObject({ status: 'succeeded', counts: { created: 3, failed: 0 } });
  });
});
