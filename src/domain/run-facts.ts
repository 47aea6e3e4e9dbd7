import type { Side } from './model.js';

/**
 * What a run has gathered on the way that later phases need. A fact that is absent was not noted yet, or was not known
 * to the version that began the run.
 */
export interface RunFacts {
  /** The mappings under which positions and read records mean something, by id; noted with the first unit. */
  readonly mappings?: readonly string[] | undefined;
  /** Their versions, in the same order. */
  readonly versions?: readonly number[] | undefined;
  /** Steps that failed in a row. */
  readonly failures?: number | undefined;
  /** The guard holds changes of this run. */
  readonly held?: boolean | undefined;
  /** Held changes are left that the decision was not about, or that could not be decided. */
  readonly undecided?: boolean | undefined;
  /** Where the reading of AuthScape stands that goes on beside that of Dynamics. */
  readonly scan?: ScanPlace | undefined;
  /** Time of the newest change that no event has brought, in milliseconds. */
  readonly missedAt?: number | undefined;
  /** By mapping id. */
  readonly ofMapping?: Readonly<Record<string, MappingFacts>> | undefined;
  readonly ofSide?: Readonly<Partial<Record<Side, SideFacts | undefined>>> | undefined;
  /** Facts of a later version, in their stored form: they stay with the run. */
  readonly further?: Readonly<Record<string, string>> | undefined;
}

export interface ScanPlace {
  /** Which of the run's mappings has its turn; as many as there are: all were read. */
  readonly mapping: number;
  /** Private to the reading; null: it begins with the mapping. */
  readonly position: string | null;
  /**
   * What was learned of the mappings that are through, by id. It becomes facts of theirs when Dynamics is through: the version
   * before takes such a fact for a sign that all of AuthScape is read.
   */
  readonly ended?: Readonly<Record<string, ScanFacts>> | undefined;
}

/** What a scan of AuthScape came to. */
export interface ScanFacts {
  /** It has seen all records that AuthScape counts. */
  readonly scanComplete?: boolean | undefined;
  /** Its start, in milliseconds. */
  readonly scannedFrom?: number | undefined;
  /** Where it met records that AuthScape cannot list. */
  readonly unlisted?: readonly string[] | undefined;
}

export interface MappingFacts extends ScanFacts {
  /** Dynamics was read in full, and not only what had changed. */
  readonly fullRead?: boolean | undefined;
  /** Where the next incremental run goes on in Dynamics; stored with the feed when the run ends. */
  readonly delta?: DeltaFact | undefined;
  /** Linked pairs of which a side has changed or was read in detail. */
  readonly changed?: number | undefined;
  /** Records that may be matched. */
  readonly candidates?: number | undefined;
  /** Links that stood when they were compared. */
  readonly linked?: number | undefined;
  /** How many pairs a sample has taken so far. */
  readonly sampled?: number | undefined;
}

interface DeltaFact {
  readonly deltaLink: string | null;
  /** The columns that are baked into the link. */
  readonly columns: readonly string[];
  /** Start of the read, in milliseconds. */
  readonly readFrom?: number | undefined;
}

export interface SideFacts {
  /** The run has paused once because this side gave several records in a row the same answer. */
  readonly suspected?: boolean | undefined;
  /** Why this side refuses everything; null while it does not. */
  readonly failing?: string | null | undefined;
}

/** The facts of a run with what a unit has learned; where both have a fact, the learned one counts, of times the newer one. */
export function withFacts(facts: RunFacts, learned: RunFacts): RunFacts {
  const missedAt = Math.max(facts.missedAt ?? 0, learned.missedAt ?? 0);
  return {
    ...facts,
    ...learned,
    ...(missedAt > 0 ? { missedAt } : {}),
    ofMapping: joined(facts.ofMapping, learned.ofMapping),
    ofSide: joined(facts.ofSide, learned.ofSide),
  };
}

function joined<T extends object>(before: Readonly<Record<string, T | undefined>> = {}, learned = before) {
  const names = Object.keys({ ...before, ...learned });
  return Object.fromEntries(names.map((name) => [name, { ...before[name], ...learned[name] }]));
}
