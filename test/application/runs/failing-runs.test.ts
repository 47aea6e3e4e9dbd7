import { describe, expect, it } from 'vitest';
import { UnknownOutcomeError } from '../../../src/application/ports/systems.js';
import { BridgeError } from '../../../src/domain/errors.js';
import { aPair, aUser, pairs } from '../support/actors.js';
import { createHarness } from '../support/harness.js';

const refused = () => new BridgeError('invalid_client_credentials', 'The token is refused.');

describe('[E10] a run that fails says what it did', () => {
  it('at an earlier attempt of the unit that failed', async () => {
    const bridge = await createHarness({ concurrency: 1 });
    for (const { a } of await pairs(bridge, 6)) bridge.a.people.set('User', a, { phoneNumber: '5' });
    let updates = 0;
    bridge.world.before = ({ name }) => {
      if (updates > 3) throw refused();
      if (name !== 'update') return;
      updates += 1;
      if (updates === 4) throw new BridgeError('dynamics_unavailable', 'Away.');
    };
    const run = await bridge.sync('incremental');
    expect(run).toMatchObject({
      status: 'failed',
      counts: { updated: 3 },
      bySide: { dynamics: { updated: 3 } },
    });
    expect((await bridge.logs(run.id)).filter(({ action }) => action === 'update')).toHaveLength(3);
  });

  it('on the one side of a pair whose other side was not reached', async () => {
    const bridge = await createHarness();
    const { a, d } = await aPair(bridge);
    bridge.a.people.set('User', a, { phoneNumber: '5' });
    bridge.d.people.set('contact', d, { lastname: 'Byron' });
    bridge.world.before = ({ name }) => {
      if (name === 'update.write') throw new BridgeError('authscape_unauthorized', 'The token is refused.');
    };
    const run = await bridge.sync('incremental');
    expect(run).toMatchObject({
      status: 'failed',
      counts: { updated: 1 },
      bySide: { authScape: { updated: 0 }, dynamics: { updated: 1 } },
    });
    expect(await bridge.logs(run.id)).toMatchObject([
      { side: 'dynamics', fields: [{ field: 'telephone1', to: '5' }] },
    ]);
    bridge.world.before = undefined;
    const next = await bridge.sync('incremental');
    expect(next).toMatchObject({
      status: 'succeeded',
      bySide: { authScape: { updated: 1 }, dynamics: { updated: 0 } },
    });
    expect(bridge.a.records.User.get(a)?.values.lastName).toBe('Byron');
  });
});

describe('[E10] the error of a run that fails', () => {
  it.each([
    ['an unexpected fault', () => new TypeError('x is not a function'), 'internal_error'],
    ['an answer that cannot be read', () => new BridgeError('dynamics_error', 'No JSON.'), 'dynamics_error'],
  ])('names the record that stopped it: %s', async (_what, fault, code) => {
    const bridge = await createHarness();
    const all = await pairs(bridge, 4);
    for (const { a } of all) bridge.a.people.set('User', a, { phoneNumber: '5' });
    const bad = all[2];
    bridge.world.before = ({ name, id }) => {
      if (name === 'update' && id === bad?.d) throw fault();
    };
    const run = await bridge.sync('incremental');
    expect(run).toMatchObject({ status: 'failed', error: { code } });
    expect(run.error?.message).toContain(`User ${bad?.a}`);
  });

  it('names a new record as well', async () => {
    const bridge = await createHarness();
    await pairs(bridge, 1);
    const user = bridge.a.people.insert('User', { firstName: 'Ada', email: 'ada@x.test', isActive: true });
    bridge.world.before = ({ name }) => {
      if (name === 'create') throw new TypeError('x is not a function');
    };
    const run = await bridge.sync('incremental');
    expect(run.error?.message).toContain(`User ${user}`);
  });

  it('names none where the answer is about all of them', async () => {
    const bridge = await createHarness();
    const { a } = await aPair(bridge);
    bridge.a.people.set('User', a, { phoneNumber: '5' });
    bridge.world.before = ({ name }) => {
      if (name === 'update') throw refused();
    };
    expect((await bridge.sync('incremental')).error?.message).toBe('The token is refused.');
  });
});

it('a creation that an earlier run has left unfinished is counted once', async () => {
  const bridge = await createHarness();
  aUser(bridge);
  bridge.world.before = ({ name, side }) => {
    if (side === 'dynamics' && name === 'create') throw new UnknownOutcomeError('The answer was lost.');
  };
  expect((await bridge.sync('full')).counts).toMatchObject({ failed: 1 });
  bridge.world.before = undefined;
  bridge.clock.advance(700_000);
  expect((await bridge.sync('full')).counts).toMatchObject({ created: 1, unchanged: 0 });
});
