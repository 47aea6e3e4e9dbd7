import { expect, it } from 'vitest';
import { NO_COUNTS } from '../../../src/domain/run.js';
import { differences, playAtEach, playRun } from './outcome.js';
import { PAIRS, type Scene } from './scene.js';
import { standStillAt } from './stand-still.js';

/** What a full run finds that has nothing to do. */
const AT_REST = { ...NO_COUNTS, read: 17, unchanged: PAIRS.length };

/** A person edits each record that the side has by now, and other workers work on the events to the end. */
async function editAll({ bridge, contactId, setContact, userId }: Scene, side: 'authScape' | 'dynamics') {
  const edited: string[] = [];
  for (const email of PAIRS) {
    const id = side === 'authScape' ? userId(email) : await contactId(email);
    if (id === '') continue;
    edited.push(email);
    if (side === 'authScape') bridge.a.people.set('User', id, { lastName: 'Byron' });
    else await setContact(email, { lastname: 'Byron' });
    await bridge.event(side, side === 'authScape' ? 'User' : 'contact', id);
  }
  await bridge.drain();
  return edited;
}

const isEdited = (email: string) => (line: string) =>
  line.startsWith(`${email} `) && line.includes(' Byron ');

it.each(['authScape', 'dynamics'] as const)(
  'edits in %s that come with their events before any effect of a run survive on both sides',
  { timeout: 300_000 },
  async (side) => {
    const { faults, places } = await playAtEach(async (scene, n) => {
      let edited: readonly string[] = [];
      const run = standStillAt(scene, n, 'before', async () => {
        edited = await editAll(scene, side);
      });
      const found = await playRun(scene);
      const { contacts, users } = found.look;
      const happened = run.happened();
      // Where it stood still for longer than its claim, AuthScape refuses what an event has created meanwhile.
      const isTooLate = happened === 'authScape create';
      const lost = edited.filter((email) => ![users, contacts].every((all) => all.some(isEdited(email))));
      return {
        happened,
        faults: [
          ...lost.map((email) => `The edit of ${email} is lost.`),
          ...differences({ isAtRest: true, next: AT_REST }, found),
          ...(isTooLate ? [] : differences({ status: 'succeeded' }, found)),
          ...(String(users) === String(contacts) ? [] : [`${users} are not ${contacts}`]),
        ],
      };
    });
    expect(faults).toEqual([]);
    expect(places).toBeGreaterThan(PAIRS.length);
  },
);
