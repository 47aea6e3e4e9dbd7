import { describe, expect, it } from 'vitest';
import { aContact, aPair, aUser, contacts, linkOf } from '../../support/actors.js';
import { createHarness } from '../../support/harness.js';
import { type Path, viaPath } from '../../support/paths.js';

/** A user is about to get a contact; at that moment a person makes one with the user's e-mail. */
async function overtaken(path: Path, emailaddress1: string) {
  const bridge = await createHarness();
  await aPair(bridge);
  const before = contacts(bridge).length;
  const a = aUser(bridge, { email: 'e1@x.example' });
  let late: string | undefined;
  bridge.world.before = ({ side, name }) => {
    if (side === 'dynamics' && name === 'findBy') late ??= aContact(bridge, { emailaddress1 });
  };
  await viaPath(bridge, path, { side: 'authScape', entity: 'User', id: a });
  bridge.world.before = undefined;
  const linkedTo = (await linkOf(bridge, a))?.crmId;
  return { bridge, a, late, linkedTo, made: contacts(bridge).length - before - 1 };
}

const OWN_SPELLINGS = [' e1@x.example', '\u00a0e1@x.example', '\u200be1@x.example\u00a0'];

describe('[P6] a row with the key that appears between the reading and the creation', () => {
  it.each(['full run', 'incremental run', 'event', 'single record'] as const)(
    'is linked in a spelling that Dynamics takes for the same, by %s',
    async (path) => {
      for (const spelling of ['e1@x.example', 'E1@X.Example  ']) {
        const { late, linkedTo, made } = await overtaken(path, spelling);
        expect({ linkedTo, made }).toEqual({ linkedTo: late, made: 0 });
      }
    },
  );

  it.each(['incremental run', 'event', 'single record'] as const)(
    'is linked in a spelling of its own where not all was read just now, by %s',
    async (path) => {
      for (const spelling of OWN_SPELLINGS) {
        const { late, linkedTo, made } = await overtaken(path, spelling);
        expect({ linkedTo, made }).toEqual({ linkedTo: late, made: 0 });
      }
    },
  );

  it.each(OWN_SPELLINGS)(
    'is told by the next run after a full one, as %j, and gets no user',
    async (spelling) => {
      const { bridge, a, late, linkedTo, made } = await overtaken('full run', spelling);
      expect([made, linkedTo === undefined, linkedTo === late]).toEqual([1, false, false]);
      const users = bridge.a.records.User.size;
      const run = await bridge.sync('incremental');
      const told = (await bridge.logs(run.id)).find(({ crmId }) => crmId === late);
      expect(told?.error?.code).toBe('match_taken');
      expect((await bridge.sync('full')).counts).toMatchObject({ created: 0, linked: 0, failed: 0 });
      expect(bridge.a.records.User.size).toBe(users);
      expect((await linkOf(bridge, a))?.crmId).toBe(linkedTo);
    },
  );
});
