import { InvocationContext } from '@azure/functions';
import { beforeEach, describe, expect, it } from 'vitest';
import { NO_TELEMETRY } from '../../src/adapters/telemetry/telemetry.js';
import { deadLetterJob, manageDeadLetters } from '../../src/application/jobs/dead-letters.js';
import { recordFailures } from '../../src/application/jobs/record-failures.js';
import { BridgeError, RecordRejectedError } from '../../src/domain/errors.js';
import type { Job, RecordJob } from '../../src/domain/job.js';
import {
  call,
  createTestBridge,
  faultsOf,
  givenConnection,
  type TestBridge,
  textAt,
} from '../support/bridge.js';

let bridge: TestBridge;
let connectionId: string;
let job: RecordJob;

beforeEach(async () => {
  bridge = createTestBridge();
  connectionId = textAt(await givenConnection(bridge), 'id');
  job = {
    ...{ v: 1, kind: 'record', connectionId, source: 'dynamics', entity: 'contact', id: 'x' },
    receivedAt: '2026-03-01T07:00:00Z',
  };
});

const logger = { info: () => {}, warn: () => {}, error: () => {} };
const deps = () => ({
  ...bridge.storage,
  queue: bridge.storage.jobs,
  clock: bridge.clock,
  logger,
  telemetry: NO_TELEMETRY,
});
const fails = (error: unknown) =>
  recordFailures(deps(), async () => {
    throw error;
  });
const bury = (given: Job = job) => deadLetterJob(deps())(given);
const list = () => call(bridge.deadLetters.list, { params: { id: connectionId } });
const items = async () => ((await list()).body as { items: Record<string, unknown>[] }).items;
const letterParams = async () => ({
  params: { id: connectionId, letterId: textAt(await list(), 'items', 0, 'id') },
});

describe('a job that fails until it is given up', () => {
  it('is a dead letter with its input, cause and count', async () => {
    const work = fails(new BridgeError('dynamics_unavailable', 'Dynamics is not available (503).'));
    for (const delivery of [1, 2, 3]) {
      await expect(work(job, delivery)).rejects.toMatchObject({ code: 'dynamics_unavailable' });
      bridge.clock.advance(1_000);
    }
    await bury();
    expect(await items()).toEqual([
      {
        id: expect.any(String),
        kind: 'record',
        input: { source: 'dynamics', entity: 'contact', id: 'x', receivedAt: job.receivedAt },
        cause: { code: 'dynamics_unavailable', message: 'Dynamics is not available (503).' },
        count: 3,
        firstFailedAt: '2026-03-01T08:00:00.000Z',
        lastFailedAt: '2026-03-01T08:00:02.000Z',
      },
    ]);
  });

  it.each([
    [new RecordRejectedError('value_too_long', 'ada@example.com'), 'value_too_long'],
    [new TypeError('ada@example.com'), 'internal_error'],
    ['ada@example.com', 'internal_error'],
  ])('keeps nothing of texts that may hold personal data: %s', async (error, code) => {
    await expect(fails(error)(job)).rejects.toBe(error);
    await bury();
    expect((await items()).map(({ cause }) => cause)).toMatchObject([{ code }]);
    expect(JSON.stringify((await list()).body)).not.toMatch(/ada@|example/);
  });

  it('fails with its own error when the note cannot be kept', async () => {
    bridge.storage.tables.before = ({ table }) => {
      if (table === 'DeadLetters') throw new BridgeError('storage_unavailable', 'Down.');
    };
    await expect(fails(new Error('first'))(job)).rejects.toThrow('first');
  });

  it('is forgotten when it gets through after all', async () => {
    await expect(fails(new Error('once'))(job)).rejects.toThrow('once');
    await recordFailures(deps(), async () => {})(job, 2);
    expect(bridge.storage.tables.rows('DeadLetters')).toEqual([]);
  });

  it('without a note says that its worker ended', async () => {
    await bury({ v: 1, kind: 'run', connectionId, runId: 'r_1' });
    expect(await items()).toMatchObject([
      { kind: 'run', input: { runId: 'r_1' }, cause: { code: 'worker_ended' } },
    ]);
  });

  it('of a connection that is gone leaves nothing, and its clearing is tried for ever', async () => {
    await bury({ ...job, connectionId: 'c_gone' });
    expect(bridge.storage.tables.rows('DeadLetters')).toEqual([]);
    await bury({ v: 1, kind: 'erase', connectionId: 'c_gone' });
    const { receivedAt } = job;
    await bury({ v: 1, kind: 'batch', connectionId, source: 'authScape', receivedAt, records: [] });
    expect(bridge.storage.jobs.waiting()).toMatchObject([
      { job: { kind: 'erase' }, visibleAt: bridge.clock.now() + 3_600_000 },
      { job: { kind: 'batch' }, visibleAt: bridge.clock.now() + 60_000 },
    ]);
  });
});

describe('a dead letter', () => {
  it('is replayed as of now, and gone', async () => {
    await bury();
    const reply = await call(bridge.deadLetters.replay, { ...(await letterParams()), method: 'POST' });
    expect(reply).toMatchObject({ status: 202, body: { replayed: 1 } });
    const receivedAt = new Date(bridge.clock.now()).toISOString();
    expect(bridge.storage.jobs.take()).toEqual({ ...job, receivedAt });
    expect(await items()).toEqual([]);
  });

  it('stays when it cannot be put on the queue', async () => {
    await bury();
    const { enqueue } = bridge.storage.jobs;
    bridge.storage.tables.before = undefined;
    bridge.storage.jobs.enqueue = async () => {
      throw new BridgeError('storage_unavailable', 'Down.');
    };
    bridge = { ...bridge };
    const reply = await call(bridge.deadLetters.replay, { ...(await letterParams()), method: 'POST' });
    expect(faultsOf(reply)).toEqual(['503 storage_unavailable']);
    expect(await items()).toHaveLength(1);
    bridge.storage.jobs.enqueue = enqueue;
  });

  it('is replayed with all others', async () => {
    for (const id of ['a', 'b', 'c']) await bury({ ...job, id });
    const reply = await call(bridge.deadLetters.replayAll, { params: { id: connectionId }, method: 'POST' });
    expect(reply).toMatchObject({ status: 202, body: { replayed: 3 } });
    expect(bridge.storage.jobs.waiting()).toHaveLength(3);
    expect(await items()).toEqual([]);
  });

  it('is dropped', async () => {
    await bury();
    const params = await letterParams();
    expect((await call(bridge.deadLetters.remove, { ...params, method: 'DELETE' })).status).toBe(204);
    const again = await call(bridge.deadLetters.remove, { ...params, method: 'DELETE' });
    expect(faultsOf(again)).toEqual(['404 dead_letter_not_found']);
    expect(faultsOf(await call(bridge.deadLetters.replay, { ...params, method: 'POST' }))).toEqual([
      '404 dead_letter_not_found',
    ]);
  });

  it('comes in pages', async () => {
    for (const id of ['a', 'b', 'c']) await bury({ ...job, id });
    const page = await call(bridge.deadLetters.list, { params: { id: connectionId }, query: { limit: '2' } });
    expect(Object(page.body).items).toHaveLength(2);
    expect(textAt(page, 'nextCursor')).not.toBe('');
  });

  it('belongs to a connection', async () => {
    connectionId = 'c_unknown';
    expect(faultsOf(await list())).toEqual(['404 connection_not_found']);
  });
});

describe('messages that the host has given up', () => {
  const context = () => new InvocationContext({ functionName: 'test', logHandler: () => {} });

  it('are buried', async () => {
    await bridge.poison(job, context());
    expect(bridge.buried).toEqual([job]);
  });

  it.each(['text', null, { v: 2 }, { connectionId: 5 }])(
    'are thrown back when they name no connection: %o',
    async (message) => {
      await expect(bridge.poison(message, context())).rejects.toThrow('layout');
    },
  );

  it('by a later version wait as dead letters for that version, once for the same message', async () => {
    const later = { v: 2, kind: 'record', connectionId, rows: ['x', 'y'] };
    for (const message of [later, later, { ...later, rows: ['z'] }]) {
      await bridge.poison(message, context());
    }
    for (const message of bridge.buried) await deadLetterJob(deps())(message);
    expect(await items()).toMatchObject([
      { kind: 'unread', input: { message: { rows: expect.any(Array) } }, cause: { code: 'later_version' } },
      { kind: 'unread', cause: { code: 'later_version' } },
    ]);
    const replay = await call(bridge.deadLetters.replay, { ...(await letterParams()), method: 'POST' });
    expect(faultsOf(replay)).toEqual(['409 version_too_old']);
    const all = await call(bridge.deadLetters.replayAll, { params: { id: connectionId }, method: 'POST' });
    expect(all).toMatchObject({ status: 202, body: { replayed: 0 } });
    expect(await items()).toHaveLength(2);
    expect(bridge.storage.jobs.waiting()).toEqual([]);

    const letter = (await bridge.storage.deadLetters.list(connectionId, 10)).items[0];
    const letters = manageDeadLetters({ ...deps(), readMessage: () => job });
    await letters.replay(connectionId, letter?.id ?? '');
    expect(bridge.storage.jobs.take()).toMatchObject({ kind: 'record', id: 'x' });
    expect(await items()).toHaveLength(1);
  });
});
