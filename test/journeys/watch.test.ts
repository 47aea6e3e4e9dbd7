import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { dryRun } from '../functions/routes/client-use.js';
import { type Journey, startJourney, startWithinMs } from './support/journey.js';
import type { Run } from './support/shapes.js';

const statsSchema = z.looseObject({
  totals: z.record(z.string(), z.number()),
  bySide: z.object({ dynamics: z.record(z.string(), z.number()) }).loose(),
  links: z.record(z.string(), z.number()),
  runs: z.record(z.string(), z.number()),
  byDay: z.array(z.looseObject({ day: z.string() })),
});
const diagnosisSchema = z.looseObject({
  mappings: z.array(z.looseObject({ entity: z.string(), authScape: z.looseObject({ total: z.number() }) })),
  recommendations: z.array(z.looseObject({ code: z.string(), severity: z.string() })),
});

describe('watching a connection', () => {
  let journey: Journey;
  let connectionId: string;
  let first: Run;

  beforeAll(async () => {
    journey = await startJourney();
    await journey.dynamics.seed({ contacts: 20, accounts: 0, seed: 51 });
    await journey.authScape.seed({ users: 20, companies: 0, locations: 0, seed: 51, overlap: 1 });
    connectionId = await journey.api.createConnection();
    await journey.api.createMapping(connectionId, 'User', 'contact');
    first = await journey.api.sync(connectionId, { mode: 'full' });
  }, startWithinMs);
  afterAll(() => journey?.stop());

  it('shows in its statistics what its runs counted', async () => {
    const stats = await journey.api.expect(statsSchema, 'GET', `connections/${connectionId}/stats?days=3`);
    for (const [name, count] of Object.entries(stats.totals)) {
      expect([name, count]).toEqual([name, first.counts[name as keyof Run['counts']]]);
    }
    expect(stats.runs.succeeded).toBe(1);
    expect(stats.links.User).toBe((await journey.api.links(connectionId)).length);
    expect(stats.byDay).toHaveLength(3);
  });

  it('is synced by a program that uses the generated client', async () => {
    const { functions, functionsKey } = journey.stack.info;
    const run = await dryRun(functions, functionsKey, connectionId);

    expect(run).toMatchObject({ connectionId, mode: 'full', dryRun: true, status: 'succeeded' });
    await expect(dryRun(functions, functionsKey, 'c_unknown')).rejects.toThrow('connection_not_found');
  });

  it('is diagnosed over the API, and by the doctor at a terminal', async () => {
    const path = `connections/${connectionId}/diagnostics`;
    const { mappings, recommendations } = await journey.api.expect(diagnosisSchema, 'GET', path);
    expect(mappings).toMatchObject([{ entity: 'User', failed: 0 }]);
    expect(mappings[0]?.authScape.total).toBeGreaterThanOrEqual(20);
    expect(recommendations.map(({ code }) => code)).toContain('webhook_missing');

    const { functions, functionsKey } = journey.stack.info;
    const doctor = async (key: string): Promise<{ code: number; text: string }> => {
      try {
        const { stdout } = await promisify(execFile)(process.execPath, [
          ...['infra/doctor.mjs', '--url', functions, '--key', key],
        ]);
        return { code: 0, text: stdout };
      } catch (error) {
        const { code, stdout } = Object(error) as { code: number; stdout: string };
        return { code, text: stdout };
      }
    };
    const well = await doctor(functionsKey);
    expect(well.text).toContain('webhook_missing');
    expect(well.code).toBe(recommendations.some(({ severity }) => severity === 'warning') ? 1 : 0);
    expect((await doctor('wrong')).code).toBe(2);
  });
});
