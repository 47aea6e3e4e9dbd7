import { beforeEach, describe, expect, it } from 'vitest';
import type { Change } from '../../src/domain/change.js';
import { call, createTestBridge, faultsOf, type TestBridge } from '../support/bridge.js';

let bridge: TestBridge;
beforeEach(() => {
  bridge = createTestBridge();
});

const ROW = '6F0D1C1E-1111-4a2b-9c3d-000000000001';
const change: Change = {
  entity: 'User',
  mappingId: 'm_1',
  authScapeId: '7',
  crmEntity: 'contact',
  crmId: null,
  side: 'dynamics',
  action: 'update',
  fields: [{ field: 'firstname', from: 'Ann', to: 'Anna', rule: 'authScapeChanged' }],
  outcome: 'failed',
  error: { code: 'value_too_long', message: 'Too long.' },
};

describe('syncing one record', () => {
  it.each([
    ['user', 'User'],
    ['company', 'Company'],
    ['location', 'Location'],
  ] as const)('asks for the %s by its id', async (handler, entity) => {
    expect(
      await call(bridge.records[handler], { params: { [`${handler}Id`]: '7' }, method: 'POST' }),
    ).toMatchObject({
      status: 200,
      body: { results: [] },
    });
    expect(bridge.recordCalls).toEqual([['authScape', entity, '7']]);
  });

  it('shows per mapping what happened', async () => {
    bridge.recordResults.push({
      connectionId: 'c_1',
      mappingId: 'm_1',
      outcome: 'failed',
      authScapeId: '7',
      crmId: null,
      changes: [change],
      error: change.error ?? null,
    });
    const reply = await call(bridge.records.user, { params: { userId: '7' }, method: 'POST' });
    expect(reply.body).toEqual({
      results: [
        {
          connectionId: 'c_1',
          mappingId: 'm_1',
          outcome: 'failed',
          authScapeId: '7',
          changes: [change],
          error: { code: 'value_too_long', message: 'Too long.' },
        },
      ],
    });
  });

  it('takes a row by table and GUID', async () => {
    const sync = (crmId: string) =>
      call(bridge.records.dynamics, { params: { id: 'c_1', crmEntity: 'contact', crmId }, method: 'POST' });
    expect((await sync(ROW)).status).toBe(200);
    expect(bridge.recordCalls).toEqual([['dynamics', 'c_1', 'contact', ROW]]);
    expect(faultsOf(await sync('7'))[0]).toBe('400 invalid_request');
  });
});

describe('previewing a record', () => {
  const preview = (body: unknown) =>
    call(bridge.records.preview, { params: { id: 'c_1', mappingId: 'm_1' }, body });

  it('takes either id', async () => {
    await preview({ authScapeId: 7 });
    await preview({ crmId: ROW });
    expect(bridge.recordCalls).toEqual([
      ['preview', 'c_1', 'm_1', { authScapeId: '7' }],
      ['preview', 'c_1', 'm_1', { crmId: ROW }],
    ]);
  });

  it.each([{}, { authScapeId: '7', crmId: ROW }, { crmId: 'x' }, { authScapeId: '' }])(
    'refuses %o',
    async (body) => {
      expect(faultsOf(await preview(body))[0]).toBe('400 invalid_request');
    },
  );
});
