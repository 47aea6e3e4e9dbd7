import { z } from 'zod';
import { RUN_PHASES } from '../../domain/run.js';
import { listQuery } from '../listing.js';
import { changesQuery, decisionBody, type runHandlers, syncBody } from '../runs.js';
import { BOTH_SIDES_ERRORS, CREATION_ERRORS, type RoutesOf } from './route.js';
import { failure, page, runChangeAnswer, time } from './shapes.js';

const count = z.int();
const written = z.object({ created: count, updated: count, deactivated: count, deleted: count });

const run = z
  .object({
    id: z.string(),
    connectionId: z.string(),
    mode: z.enum(['full', 'incremental']),
    trigger: z.enum(['manual', 'schedule']),
    dryRun: z.boolean(),
    sample: z.union([z.int(), z.array(z.string())]).optional(),
    status: z.enum([
      'queued',
      'running',
      'awaitingApproval',
      'succeeded',
      'partiallySucceeded',
      'failed',
      'cancelled',
    ]),
    phase: z.enum(RUN_PHASES),
    percent: z.number(),
    etaSeconds: z.number().nullable(),
    counts: z.object({
      read: count,
      created: count,
      updated: count,
      deactivated: count,
      deleted: count,
      linked: count,
      unchanged: count,
      skipped: count,
      conflicts: count,
      failed: count,
    }),
    bySide: z.object({ authScape: written, dynamics: written }),
    requests: z.object({ dynamics: count, authScape: count, storage: count }),
    messages: z.array(z.string()),
    startedAt: time.nullable(),
    finishedAt: time.nullable(),
    error: failure.nullable(),
  })
  .meta({ id: 'Run', description: 'One sync of a connection with its progress.' });

const NOTHING = { created: 0, updated: 0, deactivated: 0, deleted: 0 };

const example = {
  id: 'r_5t0j8p3y6n',
  connectionId: 'c_8f3k2m1x9q',
  mode: 'full',
  trigger: 'manual',
  dryRun: false,
  status: 'running',
  phase: 'readingDynamics',
  percent: 42,
  etaSeconds: 31,
  counts: { read: 420, ...NOTHING, linked: 0, unchanged: 400, skipped: 0, conflicts: 0, failed: 0 },
  bySide: { authScape: NOTHING, dynamics: NOTHING },
  requests: { dynamics: 12, authScape: 9, storage: 40 },
  messages: [],
  startedAt: '2026-11-29T08:00:00.000Z',
  finishedAt: null,
  error: null,
};

const changeExample = {
  id: 'e_0000000001',
  at: '2026-11-29T08:00:00.000Z',
  mappingId: 'm_4k1x0c2v7b',
  entity: 'User',
  authScapeId: '17',
  crmEntity: 'contact',
  crmId: '6f0f1c1e-6b1c-4d5e-9a53-0d6f3f1f9b11',
  side: 'dynamics',
  action: 'update',
  fields: [{ field: 'telephone1', from: null, to: '+47 700', rule: 'authScapeChanged' }],
  outcome: 'updated',
};

const takenBack = z
  .object({
    unlinked: count.meta({ description: 'Pairs that are linked no more.' }),
    restored: count.meta({ description: 'Values that stand again as before.' }),
    kept: z.array(
      z.object({
        mappingId: z.string(),
        authScapeId: z.string(),
        crmId: z.string(),
        side: z.enum(['authScape', 'dynamics']),
        field: z.string(),
        reason: z.enum(['changed', 'withheld', 'gone', 'refused']),
      }),
    ),
    busy: count.meta({ description: 'Pairs that another worker has in hand: call again.' }),
  })
  .meta({ id: 'TakenBack' });

const accepted = { schema: run, example, headers: ['Location'] } as const;
const group = 'Runs';

export const runRoutes: RoutesOf<ReturnType<typeof runHandlers>> = {
  request: {
    name: 'runsRequest',
    method: 'POST',
    path: 'connections/{id}/sync',
    role: 'sync.operate',
    group,
    summary: 'Start a sync',
    audit: 'run.start',
    headers: ['Idempotency-Key'],
    body: { schema: syncBody, example: { mode: 'full' } },
    answers: { 202: { ...accepted, description: 'The run waits for its first step.' } },
    errors: [
      'connection_not_found',
      'connection_disabled',
      'run_in_progress',
      'no_enabled_mappings',
      ...CREATION_ERRORS,
    ],
  },
  get: {
    name: 'runsGet',
    method: 'GET',
    path: 'runs/{runId}',
    role: 'sync.read',
    group,
    summary: 'Read a run with its progress',
    answers: { 200: { description: 'The run.', schema: run, example, headers: ['ETag'] } },
    errors: ['run_not_found'],
  },
  list: {
    name: 'runsList',
    method: 'GET',
    path: 'connections/{id}/runs',
    role: 'sync.read',
    group,
    summary: 'List the runs of a connection, newest first',
    query: listQuery,
    answers: {
      200: { description: 'A page of runs.', schema: page(run), example: { items: [example] } },
    },
    errors: ['connection_not_found'],
  },
  changes: {
    name: 'runsChanges',
    method: 'GET',
    path: 'runs/{runId}/changes',
    role: 'sync.read',
    group,
    summary: 'List what a run wrote, record by record (a dry run: what it would write)',
    query: changesQuery,
    answers: {
      200: {
        description: 'A page of changes; with `Accept: text/csv` all of them as CSV, one line per field.',
        schema: page(runChangeAnswer),
        textAs: 'text/csv',
        example: { items: [changeExample] },
      },
    },
    errors: ['run_not_found'],
  },
  cancel: {
    name: 'runsCancel',
    method: 'POST',
    path: 'runs/{runId}/cancel',
    role: 'sync.operate',
    group,
    summary: 'Cancel a run',
    audit: 'run.cancel',
    answers: { 202: { ...accepted, description: 'The run ends with its present step.' } },
    errors: ['run_not_found'],
  },
  takeBack: {
    name: 'runsTakeBack',
    method: 'POST',
    path: 'runs/{runId}/take-back',
    role: 'sync.operate',
    group,
    summary: 'Take a sample back: write back what it replaced, and unlink its pairs',
    audit: 'run.takeBack',
    answers: {
      200: {
        description: 'What was taken back. Records that the sample created stay.',
        schema: takenBack,
        example: { unlinked: 20, restored: 31, kept: [], busy: 0 },
      },
    },
    errors: ['run_not_found', 'sample_final', 'run_in_progress', ...BOTH_SIDES_ERRORS],
  },
  approve: {
    name: 'runsApprove',
    method: 'POST',
    path: 'runs/{runId}/approve',
    role: 'sync.operate',
    group,
    summary: 'Let a run write what the mass-delete guard holds',
    audit: 'run.approve',
    body: {
      schema: decisionBody,
      example: { changeIds: ['p_WyJoIiwibV8xIiwiMSIsInJlbW92YWwiXQ'] },
      optional: true,
    },
    answers: { 202: { ...accepted, description: 'The run goes on.' } },
    errors: ['run_not_found', 'run_not_waiting', 'run_in_progress'],
  },
  reject: {
    name: 'runsReject',
    method: 'POST',
    path: 'runs/{runId}/reject',
    role: 'sync.operate',
    group,
    summary: 'Drop what the mass-delete guard holds',
    audit: 'run.reject',
    body: {
      schema: decisionBody,
      example: { changeIds: ['p_WyJoIiwibV8xIiwiMSIsInJlbW92YWwiXQ'] },
      optional: true,
    },
    answers: { 202: { ...accepted, description: 'The run ends without what was held.' } },
    errors: ['run_not_found', 'run_not_waiting', 'run_in_progress'],
  },
};
