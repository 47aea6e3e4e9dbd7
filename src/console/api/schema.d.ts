/** Provisional: written from the contract until the OpenAPI document exists. */
interface Header {
  'if-match'?: string;
  'idempotency-key'?: string;
}
type BodyOf<Body> = [Body] extends [undefined]
  ? { requestBody?: undefined }
  : { requestBody: { content: { 'application/json': Body } } };
interface Answered<Out> {
  responses: { 200: { headers: object; content: { 'application/json': Out } } };
}
type Op<Out, Query = undefined, Body = undefined, Path = undefined> = Answered<Out> &
  BodyOf<Body> & { parameters: { query?: Query; path: Path; header?: Header } };
type Bare<Out, Query = undefined, Body = undefined> = Answered<Out> &
  BodyOf<Body> & { parameters: { query?: Query; header?: Header } };
interface PageQuery {
  limit?: number;
  cursor?: string;
}
interface List<T> {
  items: T[];
  nextCursor?: string;
}
interface Id {
  id: string;
}
interface MappingPath extends Id {
  mappingId: string;
}
interface RunPath {
  runId: string;
}
type Schemas = components['schemas'];

export interface components {
  schemas: {
    Problem: {
      type: string;
      title: string;
      status: number;
      code: string;
      detail: string;
      hint?: string;
      errors?: { path: string; message: string }[];
      traceId: string;
    };
    Connection: Schemas['ConnectionBody'] & {
      id: string;
      name: string;
      provider: 'Dynamics365';
      environment: string;
      tenantId: string | null;
      clientId: string | null;
      hasClientSecret: boolean;
      hasWebhookSecret: boolean;
      direction: Schemas['Direction'];
      enabled: boolean;
      syncIntervalMinutes: number;
      fullSyncSchedule: string | null;
      conflictPolicy: 'lastWriteWins' | 'dynamicsWins' | 'authScapeWins';
      deletePolicy: 'deactivate' | 'delete' | 'unlink' | 'ignore';
      massDeleteGuard: { count: number; percent: number } | null;
      lastSyncAt: string | null;
      lastSyncError: { code: string; message: string } | null;
      messages: string[];
      createdAt: string;
      updatedAt: string;
    };
    ConnectionBody: {
      name?: string;
      provider?: 'Dynamics365';
      environment?: string;
      tenantId?: string | null;
      clientId?: string | null;
      clientSecret?: string | null;
      webhookSecret?: string;
      direction?: Schemas['Direction'];
      enabled?: boolean;
      syncIntervalMinutes?: number;
      fullSyncSchedule?: string | null;
      conflictPolicy?: 'lastWriteWins' | 'dynamicsWins' | 'authScapeWins';
      deletePolicy?: 'deactivate' | 'delete' | 'unlink' | 'ignore';
      massDeleteGuard?: { count: number; percent: number } | null;
    };
    ConnectionTest: {
      ok: boolean;
      steps: {
        name: string;
        ok: boolean;
        durationMs: number;
        code?: string;
        detail?: string;
        hint?: string;
      }[];
      organizationId?: string;
      userId?: string;
    };
    Direction: 'Bidirectional' | 'Inbound' | 'Outbound';
    Entity: 'User' | 'Company' | 'Location';
    Transform:
      | { type: 'stateCode' | 'boolean'; inverted?: boolean }
      | { type: 'optionSet'; by?: 'value' | 'label'; language?: number }
      | { type: 'date'; timeZone?: string }
      | { type: 'number'; decimals?: number }
      | { type: 'uppercase' | 'lowercase' | 'titleCase' | 'trim' }
      | { type: 'concatenate'; fields: string[]; separator?: string }
      | { type: 'split'; separator: string; index: number }
      | { type: 'default'; value: string | number | boolean }
      | { type: 'valueMap'; map: Record<string, string | number | boolean> };
    Field: {
      id: string;
      authScapeField: string;
      crmField: string;
      direction: Schemas['Direction'];
      enabled: boolean;
      required: boolean;
      syncNullValues: boolean;
      transform: Schemas['Transform'] | null;
    };
    FieldBody: Omit<Schemas['Field'], 'id'> & { id?: string };
    Relationship: {
      id: string;
      authScapeField: 'companyId' | 'locationId';
      relatedEntity: 'Company' | 'Location';
      crmLookupField: string;
      crmRelatedEntity: string;
      direction: Schemas['Direction'];
      enabled: boolean;
      syncNullValues: boolean;
      autoCreateRelated: boolean;
    };
    RelationshipBody: Pick<
      Schemas['Relationship'],
      'authScapeField' | 'relatedEntity' | 'crmLookupField' | 'crmRelatedEntity'
    > &
      Partial<Schemas['Relationship']>;
    Mapping: {
      id: string;
      connectionId: string;
      authScapeEntity: Schemas['Entity'];
      crmEntity: string;
      direction: Schemas['Direction'];
      enabled: boolean;
      filter: string | null;
      matchBy: string[];
      fields: Schemas['Field'][];
      relationships: Schemas['Relationship'][];
      createdAt: string;
      updatedAt: string;
    };
    MappingBody: {
      authScapeEntity: Schemas['Entity'];
      crmEntity: string;
      direction?: Schemas['Direction'];
      enabled?: boolean;
      filter?: string | null;
      matchBy?: string[];
      createDefaultFields?: boolean;
    };
    MappingPatch: Omit<Schemas['MappingBody'], 'authScapeEntity' | 'crmEntity' | 'createDefaultFields'>;
    Table: { logicalName: string; displayName: string | null; changeTracking: boolean };
    Column: {
      name: string;
      displayName: string | null;
      type: string;
      maxLength: number | null;
      options: { value: number; label: string }[] | null;
      required: string;
      readOnly: boolean;
      targets: string[] | null;
    };
    EntityField: {
      name: string;
      key: string;
      type: string;
      maxLength: number | null;
      required: boolean;
      readOnly: boolean;
      options: { key: string; label: string }[] | null;
      custom: boolean;
    };
    SideCounts: { created: number; updated: number; deactivated: number; deleted: number };
    Counts: Record<
      | 'read'
      | 'created'
      | 'updated'
      | 'deactivated'
      | 'deleted'
      | 'linked'
      | 'unchanged'
      | 'skipped'
      | 'conflicts'
      | 'failed',
      number
    >;
    Run: {
      id: string;
      connectionId: string;
      mode: 'full' | 'incremental';
      trigger: 'manual' | 'schedule';
      dryRun: boolean;
      status:
        | 'queued'
        | 'running'
        | 'awaitingApproval'
        | 'succeeded'
        | 'partiallySucceeded'
        | 'failed'
        | 'cancelled';
      phase: string;
      percent: number;
      etaSeconds: number | null;
      counts: Schemas['Counts'];
      bySide: Record<'authScape' | 'dynamics', Schemas['SideCounts']>;
      requests: { dynamics: number; authScape: number; storage: number };
      messages: string[];
      startedAt: string | null;
      finishedAt: string | null;
      error: { code: string; message: string; hint?: string } | null;
    };
    SyncBody: {
      mode: 'full' | 'incremental';
      dryRun?: boolean;
      mappingIds?: string[];
    };
    FieldChange: {
      field: string;
      from: unknown;
      to: unknown;
      rule: string;
      dropped?: unknown;
      winner?: 'authScape' | 'dynamics';
      estimated?: boolean;
      withheld?: boolean;
    };
    Change: {
      id?: string;
      mappingId: string;
      entity: Schemas['Entity'];
      authScapeId: string | null;
      crmEntity: string;
      crmId: string | null;
      side: 'authScape' | 'dynamics' | null;
      action: string;
      fields: Schemas['FieldChange'][];
      outcome: string;
      error?: { code: string; message: string; field?: string };
    };
    LogEntry: Schemas['Change'] & {
      id: string;
      at: string;
      status: string;
      trigger: string;
      runId: string | null;
    };
    RecordResult: {
      connectionId: string;
      mappingId: string;
      outcome: string;
      authScapeId: string | null;
      crmId?: string;
      changes: Schemas['Change'][];
      error?: { code: string; message: string };
    };
    Link: {
      id: string;
      mappingId: string;
      entity: Schemas['Entity'];
      authScapeId: string;
      crmEntity: string;
      crmId: string;
      state: 'linked' | 'tombstone';
      createdAt: string;
      lastSyncedAt: string | null;
    };
    Stats: {
      from: string;
      to: string;
      lastSyncAt: string | null;
      lastSuccessAt: string | null;
      links: Record<string, number>;
      totals: Record<string, number>;
      bySide: Record<'authScape' | 'dynamics', Schemas['SideCounts']>;
      runs: Record<string, number>;
      events: {
        received: number;
        echoes: number;
        deadLettered: number;
        medianLatencyMs: number | null;
        p95LatencyMs: number | null;
      };
      requests: { dynamics: number; authScape: number };
      byDay: { day: string; totals: Record<string, number> }[];
    };
    Diagnostics: {
      checkedAt: string;
      mappings: {
        mappingId: string;
        entity: string;
        crmEntity: string;
        authScape: Record<string, number>;
        dynamics: Record<string, number | boolean>;
        failed: number;
        waiting: number;
        held: number;
      }[];
      recommendations: {
        code: string;
        severity: 'error' | 'warning' | 'info';
        mappingId?: string;
        message: string;
        action?: string;
        link?: string;
      }[];
    };
    ProblemItem: {
      id: string;
      kind: 'failed' | 'ambiguous' | 'held' | 'deadLetter' | 'skipped';
      entity: Schemas['Entity'] | null;
      mappingId?: string;
      authScapeId?: string | null;
      crmId?: string | null;
      code: string;
      message: string;
      since: string;
      attempts: number;
      actions: string[];
      field?: string;
      crmEntity?: string;
      runId?: string;
      deadLetterId?: string;
    };
    RecordLabel: { name: string | null; email: string | null; active: boolean };
    RecordHit: {
      mappingId: string;
      entity: Schemas['Entity'];
      crmEntity: string;
      authScapeId: string | null;
      crmId: string | null;
      authScape: Schemas['RecordLabel'] | null;
      dynamics: Schemas['RecordLabel'] | null;
      link: Schemas['Link'] | null;
    };
    RecordPage: {
      entity: Schemas['Entity'];
      authScapeId: string;
      crmEntity: string;
      crmId: string | null;
      mappingId: string;
      mappingIds: string[];
      link: (Schemas['Link'] & { clean: boolean }) | null;
      authScape: { active: boolean; readAt: string } | null;
      dynamics: {
        active: boolean;
        modifiedOn: string | null;
        mergedInto: string | null;
        readAt: string;
      } | null;
      unavailable: { code: string; message: string } | null;
      fields: {
        id: string;
        authScapeField: string;
        crmField: string;
        direction: string;
        authScape: unknown;
        dynamics: unknown;
        unread: string[];
        base: { authScape: unknown; dynamics: unknown } | null;
        differs: boolean | null;
        changed: string[];
        lastChange: {
          at: string;
          side: string | null;
          rule: string;
          from: unknown;
          to: unknown;
          runId: string | null;
        } | null;
      }[];
      log: Schemas['LogEntry'][];
      failures: {
        id: string;
        kind: string;
        code: string;
        message: string;
        since: string;
        attempts: number;
      }[];
      marks: { reason: string; attempts: number; notBefore: string }[];
      held: { id: string; category: string; runId: string; heldAt: string }[];
      deadLetters: Schemas['DeadLetter'][];
    };
    Duplicates: {
      items: {
        kind: string;
        mappingId: string;
        entity: Schemas['Entity'];
        crmEntity: string;
        key: (string | null)[];
        authScapeIds: string[];
        crmIds: string[];
      }[];
      truncated: boolean;
    };
    Webhook: {
      registered: boolean;
      baseUrl: string | null;
      url: string | null;
      registeredAt: string | null;
      hasWebhookSecret: boolean;
      previousSecretUntil: string | null;
      steps: {
        id: string;
        name: string;
        crmEntity: string;
        message: string;
        filteringAttributes: string[] | null;
        enabled: boolean;
      }[];
      drift: unknown[];
      lastFailure: { at: string; code: string; message: string } | null;
    };
    PowerAutomate: { uri: string; flows: unknown[] };
    DeadLetter: {
      id: string;
      kind: string;
      input: unknown;
      cause: { code: string; message: string };
      count: number;
      firstFailedAt: string;
      lastFailedAt: string;
    };
    Plan: {
      changes: { path: string; action: 'create' | 'update' | 'delete'; from?: unknown; to?: unknown }[];
      problems: { path?: string; message: string }[];
    };
    AuditEntry: {
      id: string;
      at: string;
      actor: { kind: 'key' | 'user' | 'system'; name: string };
      action: string;
      target: string;
      connectionId?: string;
      changes: { path: string; from: unknown; to: unknown }[];
    };
  };
}

export interface paths {
  '/api/connections': {
    get: Bare<List<Schemas['Connection']>, PageQuery>;
    post: Bare<Schemas['Connection'], undefined, Schemas['ConnectionBody']>;
  };
  '/api/connections/{id}': {
    get: Op<Schemas['Connection'], undefined, undefined, Id>;
    patch: Op<Schemas['Connection'], undefined, Schemas['ConnectionBody'], Id>;
    delete: Op<undefined, undefined, undefined, Id>;
  };
  '/api/connections/{id}/test': { post: Op<Schemas['ConnectionTest'], undefined, undefined, Id> };
  '/api/connections/{id}/mappings': {
    get: Op<List<Schemas['Mapping']>, PageQuery, undefined, Id>;
    post: Op<Schemas['Mapping'], undefined, Schemas['MappingBody'], Id>;
  };
  '/api/connections/{id}/mappings/{mappingId}': {
    get: Op<Schemas['Mapping'], undefined, undefined, MappingPath>;
    patch: Op<Schemas['Mapping'], { validate?: 'true' | 'false' }, Schemas['MappingPatch'], MappingPath>;
    delete: Op<undefined, undefined, undefined, MappingPath>;
  };
  '/api/connections/{id}/mappings/{mappingId}/fields': {
    put: Op<List<Schemas['Field']>, { validate?: 'true' | 'false' }, Schemas['FieldBody'][], MappingPath>;
  };
  '/api/connections/{id}/mappings/{mappingId}/relationships': {
    post: Op<Schemas['Relationship'], undefined, Schemas['RelationshipBody'], MappingPath>;
  };
  '/api/connections/{id}/mappings/{mappingId}/relationships/{relationshipId}': {
    patch: Op<
      Schemas['Relationship'],
      undefined,
      Partial<Schemas['RelationshipBody']>,
      MappingPath & { relationshipId: string }
    >;
    delete: Op<undefined, undefined, undefined, MappingPath & { relationshipId: string }>;
  };
  '/api/connections/{id}/mappings/{mappingId}/preview': {
    post: Op<
      { results: Schemas['RecordResult'][] },
      undefined,
      { authScapeId?: string; crmId?: string },
      MappingPath
    >;
  };
  '/api/connections/{id}/schema/entities': { get: Op<List<Schemas['Table']>, PageQuery, undefined, Id> };
  '/api/connections/{id}/schema/entities/{logicalName}/fields': {
    get: Op<List<Schemas['Column']>, PageQuery, undefined, Id & { logicalName: string }>;
  };
  '/api/schema/authscape/{entity}/fields': {
    get: Op<List<Schemas['EntityField']>, PageQuery, undefined, { entity: string }>;
  };
  '/api/connections/{id}/sync': { post: Op<Schemas['Run'], undefined, Schemas['SyncBody'], Id> };
  '/api/connections/{id}/runs': { get: Op<List<Schemas['Run']>, PageQuery, undefined, Id> };
  '/api/runs/{runId}': { get: Op<Schemas['Run'], undefined, undefined, RunPath> };
  '/api/runs/{runId}/changes': {
    get: Op<
      List<Schemas['Change']>,
      PageQuery & { outcome?: string; entity?: string; side?: string; field?: string },
      undefined,
      RunPath
    >;
  };
  '/api/runs/{runId}/cancel': { post: Op<Schemas['Run'], undefined, undefined, RunPath> };
  '/api/runs/{runId}/approve': { post: Op<Schemas['Run'], undefined, { changeIds?: string[] }, RunPath> };
  '/api/runs/{runId}/reject': { post: Op<Schemas['Run'], undefined, { changeIds?: string[] }, RunPath> };
  '/api/users/{recordId}/sync': {
    post: Op<{ results: Schemas['RecordResult'][] }, undefined, undefined, { recordId: string }>;
  };
  '/api/companies/{recordId}/sync': {
    post: Op<{ results: Schemas['RecordResult'][] }, undefined, undefined, { recordId: string }>;
  };
  '/api/locations/{recordId}/sync': {
    post: Op<{ results: Schemas['RecordResult'][] }, undefined, undefined, { recordId: string }>;
  };
  '/api/connections/{id}/logs': {
    get: Op<
      List<Schemas['LogEntry']>,
      PageQuery & { status?: string; since?: string; entity?: string; authScapeId?: string; crmId?: string },
      undefined,
      Id
    >;
  };
  '/api/connections/{id}/stats': { get: Op<Schemas['Stats'], { days?: number }, undefined, Id> };
  '/api/connections/{id}/diagnostics': { get: Op<Schemas['Diagnostics'], undefined, undefined, Id> };
  '/api/connections/{id}/links': {
    get: Op<
      List<Schemas['Link']>,
      PageQuery & { entity?: string; authScapeId?: string; crmId?: string },
      undefined,
      Id
    >;
    post: Op<
      Partial<Schemas['Link']> & Pick<Schemas['RecordResult'], 'outcome' | 'changes' | 'error'>,
      { preview?: 'true' | 'false' },
      { mappingId: string; authScapeId: string; crmId: string },
      Id
    >;
  };
  '/api/connections/{id}/duplicates': { get: Op<Schemas['Duplicates'], undefined, undefined, Id> };
  '/api/connections/{id}/links/{linkId}': {
    delete: Op<undefined, undefined, undefined, Id & { linkId: string }>;
  };
  '/api/connections/{id}/problems': {
    get: Op<
      List<Schemas['ProblemItem']> & { counts: Record<string, number> },
      PageQuery & { kind?: string },
      undefined,
      Id
    >;
  };
  '/api/connections/{id}/problems/retry': {
    post: Op<{ accepted: number }, undefined, { ids?: string[]; kind?: string }, Id>;
  };
  '/api/connections/{id}/records': {
    get: Op<List<Schemas['RecordHit']>, { search: string; entity?: string }, undefined, Id>;
  };
  '/api/connections/{id}/records/{entity}/{authScapeId}': {
    get: Op<
      Schemas['RecordPage'],
      { mappingId?: string },
      undefined,
      Id & { entity: string; authScapeId: string }
    >;
  };
  '/api/connections/{id}/erase': {
    post: Op<Record<string, number>, undefined, { entity: string; authScapeId?: string; crmId?: string }, Id>;
  };
  '/api/connections/{id}/webhook': {
    get: Op<Schemas['Webhook'], undefined, undefined, Id>;
    post: Op<Schemas['Webhook'], undefined, { baseUrl: string }, Id>;
    delete: Op<undefined, undefined, undefined, Id>;
  };
  '/api/connections/{id}/webhook/rotate-secret': { post: Op<unknown, undefined, undefined, Id> };
  '/api/connections/{id}/webhook/power-automate': {
    get: Op<Schemas['PowerAutomate'], undefined, undefined, Id>;
  };
  '/api/connections/{id}/dead-letters': { get: Op<List<Schemas['DeadLetter']>, PageQuery, undefined, Id> };
  '/api/connections/{id}/dead-letters/{letterId}/replay': {
    post: Op<{ replayed: number }, undefined, undefined, Id & { letterId: string }>;
  };
  '/api/connections/{id}/dead-letters/{letterId}': {
    delete: Op<undefined, undefined, undefined, Id & { letterId: string }>;
  };
  '/api/audit': {
    get: Bare<
      List<Schemas['AuditEntry']>,
      PageQuery & { since?: string; actor?: string; connectionId?: string }
    >;
  };
  '/api/configuration': {
    get: Bare<Record<string, unknown>, { connection?: string }>;
    put: Bare<Schemas['Plan'], { prune?: 'true' | 'false' }, Record<string, unknown>>;
  };
  '/api/configuration/plan': {
    post: Bare<Schemas['Plan'], { prune?: 'true' | 'false' }, Record<string, unknown>>;
  };
}
