import type { Change } from './change.js';
import type { Side } from './model.js';
import {
  NO_SIDE_COUNTS,
  type Outcome,
  type Run,
  type RunCounts,
  type RunStatus,
  type SideCounts,
} from './run.js';

/** What syncs did, by outcome; what they left as it was is not counted. */
export type StatsTotals = Omit<RunCounts, 'read' | 'unchanged'>;
export type EndedStatus = Extract<RunStatus, 'succeeded' | 'partiallySucceeded' | 'failed' | 'cancelled'>;

export interface EventStats {
  readonly received: number;
  readonly echoes: number;
  readonly deadLettered: number;
  /** How many events took how long from their receipt; see `latencyBucket`. */
  readonly latency: Readonly<Record<string, number>>;
}

/** What was counted of a connection: of one run, one event, one day or many. */
export interface StatsPart {
  readonly totals: StatsTotals;
  readonly bySide: Readonly<Record<Side, SideCounts>>;
  readonly runs: Readonly<Record<EndedStatus, number>>;
  readonly events: EventStats;
  readonly requests: { readonly dynamics: number; readonly authScape: number };
}

const NO_TOTALS: StatsTotals = {
  created: 0,
  updated: 0,
  deactivated: 0,
  deleted: 0,
  linked: 0,
  skipped: 0,
  conflicts: 0,
  failed: 0,
};

export const NO_STATS: StatsPart = {
  totals: NO_TOTALS,
  bySide: { authScape: NO_SIDE_COUNTS, dynamics: NO_SIDE_COUNTS },
  runs: { succeeded: 0, partiallySucceeded: 0, failed: 0, cancelled: 0 },
  events: { received: 0, echoes: 0, deadLettered: 0, latency: {} },
  requests: { dynamics: 0, authScape: 0 },
};

/** The UTC day of a time. */
export function dayOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}

/** A run counts on the day on which it started, also what a person decides about it later. */
export function dayOfRun(run: Pick<Run, 'startedAt' | 'createdAt'>): string {
  return (run.startedAt ?? run.createdAt).slice(0, 10);
}

export function statsOfRun({ counts, bySide, requests, status }: Run): StatsPart {
  const { read: _read, unchanged: _unchanged, ...totals } = counts;
  const { dynamics, authScape } = requests;
  const ended = isEnded(status) ? { ...NO_STATS.runs, [status]: 1 } : NO_STATS.runs;
  return { ...NO_STATS, totals, bySide, runs: ended, requests: { dynamics, authScape } };
}

function isEnded(status: RunStatus): status is EndedStatus {
  return status in NO_STATS.runs;
}

const TOTAL_OF: Readonly<Partial<Record<Outcome, keyof StatsTotals>>> = {
  created: 'created',
  updated: 'updated',
  deactivated: 'deactivated',
  deleted: 'deleted',
  linked: 'linked',
  skipped: 'skipped',
  conflict: 'conflicts',
  failed: 'failed',
};

const SIDE_COUNTER: Readonly<Partial<Record<Change['action'], keyof SideCounts>>> = {
  create: 'created',
  update: 'updated',
  deactivate: 'deactivated',
  delete: 'deleted',
};

/** Which writes of a side a change counts as; undefined for what wrote nothing. */
export function sideCounterOf(change: Change): { side: Side; counter: keyof SideCounts } | undefined {
  const counter = SIDE_COUNTER[change.action];
  if (change.side === null || change.outcome === 'failed' || counter === undefined) return undefined;
  return { side: change.side, counter };
}

/** What one look at a record outside of a run came to. */
export function statsOfResult(result: {
  readonly outcome: Outcome;
  readonly changes: readonly Change[];
}): StatsPart {
  const total = TOTAL_OF[result.outcome];
  const bySide = { authScape: { ...NO_SIDE_COUNTS }, dynamics: { ...NO_SIDE_COUNTS } };
  for (const change of result.changes) {
    const counted = sideCounterOf(change);
    if (counted !== undefined) {
      const counts = bySide[counted.side];
      bySide[counted.side] = { ...counts, [counted.counter]: counts[counted.counter] + 1 };
    }
  }
  return {
    ...NO_STATS,
    totals: total === undefined ? NO_TOTALS : { ...NO_TOTALS, [total]: 1 },
    bySide,
  };
}

export function statsOfEvents(events: Partial<EventStats>): StatsPart {
  return { ...NO_STATS, events: { ...NO_STATS.events, ...events } };
}

export function addStats(one: StatsPart, other: StatsPart): StatsPart {
  return {
    totals: sum(one.totals, other.totals),
    bySide: {
      authScape: sum(one.bySide.authScape, other.bySide.authScape),
      dynamics: sum(one.bySide.dynamics, other.bySide.dynamics),
    },
    runs: sum(one.runs, other.runs),
    events: {
      received: one.events.received + other.events.received,
      echoes: one.events.echoes + other.events.echoes,
      deadLettered: one.events.deadLettered + other.events.deadLettered,
      latency: sum(one.events.latency, other.events.latency),
    },
    requests: sum(one.requests, other.requests),
  };
}

function sum<T extends object>(one: T, other: T): T {
  const result: Record<string, number> = { ...one } as Record<string, number>;
  for (const [name, value] of Object.entries(other)) result[name] = (result[name] ?? 0) + Number(value);
  return result as T;
}

/** Buckets grow by a quarter, so that a percentile is off by an eighth on average. */
const GROWTH = 1.25;
const FIRST_MS = 50;

/** The bucket of a latency: all up to its upper bound and above that of the one before. */
export function latencyBucket(ms: number): string {
  return String(Math.max(0, Math.ceil(Math.log(Math.max(ms, 1) / FIRST_MS) / Math.log(GROWTH))));
}

/** Upper bound of the bucket in which the share (0 to 1) of all latencies ends, in milliseconds; 0 for none. */
export function latencyPercentile(latency: EventStats['latency'], share: number): number {
  const buckets = Object.entries(latency).sort(([one], [other]) => Number(one) - Number(other));
  const all = buckets.reduce((count, [, number]) => count + number, 0);
  let seen = 0;
  for (const [bucket, count] of buckets) {
    seen += count;
    if (seen >= all * share) return Math.round(FIRST_MS * GROWTH ** Number(bucket));
  }
  return 0;
}

/** The counts of one day's runs: of those that may still change by run, of all others in one sum. */
export interface DayOfRuns {
  readonly folded: StatsPart;
  readonly recent: readonly { readonly runId: string; readonly waits: boolean; readonly part: StatsPart }[];
}

/** A run that is counted again after a crash is one of the newest. */
const MOST_RECENT = 50;

/** Counts a run; one that was counted before counts as it is now. */
export function withRun(day: DayOfRuns | undefined, run: Run): DayOfRuns {
  const others = (day?.recent ?? []).filter(({ runId }) => runId !== run.id);
  const waits = run.status === 'awaitingApproval';
  const recent = [...others, { runId: run.id, waits, part: statsOfRun(run) }];
  let folded = day?.folded ?? NO_STATS;
  while (recent.length > MOST_RECENT) {
    const oldest = recent.findIndex((entry) => !entry.waits);
    const [entry] = oldest < 0 ? [] : recent.splice(oldest, 1);
    if (entry === undefined) break;
    folded = addStats(folded, entry.part);
  }
  return { folded, recent };
}

export function totalOfRuns({ folded, recent }: DayOfRuns): StatsPart {
  return recent.reduce((total, { part }) => addStats(total, part), folded);
}
