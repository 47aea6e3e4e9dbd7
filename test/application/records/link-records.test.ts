import { describe, expect, it } from 'vitest';
import { unlink } from '../../../src/application/inspection/links-and-logs.js';
import { UnknownOutcomeError } from '../../../src/application/ports/systems.js';
import type { LinkRequest } from '../../../src/application/records/link-records.js';
import { linkId } from '../../../src/domain/link.js';
import {
  aContact,
  aPair,
  aUser,
  contact,
  linkOf,
  logged,
  mark,
  user,
  writesSince,
} from '../support/actors.js';
import { createHarness, type Harness, type HarnessOptions } from '../support/harness.js';
import { userMapping } from '../support/mappings.js';

const MAPPING = 'm_1234567890';

function link(bridge: Harness, a: string, d: string, preview = false) {
  const request: LinkRequest = { mappingId: MAPPING, authScapeId: a, crmId: d.toUpperCase() };
  return bridge.engine.recordPages.link(bridge.connection.id, request, { preview });
}

/** A user and two contacts with one e-mail: a person has to say which of them is meant. */
async function givenAmbiguous(options: HarnessOptions = {}) {
  const bridge = await createHarness(options);
  const a = aUser(bridge, { email: 'twice@x.test', phoneNumber: '1' });
  const first = aContact(bridge, { emailaddress1: 'twice@x.test', telephone1: null });
  const second = aContact(bridge, { emailaddress1: 'twice@x.test', lastname: 'Byron' });
  await bridge.sync('full');
  expect(await bridge.links()).toEqual([]);
  bridge.clock.advance(60_000);
  return { bridge, a, first, second };
}

describe('linking two records by hand', () => {
  it('is a first merge: empty fields are filled, the policy decides where both have a value', async () => {
    const { bridge, a, first, second } = await givenAmbiguous();
    const made = await link(bridge, a, second);

    expect(made.link).toMatchObject({ authScapeId: a, crmId: second, state: 'linked', clean: true });
    expect(made.result).toMatchObject({ outcome: 'linked', error: null });
    expect(user(bridge, a).lastName).toBe('Byron');
    expect(contact(bridge, second).telephone1).toBe('1');
    expect(contact(bridge, first).telephone1).toBeNull();
    expect(await logged(bridge, a)).toContain('success lastName: Lovelace -> Byron (firstMerge)');
  });

  it('takes the pair off the list of problems, and leaves what is still ambiguous to a person', async () => {
    const { bridge, a, first, second } = await givenAmbiguous();
    await link(bridge, a, second);
    const { items } = await bridge.storage.problems.scan(bridge.connection.id, 10);
    expect(items.map(({ authScapeId, crmId }) => authScapeId ?? crmId)).toEqual([first]);
    await bridge.sync('full');
    expect(await bridge.links()).toHaveLength(1);
  });

  it('is shown by a preview, which changes nothing', async () => {
    const { bridge, a, second } = await givenAmbiguous();
    const start = mark(bridge);
    const planned = await link(bridge, a, second, true);

    expect(planned.link).toBeUndefined();
    expect(planned.result.outcome).toBe('linked');
    expect(
      planned.result.changes.flatMap(({ fields }) => fields.map(({ field, to }) => [field, to])),
    ).toEqual(
      expect.arrayContaining([
        ['lastName', 'Byron'],
        ['telephone1', '1'],
      ]),
    );
    expect(writesSince(bridge, start)).toEqual([]);
    expect(await bridge.links()).toEqual([]);
    expect((await link(bridge, a, second)).result.changes).toEqual(planned.result.changes);
  });

  it('is refused when either of them has a partner', async () => {
    const bridge = await createHarness();
    const { a, d } = await aPair(bridge);
    const alone = aUser(bridge, { email: 'alone@x.test' });
    const row = aContact(bridge, { emailaddress1: 'row@x.test' });

    for (const [left, right] of [
      [a, row],
      [alone, d],
      [a, d],
    ] as const) {
      await expect(link(bridge, left, right)).rejects.toMatchObject({ code: 'record_already_linked' });
    }
    expect(await bridge.links()).toHaveLength(1);
  });

  it('ends the tombstones of a pair that was parted', async () => {
    const bridge = await createHarness();
    const { a, d } = await aPair(bridge);
    const stored = await bridge.storage.links.get(bridge.connection.id, MAPPING, a);
    if (stored === undefined) throw new Error('no link');
    const tombstone = { reason: 'parted', act: 'none', at: '2026-03-01T08:00:00Z', runId: null } as const;
    await bridge.storage.links.replace({ ...stored.value, state: 'tombstone', tombstone }, stored.etag);

    expect((await link(bridge, a, d)).link).toMatchObject({ state: 'linked', tombstone: null });
    expect((await linkOf(bridge, a))?.crmId).toBe(d);
  });

  it('leaves a parted pair parted where it is refused, since a user is being made for the row', async () => {
    const bridge = await createHarness();
    const { a, d } = await aPair(bridge);
    const { clock, storage } = bridge;
    await unlink({ ...storage, clock })(bridge.connection.id, linkId(MAPPING, a));
    const other = aContact(bridge);
    bridge.world.before = (call) => {
      if (call.side !== 'authScape' || call.name !== 'create') return;
      bridge.world.before = undefined;
      throw new UnknownOutcomeError('No answer came.');
    };
    await bridge.event('dynamics', 'contact', other);
    const job = bridge.storage.jobs.take();
    if (job !== undefined) await bridge.deliver(job);
    await expect(link(bridge, a, other)).rejects.toMatchObject({ code: 'record_busy' });
    expect(await linkOf(bridge, a)).toMatchObject({ crmId: d, tombstone: { reason: 'parted' } });
  });

  it.each([
    ['a row outside of the filter', { filter: "telephone1 eq '9'" }, {}],
    [
      'directions that exclude each other',
      { direction: 'Inbound' as const },
      { direction: 'Outbound' as const },
    ],
    ['a mapping that is off', { enabled: false }, {}],
  ])('is refused for %s', async (_name, mapping, connection) => {
    const bridge = await createHarness({ mappings: [userMapping(mapping)], connection });
    const a = aUser(bridge);
    const d = aContact(bridge, { telephone1: '1' });
    await expect(link(bridge, a, d)).rejects.toMatchObject({ code: 'link_not_allowed' });
    await expect(link(bridge, a, d, true)).rejects.toMatchObject({ code: 'link_not_allowed' });
  });

  it('is refused for our own user, and for a connection that is off', async () => {
    const bridge = await createHarness();
    const own = aUser(bridge);
    bridge.a.ownUserId = own;
    const d = aContact(bridge);
    await expect(link(bridge, own, d)).rejects.toMatchObject({ code: 'link_not_allowed' });

    const off = await createHarness({ connection: { enabled: false } });
    await expect(link(off, '1', d)).rejects.toMatchObject({ code: 'connection_disabled' });
  });

  it('asks for records that are there', async () => {
    const bridge = await createHarness();
    const a = aUser(bridge);
    const d = aContact(bridge);
    await expect(link(bridge, '999', d)).rejects.toMatchObject({ code: 'record_not_found' });
    await expect(link(bridge, a, '6f0d1c1e-1111-4a2b-9c3d-00000000ffff')).rejects.toMatchObject({
      code: 'record_not_found',
    });
  });

  it('keeps the link where one value is refused, and says which', async () => {
    const { bridge, a, second } = await givenAmbiguous();
    bridge.d.people.set('contact', second, { telephone1: null });
    bridge.a.people.set('User', a, { phoneNumber: '9'.repeat(200) });
    const { link: made, result } = await link(bridge, a, second);

    expect(made?.state).toBe('linked');
    expect(['failed', 'linked']).toContain(result.outcome);
  });
});
