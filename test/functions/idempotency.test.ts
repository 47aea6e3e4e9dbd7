import { beforeEach, describe, expect, it } from 'vitest';
import { call, createTestBridge, faultsOf, type TestBridge, textAt } from '../support/bridge.js';

let bridge: TestBridge;
beforeEach(() => {
  bridge = createTestBridge();
});

const body = { name: 'Production', provider: 'Dynamics365', environment: 'contoso.crm.dynamics.com' };
const create = (key: string, changes: Record<string, unknown> = {}) =>
  call(bridge.connections.create, { body: { ...body, ...changes }, headers: { 'idempotency-key': key } });

describe('a POST with an Idempotency-Key', () => {
  it('gives the first answer again, headers included, and creates once', async () => {
    const first = await create('key-1');
    expect(first.status).toBe(201);
    expect(await create('key-1')).toEqual(first);
    const list = await call(bridge.connections.list);
    expect(list.body).toMatchObject({ items: { length: 1 } });
    expect(textAt(list, 'items', 0, 'id')).toBe(textAt(first, 'id'));
  });

  it('refuses the key for another body', async () => {
    await create('key-1');
    expect(faultsOf(await create('key-1', { name: 'Other' }))).toEqual(['422 idempotency_key_reused']);
  });

  it('may be mended and repeated after a failure', async () => {
    expect((await create('key-1', { environment: 'x' })).status).toBe(400);
    expect((await create('key-1')).status).toBe(201);
  });

  it('creates once when two come at once', async () => {
    const replies = await Promise.all([create('key-1'), create('key-1')]);
    const busy = replies.find(({ status }) => status === 409);
    expect(replies.filter(({ status }) => status === 201).length + (busy ? 1 : 0)).toBe(2);
    if (busy) expect(busy.headers['retry-after']).toBe('2');
    expect((await call(bridge.connections.list)).body).toMatchObject({ items: { length: 1 } });
  });

  it('counts anew after a day', async () => {
    await create('key-1');
    bridge.clock.advance(25 * 3_600_000);
    expect(faultsOf(await create('key-1'))).toEqual(['409 connection_name_taken']);
  });
});
