import { describe, expect, it } from 'vitest';
import { aContact, aUser, contacts, linkOf } from '../../support/actors.js';
import { createHarness, type Harness } from '../../support/harness.js';
import { companyMapping, USER_COMPANY, userMapping } from '../../support/mappings.js';

async function aCompany(bridge: Harness): Promise<{ company: string; account: string }> {
  const company = bridge.a.people.insert('Company', { title: 'Firm' });
  await bridge.sync('full');
  const link = await linkOf(bridge, company, 'm_company');
  if (link === undefined) throw new Error('the company has no partner');
  return { company, account: `account:${link.crmId}` };
}

function keyedBy(matchBy: readonly string[]): ReturnType<typeof createHarness> {
  return createHarness({
    mappings: [companyMapping(), userMapping({ relationships: [USER_COMPANY], matchBy: [...matchBy] })],
  });
}

describe('[P1][C4] a match key with a field that lists of AuthScape lack', () => {
  describe.each([false, true])('where Dynamics is read in full: %s', (isFullRead) => {
    const prepare = async (bridge: Harness) => {
      const found = await aCompany(bridge);
      aUser(bridge, { companyId: found.company });
      await bridge.sync('full');
      if (isFullRead) bridge.d.expireDeltaLinks();
      return found;
    };

    it.each([[['email', 'companyId']], [['companyId', 'email']]])(
      'finds the partner in an incremental run (%j)',
      async (matchBy) => {
        const bridge = await keyedBy(matchBy);
        const { company, account } = await prepare(bridge);
        const before = contacts(bridge).length;
        const d = aContact(bridge, { emailaddress1: 'new@x.test', parentcustomerid: account });
        const a = aUser(bridge, { email: 'new@x.test', companyId: company });
        const run = await bridge.sync('incremental');
        expect(run.counts).toMatchObject({ linked: 1, created: 0, skipped: 0 });
        expect(contacts(bridge)).toHaveLength(before + 1);
        expect(await linkOf(bridge, a)).toMatchObject({ crmId: d, clean: true });
      },
    );

    it.each([[['email', 'companyId']], [['companyId', 'email']]])(
      'makes one where none is there (%j)',
      async (matchBy) => {
        const bridge = await keyedBy(matchBy);
        const { company } = await prepare(bridge);
        const before = contacts(bridge).length;
        const a = aUser(bridge, { companyId: company });
        const run = await bridge.sync('incremental');
        expect(run.counts).toMatchObject({ created: 1, skipped: 0 });
        expect(contacts(bridge)).toHaveLength(before + 1);
        expect(await linkOf(bridge, a)).toMatchObject({ clean: true });
      },
    );

    it('reports a record without a key only where it has none', async () => {
      const bridge = await keyedBy(['companyId', 'email']);
      await prepare(bridge);
      aUser(bridge, { companyId: null });
      const run = await bridge.sync('incremental');
      const codes = (await bridge.logs(run.id)).map(({ error }) => error?.code);
      expect(codes).toEqual(['no_match_key']);
    });
  });

  it('costs no further look at records that are linked', async () => {
    const bridge = await keyedBy(['email', 'companyId']);
    const { company } = await aCompany(bridge);
    for (let count = 0; count < 20; count += 1) aUser(bridge, { companyId: company });
    await bridge.sync('full');
    bridge.d.expireDeltaLinks();
    aUser(bridge, { companyId: company });
    const read: string[] = [];
    bridge.world.before = ({ side, name }) => {
      if (side === 'authScape' && name === 'get') read.push(name);
    };
    await bridge.sync('incremental');
    expect(read.length).toBeLessThan(5);
  });
});
