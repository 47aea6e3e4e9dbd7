import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Side } from '../../../../src/domain/model.js';
import { matchForm } from '../../../../src/domain/values.js';
import { aContact, aPair, aUser, contacts, linkOf } from '../../support/actors.js';
import { createHarness, type Harness } from '../../support/harness.js';
import { companyMapping } from '../../support/mappings.js';
import { PATHS, type Path, viaPath } from '../../support/paths.js';

const WRITING = PATHS.filter(([path]) => path !== 'dry run');

const accounts = (bridge: Harness) => [...(bridge.d.tables.get('account')?.rows.keys() ?? [])];

/** A user and an unlinked contact after a first run; the user is brought into step on one way. */
async function meeting(path: Path, email: string, emailaddress1: string) {
  const bridge = await createHarness();
  await aPair(bridge);
  const before = contacts(bridge).length;
  const d = aContact(bridge, { emailaddress1 });
  const a = aUser(bridge, { email });
  const done = await viaPath(bridge, path, { side: 'authScape', entity: 'User', id: a });
  const made = contacts(bridge).length - before - 1;
  return { bridge, a, d, done, made, linkedTo: (await linkOf(bridge, a))?.crmId };
}

describe.each(WRITING)(
  '[P1] a user meets the unlinked contact that matching takes for the same, by %s',
  (path) => {
    it.each([
      ' e1@x.example',
      '   e1@x.example  ',
      'e1@x.example\u00a0',
      '\u00a0e1@x.example',
      'e1@x.example\u200b',
      '\u200be1@x.example',
      '\ufeffe1@x.example\u00a0\u200b',
      '\te1@x.example\r\n',
      '\u00a0 \u2003e1@x.example\u3000',
      'E1@X.EXAMPLE',
      'e1@x.example',
    ])('%j', async (emailaddress1) => {
      const { d, linkedTo, made } = await meeting(path, 'e1@x.example', emailaddress1);
      expect({ linkedTo, made }).toEqual({ linkedTo: d, made: 0 });
    });

    it('not the one of another mailbox, which gets no twin either', async () => {
      const { done, linkedTo, made } = await meeting(path, 'jose@x.example', 'jos\u00e9@x.example');
      expect({ linkedTo, made }).toEqual({ linkedTo: undefined, made: 0 });
      if (path.endsWith('run')) expect(done.codes).toContain('near_match');
    });

    it('none that has more around the address', async () => {
      const { linkedTo, made } = await meeting(path, 'e1@x.example', 'e1@x.example.org');
      expect([linkedTo === undefined, made]).toEqual([false, 1]);
    });
  },
);

const NAMES = [
  ['M\u00fcller GmbH', 'MULLER GMBH'],
  ['MULLER GMBH', 'M\u00fcller GmbH'],
  ['Mu\u0308ller GmbH', ' m\u00fcller gmbh\u00a0'],
  ['Strau\u00df', 'STRAUSS'],
  ['STRAUSS', 'Strau\u00df'],
  ['Fjord AS', 'Fjord  AS'],
  ['Fjord   AS', ' Fjord\u00a0AS\u200b'],
  ['\uff21\uff22\uff23 AG', 'ABC AG'],
  ['ABC AG', '\uff21\uff22\uff23\u3000AG'],
  ['\ufb01nance AG', 'FINANCE AG'],
  ['[Test] 100% A_B', '\u00a0[test] 100%  a_b '],
  ['AB', '\u00a0ab\u200b'],
] as const;

describe.each(PATHS)('[P1] a company meets the unlinked account of its name, by %s', (path) => {
  async function meeting(title: string, name: string, side: Side) {
    const bridge = await createHarness({ mappings: [companyMapping()] });
    bridge.a.people.insert('Company', { title: 'First' });
    await bridge.sync('full');
    const before = accounts(bridge).length;
    const d = bridge.d.people.insert('account', { name });
    const a = bridge.a.people.insert('Company', { title });
    const subject = side === 'authScape' ? { entity: 'Company', id: a } : { entity: 'account', id: d };
    const done = await viaPath(bridge, path, { side, ...subject });
    expect(accounts(bridge)).toHaveLength(before + 1);
    return { d, done, linkedTo: (await linkOf(bridge, a, 'm_company'))?.crmId };
  }

  const check = async (title: string, name: string, side: Side) => {
    const { d, done, linkedTo } = await meeting(title, name, side);
    // A dry run foresees the link, and no second account.
    if (path === 'dry run') expect(done.outcomes).toContain('linked');
    else expect(linkedTo).toBe(d);
    expect(done.outcomes).not.toContain('created');
  };

  it.each(NAMES)('the company %j and %j', (title, name) => check(title, name, 'authScape'));
  it.each(NAMES)('%j and the account %j', (title, name) => check(title, name, 'dynamics'));
});

describe('[P1] what one way links, every way links', () => {
  const around = fc.string({ unit: fc.constantFrom(' ', '\u00a0', '\t', '\u2003'), maxLength: 3 });
  const invisible = fc.constantFrom('', '\u200b', '\ufeff', '\u2060');
  const shown = fc
    .tuple(around, invisible, around, fc.boolean())
    .map(
      ([before, end, after, isUpper]) =>
        `${before}${isUpper ? 'E1@X.EXAMPLE' : 'e1@x.example'}${end}${after}`,
    );

  it('an e-mail in any spelling that matching takes for the same', async () => {
    await fc.assert(
      fc.asyncProperty(
        shown,
        fc.constantFrom<Side>('authScape', 'dynamics'),
        async (emailaddress1, first) => {
          expect(matchForm(emailaddress1)).toBe('e1@x.example');
          for (const [path] of WRITING) {
            const bridge = await createHarness();
            await aPair(bridge);
            const before = { d: contacts(bridge).length, a: bridge.a.records.User.size };
            const a = aUser(bridge, { email: 'e1@x.example' });
            const d = aContact(bridge, { emailaddress1 });
            await viaPath(
              bridge,
              path,
              first === 'authScape'
                ? { side: first, entity: 'User', id: a }
                : { side: first, entity: 'contact', id: d },
            );
            const after = { d: contacts(bridge).length - 1, a: bridge.a.records.User.size - 1 };
            expect([path, after, (await linkOf(bridge, a))?.crmId]).toEqual([path, before, d]);
          }
        },
      ),
      { numRuns: 8 },
    );
  });

  it('a company by its name, from either side', async () => {
    const names = fc.constantFrom(...NAMES);
    await fc.assert(
      fc.asyncProperty(names, around, invisible, around, async ([title, name], before, end, after) => {
        const spelt = `${before}${name}${end}${after}`;
        for (const [path] of WRITING) {
          for (const side of ['authScape', 'dynamics'] as const) {
            const bridge = await createHarness({ mappings: [companyMapping()] });
            bridge.a.people.insert('Company', { title: 'First' });
            await bridge.sync('full');
            const d = bridge.d.people.insert('account', { name: spelt });
            const a = bridge.a.people.insert('Company', { title });
            const subject =
              side === 'authScape' ? { entity: 'Company', id: a } : { entity: 'account', id: d };
            await viaPath(bridge, path, { side, ...subject });
            expect([path, side, (await linkOf(bridge, a, 'm_company'))?.crmId]).toEqual([path, side, d]);
          }
        }
      }),
      { numRuns: 8 },
    );
  });
});
