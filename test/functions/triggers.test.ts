import { InvocationContext, type Timer } from '@azure/functions';
import { beforeEach, describe, expect, it } from 'vitest';
import { BridgeError } from '../../src/domain/errors.js';
import { call, createTestBridge, faultsOf, type TestBridge } from '../support/bridge.js';

let bridge: TestBridge;
beforeEach(() => {
  bridge = createTestBridge();
});

const context = () => new InvocationContext({ functionName: 'test', logHandler: () => {} });

describe('the worker', () => {
  it.each([
    { v: 1, kind: 'run', connectionId: 'c_1', runId: 'r_1' },
    { v: 1, kind: 'erase', connectionId: 'c_1' },
    {
      ...{
        v: 1,
        kind: 'batch',
        connectionId: 'c_1',
        source: 'authScape',
        receivedAt: '2026-03-01T08:00:00Z',
      },
      records: [
        { entity: 'User', id: '1', occurredAt: '2026-03-01T07:00:00Z' },
        { entity: 'User', id: '2' },
      ],
    },
    {
      v: 1,
      kind: 'record',
      connectionId: 'c_1',
      source: 'dynamics',
      entity: 'contact',
      id: 'x',
      receivedAt: '2026-03-01T08:00:00Z',
    },
  ])('hands on $kind', async (job) => {
    await bridge.worker(job, context());
    expect(bridge.jobs).toEqual([job]);
  });

  it('takes a message with a part that a later version added', async () => {
    const message = { v: 1, kind: 'erase', connectionId: 'c_1' };
    await bridge.worker({ ...message, later: 'unknown' }, context());
    expect(bridge.jobs).toEqual([message]);
  });

  it.each([
    { v: 2, kind: 'run', connectionId: 'c_1', runId: 'r_1' },
    { v: 1, kind: 'dance' },
    'text',
    5,
    null,
  ])('throws on a message that it does not know: %o', async (message) => {
    await expect(bridge.worker(message, context())).rejects.toThrow('layout');
    expect(bridge.jobs).toEqual([]);
  });

  it('throws what the work throws, so that the host delivers again', async () => {
    bridge.failures.processJob = new BridgeError('storage_unavailable', 'Down.');
    await expect(bridge.worker({ v: 1, kind: 'erase', connectionId: 'c_1' }, context())).rejects.toThrow(
      'Down.',
    );
  });
});

describe('the timer', () => {
  it('runs the schedule', async () => {
    const timer: Timer = {
      isPastDue: false,
      schedule: { adjustForDST: false },
      scheduleStatus: { last: '', next: '', lastUpdated: '' },
    };
    await bridge.schedule(timer, context());
    expect(bridge.received.ticks).toBe(1);
  });
});

describe('the webhook receiver', () => {
  const receive = (input: {
    headers?: Record<string, string>;
    query?: Record<string, string>;
    body: string;
  }) => call(bridge.events.dynamics, { params: { connectionId: 'c_1' }, ...input });

  it('hands the body on as it came, with the secret of header or query', async () => {
    const body = '{"MessageName":"Update","extra":[1]}';
    const header = await receive({
      body,
      headers: { 'x-authscape-webhook-secret': 'one', 'content-type': 'text/plain' },
    });
    expect([header.status, header.body]).toEqual([202, undefined]);
    await receive({ body, query: { code: 'two' } });
    await receive({ body: 'not json' });
    expect(bridge.received.dynamics).toEqual([
      { connectionId: 'c_1', secret: 'one', body },
      { connectionId: 'c_1', secret: 'two', body },
      { connectionId: 'c_1', secret: undefined, body: 'not json' },
    ]);
  });

  it('refuses bodies over 1 MiB', async () => {
    expect(faultsOf(await receive({ body: 'x'.repeat(1_048_577) }))).toEqual(['413 payload_too_large']);
  });
});

describe('events of AuthScape', () => {
  const send = (body: unknown) => call(bridge.events.authScape, { body });
  const event = { entity: 'User', id: 17, change: 'updated', occurredAt: '2026-03-01T08:00:00Z' };

  it('are taken by the list', async () => {
    expect((await send({ events: [event, { ...event, id: '18' }] })).status).toBe(202);
    expect(bridge.received.authScape).toEqual([
      { ...event, id: '17' },
      { ...event, id: '18' },
    ]);
  });

  it('are checked one by one: what is wrong keeps nothing else back, and is told', async () => {
    const reply = await send({ events: [event, { ...event, entity: 'Lead' }, { ...event, id: '18' }] });
    expect(reply).toMatchObject({
      status: 202,
      body: { accepted: 2, errors: [{ path: 'events[1].entity', message: expect.any(String) }] },
    });
    expect(bridge.received.authScape).toEqual([
      { ...event, id: '17' },
      { ...event, id: '18' },
    ]);
  });

  it.each([
    ['more than 500', { events: Array.from({ length: 501 }, () => event) }, 'events'],
    ['an unknown property', { events: [event], more: 1 }, 'more'],
    ['no list', { event }, 'events'],
  ])('are refused as a whole: %s', async (_what, body, path) => {
    const reply = await send(body);
    expect(reply.status).toBe(400);
    expect(reply).toMatchObject({
      body: { errors: expect.arrayContaining([expect.objectContaining({ path })]) },
    });
    expect(bridge.received.authScape).toEqual([]);
  });

  it('are refused with every fault when none is right', async () => {
    const reply = await send({
      events: [
        { ...event, entity: 'Lead' },
        { ...event, occurredAt: 'now' },
      ],
    });
    expect(faultsOf(reply).map((fault) => fault.split(':')[0])).toEqual([
      '400 invalid_request',
      'events[0].entity',
      'events[1].occurredAt',
    ]);
  });
});

describe('health', () => {
  it('is 200 while storage and vault answer', async () => {
    expect(await call(bridge.health.get)).toMatchObject({
      status: 200,
      body: {
        status: 'healthy',
        checks: [
          { name: 'storage', ok: true, durationMs: 0 },
          { name: 'keyVault', ok: true, durationMs: 0 },
        ],
      },
    });
  });

  it('is 503 when one does not, and says which', async () => {
    bridge.secrets.isDown = true;
    expect(await call(bridge.health.get)).toMatchObject({
      status: 503,
      body: { status: 'unhealthy', checks: [{ ok: true }, { name: 'keyVault', ok: false }] },
    });
  });
});
