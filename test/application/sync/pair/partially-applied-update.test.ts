import { describe, expect, it } from 'vitest';
import { BridgeError, RecordRejectedError } from '../../../../src/domain/errors.js';
import { aPair, contact, linkOf, logged, mark, user, writesSince } from '../../support/actors.js';
import { createHarness, type Harness } from '../../support/harness.js';
import { companyMapping } from '../../support/mappings.js';

const failure = () => new RecordRejectedError('refused', 'AuthScape answered 500 without a reason.');

/** A company and an account that are linked and in step. */
async function linkedCompany() {
  const bridge = await createHarness({ mappings: [companyMapping()] });
  const a = bridge.a.people.insert('Company', { title: 'Moss' });
  await bridge.sync('full');
  const d = (await linkOf(bridge, a, 'm_company'))?.crmId ?? '';
  return { bridge, a, d, company: () => bridge.a.records.Company.get(a)?.values };
}

/** AuthScape saves one full replace and answers that it failed; `then` happens directly afterwards. */
function failAfterSaving(bridge: Harness, then?: () => void): void {
  let isDone = false;
  bridge.world.after = ({ name }) => {
    if (isDone || name !== 'update.write') return;
    isDone = true;
    then?.();
    throw failure();
  };
}

describe('an update that AuthScape saved although it answered with a failure', () => {
  it('is agreed: a later edit goes its way', async () => {
    const { bridge, a, d, company } = await linkedCompany();
    bridge.d.people.set('account', d, { name: 'D edit' });
    failAfterSaving(bridge);
    const run = await bridge.sync('incremental');
    expect(run.counts).toMatchObject({ updated: 1, failed: 0 });
    bridge.a.people.set('Company', a, { title: 'Later edit in A' });
    await bridge.sync('incremental');
    expect(company()?.title).toBe('Later edit in A');
    expect(await logged(bridge, a)).toContain('success name: D edit -> Later edit in A (authScapeChanged)');
  });

  it('has what it replaced in the log', async () => {
    const { bridge, a, d, company } = await linkedCompany();
    bridge.d.people.set('account', d, { name: 'D edit' });
    bridge.a.people.set('Company', a, { title: 'Their edit' });
    failAfterSaving(bridge);
    await bridge.sync('incremental');
    expect(company()?.title).toBe('D edit');
    expect(await logged(bridge, a)).toContain('conflict title: Their edit -> D edit (conflict)');
  });

  it('has it there too when another user wrote over it at once, whose value is then decided about', async () => {
    const { bridge, a, d, company } = await linkedCompany();
    bridge.d.people.set('account', d, { name: 'D edit' });
    bridge.a.people.set('Company', a, { title: 'Their edit' });
    failAfterSaving(bridge, () => bridge.a.people.set('Company', a, { title: 'Edit after' }));
    await bridge.sync('incremental');
    await bridge.sync('incremental');
    const lines = await logged(bridge, a);
    expect(lines).toContain('conflict title: Their edit -> D edit (conflict)');
    expect(lines).toContain('conflict title: Edit after -> D edit (conflict)');
    expect(company()?.title).toBe('D edit');
  });

  it.each(['unreachable', 'unreadable'] as const)(
    'stays planned while the record is %s afterwards',
    async (how) => {
      const { bridge, a, d, company } = await linkedCompany();
      bridge.d.people.set('account', d, { name: 'D edit' });
      bridge.a.people.set('Company', a, { title: 'Their edit' });
      let isDue = false;
      failAfterSaving(bridge, () => {
        isDue = true;
      });
      bridge.world.before = ({ side, name }) => {
        if (!isDue || side !== 'authScape' || name !== 'get') return;
        isDue = false;
        throw how === 'unreachable'
          ? new BridgeError('authscape_unreachable', 'AuthScape cannot be reached.')
          : new RecordRejectedError('record_unreadable', 'The record cannot be read.');
      };
      await bridge.sync('incremental');
      await bridge.sync('incremental');
      expect(await logged(bridge, a)).toContain('conflict title: Their edit -> D edit (conflict)');
      bridge.a.people.set('Company', a, { title: 'Later edit in A' });
      await bridge.sync('incremental');
      expect(company()?.title).toBe('Later edit in A');
    },
  );

  it('is agreed where only the state that followed was refused', async () => {
    const bridge = await createHarness();
    const { a, d } = await aPair(bridge);
    bridge.a.people.set('User', a, { isActive: false });
    await bridge.sync('incremental');
    bridge.d.people.set('contact', d, { firstname: 'Augusta', statecode: 0 });
    bridge.a.people.set('User', a, { firstName: 'Adah' });
    let isRefused = true;
    bridge.world.before = ({ name }) => {
      if (isRefused && name === 'update.state') throw failure();
    };
    const run = await bridge.sync('incremental');
    expect(run.counts).toMatchObject({ failed: 1 });
    expect(await logged(bridge, a)).toEqual(
      expect.arrayContaining(['conflict firstName: Adah -> Augusta (conflict)', 'failed isActive refused']),
    );
    isRefused = false;
    bridge.a.people.set('User', a, { firstName: 'Ada again' });
    await bridge.sync('incremental');
    expect(user(bridge, a)).toMatchObject({ firstName: 'Ada again', isActive: true });
    expect(contact(bridge, d)).toMatchObject({ firstname: 'Ada again', statecode: 0 });
  });
});

describe('an update that AuthScape did not save', () => {
  it('fails with the reason, and is made by a later run', async () => {
    const { bridge, a, d, company } = await linkedCompany();
    bridge.d.people.set('account', d, { name: 'D edit' });
    let isRefused = true;
    bridge.world.before = ({ name }) => {
      if (isRefused && name === 'update.write') throw failure();
    };
    const start = mark(bridge);
    expect((await bridge.sync('incremental')).counts).toMatchObject({ failed: 1 });
    expect(writesSince(bridge, start)).toEqual([]);
    expect(await logged(bridge, a)).toContain('failed title refused');
    isRefused = false;
    bridge.clock.advance(3_600_000);
    await bridge.sync('incremental');
    expect(company()?.title).toBe('D edit');
  });
});
