import { describe, expect, it } from 'vitest';
import type { RelationshipMapping } from '../../../../src/domain/model.js';
import type { SystemCall } from '../../../support/memory-systems-world.js';
import { linkOf } from '../../support/actors.js';
import { createHarness, type Harness } from '../../support/harness.js';
import { companyMapping, locationMapping } from '../../support/mappings.js';

const LOCATION_COMPANY: RelationshipMapping = {
  id: 'r_company',
  authScapeField: 'companyId',
  relatedEntity: 'Company',
  crmLookupField: 'parentaccountid',
  crmRelatedEntity: 'account',
  direction: 'Bidirectional',
  enabled: true,
  syncNullValues: true,
  autoCreateRelated: false,
};

/** Two companies with accounts, and a location of the first one with an account of its own. */
async function places() {
  const bridge = await createHarness({
    mappings: [
      companyMapping({ filter: 'accountcategorycode eq 1' }),
      locationMapping({ filter: 'accountcategorycode eq 2', relationships: [LOCATION_COMPANY] }),
    ],
  });
  const [first = '', second = ''] = ['First', 'Second'].map((title) =>
    bridge.a.people.insert('Company', { title }),
  );
  const location = bridge.a.people.insert('Location', { title: 'Depot', companyId: first });
  const run = await bridge.sync('full');
  expect(run.status).toBe('succeeded');
  const rowOf = async (id: string, mapping: string) => (await linkOf(bridge, id, mapping))?.crmId ?? '';
  return {
    bridge,
    first,
    second,
    location,
    rows: {
      first: await rowOf(first, 'm_company'),
      second: await rowOf(second, 'm_company'),
      depot: await rowOf(location, 'm_location'),
    },
  };
}

const effect = (entity: string) => (call: SystemCall) =>
  call.side === 'authScape' && call.entity === entity && call.name === 'update.write';

async function work(bridge: Harness, row: string): Promise<void> {
  await bridge.event('dynamics', 'account', row);
  const job = bridge.storage.jobs.take('record');
  if (job !== undefined) await bridge.deliver(job);
}

describe('a company and its locations', () => {
  it.each(['Company', 'Location'] as const)(
    'are not written by two workers at a time (first the %s)',
    async (begins) => {
      const { bridge, rows, first, second, location } = await places();
      bridge.d.people.set('account', rows.first, { name: 'Renamed' });
      bridge.d.people.set('account', rows.depot, { parentaccountid: `account:${rows.second}` });
      const [one, other] = begins === 'Company' ? [rows.first, rows.depot] : [rows.depot, rows.first];
      const effects: string[] = [];
      let isInside = false;
      bridge.world.before = async (call) => {
        for (const entity of ['Company', 'Location']) if (effect(entity)(call)) effects.push(entity);
        if (!effect(begins)(call) || isInside) return;
        isInside = true;
        // Between the reading of the one and its full replace the other one's turn comes.
        await work(bridge, other);
        expect(effects).toEqual([begins]);
      };
      await work(bridge, one);
      await bridge.drain();
      expect(effects).toHaveLength(2);
      expect(bridge.a.records.Company.get(first)?.values.title).toBe('Renamed');
      expect(bridge.a.records.Location.get(location)?.values.companyId).toBe(second);
    },
  );

  /** Does another worker get the company at this time? */
  function takes(bridge: Harness, company: string): Promise<boolean> {
    const until = bridge.clock.now() + 1_000;
    return bridge.storage.keyReservations.take(
      bridge.connection.id,
      `company|${company}`,
      'other',
      until,
      'x',
    );
  }

  it('stay held while a slow call is under way', async () => {
    const { bridge, rows, first } = await places();
    bridge.d.people.set('account', rows.first, { name: 'Renamed' });
    const taken: boolean[] = [];
    bridge.world.before = async ({ name }) => {
      if (name === 'update.read') bridge.clock.advance(1.5 * bridge.a.writeTimeoutMs);
      if (name !== 'update.write') return;
      bridge.clock.advance(0.9 * bridge.a.writeTimeoutMs);
      taken.push(await takes(bridge, first));
    };
    await work(bridge, rows.first);
    expect(taken).toEqual([false]);
    expect(bridge.a.records.Company.get(first)?.values.title).toBe('Renamed');
  });

  it('other fields of a location wait for no other write', async () => {
    const { bridge, rows, location } = await places();
    bridge.d.people.set('account', rows.first, { name: 'Renamed' });
    bridge.d.people.set('account', rows.depot, { address1_city: 'Hull' });
    let isInside = false;
    bridge.world.before = async (call) => {
      if (!effect('Company')(call) || isInside) return;
      isInside = true;
      await work(bridge, rows.depot);
    };
    await work(bridge, rows.first);
    expect(isInside).toBe(true);
    expect(bridge.a.records.Location.get(location)?.values.city).toBe('Hull');
  });
});
