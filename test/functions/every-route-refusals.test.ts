import { beforeEach, describe, expect, it } from 'vitest';
import { withRoutes } from '../../src/functions/routes/per-route.js';
import { allRoutes } from '../../src/functions/routes/table.js';
import {
  call,
  createTestBridge,
  faultsOf,
  givenConnection,
  givenMapping,
  type TestBridge,
  textAt,
} from '../support/bridge.js';

/** What is refused alike wherever it is sent: a route that is added is asked as well. */

let bridge: TestBridge;
let ids: Readonly<Record<string, string>>;
beforeEach(async () => {
  bridge = createTestBridge();
  const id = textAt(await givenConnection(bridge), 'id');
  const mappingId = textAt(await givenMapping(bridge, id), 'id');
  const runId = textAt(await call(bridge.runs.request, { params: { id }, body: { mode: 'full' } }), 'id');
  ids = { ...{ id, mappingId, runId, connectionId: id }, logicalName: 'contact', entity: 'User' };
});

const namesIn = (path: string) => [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);
const paramsOf = (path: string) =>
  Object.fromEntries(
    namesIn(path).map((name) => [name, ids[name] ?? '6f0f1c1e-6b1c-4d5e-9a53-0d6f3f1f9b11']),
  );
const handlerOf = (name: string) => {
  const found = withRoutes(bridge).find(({ route }) => route.name === name);
  if (found === undefined) throw new Error(`There is no route ${name}.`);
  return found.value;
};

const lists = allRoutes().filter(({ query }) => query !== undefined && 'cursor' in query.shape);
const withParams = allRoutes().filter(({ path }) => path.includes('{'));
/** The receiver takes whatever Dynamics sends. */
const withBody = allRoutes().filter(({ body, role }) => body !== undefined && role !== null);

describe('a cursor that no list has given out is refused', () => {
  const forged = [
    { nextPartitionKey: {} },
    { nextPartitionKey: 5 },
    { nextPartitionKey: [] },
    [],
    null,
    'x',
    5,
  ]
    .map((keys) => Buffer.from(JSON.stringify(keys)).toString('base64'))
    .concat('x', '%', 'o', '-1', 'o-1', 'o1.5', 'oZ', '\u0000', '=', 'null', '1:2:3');

  it.each(lists.map(({ name, path }) => ({ name, path })))('by $name', async ({ name, path }) => {
    for (const cursor of forged) {
      const reply = await call(handlerOf(name), { params: paramsOf(path), query: { cursor } });
      expect([cursor, reply.status, faultsOf(reply)[0]]).toEqual([cursor, 400, '400 invalid_request']);
    }
  });
});

describe('an id that leads elsewhere is refused before anything is done', () => {
  const cells = withParams.flatMap(({ name, method, path }) =>
    namesIn(path).map((param) => ({ name, method, path, param })),
  );

  it.each(cells)('as $param by $name', async ({ name, method, path, param }) => {
    for (const value of [
      '..',
      '.',
      '%2e%2e',
      '.%2E',
      'a/b',
      'a%2Fb',
      'a%5cb',
      '%00',
      'a\nb',
      'x'.repeat(600),
    ]) {
      const params = { ...paramsOf(path), [param]: value };
      const body = allRoutes().find((route) => route.name === name)?.body?.example;
      const reply = await call(handlerOf(name), { method, params, ...(body === undefined ? {} : { body }) });
      // The receiver tells nobody more than that the secret is wrong.
      const wanted = name === 'eventsDynamics' ? [400, 401] : [400];
      expect([value, wanted.includes(reply.status) || reply]).toEqual([value, true]);
    }
    expect((await call(bridge.connections.get, { params: { id: ids.id ?? '' } })).status).toBe(200);
  });
});

describe('a body that says two things, or is no text, is refused', () => {
  it.each(withBody.map(({ name, method, path }) => ({ name, method, path })))(
    'by $name',
    async ({ name, method, path }) => {
      const send = (body: unknown) => call(handlerOf(name), { method, params: paramsOf(path), body });
      expect(faultsOf(await send('{"a":{"b":1,"\\u0062":2}}'))).toEqual([
        '400 invalid_request',
        'a.b: This property is there twice.',
      ]);
      const bytes = Buffer.concat([Buffer.from('{"a":"'), Buffer.from([0xff, 0xfe]), Buffer.from('"}')]);
      expect(faultsOf(await send(bytes))).toEqual(['400 invalid_json']);
    },
  );
});
