import { describe, expect, it } from 'vitest';
import { BridgeError, RecordRejectedError } from '../../../../src/domain/errors.js';
import type { SystemCall } from '../../../support/memory-systems-world.js';
import {
  aContact,
  aPair,
  aUser,
  contact,
  contacts,
  linkOf,
  logged,
  pairs,
  user,
} from '../../support/actors.js';
import { createHarness, type Harness } from '../../support/harness.js';

type Refusal = () => Error;

const plugIn: Refusal = () =>
  new RecordRejectedError('plugin_failed', 'A plug-in failed.', { unproven: '500 0x80040224' });
const denied: Refusal = () => new RecordRejectedError('access_denied', 'The privilege is missing.');
const duplicate: Refusal = () => new RecordRejectedError('duplicate_record', 'A key is taken.');

/** Answers calls of a kind with a refusal; counts them. */
function refuse(bridge: Harness, isMeant: (call: SystemCall) => boolean, refusal: Refusal) {
  const calls: SystemCall[] = [];
  bridge.world.before = (call) => {
    if (!isMeant(call)) return;
    calls.push(call);
    throw refusal();
  };
  return calls;
}

const updateOf = (id: string) => (call: SystemCall) => call.name === 'update' && call.id === id;

describe('[E4] one record that is refused keeps none of the others', () => {
  it.each([
    ['a plug-in fails', plugIn],
    ['a privilege is missing', denied],
  ])('where %s at one of 40 edited pairs', async (_what, refusal) => {
    const bridge = await createHarness();
    const all = await pairs(bridge, 40);
    for (const { a } of all) bridge.a.people.set('User', a, { phoneNumber: '5' });
    const bad = all[7]?.d ?? '';
    refuse(bridge, updateOf(bad), refusal);
    const run = await bridge.sync('incremental');
    expect(run).toMatchObject({
      status: 'partiallySucceeded',
      error: null,
      counts: { updated: 39, failed: 1 },
    });
    expect(contact(bridge, bad).telephone1).toBeNull();
  });

  it('where a plug-in fails lastingly at one row, beside five new users', async () => {
    const bridge = await createHarness();
    const { a, d } = await aPair(bridge);
    bridge.a.people.set('User', a, { phoneNumber: '5' });
    for (let count = 0; count < 5; count += 1) aUser(bridge);
    refuse(bridge, updateOf(d), plugIn);
    const run = await bridge.sync('incremental');
    expect(run).toMatchObject({ status: 'partiallySucceeded', counts: { created: 5, failed: 1 } });
  });

  it('where AuthScape refuses the update of one user', async () => {
    const bridge = await createHarness();
    const all = await pairs(bridge, 8);
    for (const { d } of all) bridge.d.people.set('contact', d, { telephone1: '5' });
    const bad = all[3]?.a;
    refuse(
      bridge,
      ({ name, id }) => name === 'update.write' && id === bad,
      () => new RecordRejectedError('refused', 'No.', { unproven: 'UpdateUser 403' }),
    );
    const run = await bridge.sync('incremental');
    expect(run).toMatchObject({ status: 'partiallySucceeded', counts: { updated: 7, failed: 1 } });
  });

  it('where deletes are not allowed', async () => {
    const bridge = await createHarness({ connection: { deletePolicy: 'delete' } });
    const all = await pairs(bridge, 7);
    for (const { a } of all.slice(1)) bridge.a.people.remove('User', a);
    aUser(bridge);
    refuse(bridge, ({ name }) => name === 'remove', denied);
    await bridge.sync('full');
    const run = await bridge.sync('full');
    expect(run).toMatchObject({ status: 'partiallySucceeded', counts: { failed: 6 } });
  });

  it('where one row cannot be read', async () => {
    const bridge = await createHarness();
    const all = await pairs(bridge, 3);
    await bridge.sync('incremental');
    for (const { a } of all) bridge.a.people.set('User', a, { phoneNumber: '5' });
    const bad = all[1]?.d;
    refuse(
      bridge,
      ({ name, id }) => name === 'get' && id === bad,
      () => new RecordRejectedError('record_unreadable', 'No.', { unproven: '500 0x80040224' }),
    );
    const run = await bridge.sync('incremental');
    expect(run).toMatchObject({ status: 'partiallySucceeded', counts: { updated: 2, failed: 1 } });
  });
});

describe('[E4] a system that refuses every record', () => {
  async function edited(count: number) {
    const bridge = await createHarness();
    const all = await pairs(bridge, count);
    for (const { a } of all) bridge.a.people.set('User', a, { phoneNumber: '5' });
    return { bridge, all };
  }

  it('pauses the run, and what the pause cures is done by this run', async () => {
    const { bridge, all } = await edited(30);
    const until = bridge.clock.now() + 1_500;
    bridge.world.before = ({ name }) => {
      if (name === 'update' && bridge.clock.now() < until) throw plugIn();
    };
    const run = await bridge.sync('incremental');
    expect(run).toMatchObject({ status: 'succeeded', counts: { updated: 30, failed: 0 } });
    expect(all.every(({ d }) => contact(bridge, d).telephone1 === '5')).toBe(true);
  });

  it('fails the run in the end, which says so and has done the rest', async () => {
    const { bridge } = await edited(40);
    const d = aContact(bridge);
    const calls = refuse(bridge, ({ name }) => name === 'update', plugIn);
    const run = await bridge.sync('incremental');
    expect(run).toMatchObject({
      status: 'failed',
      error: { code: 'dynamics_error', message: expect.stringContaining('500 0x80040224') },
      counts: { created: 1, failed: 40 },
    });
    expect(calls.length).toBeLessThan(30);
    expect((await bridge.links()).some((link) => link.crmId === d)).toBe(true);
  });

  it('is away where a harmless read fails, too: the run waits for it', async () => {
    const { bridge } = await edited(2);
    const until = bridge.clock.now() + 20_000;
    let isAway = false;
    bridge.world.before = ({ name, side }) => {
      if (side !== 'dynamics' || bridge.clock.now() >= until) return;
      if (name === 'update') isAway = true;
      if (name === 'update') throw new RecordRejectedError('refused', 'No.', { unproven: '503' });
      if (name === 'identity' && isAway) throw new BridgeError('dynamics_unavailable', 'Away.');
    };
    const run = await bridge.sync('incremental');
    expect(run).toMatchObject({ status: 'succeeded', counts: { updated: 2, failed: 0 } });
  });
});

describe('[E2] a key that is taken', () => {
  it('fails new users where no row is there', async () => {
    const bridge = await createHarness();
    for (let count = 0; count < 6; count += 1) aUser(bridge);
    refuse(bridge, ({ name }) => name === 'create', duplicate);
    const run = await bridge.sync('full');
    expect(run).toMatchObject({ status: 'partiallySucceeded', counts: { failed: 6, linked: 0, created: 0 } });
    expect(contacts(bridge)).toEqual([]);
  });
});

describe('[E3] a pair that cannot be brought into step', () => {
  it('is failed, and not unchanged, where its row changes at each attempt', async () => {
    const bridge = await createHarness();
    const { a, d } = await aPair(bridge);
    bridge.a.people.set('User', a, { phoneNumber: '5' });
    let touched = 0;
    bridge.world.before = ({ name, id }) => {
      if (name !== 'update' || id !== d) return;
      touched += 1;
      bridge.d.people.set('contact', d, { jobtitle: String(touched) });
    };
    const run = await bridge.sync('incremental');
    expect(run).toMatchObject({ status: 'partiallySucceeded', counts: { failed: 1 } });
    expect(await logged(bridge, a)).toContain('failed  record_busy');
  });
});

describe('[E5] a refusal that names no field', () => {
  it('leads to the field, and the others arrive', async () => {
    const bridge = await createHarness();
    const { a, d } = await aPair(bridge);
    bridge.a.people.set('User', a, {
      firstName: 'Augusta',
      lastName: 'King',
      phoneNumber: 'bad',
      email: 'new@x.test',
    });
    const calls = refusingValue(bridge, d, 'telephone1', 'bad');
    await bridge.sync('incremental');
    expect(contact(bridge, d)).toMatchObject({
      firstname: 'Augusta',
      lastname: 'King',
      emailaddress1: 'new@x.test',
    });
    expect((await logged(bridge, a)).filter((line) => line.startsWith('failed'))).toEqual([
      'failed telephone1 refused',
    ]);
    expect(calls()).toBeLessThan(8);
    const before = calls();
    await bridge.sync('incremental');
    expect(calls() - before).toBe(1);
  });

  it('is about the record where no field is taken', async () => {
    const bridge = await createHarness();
    const { a, d } = await aPair(bridge);
    bridge.a.people.set('User', a, {
      firstName: 'Augusta',
      lastName: 'King',
      phoneNumber: '5',
    });
    const calls = refuse(bridge, updateOf(d), plugIn);
    await bridge.sync('incremental');
    expect((await logged(bridge, a)).filter((line) => line.startsWith('failed'))).toEqual([
      'failed  plugin_failed',
    ]);
    expect(calls.length).toBeLessThan(13);
  });

  it.each([
    ['names a column', { field: 'telephone1' }, 'failed telephone1 refused'],
    ['names none', {}, 'failed telephone1 refused'],
  ])('in an insertion that %s leaves it out as well', async (_what, named, told) => {
    const bridge = await createHarness();
    const a = aUser(bridge, { phoneNumber: 'bad' });
    bridge.d.refuses = (_id, values) =>
      values.telephone1 === 'bad' ? new RecordRejectedError('refused', 'No.', named) : null;
    const run = await bridge.sync('full');
    expect(run).toMatchObject({ status: 'partiallySucceeded', counts: { failed: 1 } });
    const d = (await linkOf(bridge, a))?.crmId ?? '';
    expect(contact(bridge, d)).toMatchObject({ firstname: 'Ada', telephone1: null });
    expect(await logged(bridge, a)).toContain(told);
  });

  it('in AuthScape leads to the field as well', async () => {
    const bridge = await createHarness();
    const { a, d } = await aPair(bridge);
    bridge.d.people.set('contact', d, { firstname: 'Augusta', telephone1: '5' });
    refusingUser(bridge, a, 'phoneNumber', '5');
    await bridge.sync('incremental');
    expect(user(bridge, a)).toMatchObject({ firstName: 'Augusta', phoneNumber: null });
    expect(await logged(bridge, a)).toContain('failed phoneNumber refused');
  });
});

/** Dynamics refuses each update that would give the row this value, and does not say which column it is. */
function refusingValue(bridge: Harness, id: string, column: string, value: string): () => number {
  let calls = 0;
  bridge.d.refuses = (row, values) => {
    if (row !== id) return null;
    calls += 1;
    return values[column] === value ? new RecordRejectedError('refused', 'No.') : null;
  };
  return () => calls;
}

function refusingUser(bridge: Harness, id: string, key: string, value: string): void {
  bridge.a.refuses = (record, values) =>
    record === id && values[key] === value ? new RecordRejectedError('refused', 'No.') : null;
}
