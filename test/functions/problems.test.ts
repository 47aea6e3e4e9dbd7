import { beforeEach, describe, expect, it } from 'vitest';
import type { NotedProblem } from '../../src/domain/problem.js';
import { call, faultsOf, type TestBridge, textAt } from '../support/bridge.js';
import { givenMapped } from './support/openings.js';

let bridge: TestBridge;
let connection: string;
let mapping: string;
beforeEach(async () => {
  ({ bridge, connection, mapping } = await givenMapped());
});

const list = (query: Record<string, string> = {}) =>
  call(bridge.problems.list, { params: { id: connection }, query });
const retry = (body: unknown) => call(bridge.problems.retry, { params: { id: connection }, body });

const note = (overrides: Partial<NotedProblem>) =>
  bridge.storage.problems.note(connection, [
    {
      ...{ kind: 'failed', mappingId: mapping, entity: 'User', crmEntity: 'contact', authScapeId: '7' },
      ...{ crmId: null, code: 'value_too_long', message: 'Too long.', field: 'lastname', runId: null },
      lastSeenAt: '2026-03-01T08:00:00.000Z',
      ...overrides,
    },
  ]);

describe('the list of problems', () => {
  it('shows what is known of each, the newest first, with counts by kind', async () => {
    await note({});
    await note({
      authScapeId: null,
      crmId: 'd1',
      kind: 'ambiguous',
      code: 'ambiguous_match',
      field: null,
      lastSeenAt: '2026-03-01T09:00:00.000Z',
    });
    const { status, body } = await list();

    expect(status).toBe(200);
    expect(body).toEqual({
      items: [
        {
          ...{
            id: expect.any(String),
            kind: 'ambiguous',
            entity: 'User',
            code: 'ambiguous_match',
            message: 'Too long.',
          },
          ...{ since: '2026-03-01T09:00:00.000Z', attempts: 1, actions: ['link', 'retry'] },
          ...{ mappingId: mapping, crmEntity: 'contact', crmId: 'd1' },
        },
        {
          ...{
            id: expect.any(String),
            kind: 'failed',
            entity: 'User',
            code: 'value_too_long',
            message: 'Too long.',
          },
          ...{ since: '2026-03-01T08:00:00.000Z', attempts: 1, actions: ['retry'], field: 'lastname' },
          ...{ mappingId: mapping, crmEntity: 'contact', authScapeId: '7' },
        },
      ],
      counts: { failed: 1, ambiguous: 1, held: 0, deadLetter: 0, skipped: 0 },
      truncated: false,
    });
  });

  it('is narrowed by kind and read page by page; the counts stay whole', async () => {
    await note({});
    await note({ authScapeId: '8' });
    await note({ authScapeId: '9', kind: 'skipped' });
    const first = await list({ kind: 'failed', limit: '1' });
    const second = await list({ kind: 'failed', limit: '1', cursor: textAt(first, 'nextCursor') });

    expect(first.body).toMatchObject({ items: [{ kind: 'failed' }], counts: { failed: 2, skipped: 1 } });
    expect(Object(second.body)).not.toHaveProperty('nextCursor', expect.any(String));
    expect(faultsOf(await list({ kind: 'bad' }))[0]).toBe('400 invalid_request');
  });
});

describe('a retry of problems', () => {
  it('hands each to the queue as asked for by a person', async () => {
    await note({});
    const id = textAt(await list(), 'items', 0, 'id');
    expect(await retry({ ids: [id] })).toMatchObject({ status: 202, body: { accepted: 1 } });
    expect(bridge.storage.jobs.take('record')).toMatchObject({
      ...{ connectionId: connection, source: 'authScape', entity: 'User', id: '7', byHand: true },
    });
    expect(await retry({ kind: 'skipped' })).toMatchObject({ status: 202, body: { accepted: 0 } });
  });

  it.each([{}, { ids: ['x'], kind: 'failed' }, { kind: 'held' }, { ids: [] }, { ids: ['x'] }])(
    'is refused for %j',
    async (body) => {
      expect(faultsOf(await retry(body))[0]).toBe('400 invalid_request');
    },
  );
});
