import type { Link } from '../../src/domain/link.js';
import type { Connection, EntityMapping, FieldMapping } from '../../src/domain/model.js';
import { NO_COUNTS, NO_SIDE_COUNTS, type Run } from '../../src/domain/run.js';
import type { Column, EntityField, TableSchema } from '../../src/domain/schema.js';

/** Things that are valid by default; a test names only what it is about. */

const AT = '2026-03-01T08:00:00.000Z';

export function aConnection(overrides: Partial<Connection> = {}): Connection {
  return {
    id: 'c_1234567890',
    name: 'Production Dynamics',
    provider: 'Dynamics365',
    environment: 'contoso.crm.dynamics.com',
    tenantId: null,
    clientId: null,
    clientSecret: null,
    webhookSecret: null,
    previousWebhookSecret: null,
    direction: 'Bidirectional',
    enabled: true,
    syncIntervalMinutes: 15,
    fullSyncSchedule: '0 0 2 * * *',
    conflictPolicy: 'lastWriteWins',
    deletePolicy: 'deactivate',
    massDeleteGuard: { count: 50, percent: 5 },
    logValues: 'all',
    createdAt: AT,
    updatedAt: AT,
    ...overrides,
  };
}

export function aFieldMapping(overrides: Partial<FieldMapping> = {}): FieldMapping {
  return {
    id: 'f_1',
    authScapeField: 'firstName',
    crmField: 'firstname',
    direction: 'Bidirectional',
    enabled: true,
    required: false,
    syncNullValues: true,
    transform: null,
    ...overrides,
  };
}

export function aMapping(overrides: Partial<EntityMapping> = {}): EntityMapping {
  return {
    id: 'm_1234567890',
    connectionId: 'c_1234567890',
    authScapeEntity: 'User',
    crmEntity: 'contact',
    direction: 'Bidirectional',
    enabled: true,
    filter: null,
    matchBy: ['email'],
    fields: [],
    relationships: [],
    version: 1,
    createdAt: AT,
    updatedAt: AT,
    ...overrides,
  };
}

export function aLink(overrides: Partial<Link> = {}): Link {
  return {
    connectionId: 'c_1234567890',
    mappingId: 'm_1234567890',
    entity: 'User',
    authScapeId: '1',
    table: 'contact',
    crmId: '6f0d1c1e-1111-4a2b-9c3d-000000000001',
    generation: 0,
    state: 'linked',
    tombstone: null,
    base: {},
    clean: true,
    mappingVersion: 1,
    aHash: null,
    dVersion: null,
    plan: null,
    claim: null,
    repeats: {},
    missing: null,
    lastRun: null,
    changedAt: Date.parse(AT),
    agreedAt: Date.parse(AT),
    createdAt: AT,
    lastSyncedAt: AT,
    ...overrides,
  };
}

export function aRun(overrides: Partial<Run> = {}): Run {
  return {
    id: 'r_0abcdefgh12345678',
    connectionId: 'c_1234567890',
    mode: 'full',
    trigger: 'manual',
    dryRun: false,
    status: 'running',
    phase: 'comparing',
    percent: 40,
    etaSeconds: null,
    counts: NO_COUNTS,
    bySide: { authScape: NO_SIDE_COUNTS, dynamics: NO_SIDE_COUNTS },
    requests: { dynamics: 0, authScape: 0, storage: 0 },
    messages: [],
    mappingIds: null,
    createdAt: AT,
    startedAt: AT,
    finishedAt: null,
    error: null,
    cursor: { unit: 3, mappingIndex: 0, position: null, repeated: false, facts: {} },
    lease: null,
    cancelRequested: false,
    decision: null,
    ...overrides,
  };
}

export function aColumn(name: string, overrides: Partial<Column> = {}): Column {
  return {
    name,
    displayName: null,
    type: 'string',
    format: null,
    maxLength: 100,
    precision: null,
    minValue: null,
    maxValue: null,
    options: null,
    required: 'none',
    readable: true,
    creatable: true,
    updatable: true,
    targets: null,
    ...overrides,
  };
}

export function anEntityField(name: string, overrides: Partial<EntityField> = {}): EntityField {
  return {
    name,
    key: name,
    type: 'string',
    maxLength: null,
    required: false,
    readable: true,
    writable: true,
    inList: true,
    options: null,
    custom: false,
    ...overrides,
  };
}

const STATES = [
  { value: 0, label: 'Active' },
  { value: 1, label: 'Inactive' },
];
const LEVELS = ['Bronze', 'Silver', 'Gold', 'Platinum'].map((label, index) => ({ value: index + 1, label }));

export function aContactTable(...more: readonly Column[]): TableSchema {
  return {
    logicalName: 'contact',
    entitySetName: 'contacts',
    displayName: 'Contact',
    primaryId: 'contactid',
    primaryName: 'fullname',
    changeTracking: true,
    optimisticConcurrency: true,
    columns: [
      aColumn('firstname'),
      aColumn('lastname'),
      aColumn('emailaddress1', { format: 'email' }),
      aColumn('telephone1'),
      aColumn('statecode', { type: 'state', options: STATES, creatable: false }),
      aColumn('fullname', { creatable: false, updatable: false }),
      aColumn('modifiedon', { type: 'dateTime', creatable: false, updatable: false }),
      aColumn('birthdate', { type: 'dateOnly', maxLength: null }),
      aColumn('lastonholdtime', { type: 'dateTime', maxLength: null }),
      aColumn('donotemail', { type: 'boolean', maxLength: null }),
      aColumn('numberofchildren', { type: 'integer', maxLength: null }),
      aColumn('creditlimit', { type: 'money', maxLength: null }),
      aColumn('new_level', { type: 'choice', maxLength: null, options: LEVELS }),
      aColumn('parentcustomerid', { type: 'lookup', maxLength: null, targets: ['account', 'contact'] }),
      ...more,
    ],
    navigations: [],
  };
}

export function anAccountTable(): TableSchema {
  return {
    ...aContactTable(),
    logicalName: 'account',
    entitySetName: 'accounts',
    displayName: 'Account',
    primaryId: 'accountid',
    primaryName: 'name',
    columns: [
      aColumn('name', { required: 'application', maxLength: 160 }),
      aColumn('description', { type: 'memo', maxLength: 2000 }),
      aColumn('statecode', { type: 'state', options: STATES, creatable: false }),
      aColumn('address1_line1'),
      aColumn('address1_city'),
      aColumn('address1_stateorprovince'),
      aColumn('address1_postalcode'),
      aColumn('parentaccountid', { type: 'lookup', maxLength: null, targets: ['account'] }),
    ],
  };
}
