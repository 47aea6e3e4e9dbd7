import { beforeEach, describe, expect, it } from 'vitest';
import type { LogEntry } from '../../src/domain/change.js';
import type { Run } from '../../src/domain/run.js';
import { call, faultsOf, type TestBridge, textAt } from '../support/bridge.js';
import { aRun } from '../support/builders.js';
import { givenMapped } from './support/openings.js';

let bridge: TestBridge;
let connection: string;
let mapping: string;
beforeEach(async () => {
  ({ bridge, connection, mapping } = await givenMapped());
});

const sync = (body: unknown) => call(bridge.runs.request, { params: { id: connection }, body });
const get = (runId: string) => call(bridge.runs.get, { params: { runId } });
const steer = (verb: 'cancel' | 'approve' | 'reject', runId: string) =>
  call(bridge.runs[verb], { params: { runId }, method: 'POST' });
const disable = (handler: 'connections' | 'mappings') =>
  call(bridge[handler].patch, {
    params: { id: connection, mappingId: mapping },
    body: { enabled: false },
    method: 'PATCH',
  });

async function given(overrides: Partial<Run>): Promise<Run> {
  const run = aRun({ connectionId: connection, ...overrides });
  await bridge.storage.runs.open(run);
  return run;
}

describe('requesting a sync', () => {
  it('answers 202 with the run, and hands it to the queue', async () => {
    const reply = await sync({ mode: 'full' });
    const id = textAt(reply, 'id');
    expect(reply.status).toBe(202);
    expect(reply.headers.location).toBe(`/api/runs/${id}`);
    expect(reply.body).toEqual({
      id,
      connectionId: connection,
      mode: 'full',
      trigger: 'manual',
      dryRun: false,
      status: 'queued',
      phase: 'preparing',
      percent: 0,
      etaSeconds: null,
      counts: {
        read: 0,
        created: 0,
        updated: 0,
        deactivated: 0,
        deleted: 0,
        linked: 0,
        unchanged: 0,
        skipped: 0,
        conflicts: 0,
        failed: 0,
      },
      bySide: {
        authScape: { created: 0, updated: 0, deactivated: 0, deleted: 0 },
        dynamics: { created: 0, updated: 0, deactivated: 0, deleted: 0 },
      },
      requests: { dynamics: 0, authScape: 0, storage: 0 },
      messages: [],
      startedAt: null,
      finishedAt: null,
      error: null,
    });
    expect(bridge.storage.jobs.take('run')).toEqual({
      v: 1,
      kind: 'run',
      connectionId: connection,
      runId: id,
    });
    expect(await get(id)).toMatchObject({ status: 200, body: reply.body });
  });

  it('is told which run is in the way', async () => {
    const first = textAt(await sync({ mode: 'full' }), 'id');
    const second = await sync({ mode: 'incremental', dryRun: true });
    expect(faultsOf(second)).toEqual(['409 run_in_progress']);
    expect(second.headers.location).toBe(`/api/runs/${first}`);
  });

  it('[D11] goes on beside a run that waits for approval', async () => {
    const run = await given({});
    const stored = await bridge.storage.runs.get(run.id);
    await bridge.storage.runs.replace({ ...run, status: 'awaitingApproval' }, stored?.etag ?? '');
    expect((await sync({ mode: 'full' })).status).toBe(202);
  });

  it('stays queued when the queue cannot be reached: the timer takes it up', async () => {
    bridge.storage.jobs.enqueue = async () => {
      throw new Error('down');
    };
    const reply = await sync({ mode: 'full' });
    expect([reply.status, textAt(reply, 'status')]).toEqual([202, 'queued']);
  });

  it('is refused where there is nothing to do', async () => {
    expect(faultsOf(await sync({ mode: 'full', mappingIds: ['m_x'] }))).toEqual([
      '400 invalid_request',
      'mappingIds[0]: The connection has no mapping "m_x".',
    ]);
    await disable('mappings');
    expect(faultsOf(await sync({ mode: 'full' }))).toEqual(['422 no_enabled_mappings']);
    await disable('connections');
    expect(faultsOf(await sync({ mode: 'full' }))).toEqual(['409 connection_disabled']);
    expect(faultsOf(await sync({ mode: 'half' }))[0]).toBe('400 invalid_request');
    for (const sample of [[], ['1', 1], [''], [null], Array.from({ length: 501 }, String), 0, 501, '5']) {
      const [fault, ...more] = faultsOf(await sync({ mode: 'full', sample }));
      expect([sample, fault]).toEqual([sample, '400 invalid_request']);
      expect(more[0]).toMatch(/^sample/);
    }
  });

  it('answers one with an ETag that changes with it', async () => {
    const run = await given({ id: 'r_tagged', status: 'running' });
    const tag = async () => (await get(run.id)).headers.etag;
    const before = await tag();
    expect(before).toMatch(/^"[^"]+"$/);
    expect(await tag()).toBe(before);
    await steer('cancel', run.id);
    expect(await tag()).not.toBe(before);
  });

  it('lists runs, the newest first', async () => {
    const first = textAt(await sync({ mode: 'full' }), 'id');
    await steer('cancel', first);
    bridge.clock.advance(1);
    const second = textAt(await sync({ mode: 'full' }), 'id');
    const list = await call(bridge.runs.list, { params: { id: connection } });
    expect(list.body).toMatchObject({ items: [{ id: second }, { id: first }] });
  });
});

describe('steering a run', () => {
  it('cancels at once a run without a lease, and frees the connection', async () => {
    const id = textAt(await sync({ mode: 'full' }), 'id');
    expect((await steer('cancel', id)).body).toMatchObject({
      status: 'cancelled',
      finishedAt: '2026-03-01T08:00:00.000Z',
    });
    expect((await sync({ mode: 'full' })).status).toBe(202);
    expect((await steer('cancel', id)).body).toMatchObject({ status: 'cancelled' });
  });

  it('asks a run under way to end', async () => {
    const run = await given({ status: 'running' });
    expect((await steer('cancel', run.id)).body).toMatchObject({ status: 'running' });
    expect((await bridge.storage.runs.get(run.id))?.value.cancelRequested).toBe(true);
  });

  it.each(['approve', 'reject'] as const)('takes a waiting run up again: %s', async (verb) => {
    const run = await given({});
    const stored = await bridge.storage.runs.get(run.id);
    await bridge.storage.runs.replace({ ...run, status: 'awaitingApproval' }, stored?.etag ?? '');
    expect((await steer(verb, run.id)).body).toMatchObject({ status: 'running', phase: 'removing' });
    expect((await bridge.storage.runs.get(run.id))?.value.decision).toBe(verb);
    expect(bridge.storage.jobs.take('run')).toMatchObject({ runId: run.id });
    expect(faultsOf(await steer(verb, run.id))).toEqual(['409 run_not_waiting']);
  });

  it('does not take one up while another is under way', async () => {
    const run = await given({});
    const stored = await bridge.storage.runs.get(run.id);
    await bridge.storage.runs.replace({ ...run, status: 'awaitingApproval' }, stored?.etag ?? '');
    const other = textAt(await sync({ mode: 'full' }), 'id');
    const reply = await steer('approve', run.id);
    expect([faultsOf(reply), reply.headers.location]).toEqual([
      ['409 run_in_progress'],
      `/api/runs/${other}`,
    ]);
  });

  it('answers 404 for an id that is none', async () => {
    for (const verb of ['cancel', 'approve', 'reject'] as const) {
      expect(faultsOf(await steer(verb, 'r_unknown'))).toEqual(['404 run_not_found']);
    }
    expect(faultsOf(await call(bridge.runs.changes, { params: { runId: 'r_unknown' } }))).toEqual([
      '404 run_not_found',
    ]);
  });
});

describe('the changes of a run', () => {
  it('show per record what was written', async () => {
    const run = await given({});
    const entry: LogEntry = {
      id: 'e1',
      connectionId: connection,
      at: '2026-03-01T08:00:00.000Z',
      runId: run.id,
      trigger: 'run',
      runOnly: false,
      status: 'success',
      entity: 'User',
      mappingId: mapping,
      authScapeId: '1',
      crmEntity: 'contact',
      crmId: '6f0d1c1e-1111-4a2b-9c3d-000000000001',
      side: 'dynamics',
      action: 'update',
      fields: [{ field: 'firstname', from: 'Ann', to: 'Anna', rule: 'authScapeChanged' }],
      outcome: 'updated',
    };
    await bridge.storage.logs.append([entry]);
    const { connectionId: _c, runId: _r, trigger: _t, runOnly: _o, status: _s, ...shown } = entry;
    const reply = await call(bridge.runs.changes, { params: { runId: run.id } });
    expect(reply.body).toEqual({ items: [shown] });
  });

  it('come as CSV, all of them, one line per field, with formulas marked as text', async () => {
    const run = await given({});
    const entry = (id: string, overrides: Partial<LogEntry>): LogEntry => ({
      ...{ id, connectionId: connection, at: '2026-03-01T08:00:00.000Z', runId: run.id, trigger: 'run' },
      ...{ runOnly: false, status: 'success', entity: 'User', mappingId: mapping, authScapeId: '1' },
      ...{ crmEntity: 'contact', crmId: 'd1', side: 'dynamics', action: 'update', outcome: 'updated' },
      fields: [
        { field: 'firstname', from: null, to: '=1+1', rule: 'authScapeChanged' },
        { field: 'lastname', from: 'a "b", c', to: 7, rule: 'conflict', winner: 'authScape' },
      ],
      ...overrides,
    });
    const error = { code: 'value_too_long', message: 'Too long.', field: 'jobtitle' };
    await bridge.storage.logs.append([
      entry('e1', {}),
      entry('e2', { fields: [], status: 'failed', outcome: 'failed', action: 'none', error }),
    ]);
    const csv = (query: Record<string, string>) =>
      call(bridge.runs.changes, { params: { runId: run.id }, query, headers: { accept: 'text/csv' } });
    const all = await csv({});
    const head = 'e1,2026-03-01T08:00:00.000Z,User,1,contact,d1,dynamics,update,updated';

    expect(all.headers).toMatchObject({
      'content-type': 'text/csv; charset=utf-8; header=present',
      'content-disposition': 'attachment; filename="changes.csv"',
    });
    expect(all.text?.split('\r\n')).toEqual([
      'id,at,entity,authScapeId,crmEntity,crmId,side,action,outcome,field,from,to,rule,winner,errorCode,errorMessage',
      `${head},firstname,,'=1+1,authScapeChanged,,,`,
      `${head},lastname,"a ""b"", c",7,conflict,authScape,,`,
      'e2,2026-03-01T08:00:00.000Z,User,1,contact,d1,dynamics,none,failed,jobtitle,,,,,value_too_long,Too long.',
      '',
    ]);
    expect((await csv({ outcome: 'failed' })).text?.split('\r\n')).toHaveLength(3);
    expect(faultsOf(await csv({ outcome: 'none' }))[0]).toBe('400 invalid_request');
  });

  it('are decided by their ids, of which a faulty one is named', async () => {
    const run = await given({});
    const stored = await bridge.storage.runs.get(run.id);
    await bridge.storage.runs.replace({ ...run, status: 'awaitingApproval' }, stored?.etag ?? '');
    const approve = (body: unknown) =>
      call(bridge.runs.approve, { params: { runId: run.id }, method: 'POST', body });

    expect(faultsOf(await approve({ changeIds: ['x'] }))).toEqual([
      '400 invalid_request',
      'changeIds[0]: The run holds no such change.',
    ]);
    expect(faultsOf(await approve({ changeIds: [] }))[0]).toBe('400 invalid_request');
    expect(faultsOf(await approve({ changes: [] }))).toEqual([
      '400 invalid_request',
      'changes: This property is not known.',
    ]);
    expect((await approve({})).status).toBe(202);
  });
});
