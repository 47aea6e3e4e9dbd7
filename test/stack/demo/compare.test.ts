import { expect, it } from 'vitest';
import type { BridgeLink, BridgeMapping } from './bridge.js';
import { compareSides } from './compare.js';
import type { Sides } from './sides.js';

const mapping: BridgeMapping = {
  id: 'm_users',
  authScapeEntity: 'User',
  crmEntity: 'contact',
  fields: [
    { authScapeField: 'firstName', crmField: 'firstname', enabled: true },
    { authScapeField: 'email', crmField: 'emailaddress1', enabled: true },
    { authScapeField: 'isActive', crmField: 'statecode', enabled: true, transform: { type: 'stateCode' } },
  ],
  relationships: [
    {
      authScapeField: 'companyId',
      relatedEntity: 'Company',
      crmLookupField: 'parentcustomerid',
      enabled: true,
    },
  ],
};
const link = (authScapeId: string, crmId: string): BridgeLink => ({
  mappingId: mapping.id,
  entity: 'User',
  authScapeId,
  crmEntity: 'contact',
  crmId,
});
const companyLink: BridgeLink = {
  mappingId: 'm_companies',
  entity: 'Company',
  authScapeId: '7',
  crmEntity: 'account',
  crmId: 'a7',
};
const user = (id: number, change: object = {}) => ({
  id,
  firstName: 'Zoë',
  email: `p${id}@example.org`,
  isActive: true,
  companyId: 7,
  ...change,
});
const contact = (id: string, email: string | null, change: object = {}) => ({
  contactid: id,
  firstname: 'Zoe\u0308 ',
  lastname: 'Any',
  emailaddress1: email,
  statecode: 0,
  _parentcustomerid_value: 'A7',
  ...change,
});
const sides = (users: object[], contacts: object[]): Sides => ({
  authScape: { users: users as Sides['authScape']['users'], companies: [{ id: 7 }], locations: [] },
  dynamics: { contacts: contacts as Sides['dynamics']['contacts'], accounts: [{ accountid: 'a7' }] },
});

it('takes equal values in another writing as equal, and a cut one as cut', () => {
  const long = 'x'.repeat(60);
  const both = sides(
    [user(1), user(2, { firstName: long })],
    [contact('c1', 'P1@Example.org'), contact('c2', 'p2@example.org', { firstname: long.slice(0, 50) })],
  );
  const found = compareSides(both, [mapping], [link('1', 'c1'), link('2', 'C2'), companyLink]);

  expect(found.differences).toEqual([]);
  expect(found.pairs).toEqual({ User: { pairs: 2, values: 8, cut: 1 } });
});

it.each([
  ['value', user(1, { firstName: 'Other' }), contact('c1', 'p1@example.org'), /firstName "Other" is not/],
  ['state', user(1, { isActive: false }), contact('c1', 'p1@example.org'), /isActive false is not 0/],
  ['lookup', user(1), contact('c1', 'p1@example.org', { _parentcustomerid_value: 'b' }), /another record/],
  ['lost row', user(1), contact('c9', null), /Dynamics has none/],
])('finds a difference: %s', (_name, left, right, expected) => {
  const found = compareSides(sides([left], [right]), [mapping], [link('1', 'c1'), companyLink]);

  expect(found.differences).toEqual([expect.stringMatching(expected)]);
});

it('says why records are alone and complains where there is no reason', () => {
  const both = sides(
    [user(1, { isActive: false }), user(2)],
    [
      contact('c1', null),
      contact('c2', "o'brien@example.org"),
      contact('c3', 'twice@example.org'),
      contact('c4', 'Twice@example.org'),
      contact('c5', 'gone@example.org', { statecode: 1 }),
    ],
  );
  const found = compareSides(both, [mapping], [companyLink]);

  expect(Object.fromEntries(found.alone)).toEqual({
    'User: not active': 1,
    'User: no reason found': 1,
    'contact: no e-mail': 1,
    'contact: e-mail that AuthScape refuses': 1,
    'contact: e-mail shared with another contact': 2,
    'contact: not active': 1,
  });
  expect(found.differences).toEqual(['User 2 has no partner although it could have one']);
});
