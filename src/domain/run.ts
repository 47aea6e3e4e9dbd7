import { BridgeError } from './errors.js';
import type { Side } from './model.js';
import type { RunFacts } from './run-facts.js';

export type RunMode = 'full' | 'incremental';
export type RunTrigger = 'manual' | 'schedule';
export type RunStatus =
  | 'queued'
  | 'running'
  | 'awaitingApproval'
  | 'succeeded'
  | 'partiallySucceeded'
  | 'failed'
  | 'cancelled';

/**
 * In this order; a mapping's records are written only after both sides of every mapping were read to the end. AuthScape is
 * read beside Dynamics; the phase of its own is for what is left then.
 */
export const RUN_PHASES = [
  'preparing',
  'readingDynamics',
  'readingAuthScape',
  'comparing',
  'matching',
  'retrying',
  'removing',
  'finishing',
  'done',
] as const;
export type RunPhase = (typeof RUN_PHASES)[number];

export type Outcome =
  | 'created'
  | 'updated'
  | 'unchanged'
  | 'linked'
  | 'deactivated'
  | 'deleted'
  | 'skipped'
  | 'conflict'
  | 'failed';

export interface RunCounts {
  readonly read: number;
  readonly created: number;
  readonly updated: number;
  readonly deactivated: number;
  readonly deleted: number;
  readonly linked: number;
  readonly unchanged: number;
  readonly skipped: number;
  readonly conflicts: number;
  readonly failed: number;
}

export interface SideCounts {
  readonly created: number;
  readonly updated: number;
  readonly deactivated: number;
  readonly deleted: number;
}

export interface RequestCounts {
  readonly dynamics: number;
  readonly authScape: number;
  readonly storage: number;
}

/** How many new pairs of each mapping, or the AuthScape ids of the records that get a partner. */
export type Sample = number | readonly string[];

/** What one worker holds, and until when (ms). An empty owner: no worker, until a message brings one. */
export interface Hold {
  readonly owner: string;
  readonly until: number;
}

export interface Run {
  readonly id: string;
  readonly connectionId: string;
  readonly mode: RunMode;
  readonly trigger: RunTrigger;
  readonly dryRun: boolean;
  readonly status: RunStatus;
  readonly phase: RunPhase;
  readonly percent: number;
  readonly etaSeconds: number | null;
  readonly counts: RunCounts;
  readonly bySide: Readonly<Record<Side, SideCounts>>;
  readonly requests: RequestCounts;
  readonly messages: readonly string[];
  readonly mappingIds: readonly string[] | null;
  /** So many new pairs of each mapping, or these records, are worked on, and nothing else; nothing is concluded of the rest. */
  readonly sample?: Sample | undefined;
  readonly createdAt: string;
  readonly startedAt: string | null;
  readonly finishedAt: string | null;
  readonly error: {
    readonly code: string;
    readonly message: string;
    readonly hint?: string | undefined;
  } | null;
  /** Work not shown to callers: where the next step goes on. */
  readonly cursor: RunCursor;
  readonly lease: Hold | null;
  readonly cancelRequested: boolean;
  /** `approve` or `reject` once a person decided about what is held. */
  readonly decision: 'approve' | 'reject' | null;
  /** Ids of the held changes that the decision is about; left out: all of them. */
  readonly decided?: readonly string[] | undefined;
}

/** Position of a run. `unit` counts finished units of work; `position` is private to the phase. */
export interface RunCursor {
  readonly unit: number;
  readonly mappingIndex: number;
  readonly position: string | null;
  /** Set when the last worker died within a unit: the unit is repeated and counts only what it has not counted. */
  readonly repeated: boolean;
  readonly facts: RunFacts;
  /** Several workers share what the phase has to do at present; see `run-parts.ts`. */
  readonly parts?: RunParts | undefined;
}

export interface RunParts {
  readonly list: readonly RunPart[];
  /** Where the run goes on when all are done, as `position` says it. */
  readonly after: string | null;
  /** One of them met a fault that ends the run. */
  readonly fault?: Run['error'] | undefined;
}

/** A share of a phase's records. */
export interface RunPart {
  /** Null: it is done. */
  readonly position: string | null;
  /** Number of the unit that is next or under way, among those of the whole run. */
  readonly unit: number;
  readonly repeated: boolean;
  /** Steps that failed in a row. */
  readonly failures: number;
  readonly lease: Hold | null;
}

export const NO_COUNTS: RunCounts = {
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
};
export const NO_SIDE_COUNTS: SideCounts = { created: 0, updated: 0, deactivated: 0, deleted: 0 };

/** Strongest first: a pair counts once per run, by the first of these that happened to it. */
const STRENGTH: readonly Outcome[] = [
  'failed',
  'conflict',
  'created',
  'deleted',
  'deactivated',
  'linked',
  'updated',
  'skipped',
  'unchanged',
];

export function strongest(a: Outcome, b: Outcome): Outcome {
  return STRENGTH.indexOf(a) <= STRENGTH.indexOf(b) ? a : b;
}

const COUNTER: Record<Outcome, keyof RunCounts> = {
  created: 'created',
  updated: 'updated',
  unchanged: 'unchanged',
  linked: 'linked',
  deactivated: 'deactivated',
  deleted: 'deleted',
  skipped: 'skipped',
  conflict: 'conflicts',
  failed: 'failed',
};

/** Adds one pair's outcome, taking back what the pair was counted as before. */
export function countOutcome(counts: RunCounts, outcome: Outcome, before: Outcome | null): RunCounts {
  const next = { ...counts };
  if (before !== null) {
    const winner = strongest(before, outcome);
    if (winner === before) return counts;
    next[COUNTER[before]] -= 1;
  }
  next[COUNTER[outcome]] += 1;
  return next;
}

/** What a unit of work counted, added to what was counted before. */
export function withCounts(run: Run, added: Pick<Run, 'counts' | 'bySide'>): Run {
  return {
    ...run,
    counts: sum(run.counts, added.counts),
    bySide: {
      authScape: sum(run.bySide.authScape, added.bySide.authScape),
      dynamics: sum(run.bySide.dynamics, added.bySide.dynamics),
    },
  };
}

function sum<K extends string>(
  a: Readonly<Record<K, number>>,
  b: Readonly<Record<K, number>>,
): Record<K, number> {
  const names = Object.keys(a) as K[];
  return Object.fromEntries(names.map((name) => [name, a[name] + b[name]])) as Record<K, number>;
}

/** What may follow on a status. A running run that another worker takes over runs on; one that has ended stays so. */
export const RUN_TRANSITIONS: Readonly<Record<RunStatus, readonly RunStatus[]>> = {
  queued: ['running', 'failed', 'cancelled'],
  running: ['running', 'awaitingApproval', 'succeeded', 'partiallySucceeded', 'failed', 'cancelled'],
  awaitingApproval: ['running', 'cancelled'],
  succeeded: [],
  partiallySucceeded: [],
  failed: [],
  cancelled: [],
};

/** The run in its next status, with what else changes. Throws `internal_error` where the status may not follow. */
export function withStatus(run: Run, status: RunStatus, change: Partial<Omit<Run, 'id' | 'status'>>): Run {
  if (!RUN_TRANSITIONS[run.status].includes(status)) {
    throw new BridgeError('internal_error', `A run that is ${run.status} cannot become ${status}.`);
  }
  return { ...run, ...change, status };
}

/** True while the run keeps other runs of its connection out: until it has ended or awaits approval. */
export function blocksConnection(status: RunStatus): boolean {
  return !hasEnded(status) && status !== 'awaitingApproval';
}

export function hasEnded(status: RunStatus): boolean {
  return RUN_TRANSITIONS[status].length === 0;
}
