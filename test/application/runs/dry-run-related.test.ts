import { describe, expect, it } from 'vitest';
import { aContact, aUser, linkOf } from '../support/actors.js';
import { createHarness, type Harness, type HarnessOptions } from '../support/harness.js';
import { companyMapping, locationMapping, USER_COMPANY, userMapping } from '../support/mappings.js';

type Mode = 'full' | 'incremental';

const MAPPINGS = [companyMapping(), userMapping({ relationships: [USER_COMPANY] })];
const LOCATION_COMPANY = {
  ...USER_COMPANY,
  id: 'r_location_company',
  crmLookupField: 'parentaccountid',
};

async function begun(options: HarnessOptions = {}): Promise<Harness> {
  const bridge = await createHarness({ mappings: MAPPINGS, ...options });
  bridge.a.people.insert('Company', { title: 'First' });
  aUser(bridge);
  await bridge.sync('full');
  return bridge;
}

async function listed(bridge: Harness, runId: string): Promise<readonly string[]> {
  const lines = (await bridge.logs(runId)).flatMap(({ side, outcome, fields, error }) => [
    ...fields.map(({ field, to, rule }) => `${side} ${outcome} ${field}: ${to} (${rule})`),
    ...(error === undefined ? [] : [`${outcome} ${error.code}`]),
  ]);
  return lines.sort();
}

async function both(bridge: Harness, mode: Mode): Promise<readonly string[]> {
  const dry = await bridge.sync(mode, { dryRun: true });
  const planned = await listed(bridge, dry.id);
  const real = await bridge.sync(mode);
  expect(planned).toEqual(await listed(bridge, real.id));
  expect(dry.counts).toEqual(real.counts);
  return planned;
}

describe.each(['full', 'incremental'] as const)('[R7] planned records count as linked (%s run)', (mode) => {
  it.each([240_000, 1])('those that are created (steps of %d ms)', async (stepMs) => {
    const bridge = await begun({ stepMs });
    aUser(bridge, { companyId: bridge.a.people.insert('Company', { title: 'Firm' }) });
    expect((await both(bridge, mode)).join('\n')).toContain('parentcustomerid: account:');
  });

  it('those that are matched, from either side', async () => {
    const bridge = await begun();
    const companies = ['One', 'Two'].map((title) => bridge.a.people.insert('Company', { title }));
    const [, two] = ['One', 'Two'].map((name) => bridge.d.people.insert('account', { name }));
    const existing = aUser(bridge);
    await bridge.sync('incremental', { mappingIds: ['m_1234567890'] });
    const d = (await linkOf(bridge, existing))?.crmId ?? '';
    bridge.d.people.set('contact', d, { parentcustomerid: `account:${two}` });
    aUser(bridge, { email: 'both@x.test', companyId: companies[0] ?? null });
    aContact(bridge, { emailaddress1: 'both@x.test' });
    const lines = (await both(bridge, mode)).join('\n');
    expect(lines).toContain(`companyId: ${companies[1]}`);
    expect(lines).toContain('parentcustomerid: account:');
  });

  it('those whose partner is back', async () => {
    const bridge = await begun();
    const company = bridge.a.people.insert('Company', { title: 'Firm' });
    await bridge.sync('full');
    const account = (await linkOf(bridge, company, 'm_company'))?.crmId ?? '';
    bridge.d.people.remove('account', account);
    await bridge.sync('full');
    bridge.d.people.restore('account', account);
    aUser(bridge, { companyId: company });
    expect((await both(bridge, mode)).join('\n')).toContain(`parentcustomerid: account:${account}`);
  });

  it('in the key of what is matched by them', async () => {
    const location = locationMapping({ matchBy: ['title', 'companyId'], relationships: [LOCATION_COMPANY] });
    const bridge = await begun({ mappings: [companyMapping(), location] });
    const companyId = bridge.a.people.insert('Company', { title: 'Firm' });
    bridge.a.people.insert('Location', { title: 'Plant', companyId });
    const lines = (await both(bridge, mode)).join('\n');
    expect(lines).toContain('created parentaccountid: account:');
    expect(lines).not.toContain('no_match_key');
  });
});
