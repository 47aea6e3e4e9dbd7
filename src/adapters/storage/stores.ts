import type { AlertStore } from '../../application/ports/alerts.js';
import type { AuditStore } from '../../application/ports/audit.js';
import type { DeadLetterStore } from '../../application/ports/dead-letters.js';
import type { DueIndex } from '../../application/ports/due-index.js';
import type { KeyReservations, LinkStore } from '../../application/ports/links.js';
import type { ProblemStore } from '../../application/ports/problems.js';
import type { Pruner, RecordEraser } from '../../application/ports/retention.js';
import type { Clock } from '../../application/ports/runtime.js';
import type { BacklogStore, StagingStore } from '../../application/ports/staging.js';
import type { StatsStore } from '../../application/ports/stats.js';
import type {
  ConnectionEraser,
  ConnectionStore,
  FeedStore,
  IdempotencyStore,
  LogStore,
  MappingStore,
  RunStore,
} from '../../application/ports/stores.js';
import type { WebhookStore } from '../../application/ports/webhooks.js';
import type { ActiveProcesses } from '../http/shares.js';
import { createAlertStore } from './alert-table.js';
import { createAuditStore } from './audit-table.js';
import { createBacklogStore } from './backlog-table.js';
import { createConnectionStore } from './connection-table.js';
import { createDeadLetterStore } from './dead-letter-table.js';
import { tellingConnections, tellingRuns } from './due-changes.js';
import { createDueIndex } from './due-table.js';
import { createConnectionEraser } from './eraser.js';
import { createFeedStore } from './feed-table.js';
import { createIdempotencyStore } from './idempotency-table.js';
import { createKeyClaims } from './key-claim-table.js';
import { createLinkStore } from './link-table.js';
import { createLogStore } from './log-table.js';
import { createMappingStore } from './mapping-table.js';
import { createProblemStore } from './problem-table.js';
import { createProcessStore } from './process-table.js';
import { createPruner } from './pruner.js';
import { createRecordEraser } from './record-eraser.js';
import { createRunStore } from './run-table.js';
import { createStagingStore } from './staging-table.js';
import { createStatsStore } from './stats-table.js';
import type { Tables } from './table.js';
import { createWebhookStore } from './webhook-table.js';

export interface Stores {
  readonly connections: ConnectionStore;
  readonly mappings: MappingStore;
  readonly feeds: FeedStore;
  readonly runs: RunStore;
  readonly logs: LogStore;
  readonly idempotency: IdempotencyStore;
  readonly links: LinkStore;
  readonly keyReservations: KeyReservations;
  readonly staging: StagingStore;
  readonly backlog: BacklogStore;
  readonly webhooks: WebhookStore;
  readonly deadLetters: DeadLetterStore;
  readonly audit: AuditStore;
  readonly problems: ProblemStore;
  readonly stats: StatsStore;
  readonly alerts: AlertStore;
  readonly due: DueIndex;
  readonly processes: ActiveProcesses;
  readonly eraser: ConnectionEraser;
  readonly recordEraser: RecordEraser;
  readonly pruner: Pruner;
}

/** The stores on any tables; those of the SDK are only one kind. */
export function createStores(tables: Tables, clock: Clock): Stores {
  const due = createDueIndex(tables);
  return {
    connections: tellingConnections(createConnectionStore(tables), { due, clock }),
    mappings: createMappingStore(tables),
    feeds: createFeedStore(tables),
    runs: tellingRuns(createRunStore(tables), { due, clock }),
    logs: createLogStore(tables),
    idempotency: createIdempotencyStore(tables, clock),
    links: createLinkStore(tables, clock),
    keyReservations: createKeyClaims(tables, clock),
    staging: createStagingStore(tables, clock),
    backlog: createBacklogStore(tables),
    webhooks: createWebhookStore(tables),
    deadLetters: createDeadLetterStore(tables),
    audit: createAuditStore(tables),
    problems: createProblemStore(tables),
    stats: createStatsStore(tables),
    alerts: createAlertStore(tables),
    due,
    processes: createProcessStore(tables),
    eraser: createConnectionEraser(tables, clock),
    recordEraser: createRecordEraser(tables, clock),
    pruner: createPruner(tables, clock),
  };
}
