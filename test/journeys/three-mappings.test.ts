import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bothSides, type Journey, startJourney, startWithinMs } from './support/journey.js';
import type { Run } from './support/shapes.js';
import { writesIn } from './support/simulator.js';

const titles = (rows: { title: string }[]) => rows.map((row) => row.title).sort();

describe('companies and locations that share the table of accounts', () => {
  let journey: Journey;
  let connectionId: string;
  let first: Run;
  let before: Awaited<ReturnType<typeof bothSides>>;

  beforeAll(async () => {
    journey = await startJourney();
    // Ten accounts that AuthScape does not have, two companies and a location that Dynamics has.
    await journey.dynamics.seed({ contacts: 20, accounts: 10, seed: 3 });
    await journey.authScape.seed({ users: 20, companies: 8, locations: 12, seed: 4, overlap: 0 });
    await journey.authScape.post('insert', {
      companies: [{ title: 'Twin Works' }, { title: 'Twin Works Nord' }],
      locations: [{ title: 'Twin Depot' }],
    });
    for (const name of ['Twin Works', 'TWIN WORKS NORD', 'Twin Depot']) {
      await journey.editors.dynamics('POST', 'accounts', { name });
    }
    before = await bothSides(journey);
    connectionId = await journey.api.createConnection();
    await journey.api.createMapping(connectionId, 'Company', 'account');
    await journey.api.createMapping(connectionId, 'Location', 'account');
    await journey.api.createMapping(connectionId, 'User', 'contact');
    first = await journey.api.sync(connectionId, { mode: 'full' });
  }, startWithinMs);
  afterAll(() => journey?.stop());

  it('[P7] makes no company and no location from an account', async () => {
    const after = await bothSides(journey);

    expect(first).toMatchObject({ status: 'succeeded', counts: { failed: 0 } });
    expect(titles(after.authScape.locations)).toEqual(titles(before.authScape.locations));
    expect(after.authScape.companies).toHaveLength(before.authScape.companies.length);
  });

  it('[P7] links each account once at most, to the first mapping that it fits', async () => {
    const links = await journey.api.links(connectionId);
    const { authScape, dynamics } = await bothSides(journey);
    const linked = (entity: string, id: number | undefined) =>
      links.find((link) => link.entity === entity && link.authScapeId === String(id))?.crmId;
    const accountOf = (name: string) => dynamics.accounts.find((row) => row.name === name)?.accountid;
    const companyOf = (title: string) => authScape.companies.find((row) => row.title === title)?.id;

    expect(new Set(links.map((link) => link.crmId)).size).toBe(links.length);
    expect(linked('Company', companyOf('Twin Works'))).toBe(accountOf('Twin Works'));
    expect(links.filter((link) => link.entity === 'Location').length).toBeGreaterThan(0);
    const depot = authScape.locations.find((row) => row.title === 'Twin Depot')?.id;
    expect(linked('Location', depot)).toBe(accountOf('Twin Depot'));
  });

  it('skips accounts that AuthScape cannot be given as companies, with the reason', async () => {
    const links = await journey.api.links(connectionId);
    const { dynamics } = await bothSides(journey);
    const alone = dynamics.accounts
      .map((row) => row.accountid)
      .filter((id) => !links.some((link) => link.crmId === id));
    const changes = (await journey.api.changes(first.id)).filter((change) => change.entity === 'Company');
    const reasons = new Map(changes.map((change) => [change.crmId, change.error?.code]));

    expect(alone).toHaveLength(10);
    const active = dynamics.accounts.filter((row) => alone.includes(row.accountid) && row.statecode === 0);
    expect(active.map((row) => reasons.get(row.accountid))).toEqual(active.map(() => 'create_not_supported'));
    expect(await journey.api.logs(connectionId, '?status=failed')).toEqual([]);
  });

  it('writes nothing the second time', async () => {
    const settled = await bothSides(journey);
    await Promise.all([journey.dynamics.clearRequests(), journey.authScape.clearRequests()]);
    const second = await journey.api.sync(connectionId, { mode: 'full' });

    const { counts } = second;
    expect(second.status).toBe('succeeded');
    expect([counts.created, counts.updated, counts.linked, counts.failed]).toEqual([0, 0, 0, 0]);
    expect(writesIn(await journey.dynamics.requests())).toEqual({});
    expect(writesIn(await journey.authScape.requests())).toEqual({});
    expect(await bothSides(journey)).toEqual(settled);
  });

  it('[R7] changes nothing and remembers nothing in a dry run', async () => {
    const { api, editors } = journey;
    const { contacts } = (await bothSides(journey)).dynamics;
    const contactid = contacts.find((row) => row.statecode === 0)?.contactid;
    await editors.dynamics('PATCH', `contacts(${contactid})`, { telephone1: '+47 333' });
    const edited = await bothSides(journey);
    const dry = await api.sync(connectionId, { mode: 'full', dryRun: true });
    const planned = (await api.changes(dry.id)).filter((change) => change.action === 'update');

    expect(dry).toMatchObject({ status: 'succeeded', dryRun: true, counts: { updated: 1 } });
    expect(planned).toMatchObject([
      { crmId: contactid, side: 'authScape', fields: [{ field: 'phoneNumber', to: '+47 333' }] },
    ]);
    expect(await bothSides(journey)).toEqual(edited);

    const wet = await api.sync(connectionId, { mode: 'incremental' });
    expect(wet).toMatchObject({ status: 'succeeded', counts: { updated: 1 } });
  });
});
