import { createHash } from 'node:crypto';
import { type Change, type FieldChange, keptChange } from '../../../domain/change.js';
import { type ResolvedField, type ResolvedMapping, valueInA } from '../../../domain/fields.js';
import type { BaseEntry, Link } from '../../../domain/link.js';
import type { FieldError, FieldWrite } from '../../../domain/merge.js';
import type { AuthScapeEntity, Connection, Side } from '../../../domain/model.js';
import { type Outcome, strongest } from '../../../domain/run.js';
import { baseForm, type Comparison, type FieldValue, type FieldValues } from '../../../domain/values.js';
import type { KeyReservations, LinkStore } from '../../ports/links.js';
import type { ProblemStore } from '../../ports/problems.js';
import type { Clock, Ids, Logger } from '../../ports/runtime.js';
import type { PlannedPair } from '../../ports/staging.js';
import type { LogStore } from '../../ports/stores.js';
import type { AuthScapeSystem, DynamicsSystem } from '../../ports/systems.js';
import type { ConfirmMapping } from './present-mappings.js';
import { type NoteContext, noteProblems } from './record-problems.js';
import type { SecondWriterWatch } from './second-writer-watch.js';

/** What the work on records needs, opened once per step or event for one connection. */
export interface SyncContext {
  readonly connection: Connection;
  readonly organizationId: string;
  readonly ownUserId: string | null;
  readonly dynamics: DynamicsSystem;
  readonly authScape: AuthScapeSystem;
  readonly links: LinkStore;
  readonly keyReservations: KeyReservations;
  /** `KeyReservations.left` as it was at the first question of this step or event. */
  readonly abandonedReservations: () => ReturnType<KeyReservations['left']>;
  readonly logs: LogStore;
  readonly problems: Pick<ProblemStore, 'note' | 'remove'>;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly logger: Logger;
  /** Enabled mappings in dependency order. */
  readonly mappings: readonly ResolvedMapping[];
  /** Awaited before effects: is the mapping stored as it was when the context was opened? */
  readonly confirmMapping: ConfirmMapping;
  /** Is there such a mapping, enabled or not? */
  readonly isMappingStored: (mappingId: string) => Promise<boolean>;
  readonly runId: string | null;
  /** Number of the run's unit of work; 0 outside of runs. */
  readonly unit: number;
  readonly trigger: 'run' | 'event' | 'record';
  /** The event was looked at before: where its pair waits for a related record, the pair is not read anew. */
  readonly waited?: boolean;
  /** Nothing is written, neither outside nor into links and logs of real work. */
  readonly dryRun: boolean;
  /** A full run lifts the rest of oscillating fields. */
  readonly fullRun: boolean;
  readonly claimMs: number;
  readonly writeTimeoutMs: number;
  /**
   * Brings a related record into step first, for lookups with `autoCreateRelated`; null where the order of the mappings
   * sees to it (runs) or where the chain of lookups is long enough.
   */
  readonly syncRelated: ((related: RelatedRecord) => Promise<void>) | null;
  /** Start of the previous complete scan of A, by mapping; null when there was none. */
  readonly scannedFrom: ReadonlyMap<string, number | null>;
  /** What the present dry run would have linked by now; null outside of dry runs. */
  readonly planned: PlannedPairs | null;
  /** When the definitions of a table were last read past the cache, by table. */
  readonly definitionsReadAt: Map<string, number>;
  readonly secondWriter: SecondWriterWatch;
}

/** The work on records of one mapping. */
export interface MappingContext extends SyncContext {
  readonly resolved: ResolvedMapping;
}

export function forMapping(context: SyncContext, resolved: ResolvedMapping): MappingContext {
  return { ...context, resolved };
}

/** Pairs of a dry run: for what follows in it they are as good as linked. */
export interface PlannedPairs {
  add(mappingId: string, pair: PlannedPair): Promise<void>;
  find(mappingId: string, side: Side, ids: readonly string[]): Promise<readonly PlannedPair[]>;
}

export type RelatedRecord =
  | { readonly side: 'authScape'; readonly entity: AuthScapeEntity; readonly id: string }
  | { readonly side: 'dynamics'; readonly table: string; readonly id: string };

export interface PairResult {
  readonly outcome: Outcome;
  readonly changes: readonly Change[];
  /** Writes that were left out because the mass guard has to see them first. */
  readonly guarded: readonly { readonly category: string; readonly detail: string }[];
  /** The side whose record could not be found: to be confirmed by id. */
  readonly gone: Side | null;
  /** Milliseconds until which another worker holds the pair; null when it does not. */
  readonly busyUntil: number | null;
  /** A write was sent, and its outcome is unknown. */
  readonly unknown: boolean;
  /** Something waits for a related record. */
  readonly waiting: boolean;
  /** Something was written, and another look at once may find what follows from it. */
  readonly unsettled: boolean;
}

export const NOTHING: PairResult = {
  outcome: 'unchanged',
  changes: [],
  guarded: [],
  gone: null,
  busyUntil: null,
  unknown: false,
  waiting: false,
  unsettled: false,
};

/** A later look at a pair, with what an earlier one did: a pair counts once, by the strongest. */
export function withEarlier(earlier: Pick<PairResult, 'outcome' | 'changes'>, later: PairResult): PairResult {
  return {
    ...later,
    outcome: strongest(earlier.outcome, later.outcome),
    changes: [...earlier.changes, ...later.changes],
  };
}

export interface PairRef {
  readonly authScapeId: string | null;
  readonly crmId: string | null;
}

export function pairRef(link: Link): PairRef {
  return { authScapeId: link.authScapeId, crmId: link.crmId };
}

/** A change entry for one side of a pair. */
export function changeOf(
  resolved: Pick<ResolvedMapping, 'mapping'>,
  pair: PairRef,
  part: Pick<Change, 'side' | 'action' | 'outcome'> & {
    fields?: readonly FieldChange[];
    error?: Change['error'];
  },
): Change {
  return {
    entity: resolved.mapping.authScapeEntity,
    mappingId: resolved.mapping.id,
    authScapeId: pair.authScapeId,
    crmEntity: resolved.mapping.crmEntity,
    crmId: pair.crmId,
    side: part.side,
    action: part.action,
    fields: part.fields ?? [],
    outcome: part.outcome,
    ...(part.error === undefined ? {} : { error: part.error }),
  };
}

export function fieldChange(write: FieldWrite): FieldChange {
  return {
    field: write.side === 'dynamics' ? write.field.column : write.field.aName,
    from: write.old,
    to: write.value,
    rule: write.cut === true && write.rule !== 'conflict' ? 'cut' : write.rule,
    ...(write.cut === true ? { dropped: write.from } : {}),
    ...(write.winner === undefined ? {} : { winner: write.winner }),
    ...(write.estimated === true ? { estimated: true } : {}),
  };
}

/** As `FieldError`; without a field where the record as a whole was refused, or any of several fields. */
export type PairError = Omit<FieldError, 'field'> & { readonly field: ResolvedField | null };

export function errorChange(resolved: ResolvedMapping, pair: PairRef, error: PairError): Change {
  return changeOf(resolved, pair, {
    side: error.side,
    action: 'none',
    outcome: 'failed',
    error: {
      code: error.reason,
      message: error.message,
      ...(error.field === null
        ? {}
        : { field: error.side === 'dynamics' ? error.field.column : error.field.aName }),
    },
  });
}

/**
 * Fingerprint of what A's lists show of a record under the present mapping. Only of a clean link may an equal
 * fingerprint stand for a look at the fields.
 */
export function listHash(resolved: ResolvedMapping, values: FieldValues): string {
  return hashOf(
    resolved,
    resolved.fields.filter((field) => field.inList),
    values,
  );
}

/** The same of all mapped fields, for a record that was read in full. */
export function fullHash(resolved: ResolvedMapping, values: FieldValues): string {
  return hashOf(resolved, resolved.fields, values);
}

function hashOf(resolved: ResolvedMapping, fields: readonly ResolvedField[], values: FieldValues): string {
  const seen = fields.map((field) => [
    field.id,
    field.signature,
    baseForm(valueInA(field, values), field.aComparison),
  ]);
  return createHash('sha256')
    .update(JSON.stringify([resolved.mapping.version, seen]))
    .digest('hex')
    .slice(0, 32);
}

/** Do both sides show exactly the base, in every field that does not rest? */
export function atBase(
  fields: readonly ResolvedField[],
  base: Readonly<Record<string, BaseEntry>>,
  a: FieldValues | null,
  d: FieldValues | null,
): boolean {
  return fields.every((field) => {
    if (field.direction === 'none') return true;
    const entry = base[field.id];
    if (entry === undefined || entry.sig !== field.signature) return false;
    const atA = a === null || shows(valueInA(field, a), field.aComparison, entry.a);
    return atA && (d === null || shows(d[field.column], field.dComparison, entry.d));
  });
}

function shows(value: FieldValue | undefined, comparison: Comparison, form: FieldValue): boolean {
  return value !== undefined && baseForm(value, comparison) === form;
}

export type LogContext = NoteContext & Pick<SyncContext, 'ids' | 'logs' | 'trigger'>;

/** Stores what happened to a pair where a person can find it. Entries of a dry run are kept under their run only. */
export async function logChanges(context: LogContext, changes: readonly Change[]): Promise<void> {
  await noteProblems(context, changes);
  // A skip belongs to the run that met it; outside of a run there is no list for it.
  const worth = changes.filter(
    ({ outcome }) => outcome !== 'unchanged' && (outcome !== 'skipped' || context.runId !== null),
  );
  // A preview has no run under which anything could be listed.
  if (worth.length === 0 || (context.dryRun && context.runId === null)) return;
  const at = new Date(context.clock.now()).toISOString();
  await context.logs.append(
    worth.map((change) => ({
      ...keptChange(change, context.connection.logValues),
      id: context.ids.random(12),
      connectionId: context.connection.id,
      at,
      runId: context.runId,
      trigger: context.trigger,
      runOnly: context.dryRun || change.outcome === 'skipped',
      status: logStatus(change),
    })),
  );
}

function logStatus(change: Change): 'success' | 'conflict' | 'skipped' | 'failed' {
  if (change.outcome === 'failed') return 'failed';
  if (change.outcome === 'conflict') return 'conflict';
  return change.outcome === 'skipped' ? 'skipped' : 'success';
}
