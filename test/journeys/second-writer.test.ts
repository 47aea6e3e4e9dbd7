import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { doubles } from './support/fingerprint.js';
import { bothSides, type Journey, startJourney, startWithinMs } from './support/journey.js';

const CODE = 'own_crm_connection_on';
const diagnosisSchema = z.looseObject({
  recommendations: z.array(z.looseObject({ code: z.string(), severity: z.string(), message: z.string() })),
});

describe("[E13] AuthScape's own CRM connection", () => {
  let journey: Journey;
  let connectionId: string;
  let mappingId: string;

  beforeAll(async () => {
    journey = await startJourney();
    connectionId = await journey.api.createConnection();
    mappingId = (await journey.api.createMapping(connectionId, 'User', 'contact')).id;
  }, startWithinMs);
  afterAll(() => journey?.stop());

  /** Contacts without a user: each gets one. */
  async function syncNewContacts(name: string): Promise<void> {
    for (let index = 0; index < 6; index += 1) {
      const emailaddress1 = `${name}${index}@x.example`;
      await journey.editors.dynamics('POST', 'contacts', { firstname: 'Ada', lastname: name, emailaddress1 });
    }
    const run = await journey.api.sync(connectionId, { mode: 'full' });
    expect(run).toMatchObject({ error: null, bySide: { authScape: { created: 6 } } });
  }

  async function recommended(): Promise<readonly { code: string; severity: string }[]> {
    const path = `connections/${connectionId}/diagnostics`;
    return (await journey.api.expect(diagnosisSchema, 'GET', path)).recommendations.filter(
      ({ code }) => code === CODE,
    );
  }

  async function doctor(): Promise<string> {
    const { functions, functionsKey } = journey.stack.info;
    const args = ['infra/doctor.mjs', '--url', functions, '--key', functionsKey];
    try {
      return (await promisify(execFile)(process.execPath, args)).stdout;
    } catch (error) {
      return z.object({ code: z.literal(1), stdout: z.string() }).parse(error).stdout;
    }
  }

  const warnings = () =>
    readFileSync(journey.stack.logFiles.functions, 'utf8')
      .split('\n')
      .filter((line) => line.includes(CODE));

  it('is not told of while it is off', async () => {
    await syncNewContacts('off');
    expect(await recommended()).toEqual([]);
    expect(await doctor()).not.toContain(CODE);
    expect(warnings()).toEqual([]);
  }, 120_000);

  it('is told of when it is on: in the diagnostics, by the doctor, and once in the log', async () => {
    // A mapping that is made anew is checked at its first writes, without the rest of an hour.
    const { api, editors } = journey;
    await api.expect(z.unknown(), 'DELETE', `connections/${connectionId}/mappings/${mappingId}`);
    await api.createMapping(connectionId, 'User', 'contact');
    await editors.connectOwnCrm();
    await syncNewContacts('on');
    const { contacts } = (await bothSides(journey)).dynamics;

    expect(doubles(contacts.map((row) => row.emailaddress1))).not.toEqual([]);
    expect(await recommended()).toMatchObject([
      { severity: 'warning', message: expect.stringContaining('own CRM connection') },
    ]);
    expect(await doctor()).toContain(CODE);
    await syncNewContacts('again');
    expect(warnings()).toHaveLength(1);
  }, 120_000);
});
