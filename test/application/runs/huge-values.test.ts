import { describe, expect, it } from 'vitest';
import { aContact, aPair, aUser, contact, contacts, linkOf, user } from '../support/actors.js';
import { noise, withLongTexts } from '../support/long-texts.js';
import { PATHS, viaPath } from '../support/paths.js';

describe.each(PATHS)('[V5] a text of more than a row of storage takes, by %s', (path) => {
  const isReal = path !== 'dry run';

  it('is cut to the column, and the log keeps its beginning with a digest', async () => {
    const bridge = await withLongTexts();
    const { a, d } = await aPair(bridge);
    const other = await aPair(bridge);
    const huge = noise(1_100_000);
    // The name is in the lists, which lead incremental runs to the rest.
    bridge.a.people.set('User', a, { 'customFields.note': huge, lastName: 'New' });
    bridge.a.people.set('User', other.a, { firstName: 'Augusta' });
    const done = await viaPath(bridge, path, { side: 'authScape', entity: 'User', id: a });
    expect(done.outcomes).toContain('updated');
    expect(contact(bridge, d).new_note ?? null).toBe(isReal ? huge.slice(0, 2_000) : null);
    const entries = await bridge.logs(done.runId);
    const cut = entries.flatMap(({ fields }) => fields).find(({ field }) => field === 'new_note');
    expect(cut).toMatchObject({ rule: 'cut', to: huge.slice(0, 2_000) });
    expect(cut?.dropped).toMatch(/… \[1100000 characters, sha256:[0-9a-f]{64}\]$/);
    expect(String(cut?.dropped).startsWith(huge.slice(0, 50_000))).toBe(true);
    if (isReal) expect(user(bridge, a)['customFields.note']).toBe(huge);
    expect(done.status ?? 'succeeded').toBe('succeeded');
    if (path.endsWith('run') && isReal) expect(contact(bridge, other.d).firstname).toBe('Augusta');
  });

  it('that is no option of a choice is told by its beginning', async () => {
    const bridge = await withLongTexts();
    const { a } = await aPair(bridge);
    const huge = noise(1_100_000);
    bridge.a.people.set('User', a, { 'customFields.level': huge, lastName: 'New' });
    const done = await viaPath(bridge, path, { side: 'authScape', entity: 'User', id: a });
    const entries = await bridge.logs(done.runId);
    const error = entries.find((entry) => entry.error !== undefined)?.error;
    expect(error?.code).toBe('unknown_option');
    expect(error?.message).toContain(`"${huge.slice(0, 100)}…"`);
    expect(done.status ?? 'succeeded').toBe('succeeded');
  });

  it('takes the place of another one, on either side', async () => {
    const bridge = await withLongTexts();
    const [first, second] = [noise(600_000), noise(600_000)];
    const { a, d } = await aPair(bridge, { 'customFields.long': first });
    expect(contact(bridge, d).new_long).toBe(first);
    bridge.d.people.set('contact', d, { new_long: second });
    const done = await viaPath(bridge, path, { side: 'dynamics', entity: 'contact', id: d });
    expect(done.outcomes).toContain('updated');
    expect(user(bridge, a)['customFields.long']).toBe(isReal ? second : first);
    bridge.a.people.set('User', a, { 'customFields.long': first, lastName: 'New' });
    await viaPath(bridge, path, { side: 'authScape', entity: 'User', id: a });
    expect(contact(bridge, d).new_long).toBe(isReal ? first : second);
  });

  it('goes into a new row and into a new pair whole', async () => {
    const bridge = await withLongTexts();
    await aPair(bridge);
    const before = contacts(bridge).length;
    const huge = noise(900_000);
    const a = aUser(bridge, { 'customFields.long': huge });
    await viaPath(bridge, path, { side: 'authScape', entity: 'User', id: a });
    expect(contacts(bridge)).toHaveLength(isReal ? before + 1 : before);
    const link = await linkOf(bridge, a);
    if (link !== undefined) expect(contact(bridge, link.crmId).new_long).toBe(huge);
    const d = aContact(bridge, { emailaddress1: 'known@x.test', new_long: huge });
    const known = aUser(bridge, { email: 'known@x.test' });
    await viaPath(bridge, path, { side: 'dynamics', entity: 'contact', id: d });
    expect((await linkOf(bridge, known))?.crmId).toBe(isReal ? d : undefined);
    expect(user(bridge, known)['customFields.long'] ?? null).toBe(isReal ? huge : null);
  });

  it('that waits in the plan of a dead worker is told in short', async () => {
    const bridge = await withLongTexts();
    const { a, d } = await aPair(bridge, { 'customFields.long': noise(700_000) });
    bridge.a.people.set('User', a, { 'customFields.long': noise(700_000) });
    bridge.d.people.set('contact', d, { new_long: noise(700_000), new_note: 'x' });
    await viaPath(bridge, path, { side: 'dynamics', entity: 'contact', id: d });
    const link = await linkOf(bridge, a);
    expect(link?.plan ?? null).toBeNull();
  });
});
