import fc from 'fast-check';
import { expect, it } from 'vitest';
import { neverDate, type UserRow } from './model.js';
import { UserTable } from './user-table.js';

const name = fc.constantFrom('Ann', 'ann', 'Mary Ann', 'Ångström', 'ΑΝΝΑΣ', 'O', 'Berg');
const user = fc.record({
  firstName: name,
  lastName: name,
  userName: fc.constantFrom(
    'ann',
    'mary ann',
    'berg',
    'O ΑΝΝΑΣ',
    'mary.ann@home',
    'Ann@home',
    'a@b@mary.ann@',
  ),
  isActive: fc.boolean(),
});
const search = fc.constantFrom('ann', 'ann ', ' ann', 'ann berg', 'mary ann', 'o αννας', ' ', 'none at all');
const address = fc.constantFrom(
  'mary.ann@home',
  'y.ann@home1',
  'ry.ann@',
  'ann@home',
  '@',
  '@home',
  'b@mary.ann@',
  '.ann@x',
);

function rowOf(
  id: number,
  given: Pick<UserRow, 'firstName' | 'lastName' | 'userName' | 'isActive'>,
): UserRow {
  return {
    ...{
      ...given,
      id,
      userName: `${given.userName}${id}`,
      phoneNumber: null,
      companyId: null,
      locationId: null,
    },
    ...{ emailConfirmed: false, archived: null, created: neverDate, locale: null, isService: false },
    ...{ roleIds: [], permissionClaims: [] },
  };
}

it('[property] a search finds, in list order, what a look at all users finds, also after changes', () => {
  const change = fc.tuple(fc.nat(11), fc.option(user));
  fc.assert(
    fc.property(
      fc.array(user, { maxLength: 12 }),
      fc.array(change),
      fc.oneof(search, address),
      (users, changes, text) => {
        const table = new UserTable();
        table.insertMany(users.map((given, id) => rowOf(id, given)));
        const compare = () => {
          for (const isActive of [true, false]) {
            const all = table
              .list(isActive)
              .filter(({ firstName, lastName, userName }) =>
                [userName, `${firstName} ${lastName}`].some((one) => one.toLowerCase().includes(text)),
              );
            expect(table.list(isActive, text)).toEqual(all);
          }
        };
        compare();
        for (const [at, given] of changes) {
          const row = table.get(at);
          if (row === undefined && given !== null) table.insert(rowOf(at, given));
          if (row !== undefined && given !== null) table.update(row, rowOf(at, given));
          if (row !== undefined && given === null) table.delete(row);
          compare();
        }
      },
    ),
  );
});
