import { describe, expect, it } from 'vitest';
import type { FieldValue } from '../../../../src/domain/values.js';
import { aContact, aPair, aUser, contact, contacts, linkOf, user } from '../../support/actors.js';
import { createHarness, type Harness } from '../../support/harness.js';
import { companyMapping, USER_COMPANY, userMapping } from '../../support/mappings.js';
import { PATHS, type Path, viaPath } from '../../support/paths.js';

const paths = (...names: readonly Path[]) => names.map((name) => [name] as const);

/** What is told of a field, in the way of each path. */
async function told(bridge: Harness): Promise<readonly string[]> {
  const entries = await bridge.logs();
  return entries.flatMap(({ error }) => (error === undefined ? [] : `${error.code} ${error.field ?? ''}`));
}

describe.each(PATHS)('[V6] a login that AuthScape would not take, by %s', (path) => {
  it.each([
    ['<upd1@x.example>', 'invalid_email'],
    ['upd4@x.example,', 'invalid_email'],
    ['upd4@x.example.', 'invalid_email'],
    ['a@x.example; b@x.example', 'invalid_email'],
    ["o'brien@x.example", 'email_refused'],
  ])('%s: the login stays', async (address, code) => {
    const bridge = await createHarness();
    const { a, d } = await aPair(bridge, { email: 'old@x.example' });
    bridge.d.people.set('contact', d, { emailaddress1: address, telephone1: '+45 1' });
    const done = await viaPath(bridge, path, { side: 'dynamics', entity: 'contact', id: d });
    expect(user(bridge, a).email).toBe('old@x.example');
    expect(done.codes).toContain(code);
    expect(user(bridge, a).phoneNumber ?? null).toBe(path === 'dry run' ? null : '+45 1');
  });

  it.each([
    ['<new1@x.example>', 'invalid_email'],
    ['new4@x.example,', 'invalid_email'],
    ["o'brien@x.example", 'email_refused'],
    [`${'a'.repeat(256)}@x.example`, 'value_too_long'],
  ])('%s: no user is made', async (address, code) => {
    const bridge = await createHarness();
    await aPair(bridge);
    const d = aContact(bridge, { emailaddress1: address });
    const before = bridge.a.records.User.size;
    const done = await viaPath(bridge, path, { side: 'dynamics', entity: 'contact', id: d });
    expect(bridge.a.records.User.size).toBe(before);
    expect(done.codes).toContain(code);
    expect(done.fields).toContain('emailaddress1');
  });
});

describe.each(PATHS)('[P1] a user whose key Dynamics could not hold fails with the reason, by %s', (path) => {
  it.each([
    ['no e-mail', 'ada', 'invalid_email'],
    ['two addresses', 'a@x.example,b@x.example', 'invalid_email'],
    ['an address of 105 characters', `${'a'.repeat(95)}@x.example`, 'value_too_long'],
  ])('%s', async (_what, email, code) => {
    const bridge = await createHarness();
    await aPair(bridge);
    const before = contacts(bridge).length;
    const a = aUser(bridge, { email });
    const done = await viaPath(bridge, path, { side: 'authScape', entity: 'User', id: a });
    expect(done.codes).toEqual([code]);
    expect(done.fields).toEqual(['email']);
    expect(contacts(bridge)).toHaveLength(before);
  });
});

describe('[M17] a contact whose parent is a contact, when its user gets a company', () => {
  async function prepared(policy: 'lastWriteWins' | 'authScapeWins') {
    const mappings = [companyMapping(), userMapping({ relationships: [USER_COMPANY] })];
    const bridge = await createHarness({ mappings, connection: { conflictPolicy: policy } });
    const company = bridge.a.people.insert('Company', { title: 'Firm' });
    const { a, d } = await aPair(bridge);
    const parent = aContact(bridge, { emailaddress1: null });
    bridge.d.people.set('contact', d, { parentcustomerid: `contact:${parent}` });
    await bridge.sync('incremental');
    bridge.a.people.set('User', a, { companyId: company });
    bridge.d.people.set('contact', d, { parentcustomerid: `contact:${parent}`, lastname: 'Moved' });
    return { bridge, a, d, company, parent };
  }

  it.each(paths(...PATHS.filter(([path]) => path !== 'dry run').map(([path]) => path)))(
    'is a conflict that Dynamics wins, told once, by %s',
    async (path) => {
      const { bridge, a, d, company, parent } = await prepared('lastWriteWins');
      const done = await viaPath(bridge, path, { side: 'authScape', entity: 'User', id: a });
      expect(done.outcomes).toContain('conflict');
      expect(await told(bridge)).toContain('other_table companyId');
      const shown: readonly FieldValue[] = [
        user(bridge, a).companyId ?? null,
        contact(bridge, d).parentcustomerid ?? null,
      ];
      expect(shown).toEqual([company, `contact:${parent}`]);
      const count = (await bridge.logs()).length;
      expect((await bridge.sync('full')).counts.conflicts).toBe(0);
      expect((await bridge.logs()).length).toBe(count);
    },
  );

  it('is a conflict that a dry run foresees', async () => {
    const { bridge, a, company } = await prepared('lastWriteWins');
    const done = await viaPath(bridge, 'dry run', { side: 'authScape', entity: 'User', id: a });
    const entries = await bridge.logs(done.runId);
    expect(entries.find(({ outcome }) => outcome === 'conflict')).toMatchObject({
      error: { code: 'other_table', field: 'companyId' },
      fields: [{ field: 'companyId', from: company, to: company, winner: 'dynamics' }],
    });
  });

  it('gets the company where the policy lets AuthScape win', async () => {
    const { bridge, a, d, company } = await prepared('authScapeWins');
    const run = await bridge.sync('full');
    expect(run.counts.failed).toBe(0);
    const account = (await linkOf(bridge, company, 'm_company'))?.crmId;
    expect(contact(bridge, d).parentcustomerid).toBe(`account:${account}`);
    expect(user(bridge, a).companyId).toBe(company);
  });
});
