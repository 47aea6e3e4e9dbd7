import { randomUUID } from 'node:crypto';
import type { Stores } from '../../src/adapters/storage/stores.js';
import type { Tables } from '../../src/adapters/storage/table.js';
import type { StagedRecord } from '../../src/application/ports/staging.js';
import type { Page } from '../../src/application/ports/stores.js';
import type { LogEntry } from '../../src/domain/change.js';
import type { Link } from '../../src/domain/link.js';
import type { Connection, EntityMapping } from '../../src/domain/model.js';
import { NO_COUNTS, NO_SIDE_COUNTS, type Run } from '../../src/domain/run.js';
import type { MemoryClock } from '../support/memory-clock.js';

/** What a contract suite needs; `tables` lets it leave halves behind as a crash would. */
export interface StoresUnderTest {
  readonly stores: Stores;
  readonly tables: Tables;
  readonly clock: MemoryClock;
}

export type OpenStores = () => StoresUnderTest;

/** Suites share tables, so every test has a connection of its own. */
export function newId(prefix: string): string {
  return `${prefix}_${randomUUID().slice(0, 8)}`;
}

export function newRunId(atMs: number): string {
  return `r_${(36 ** 9 - atMs).toString(36).padStart(9, '0')}${randomUUID().slice(0, 6)}`;
}

export function sampleConnection(overrides: Partial<Connection> = {}): Connection {
  const id = overrides.id ?? newId('c');
  return {
    id,
    name: `Connection ${id}`,
    provider: 'Dynamics365',
    environment: 'contoso.crm.dynamics.com',
    tenantId: null,
    clientId: null,
    clientSecret: { name: 'conn-1-client-secret', version: '1' },
    webhookSecret: null,
    previousWebhookSecret: null,
    direction: 'Bidirectional',
    enabled: true,
    syncIntervalMinutes: 15,
    fullSyncSchedule: null,
    conflictPolicy: 'lastWriteWins',
    deletePolicy: 'deactivate',
    massDeleteGuard: { count: 50, percent: 5 },
    logValues: 'all',
    createdAt: '2026-01-01T00:00:00Z',
    updatedAt: '2026-01-01T00:00:00Z',
    ...overrides,
  };
}

export function sampleMapping(connectionId: string, overrides: Partial<EntityMapping> = {}): EntityMapping {
  return {
    id: newId('m'),
    connectionId,
    authScapeEntity: 'User',
    crmEntity: 'contact',
    direction: 'Bidirectional',
    enabled: true,
    filter: "statecode eq 0 and fullname eq 'O''Hara'",
    matchBy: ['email'],
    fields: [],
    relationships: [],
    version: 1,
    createdAt: '2026-01-01T00:00:00Z',
    updatedAt: '2026-01-01T00:00:00Z',
    ...overrides,
  };
}

export function sampleRun(connectionId: string, overrides: Partial<Run> = {}): Run {
  return {
    id: newRunId(Date.parse('2026-01-01T00:00:00Z')),
    connectionId,
    mode: 'full',
    trigger: 'manual',
    dryRun: false,
    status: 'queued',
    phase: 'preparing',
    percent: 0,
    etaSeconds: null,
    counts: NO_COUNTS,
    bySide: { authScape: NO_SIDE_COUNTS, dynamics: NO_SIDE_COUNTS },
    requests: { dynamics: 0, authScape: 0, storage: 0 },
    messages: [],
    mappingIds: null,
    createdAt: '2026-01-01T00:00:00Z',
    startedAt: null,
    finishedAt: null,
    error: null,
    cursor: { unit: 0, mappingIndex: 0, position: null, repeated: false, facts: {} },
    lease: null,
    cancelRequested: false,
    decision: null,
    ...overrides,
  };
}

export function sampleLink(connectionId: string, overrides: Partial<Link> = {}): Link {
  return {
    connectionId,
    mappingId: 'm_users',
    entity: 'User',
    authScapeId: '1',
    table: 'contact',
    crmId: randomUUID(),
    generation: 1,
    state: 'linked',
    tombstone: null,
    base: { f1: { a: 'Ada', d: null, sig: 'firstname' } },
    clean: true,
    mappingVersion: 3,
    aHash: 'abc',
    dVersion: null,
    plan: null,
    claim: null,
    repeats: {},
    missing: null,
    lastRun: null,
    changedAt: 1_767_225_600_000,
    agreedAt: 1_767_225_600_000,
    createdAt: '2026-01-01T00:00:00Z',
    lastSyncedAt: null,
    ...overrides,
  };
}

export function sampleLog(connectionId: string, overrides: Partial<LogEntry> = {}): LogEntry {
  return {
    id: newId('l'),
    connectionId,
    at: '2026-02-01T00:00:00.000Z',
    runId: null,
    trigger: 'run',
    runOnly: false,
    status: 'success',
    entity: 'User',
    mappingId: 'm_users',
    authScapeId: '1',
    crmEntity: 'contact',
    crmId: '0a0a0a0a-0000-4000-8000-000000000001',
    side: 'dynamics',
    action: 'update',
    fields: [{ field: 'firstname', from: 'Ada', to: null, rule: 'authScapeChanged' }],
    outcome: 'updated',
    ...overrides,
  };
}

export function sampleRecord(key: string, overrides: Partial<StagedRecord> = {}): StagedRecord {
  return {
    key,
    id: key,
    values: { firstName: `Name ${key}`, note: null, age: 42, active: true },
    active: true,
    complete: true,
    etag: null,
    modifiedOn: '2026-01-01T00:00:00Z',
    mergedInto: null,
    roles: ['Admin'],
    readAt: 1_767_225_600_123,
    deleted: false,
    inFilter: true,
    ...overrides,
  };
}

/** All items of a paged list. */
export async function pages<T>(read: (cursor?: string) => Promise<Page<T>>): Promise<T[]> {
  const items: T[] = [];
  let cursor: string | undefined;
  do {
    const page = await read(cursor);
    items.push(...page.items);
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  return items;
}
