import { describe, expect, it } from 'vitest';
import { listProblems } from '../../../src/application/inspection/problems/list-problems.js';
import { retryProblems } from '../../../src/application/inspection/problems/retry-problems.js';
import { manageDeadLetters } from '../../../src/application/jobs/dead-letters.js';
import { readMessage } from '../../../src/functions/worker.js';
import { aContact, aPair, aUser, contact, pairs, user } from '../support/actors.js';
import { createHarness, type Harness } from '../support/harness.js';
import { companyMapping, userMapping } from '../support/mappings.js';

function deps(bridge: Harness) {
  return { ...bridge.storage, ...bridge.parts, queue: bridge.storage.jobs };
}

const list = (bridge: Harness) => listProblems(deps(bridge))(bridge.connection.id);

function retry(bridge: Harness, request: Parameters<ReturnType<typeof retryProblems>>[1]) {
  const { replay } = manageDeadLetters({ ...deps(bridge), readMessage });
  return retryProblems({ ...deps(bridge), replay })(bridge.connection.id, request);
}

/** A user whose contact may not be read for as long as a person has not mended it. */
async function givenFailure() {
  const bridge = await createHarness();
  const pair = await aPair(bridge);
  bridge.clock.advance(60_000);
  bridge.a.people.set('User', pair.a, { email: 'no address' });
  await bridge.sync('incremental');
  return { bridge, ...pair };
}

describe('problems', () => {
  it('are none after a sync that went well', async () => {
    const bridge = await createHarness();
    await aPair(bridge);
    expect(await list(bridge)).toEqual({
      problems: [],
      counts: { failed: 0, ambiguous: 0, held: 0, deadLetter: 0, skipped: 0 },
      truncated: false,
    });
  });

  it('name a record that fails, with reason, field, since when and how often', async () => {
    const { bridge, a, d } = await givenFailure();
    const since = new Date(bridge.clock.now()).toISOString();
    await bridge.sync('incremental');
    const { problems, counts } = await list(bridge);

    expect(counts).toMatchObject({ failed: 1 });
    expect(problems).toMatchObject([
      {
        ...{ kind: 'failed', entity: 'User', crmEntity: 'contact', authScapeId: a, crmId: d },
        ...{ code: 'invalid_email', field: 'emailaddress1', attempts: 2, actions: ['retry'] },
      },
    ]);
    expect(Date.parse(problems[0]?.since ?? '')).toBeLessThanOrEqual(Date.parse(since));
  });

  it('leave the list once the record is in order', async () => {
    const { bridge, a } = await givenFailure();
    bridge.clock.advance(60_000);
    bridge.a.people.set('User', a, { email: 'ada@x.test' });
    await bridge.sync('incremental');
    expect((await list(bridge)).problems).toEqual([]);
    expect((await bridge.storage.problems.scan(bridge.connection.id, 10)).items).toEqual([]);
  });

  it('of a dry run are none', async () => {
    const bridge = await createHarness();
    aUser(bridge, { email: null });
    await bridge.sync('full', { dryRun: true });
    expect((await list(bridge)).problems).toEqual([]);
  });

  it('tell ambiguous groups and records without a key apart, and nothing that is meant to be', async () => {
    const bridge = await createHarness();
    aUser(bridge, { email: 'twice@x.test' });
    aContact(bridge, { emailaddress1: 'twice@x.test' });
    aContact(bridge, { emailaddress1: 'twice@x.test' });
    const keyless = aContact(bridge, { emailaddress1: null });
    aUser(bridge, { isActive: false });
    await bridge.sync('full');
    const { problems, counts } = await list(bridge);

    expect(counts).toEqual({ failed: 0, ambiguous: 3, held: 0, deadLetter: 0, skipped: 1 });
    expect(problems.filter(({ kind }) => kind === 'skipped')).toMatchObject([
      { code: 'no_match_key', crmId: keyless, authScapeId: null, actions: ['retry'] },
    ]);
    expect(problems.find(({ kind }) => kind === 'ambiguous')?.actions).toContain('link');
  });

  it('that a full run does not meet again are gone', async () => {
    const bridge = await createHarness();
    const keyless = aContact(bridge, { emailaddress1: null });
    await bridge.sync('full');
    expect((await list(bridge)).counts.skipped).toBe(1);
    bridge.d.people.remove('contact', keyless);
    await bridge.sync('full');
    expect((await list(bridge)).counts.skipped).toBe(0);
  });

  it('go with their mapping', async () => {
    const { bridge } = await givenFailure();
    const stored = await bridge.storage.mappings.get(bridge.connection.id, 'm_1234567890');
    if (stored === undefined) throw new Error('no mapping');
    await bridge.storage.mappings.remove(stored.value, stored.etag);
    expect((await list(bridge)).problems).toEqual([]);
  });

  it('tell what a run holds, and the field it is about', async () => {
    const bridge = await createHarness({ connection: { massDeleteGuard: { count: 5, percent: 50 } } });
    const all = await pairs(bridge, 12);
    for (const { a } of all) bridge.a.people.set('User', a, { phoneNumber: '1' });
    await bridge.sync('incremental');
    for (const { a } of all.slice(0, 6)) bridge.a.people.set('User', a, { phoneNumber: null });
    const run = await bridge.sync('incremental');
    const { problems, counts } = await list(bridge);

    expect(counts.held).toBe(6);
    expect(problems[0]).toMatchObject({
      ...{ kind: 'held', code: 'held_by_guard', field: 'telephone1', runId: run.id },
      actions: ['approve', 'reject'],
    });
    await bridge.decide(run.id, 'reject');
    expect((await list(bridge)).counts.held).toBe(0);
  });

  it('tell of dead letters', async () => {
    const { bridge, a } = await givenFailure();
    await bridge.event('authScape', 'User', a);
    await bridge.drain();
    expect((await list(bridge)).problems.filter(({ kind }) => kind === 'deadLetter')).toMatchObject([
      {
        entity: 'User',
        authScapeId: a,
        mappingId: 'm_1234567890',
        code: 'invalid_email',
        actions: ['retry', 'delete'],
      },
    ]);
  });

  it('know no connection that is not there', async () => {
    const bridge = await createHarness();
    await expect(listProblems(deps(bridge))('c_none')).rejects.toMatchObject({
      code: 'connection_not_found',
    });
  });
});

describe('a retry', () => {
  it('looks at a record again at once, whatever its back-off', async () => {
    const bridge = await createHarness();
    const d = aContact(bridge, { emailaddress1: 'refused@x.test' });
    bridge.a.refusedEmails.add('refused@x.test');
    await bridge.sync('full');
    const [problem] = (await list(bridge)).problems;
    expect(problem).toMatchObject({ kind: 'failed', code: 'email_refused', crmId: d });

    bridge.a.refusedEmails.clear();
    expect(await retry(bridge, { ids: [problem?.id ?? ''] })).toBe(1);
    await bridge.drain();
    expect(await bridge.links()).toHaveLength(1);
    expect((await list(bridge)).problems).toEqual([]);
  });

  it('by kind takes all of the kind, also before a first full run', async () => {
    const bridge = await createHarness({ mappings: [userMapping(), companyMapping()] });
    for (const email of ['1@x.test', '2@x.test', '3@x.test']) {
      aContact(bridge, { emailaddress1: email });
      bridge.a.refusedEmails.add(email);
    }
    await bridge.sync('full', { mappingIds: ['m_1234567890'] });
    expect((await bridge.storage.connections.getState(bridge.connection.id)).firstFullSyncAt).toBeNull();
    expect((await list(bridge)).counts.failed).toBe(3);

    bridge.a.refusedEmails.clear();
    expect(await retry(bridge, { kind: 'failed' })).toBe(3);
    await bridge.drain();
    expect((await list(bridge)).problems).toEqual([]);
    expect(await bridge.links()).toHaveLength(3);
  });

  it('of what still fails counts one more attempt and makes no dead letter', async () => {
    const { bridge } = await givenFailure();
    await retry(bridge, { kind: 'failed' });
    await bridge.drain();
    const { problems, counts } = await list(bridge);
    expect(counts).toMatchObject({ failed: 1, deadLetter: 0 });
    expect(problems[0]?.attempts).toBe(2);
  });

  it('replays dead letters', async () => {
    const { bridge, a, d } = await givenFailure();
    await bridge.event('authScape', 'User', a);
    await bridge.drain();
    bridge.a.people.set('User', a, { email: 'mended@x.test' });
    expect(await retry(bridge, { kind: 'deadLetter' })).toBe(1);
    await bridge.drain();
    expect(contact(bridge, d).emailaddress1).toBe('mended@x.test');
    expect((await list(bridge)).problems).toEqual([]);
  });

  it('refuses ids that are none and what is held, naming each', async () => {
    const bridge = await createHarness();
    await aPair(bridge);
    const held = `p_${Buffer.from('["h","m_1234567890","1","removal"]').toString('base64url')}`;
    await expect(retry(bridge, { ids: ['x', held] })).rejects.toMatchObject({
      code: 'invalid_request',
      errors: [{ path: 'ids[0]' }, { path: 'ids[1]' }],
    });
  });

  it('of a connection that is off is refused', async () => {
    const bridge = await createHarness({ connection: { enabled: false } });
    await expect(retry(bridge, { kind: 'failed' })).rejects.toMatchObject({ code: 'connection_disabled' });
  });

  it('lifts the rest of a value that went to and fro', async () => {
    const bridge = await createHarness();
    const { a, d } = await aPair(bridge);
    for (let n = 0; n < 6; n += 1) {
      bridge.clock.advance(1_000);
      bridge.d.people.set('contact', d, { telephone1: null });
      await bridge.event('dynamics', 'contact', d);
      await bridge.drain();
      bridge.clock.advance(1_000);
      bridge.a.people.set('User', a, { phoneNumber: '7' });
      await bridge.event('authScape', 'User', a);
      await bridge.drain();
    }
    const before = (await list(bridge)).problems.filter(({ code }) => code === 'field_oscillates');
    expect(before).not.toEqual([]);
    await retry(bridge, { kind: 'failed' });
    await bridge.drain();
    expect(contact(bridge, d).telephone1).toBe(user(bridge, a).phoneNumber);
  });
});
