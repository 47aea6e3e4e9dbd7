import type { ResolvedMapping } from '../../../domain/fields.js';
import type { Run } from '../../../domain/run.js';
import type { MappingFacts, RunFacts, ScanPlace } from '../../../domain/run-facts.js';
import type { RetryTodo, StagingScope } from '../../ports/staging.js';
import type { EngineDeps } from '../../shared/engine-deps.js';
import { MappingChangedError } from '../../sync/context/present-mappings.js';
import { forMapping, type MappingContext, type SyncContext } from '../../sync/context/sync-context.js';
import type { LinkIndex } from './link-index.js';
import type { SeenRecords } from './seen-records.js';
import type { Tally } from './tally.js';

/** What a unit of work gets: the run as it stands, both systems, and places to put what it finds. */
export interface UnitInput {
  readonly deps: EngineDeps;
  /** At the mapping whose turn it is. */
  readonly context: MappingContext;
  readonly run: Run;
  /** The mappings that this run works on, in dependency order. */
  readonly mappings: readonly ResolvedMapping[];
  /** The mapping of `context`. */
  readonly resolved: ResolvedMapping;
  readonly scope: StagingScope;
  readonly position: string | null;
  readonly tally: Tally;
  readonly index: LinkIndex;
  readonly seen: SeenRecords;
}

/** What a unit came to. `position` null: the phase is through with this mapping. */
export interface UnitResult {
  readonly position: string | null;
  /** The rest up to `position` is to be shared among workers: a position for each part of it. */
  readonly parts?: readonly string[] | undefined;
  /** Links of a mapping that were met; the first unit begins to count. */
  readonly met?:
    | { readonly mappingId: string; readonly links: number; readonly isFirst: boolean }
    | undefined;
  /** Records of linked pairs that were read and may have changed, by mapping id. */
  readonly changed?: Readonly<Record<string, number>> | undefined;
  readonly facts?: RunFacts;
  readonly messages?: readonly string[];
  /** Milliseconds: nothing can go on before; the step hands on and comes back then. */
  readonly waitUntil?: number;
}

/** Records of a unit that may each need writes on both sides. */
export const UNIT_ROWS = 200;

/** Records of a unit of which nearly all are only looked at: a list query costs more than the rows that it brings. */
export const LOOK_ROWS = 500;

/** Records of a unit that only get their place in a match group: as many as a list query brings. */
export const KEY_ROWS = 1000;

export type Unit = (input: UnitInput) => Promise<UnitResult>;

/** The same unit at another mapping; its position stays. */
export function atMapping(
  input: Omit<UnitInput, 'context' | 'resolved' | 'scope'> & { readonly context: SyncContext },
  resolved: ResolvedMapping,
): UnitInput {
  const scope = scopeOf(input.run, resolved.mapping.id);
  return { ...input, context: forMapping(input.context, resolved), resolved, scope };
}

export function scopeOf(run: Run, mappingId: string): StagingScope {
  return { connectionId: run.connectionId, runId: run.id, mappingId };
}

/** Reads a position that a unit of this release wrote; anything else is a fault of the program. */
export function readPosition<T>(position: string | null, start: T): T {
  return position === null ? start : (JSON.parse(position) as T);
}

/** The mappings of a run under which its positions and what it has read mean something: noted with its first unit. */
export function mappingsFact(mappings: readonly ResolvedMapping[]): RunFacts {
  return {
    mappings: mappings.map(({ mapping }) => mapping.id),
    versions: mappings.map(({ mapping }) => mapping.version),
  };
}

/** What the run has learned of a mapping. */
export function factsOf({ cursor }: Run, mappingId: string): MappingFacts {
  return cursor.facts.ofMapping?.[mappingId] ?? {};
}

/** Where AuthScape is read on: runs of versions before read one side after the other, and said nothing of it. */
export function scanPlace({ cursor }: Run): ScanPlace {
  const { mappings = [], ofMapping, scan } = cursor.facts;
  if (scan !== undefined) return scan;
  const unread = mappings.findIndex((id) => ofMapping?.[id]?.scannedFrom === undefined);
  return { mapping: unread < 0 ? mappings.length : unread, position: null };
}

/** True where all rows of the mapping's table were read, and not only what had changed. */
export function isFullRead({ run, resolved }: UnitInput): boolean {
  return factsOf(run, resolved.mapping.id).fullRead !== false;
}

/**
 * The mappings that a run works on, the same in every step: one that is new waits for the next run, and without one that
 * is gone or off the run does not go on, since it would take the place of one mapping for that of another, nor under one
 * that was changed, since what was read under it before holds no longer. Held changes are decided upon whenever a person
 * comes to it, with the mappings that are there then.
 */
export function mappingsOf(run: Run, enabled: readonly ResolvedMapping[]): readonly ResolvedMapping[] {
  const { mappings: ids, versions = [] } = run.cursor.facts;
  if (ids === undefined || run.decision !== null) {
    return enabled.filter(({ mapping }) => run.mappingIds === null || run.mappingIds.includes(mapping.id));
  }
  // Runs that began under an earlier release did not note the versions.
  const isSame = ({ mapping }: ResolvedMapping, index: number) =>
    mapping.id === ids[index] && (versions[index] ?? mapping.version) === mapping.version;
  return ids.map((_, index) => known(enabled.find((resolved) => isSame(resolved, index))));
}

export function requireMapping(mappings: readonly ResolvedMapping[], index: number): ResolvedMapping {
  return known(mappings[index]);
}

function known(resolved: ResolvedMapping | undefined): ResolvedMapping {
  if (resolved !== undefined) return resolved;
  throw new MappingChangedError();
}

const MOST_PARTS = 16;

/** Into how many parts so many records go; 1: they are not worth more than one worker. */
export function partsOf({ deps }: Pick<UnitInput, 'deps'>, records: number): number {
  const { partRecords, workers } = deps.options;
  return workers === 1 ? 1 : Math.max(1, Math.min(MOST_PARTS, Math.floor(records / partRecords)));
}

export function retryTodo(
  mappingId: string,
  authScapeId: string | null,
  crmId: string | null,
  detail: 'pair' | 'unlinked',
): RetryTodo {
  return {
    kind: 'retry',
    mappingId,
    authScapeId: authScapeId ?? '',
    crmId: crmId ?? '',
    category: null,
    detail,
  };
}

/**
 * How many links a mapping has; the statistics show the same number until the next run. Where the run has made no link and
 * ended none there are as many as it has met.
 */
export async function countLinks({ deps, context, run }: UnitInput, mappingId: string): Promise<number> {
  const { skipped, unchanged, updated, read, ...changed } = run.counts;
  const isAsMet = Object.values(changed).every((count) => count === 0);
  const met = isAsMet ? factsOf(run, mappingId).linked : undefined;
  const linked = met ?? (await deps.links.count(run.connectionId, mappingId));
  if (!context.dryRun) await deps.stats.putLinks(run.connectionId, { mappingId, linked });
  return linked;
}

/** Names what a unit stores, in the order of units. `name`: its page, say, or first record, the same when it is repeated. */
export function unitPart({ run }: Pick<UnitInput, 'run'>, name: string): string {
  return `${String(run.cursor.unit).padStart(8, '0')}-${name}`;
}
