import { describe, expect, it } from 'vitest';
import { RecordRejectedError } from '../../../../src/domain/errors.js';
import { aContact, aPair, aUser, contact, linkOf, logged, user } from '../../support/actors.js';
import { createHarness, type Harness } from '../../support/harness.js';

/** One user's permissions are stored wrongly: AuthScape cannot list users that match, and lists all others. */
async function withUnlistable(email: string) {
  const bridge = await createHarness();
  const pair = await aPair(bridge);
  bridge.world.before = ({ side, name }) => {
    if (side === 'authScape' && name === 'findBy') throw new RecordRejectedError('lookup_failed', 'No.');
  };
  return { bridge, pair, email };
}

const codes = async (bridge: Harness, runId: string) =>
  (await bridge.logs(runId)).flatMap(({ crmId, error }) =>
    error === undefined ? [] : [[crmId, error.code]],
  );

describe('[P12] what AuthScape cannot look up concerns one record alone', () => {
  it.each(['full', 'incremental'] as const)('a contact without partner (%s)', async (mode) => {
    const { bridge, pair } = await withUnlistable('bad@x.test');
    const d = aContact(bridge, { emailaddress1: 'bad@x.test' });
    const other = aUser(bridge);
    bridge.a.people.set('User', pair.a, { firstName: 'Augusta' });
    const run = await bridge.sync(mode);
    expect(run).toMatchObject({
      status: 'partiallySucceeded',
      counts: { failed: 1, created: 1, updated: 1 },
    });
    expect(await codes(bridge, run.id)).toEqual([[d, 'lookup_failed']]);
    expect(contact(bridge, pair.d).firstname).toBe('Augusta');
    expect(await linkOf(bridge, other)).toMatchObject({ state: 'linked' });

    bridge.world.before = undefined;
    bridge.clock.advance(120_000);
    expect(await bridge.sync('incremental')).toMatchObject({ status: 'succeeded', counts: { created: 1 } });
  });

  it.each(['full', 'incremental', 'event'] as const)('a login that changed in Dynamics (%s)', async (how) => {
    const { bridge, pair } = await withUnlistable('bad@x.test');
    bridge.d.people.set('contact', pair.d, { emailaddress1: 'bad@x.test', firstname: 'Grace' });
    if (how === 'event') {
      await bridge.event('dynamics', 'contact', pair.d);
      await bridge.drain();
    } else
      expect(await bridge.sync(how)).toMatchObject({ status: 'partiallySucceeded', counts: { failed: 1 } });
    expect(user(bridge, pair.a)).toMatchObject({ firstName: 'Grace' });
    expect((await logged(bridge, pair.a)).join()).toContain('lookup_failed');

    bridge.world.before = undefined;
    await bridge.sync('incremental');
    expect(user(bridge, pair.a).email).toBe('bad@x.test');
  });

  it('a contact that is synced by hand', async () => {
    const { bridge } = await withUnlistable('bad@x.test');
    const d = aContact(bridge, { emailaddress1: 'bad@x.test' });
    const { id } = bridge.connection;
    const results = await bridge.engine.records.dynamics(id, 'contact', d);
    expect(results).toMatchObject([{ outcome: 'failed', crmId: d, error: { code: 'lookup_failed' } }]);
  });

  it('a row that may not be read, synced by hand', async () => {
    const bridge = await createHarness();
    const d = aContact(bridge);
    bridge.world.before = ({ side, name }) => {
      if (side === 'dynamics' && name === 'get') throw new RecordRejectedError('access_denied', 'No.');
    };
    const results = await bridge.engine.records.dynamics(bridge.connection.id, 'contact', d);
    expect(results).toMatchObject([{ outcome: 'failed', crmId: d, error: { code: 'access_denied' } }]);
  });
});
