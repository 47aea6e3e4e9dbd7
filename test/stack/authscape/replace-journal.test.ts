import { expect, it } from 'vitest';
import { ReplaceJournal } from './replace-journal.js';

const user = { entity: 'User', id: 7 } as const;
const phone = (before: string) => [{ name: 'PhoneNumber', before }];

it('names a value that a replace took back before its sender could have read it, and no other', () => {
  const journal = new ReplaceJournal();
  const [person, bridge] = [1, 2];
  journal.noteRead(bridge, user);
  journal.noteReplace(person, user, phone('old'));
  journal.noteReplace(bridge, user, phone('unseen'));
  journal.noteReplace(bridge, user, phone('its own'));
  journal.noteReplace(person, user, phone('of the bridge'));
  journal.noteRead(bridge, user);
  journal.noteReplace(bridge, user, phone('seen'));
  expect(journal.unseen).toEqual([
    { ...user, member: 'PhoneNumber', value: 'unseen' },
    { ...user, member: 'PhoneNumber', value: 'of the bridge' },
  ]);
  journal.clear();
  expect(journal.unseen).toEqual([]);
});

it('takes a company for another record than the user of the same number', () => {
  const journal = new ReplaceJournal();
  const [person, bridge] = [1, 2];
  const company = { entity: 'Company', id: 7 } as const;
  journal.noteReplace(person, user, phone('of a user'));
  journal.noteReplace(bridge, company, phone('of a company'));
  expect(journal.unseen).toEqual([]);
});

it('knows nothing of users that only their creator has written', () => {
  const journal = new ReplaceJournal();
  journal.noteReplace(2, user, phone('as it was made'));
  expect(journal.unseen).toEqual([]);
});
