import { expect, it } from 'vitest';
import { ReplaceJournal } from './replace-journal.js';

const phone = (before: string) => [{ name: 'PhoneNumber', before }];

it('names a value that a replace took back before its sender could have read it, and no other', () => {
  const journal = new ReplaceJournal();
  const [person, bridge] = [1, 2];
  journal.noteRead(bridge, 7);
  journal.noteReplace(person, 7, phone('old'));
  journal.noteReplace(bridge, 7, phone('unseen'));
  journal.noteReplace(bridge, 7, phone('its own'));
  journal.noteReplace(person, 7, phone('of the bridge'));
  journal.noteRead(bridge, 7);
  journal.noteReplace(bridge, 7, phone('seen'));
  expect(journal.unseen).toEqual([
    { userId: 7, member: 'PhoneNumber', value: 'unseen' },
    { userId: 7, member: 'PhoneNumber', value: 'of the bridge' },
  ]);
  journal.clear();
  expect(journal.unseen).toEqual([]);
});

it('knows nothing of users that only their creator has written', () => {
  const journal = new ReplaceJournal();
  journal.noteReplace(2, 7, phone('as it was made'));
  expect(journal.unseen).toEqual([]);
});
