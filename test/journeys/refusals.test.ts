import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  bothSides,
  contactOf,
  type Journey,
  startJourney,
  startWithinMs,
  userOf,
} from './support/journey.js';
import type { InjectedFault } from './support/simulator.js';

const PAIRS = 40;
const emailOf = (index: number) => `pair${index}@x.example`;

/** What Dynamics answers to a write of one row, lastingly; the row is there and could be written. */
const ANSWERS: readonly (readonly [string, Omit<InjectedFault, 'match' | 'row'>])[] = [
  ['[E1] 404 of a missing row', { status: 404, code: '0x80040217', message: 'contact Does Not Exist' }],
  ['[E3] 412 of a unique index', { status: 412, code: '0x80073002' }],
  ['[E4] 500 of a plug-in', { status: 500, code: '0x80040224' }],
  ['[E4] 500 of a plug-in that crashed', { status: 500, code: '0x8004418d' }],
  ['[E4] 403 of a privilege', { status: 403, code: '0x80040220', message: 'is missing prvWriteContact' }],
  ['[E4] 403 with a page', { status: 403, body: '<html>Blocked</html>', contentType: 'text/html' }],
  ['[E4] 400 of an unknown code', { status: 400, code: '0x8004ffff', message: 'No.' }],
  ['[E6] no answer in time', { delayMs: 60_000, status: 504 }],
];

describe('one record is refused again and again', () => {
  let journey: Journey;
  let connectionId: string;
  let phone = 0;

  beforeAll(async () => {
    journey = await startJourney({ DATA_TIMEOUT_SECONDS: '3', AUTHSCAPE_WRITE_TIMEOUT_SECONDS: '3' });
    await newUsers(Array.from({ length: PAIRS }, (_, index) => emailOf(index)));
    connectionId = await journey.api.createConnection();
    await journey.api.createMapping(connectionId, 'User', 'contact');
    const first = await journey.api.sync(connectionId, { mode: 'full' });
    expect(first).toMatchObject({ status: 'succeeded' });
  }, startWithinMs);
  afterAll(() => journey?.stop());

  async function newUsers(emails: readonly string[]): Promise<void> {
    for (const email of emails) {
      await journey.editors.authScape('POST', 'CreateAccount', { firstName: 'Ada', lastName: 'Moss', email });
    }
  }

  /** Each user of a pair gets another phone number. */
  async function edit(): Promise<string> {
    phone += 1;
    const { authScape } = await bothSides(journey);
    for (const user of authScape.users.filter(({ email }) => email.startsWith('pair'))) {
      await journey.editors.updateUser(user.id, { phoneNumber: `+47 ${phone}` });
    }
    return `+47 ${phone}`;
  }

  it.each(ANSWERS.map(([name, answer], index) => ({ name, answer, index })))(
    '$name: all others are done at once, that one fails and stays as it is',
    async ({ answer, index }) => {
      const { api, dynamics } = journey;
      const row = contactOf(await bothSides(journey), emailOf(index));
      const wanted = await edit();
      await newUsers(Array.from({ length: 5 }, (_, count) => `new${index}-${count}@x.example`));
      await dynamics.faults({ match: 'PATCH contacts', row: row.contactid, ...answer });
      const run = await api.sync(connectionId, { mode: 'incremental' });
      await dynamics.clearFaults();
      const after = await bothSides(journey);

      expect(run).toMatchObject({
        status: 'partiallySucceeded',
        error: null,
        counts: { created: 5, updated: PAIRS - 1, failed: 1 },
      });
      expect(userOf(after, emailOf(index))).toMatchObject({ isActive: true, phoneNumber: wanted });
      expect(contactOf(after, emailOf(index))).toMatchObject({
        contactid: row.contactid,
        statecode: 0,
        telephone1: row.telephone1,
      });
      const others = after.dynamics.contacts.filter(({ telephone1 }) => telephone1 === wanted);
      expect(others).toHaveLength(PAIRS - 1);
      const links = await api.links(connectionId, '?entity=User');
      expect(links.find(({ crmId }) => crmId === row.contactid)).toMatchObject({ state: 'linked' });
      expect(Date.parse(run.finishedAt ?? '') - Date.parse(run.startedAt ?? '')).toBeLessThan(60_000);

      await api.sync(connectionId, { mode: 'full' });
      expect(contactOf(await bothSides(journey), emailOf(index)).telephone1).toBe(wanted);
    },
    180_000,
  );

  it('[E4] by AuthScape, with 403: all others are done, that one fails', async () => {
    const { api, authScape, editors } = journey;
    const before = await bothSides(journey);
    const rows = before.dynamics.contacts.filter(({ emailaddress1 }) => emailaddress1?.startsWith('pair'));
    for (const { contactid } of rows)
      await editors.dynamics('PATCH', `contacts(${contactid})`, { lastname: 'King' });
    const bad = userOf(before, emailOf(0));
    await authScape.faults({ match: 'PUT UpdateUser', row: String(bad.id), status: 403 });
    const run = await api.sync(connectionId, { mode: 'incremental' });
    await authScape.clearFaults();
    const after = await bothSides(journey);

    expect(run).toMatchObject({
      status: 'partiallySucceeded',
      counts: { updated: PAIRS - 1, failed: 1 },
    });
    expect(userOf(after, bad.email)).toMatchObject({ lastName: 'Moss', isActive: true });
    await api.sync(connectionId, { mode: 'full' });
    expect(userOf(await bothSides(journey), bad.email).lastName).toBe('King');
  }, 120_000);

  it('[E2] 412 of a duplicate to insertions, and no row is there: each new user fails, and is made later', async () => {
    const { api, dynamics } = journey;
    const emails = Array.from({ length: 6 }, (_, index) => `double${index}@x.example`);
    await newUsers(emails);
    await dynamics.faults({ match: 'POST contacts', status: 412, code: '0x80040237' });
    const run = await api.sync(connectionId, { mode: 'incremental' });
    await dynamics.clearFaults();

    expect(run).toMatchObject({ status: 'partiallySucceeded', counts: { linked: 0, created: 0, failed: 6 } });
    const failed = (await api.changes(run.id)).filter(({ outcome }) => outcome === 'failed');
    expect(failed.map(({ error }) => error?.code)).toEqual(emails.map(() => 'duplicate_record'));
    const next = await api.sync(connectionId, { mode: 'full' });
    expect(next).toMatchObject({ status: 'succeeded', counts: { created: 6, failed: 0 } });
  }, 120_000);
});
