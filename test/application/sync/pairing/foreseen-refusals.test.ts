import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { aContact, aPair, contact, user } from '../../support/actors.js';
import { createHarness } from '../../support/harness.js';
import { viaPath } from '../../support/paths.js';

/** Whole addresses and what people make of them: brackets, commas, several, other letters, too many of them. */
const address = fc
  .tuple(
    fc.constantFrom('', '', '<', '"Ada" <', 'mailto:', ' ', '\u200b'),
    fc.constantFrom('new', "o'brien", '\u00e5sa', 'a+b', 'a b', 'x'.repeat(250)),
    fc.constantFrom('@', '@', '@@', ''),
    fc.constantFrom('x.example', 'x.example', 'x', 'm\u00fcller.example', 'x..example'),
    fc.constantFrom('', '', '>', ',', '.', '; b@x.example', '\u00a0', '\u200b'),
  )
  .map((parts) => parts.join(''));

/** What becomes of an address in a contact: the codes that are told, and the login that results. */
async function ofCreation(emailaddress1: string, path: 'full run' | 'dry run') {
  const bridge = await createHarness();
  await aPair(bridge);
  const before = new Set(bridge.a.records.User.keys());
  const d = aContact(bridge, { emailaddress1 });
  const { codes } = await viaPath(bridge, path, { side: 'dynamics', entity: 'contact', id: d });
  const made = [...bridge.a.records.User.values()].find(({ id }) => !before.has(id));
  return { codes, login: made?.values.email ?? null };
}

async function ofChange(emailaddress1: string, path: 'full run' | 'dry run') {
  const bridge = await createHarness();
  const { a, d } = await aPair(bridge, { email: 'old@x.example' });
  bridge.d.people.set('contact', d, { emailaddress1 });
  const { codes } = await viaPath(bridge, path, { side: 'dynamics', entity: 'contact', id: d });
  const { email } = user(bridge, a);
  return { codes, login: email === 'old@x.example' ? null : email, row: contact(bridge, d).emailaddress1 };
}

describe('[V6] one rule for logins', () => {
  it('what is refused on creation is refused on change, for one reason, and a dry run foresees both', async () => {
    await fc.assert(
      fc.asyncProperty(address, async (emailaddress1) => {
        const created = await ofCreation(emailaddress1, 'full run');
        const changed = await ofChange(emailaddress1, 'full run');
        expect(changed).toEqual({ ...created, row: emailaddress1 });
        expect((await ofCreation(emailaddress1, 'dry run')).codes).toEqual(created.codes);
        expect((await ofChange(emailaddress1, 'dry run')).codes).toEqual(created.codes);
      }),
      { numRuns: 20 },
    );
  });
});
