import { beforeEach, describe, expect, it } from 'vitest';
import type { AuthScape } from '../../../src/adapters/authscape/authscape.js';
import { authScapeSim, connect, insertOne, unguarded } from './fixture.js';

const sim = authScapeSim();
let authScape: AuthScape;
beforeEach(() => {
  authScape = connect(sim());
});

/** What is answered in place of one record, with 200; a page comes from something between the two. */
const ODD_BODIES: readonly (readonly [string, string])[] = [
  ['a page', '<html>Blocked</html>'],
  ['another form', '{"firstName":{"first":"Ada"},"isActive":"perhaps","title":5}'],
  ['an empty object', '{}'],
  ['null', 'null'],
  ['a list', '[]'],
  ['a part of an object', '{"firstName":"Ada"'],
];
const RECORDS = [
  ['User', 'users', { firstName: 'Ada', lastName: 'Moss', email: 'ada@moss.example' }, 'GET GetUser'],
  ['Company', 'companies', { title: 'Moss' }, 'GET GetCompany'],
  ['Location', 'locations', { title: 'Depot' }, 'GET GetLocation'],
] as const;

async function answers(match: string, row: string, answer: object): Promise<void> {
  await sim().sim('POST', 'faults', [{ match, row, ...answer }]);
}

async function rejection(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    (result) => ({ result }),
    (error: unknown) => error,
  );
}

describe.each(RECORDS)(
  '[E4] one %s that cannot be read is this record alone',
  (entity, table, values, match) => {
    it.each(ODD_BODIES)('where 200 comes with %s', async (_what, body) => {
      const id = await insertOne(sim(), table, values);
      const other = await insertOne(sim(), table, {
        ...values,
        ...(entity === 'User' ? { email: 'bo@moss.example' } : {}),
      });
      await answers(match, id, { status: 200, body });
      expect(await rejection(authScape.system.get(entity, id, []))).toMatchObject({
        reason: 'record_unreadable',
      });
      expect(await authScape.system.get(entity, other, [])).toMatchObject({ id: other });
    });

    it.each([400, 401, 403, 404, 405, 408, 409, 410, 413, 415, 422, 501, 502, 503, 504])(
      'where %i is answered',
      async (status) => {
        const id = await insertOne(sim(), table, values);
        await answers(match, id, { status, body: '<html>No</html>' });
        const said = await rejection(authScape.system.get(entity, id, []));
        expect(said).toMatchObject(
          status === 401 ? { code: 'authscape_unauthorized' } : { reason: 'record_unreadable' },
        );
      },
    );
  },
);

const WRITES = [
  [
    'User',
    'users',
    { firstName: 'Ada', lastName: 'Moss', email: 'ada@moss.example' },
    'PUT UpdateUser',
    { lastName: 'New' },
  ],
  [
    'User',
    'users',
    { firstName: 'Ada', lastName: 'Moss', email: 'ada@moss.example' },
    'DELETE ArchiveUser',
    { isActive: false },
  ],
  ['Company', 'companies', { title: 'Moss' }, 'POST UpdateCompany', { title: 'New' }],
  ['Location', 'locations', { title: 'Depot' }, 'POST UpdateLocation', { title: 'New' }],
] as const;

describe.each(WRITES)(
  '[E4] a write of one %s of %s that is refused is this record alone',
  (entity, table, values, match, change) => {
    const update = (id: string) =>
      authScape.system.update(entity, id, change, { expected: () => true, guard: unguarded });

    it.each([400, 402, 403, 404, 405, 409, 410, 413, 415, 422, 500, 503])(
      `${match}: %i with a page`,
      async (status) => {
        const id = await insertOne(sim(), table, values);
        await answers(match, id, { status, body: '<html>No</html>' });
        expect(await rejection(update(id))).toMatchObject({ name: 'RecordRefusedError' });
      },
    );

    it.each([408, 502, 504])(`${match}: %i leaves open what became of it`, async (status) => {
      const id = await insertOne(sim(), table, values);
      await answers(match, id, { status, body: '<html>No</html>' });
      expect(await rejection(update(id))).toMatchObject({ name: 'UnknownFateError' });
    });
  },
);

describe('[E5] the field that a 400 names', () => {
  const PARAMETER = { user: ['The user field is required.'] };
  const at = (path: string) => ({
    [path]: [`The JSON value could not be converted. Path: ${path} | LineNumber: 0`],
  });

  it.each([
    ['after the parameter, which stands first', { ...PARAMETER, ...at('$.phoneNumber') }, 'phoneNumber'],
    ['in another case', { ...PARAMETER, ...at('$.PhoneNumber') }, 'phoneNumber'],
    ['inside of it', { ...PARAMETER, ...at('$.companyId.x') }, 'companyId'],
    ['of a location', { ...PARAMETER, ...at('$.postalCode') }, 'zipCode'],
    ['without a path', { LastName: ['The LastName field is required.'] }, 'lastName'],
    ['one of two', { ...at('$.phoneNumber'), ...at('$.lastName') }, undefined],
    ['none', {}, undefined],
  ])('%s', async (_what, errors, field) => {
    const id = await insertOne(sim(), 'users', {
      firstName: 'Ada',
      lastName: 'Moss',
      email: 'ada@moss.example',
    });
    await answers('PUT UpdateUser', id, { status: 400, body: JSON.stringify({ status: 400, errors }) });
    const checks = { expected: () => true, guard: unguarded };
    const said = await rejection(authScape.system.update('User', id, { lastName: 'New' }, checks));
    expect(said).toMatchObject({ name: 'RecordRefusedError', reason: 'invalid_value' });
    expect(Object(said).field).toBe(field);
  });

  it('is the custom field of that place in what was sent', async () => {
    const made = await sim().sim<{ id: string }>('POST', 'custom-fields', {
      name: 'Badge',
      platform: 1,
      type: 1,
    });
    const id = await insertOne(sim(), 'users', {
      firstName: 'Ada',
      lastName: 'Moss',
      email: 'ada@moss.example',
    });
    const errors = { ...PARAMETER, ...at('$.customFields[0].value') };
    await answers('PUT UpdateUser', id, { status: 400, body: JSON.stringify({ status: 400, errors }) });
    const key = `customFields.${made.id}`;
    const checks = { expected: () => true, guard: unguarded };
    expect(await rejection(authScape.system.update('User', id, { [key]: 'x' }, checks))).toMatchObject({
      field: key,
    });
  });
});
