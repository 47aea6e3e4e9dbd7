import { describe, expect, it } from 'vitest';
import { deleteMapping } from '../../../../src/application/mappings/manage-mappings.js';
import type { EntityMapping } from '../../../../src/domain/model.js';
import { aContact, aUser, contact, contacts, linkOf } from '../../support/actors.js';
import { createHarness, type Harness } from '../../support/harness.js';
import { companyMapping, locationMapping, userMapping } from '../../support/mappings.js';

/** The mapping is deleted with its links and made again. */
async function remake(bridge: Harness, mapping: EntityMapping): Promise<void> {
  await deleteMapping({ ...bridge.storage, ...bridge.parts })(bridge.connection.id, mapping.id);
  await bridge.storage.mappings.create(mapping);
}

const FILTERED = userMapping({ filter: 'new_level gt 2' });

describe('[P8][P13] a user whose contact has left the filter, and whose link was lost', () => {
  it.each(['full', 'incremental', 'event'])('gets no second contact with its e-mail (%s)', async (how) => {
    const bridge = await createHarness({ mappings: [FILTERED] });
    const a = aUser(bridge, { email: 'ada@x.test' });
    const d = aContact(bridge, { emailaddress1: 'ada@x.test', new_level: 3 });
    await bridge.sync('full');
    expect(await linkOf(bridge, a)).toMatchObject({ crmId: d });
    bridge.d.people.set('contact', d, { new_level: 1 });
    await remake(bridge, FILTERED);
    const other = how === 'full' ? undefined : aUser(bridge);
    const run = await bridge.sync('full');
    if (how === 'event') {
      await bridge.event('authScape', 'User', a);
      await bridge.drain();
    } else if (how === 'incremental') await bridge.sync('incremental');
    expect(contacts(bridge)).toHaveLength(other === undefined ? 1 : 2);
    expect(await linkOf(bridge, a)).toBeUndefined();
    expect((await bridge.logs(run.id)).map(({ error }) => error?.code)).toContain('not_in_filter');
  });

  it('finds the contact that was made for it', async () => {
    const mapping = userMapping({ filter: 'new_level eq 2' });
    const bridge = await createHarness({ mappings: [mapping] });
    const a = aUser(bridge);
    await bridge.sync('full');
    const made = (await linkOf(bridge, a))?.crmId ?? '';
    bridge.d.people.set('contact', made, { new_level: 1 });
    await remake(bridge, mapping);
    await bridge.sync('full');
    expect(contacts(bridge)).toEqual([made]);
    expect(await linkOf(bridge, a)).toMatchObject({ state: 'linked', crmId: made });
  });

  it('gets one beside an inactive one', async () => {
    const bridge = await createHarness({ mappings: [FILTERED] });
    const a = aUser(bridge, { email: 'ada@x.test' });
    const d = aContact(bridge, { emailaddress1: 'ada@x.test', new_level: 1, statecode: 1 });
    await bridge.sync('full');
    const made = (await linkOf(bridge, a))?.crmId ?? '';
    expect(made).not.toBe(d);
    expect(contact(bridge, made).statecode).toBe(0);
  });
});

describe('[P7][P8] a location with the name of a company', () => {
  it('gets an account of its own where the filters part the table', async () => {
    const bridge = await createHarness({
      mappings: [
        companyMapping({ filter: "description eq 'company'" }),
        locationMapping({ filter: "description eq 'location'" }),
      ],
    });
    bridge.d.people.insert('account', { name: 'Firm', description: 'company' });
    const location = bridge.a.people.insert('Location', { title: 'Firm' });
    await bridge.sync('full');
    expect(await linkOf(bridge, location, 'm_location')).toMatchObject({ state: 'linked' });
  });
});
