import { beforeEach, describe, expect, it } from 'vitest';
import { parseDynamicsEvent } from '../../src/functions/dynamics-event.js';
import { repeatedKey } from '../../src/functions/repeated-key.js';
import {
  call,
  createTestBridge,
  faultsOf,
  givenConnection,
  givenMapping,
  type TestBridge,
  textAt,
} from '../support/bridge.js';

let bridge: TestBridge;
beforeEach(() => {
  bridge = createTestBridge();
});

const create = (body: unknown) => call(bridge.connections.create, { body, method: 'POST' });
const good = { name: 'Good', provider: 'Dynamics365', environment: 'contoso.crm.dynamics.com' };

describe('names', () => {
  it.each([
    ['a zero byte', 'a\u0000b'],
    ['a line break', 'a\nb'],
    ['a bell', 'a\u0007b'],
    ['a C1 control', 'a\u0085b'],
    ['a right-to-left override', 'a\u202eb'],
    ['an isolate', 'a\u2066b'],
    ['half of a surrogate pair', 'a\ud800b'],
  ])('with %s are refused', async (_, name) => {
    const reply = await create({ ...good, name });
    expect(faultsOf(reply)).toEqual(['400 invalid_request', expect.stringContaining('name')]);
  });

  it.each(['Ünïted مرحبا 客户 👩‍👩‍👧', 'O’Neil & Søn'])('in any script are taken: %s', async (name) => {
    expect((await create({ ...good, name })).status).toBe(201);
  });
});

describe('ids of records', () => {
  it.each(['1\u202e7', '1\n7', '\u0000', '\ud800'])('with what no id has are refused: %j', async (id) => {
    const { params } = { params: { id: textAt(await givenConnection(bridge), 'id') } };
    const sample = { mode: 'full', sample: [id] };
    expect(await call(bridge.runs.request, { params, body: sample })).toMatchObject({ status: 400 });
    const erase = { entity: 'User', authScapeId: id };
    expect(await call(bridge.linksAndLogs.erase, { params, body: erase })).toMatchObject({ status: 400 });
    const events = { events: [{ entity: 'User', id, change: 'updated' }] };
    const reply = await call(bridge.events.authScape, { body: events });
    expect(faultsOf(reply)).toEqual(['400 invalid_request', expect.stringContaining('events[0].id')]);
    expect(bridge.received.authScape).toEqual([]);
  });
});

describe('bodies', () => {
  it('that are not UTF-8 are refused', async () => {
    const bytes = Buffer.concat([Buffer.from('{"name":"a'), Buffer.from([0xff, 0xfe]), Buffer.from('"}')]);
    const reply = await call(bridge.connections.create, { body: bytes });
    expect(reply).toMatchObject({ status: 400, body: { code: 'invalid_json' } });
  });

  it('with a key twice are refused, wherever it is', async () => {
    const text = JSON.stringify(good).replace('{', '{"name":"Other",');
    const reply = await call(bridge.connections.create, { body: text });
    expect(faultsOf(reply)).toEqual(['400 invalid_request', expect.stringContaining('name')]);
  });

  it.each<[string, string | undefined]>([
    ['{"a":1,"b":{"a":1}}', undefined],
    ['[{"a":1},{"a":2}]', undefined],
    ['{"a":"{\\"a\\":1}","b":"a\\":"}', undefined],
    ['"a"', undefined],
    ['{"a":1,"\\u0061":2}', 'a'],
    ['{"a":{"b":[0,{"c":1,"c":1}]}}', 'a.b[1].c'],
    ['[1,{"x" : 1 , "x" : 2}]', '[1].x'],
  ])('%s has twice: %s', (text, path) => {
    expect(repeatedKey(text)).toBe(path);
  });
});

describe('a body of which nothing arrives, as the host drops one that comes in chunks,', () => {
  const hint = expect.stringContaining('Content-Length');

  it('is told so', async () => {
    const reply = await call(bridge.connections.create, { body: '', method: 'POST' });
    expect(reply).toMatchObject({ status: 400, body: { code: 'invalid_json', hint } });
  });

  it('is told so to the sender of a webhook as well', () => {
    expect(() => parseDynamicsEvent('')).toThrow(expect.objectContaining({ code: 'invalid_json', hint }));
  });
});

describe('addresses', () => {
  it.each(['..', '.', '...', '%2e%2e', 'a/b', 'a%2fb', 'a\\b', '%00', 'a\u0000'])(
    'an id that leads elsewhere is refused before anything is done: %s',
    async (id) => {
      const reply = await call(bridge.connections.remove, { params: { id }, method: 'DELETE' });
      expect(reply).toMatchObject({ status: 400, body: { code: 'invalid_request' } });
    },
  );

  it.each(['x-waws-unencoded-url', 'x-original-url'])(
    'that a server on the way has resolved are refused by what the client sent (%s)',
    async (header) => {
      const id = textAt(await givenConnection(bridge), 'id');
      for (const last of ['..', '%2e%2e', '.%2E', '%2E']) {
        const headers = { [header]: `/api/connections/${id}/links/${last}?x=1` };
        const reply = await call(bridge.connections.remove, { params: { id }, method: 'DELETE', headers });
        expect(reply.status).toBe(400);
      }
      expect((await call(bridge.connections.get, { params: { id } })).status).toBe(200);
      const headers = { [header]: `/api/connections/${id}?q=../..` };
      expect(
        (await call(bridge.connections.remove, { params: { id }, method: 'DELETE', headers })).status,
      ).toBe(204);
    },
  );
});

it('a mapping that no row can hold is refused with the limit', async () => {
  const id = textAt(await givenConnection(bridge), 'id');
  const mappingId = textAt(await givenMapping(bridge, id), 'id');
  let state = 1;
  const noise = (length: number) => {
    const letters = Array.from({ length }, () => {
      state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
      return String.fromCharCode(0x4e00 + (Math.floor(state / 65_536) % 20_000));
    });
    return letters.join('');
  };
  const map = () => Object.fromEntries(Array.from({ length: 4 }, () => [noise(900), noise(900)]));
  const fields = Array.from({ length: 40 }, (_, index) => ({
    authScapeField: 'firstName',
    crmField: `new_column${index}`,
    direction: 'Outbound',
    transform: { type: 'valueMap', map: map() },
  }));
  const replace = (some: unknown) =>
    call(bridge.fields.replace, {
      params: { id, mappingId },
      method: 'PUT',
      query: { validate: 'false' },
      body: { fields: some },
    });
  expect((await replace(fields.slice(0, 4))).status).toBe(200);
  const reply = await replace(fields);
  expect(reply).toMatchObject({ status: 422, body: { code: 'mapping_invalid' } });
  expect(JSON.stringify(reply.body)).toContain('450000');
});
