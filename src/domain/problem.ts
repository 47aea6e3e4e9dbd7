import type { Change } from './change.js';
import type { AuthScapeEntity } from './model.js';

/** What a person should look at; see `GET /api/connections/{id}/problems`. */
export const PROBLEM_KINDS = ['failed', 'ambiguous', 'held', 'deadLetter', 'skipped'] as const;
export type ProblemKind = (typeof PROBLEM_KINDS)[number];

/** The kinds that syncs note for a record. */
export type RecordProblemKind = Extract<ProblemKind, 'failed' | 'ambiguous' | 'skipped'>;

/** A record that a sync left undone, as it was met last. A record has one such problem in a mapping. */
export interface RecordProblem {
  readonly kind: RecordProblemKind;
  readonly mappingId: string;
  readonly entity: AuthScapeEntity;
  readonly crmEntity: string;
  /** At least one of the two ids is known; the A id names the record where both are. */
  readonly authScapeId: string | null;
  readonly crmId: string | null;
  readonly code: string;
  readonly message: string;
  readonly field: string | null;
  readonly since: string;
  readonly lastSeenAt: string;
  /** Runs, events and calls by hand that met it; one run counts once. */
  readonly attempts: number;
  readonly runId: string | null;
}

export type NotedProblem = Omit<RecordProblem, 'since' | 'attempts'>;

/** Left alone because the configuration or a person says so: nothing to look at. */
const INTENDED: readonly string[] = ['inactive', 'direction', 'not_in_filter', 'tombstone', 'own_user'];

/** What a change says about its record; null where a person has nothing to do. */
function problemKindOf({ outcome, error }: Pick<Change, 'outcome' | 'error'>): RecordProblemKind | null {
  if (outcome === 'failed') return 'failed';
  if (outcome !== 'skipped' || error === undefined || INTENDED.includes(error.code)) return null;
  return error.code === 'ambiguous_match' ? 'ambiguous' : 'skipped';
}

/** The problem that a change tells of; null where there is none. */
export function problemOf(change: Change, at: string, runId: string | null): NotedProblem | null {
  const kind = problemKindOf(change);
  const { authScapeId, crmId, crmEntity, entity, error, mappingId } = change;
  if (kind === null || (authScapeId === null && crmId === null)) return null;
  return {
    ...{ kind, mappingId, entity, crmEntity, authScapeId, crmId },
    code: error?.code ?? 'record_failed',
    message: error?.message ?? 'The record could not be synced.',
    field: error?.field ?? null,
    ...{ lastSeenAt: at, runId },
  };
}

/** The problem as it is stored, by what was stored of the record before. */
export function withHistory(noted: NotedProblem, before: RecordProblem | undefined): RecordProblem {
  if (before === undefined || before.kind !== noted.kind || before.code !== noted.code) {
    return { ...noted, since: noted.lastSeenAt, attempts: 1 };
  }
  const isSameRun = noted.runId !== null && noted.runId === before.runId;
  return { ...noted, since: before.since, attempts: before.attempts + (isSameRun ? 0 : 1) };
}

/** What the id of a problem stands for. */
export type ProblemRef =
  | {
      readonly of: 'record';
      readonly mappingId: string;
      readonly authScapeId: string | null;
      readonly crmId: string | null;
    }
  | {
      readonly of: 'held';
      readonly mappingId: string;
      readonly authScapeId: string;
      readonly category: string;
    }
  | { readonly of: 'deadLetter'; readonly id: string };

/** The public id: opaque, made of what identifies the problem, so that it needs no index of its own. */
export function problemId(ref: ProblemRef): string {
  return `p_${Buffer.from(JSON.stringify(partsOf(ref)), 'utf8').toString('base64url')}`;
}

function partsOf(ref: ProblemRef): readonly (string | null)[] {
  switch (ref.of) {
    case 'record':
      return ref.authScapeId === null
        ? ['d', ref.mappingId, ref.crmId?.toLowerCase() ?? '']
        : ['a', ref.mappingId, ref.authScapeId];
    case 'held':
      return ['h', ref.mappingId, ref.authScapeId, ref.category];
    case 'deadLetter':
      return ['l', ref.id];
  }
}

/** Reads a public id; undefined for anything that is not one. */
export function parseProblemId(id: string): ProblemRef | undefined {
  const ref = refOf(partsIn(id));
  return ref !== undefined && problemId(ref) === id ? ref : undefined;
}

function partsIn(id: string): readonly unknown[] {
  if (!id.startsWith('p_')) return [];
  try {
    const parts: unknown = JSON.parse(Buffer.from(id.slice(2), 'base64url').toString('utf8'));
    return Array.isArray(parts) ? parts : [];
  } catch {
    // Not one of ours: refused like every other unknown id.
    return [];
  }
}

function refOf(parts: readonly unknown[]): ProblemRef | undefined {
  const [letter, first, second, third] = parts;
  if (typeof first !== 'string') return undefined;
  if (letter === 'l') return { of: 'deadLetter', id: first };
  if (typeof second !== 'string') return undefined;
  if (letter === 'a') return { of: 'record', mappingId: first, authScapeId: second, crmId: null };
  if (letter === 'd') return { of: 'record', mappingId: first, authScapeId: null, crmId: second };
  if (letter !== 'h' || typeof third !== 'string') return undefined;
  return { of: 'held', mappingId: first, authScapeId: second, category: third };
}
