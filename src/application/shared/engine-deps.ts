import type { Cron } from '../ports/cron.js';
import type { JobQueue } from '../ports/job-queue.js';
import type { KeyReservations, LinkStore } from '../ports/links.js';
import type { ProblemStore } from '../ports/problems.js';
import type { Clock, Ids, Interruption, Lanes, Logger, RequestMeter } from '../ports/runtime.js';
import type { BacklogStore, StagingStore } from '../ports/staging.js';
import type { StatsStore } from '../ports/stats.js';
import type { ConnectionStore, FeedStore, LogStore, MappingStore, RunStore } from '../ports/stores.js';
import type { Systems } from '../ports/systems.js';
import type { Metrics } from '../ports/telemetry.js';
import type { WebhookStore } from '../ports/webhooks.js';

export interface EngineOptions {
  /** A worker that died gives its run free after this long. */
  readonly leaseMs: number;
  /** How long one step works before it hands on to the next message. */
  readonly stepMs: number;
  /** Longest duration of a write to AuthScape; a claim always outlives it. */
  readonly writeTimeoutMs: number;
  /** Requests to an outside system that are under way side by side. */
  readonly concurrency: number;
  /** First pause after a passing fault of an outside system; doubles. */
  readonly retryBaseMs: number;
  /** The most workers on one run. */
  readonly workers: number;
  /** From twice as many records on, what a phase has to do is shared in parts of about this size. */
  readonly partRecords: number;
}

/** Everything that runs, events and single-record syncs are made of. */
export interface EngineDeps {
  readonly connections: ConnectionStore;
  readonly mappings: MappingStore;
  readonly feeds: FeedStore;
  readonly runs: RunStore;
  readonly links: LinkStore;
  readonly keyReservations: KeyReservations;
  readonly staging: StagingStore;
  readonly backlog: BacklogStore;
  readonly logs: LogStore;
  readonly problems: ProblemStore;
  readonly stats: StatsStore;
  readonly webhooks: Pick<WebhookStore, 'get'>;
  readonly queue: JobQueue;
  readonly systems: Systems;
  readonly clock: Clock;
  readonly interruption: Interruption;
  readonly lanes: Lanes;
  readonly ids: Ids;
  readonly logger: Logger;
  readonly meter: RequestMeter;
  readonly telemetry: Metrics;
  readonly cron: Cron;
  readonly options: EngineOptions;
}
