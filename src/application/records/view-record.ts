import type { LogEntry } from '../../domain/change.js';
import { BridgeError } from '../../domain/errors.js';
import {
  holdSame,
  type ResolvedField,
  type ResolvedMapping,
  valueInA,
  withLookups,
} from '../../domain/fields.js';
import type { BaseEntry, Link } from '../../domain/link.js';
import {
  type AuthScapeEntity,
  dependencyOrder,
  type EffectiveDirection,
  type EntityMapping,
  type Side,
} from '../../domain/model.js';
import type { RecordProblem } from '../../domain/problem.js';
import type { AuthScapeRecord, DynamicsRow } from '../../domain/records.js';
import { baseForm, type FieldValue } from '../../domain/values.js';
import { requireConnection } from '../connections/manage-connections.js';
import type { DeadLetter, DeadLetterStore } from '../ports/dead-letters.js';
import type { HeldChange, RetryMark } from '../ports/staging.js';
import type { EngineDeps } from '../shared/engine-deps.js';
import { openContext } from '../sync/context/open-context.js';
import { isolateFailure } from '../sync/context/record-results.js';
import type { SyncContext } from '../sync/context/sync-context.js';
import { resolveLookups } from '../sync/pair/resolve-lookups.js';

export interface ViewDeps extends EngineDeps {
  readonly deadLetters: DeadLetterStore;
}

/** How one mapped field stands on both sides, and why. */
export interface FieldView {
  readonly id: string;
  readonly authScapeField: string;
  readonly crmField: string;
  readonly direction: EffectiveDirection;
  /** Undefined where the side could not be read. */
  readonly authScape: FieldValue | undefined;
  readonly dynamics: FieldValue | undefined;
  /** What the sides last agreed on; long texts as a digest. Null: never merged. */
  readonly base: { readonly authScape: FieldValue; readonly dynamics: FieldValue } | null;
  /** Null where one side could not be read. */
  readonly differs: boolean | null;
  /** Sides that changed since the sides last agreed. */
  readonly changed: readonly Side[];
  /** The newest entry of the log that wrote the field. */
  readonly lastChange: FieldChangeView | null;
}

export interface FieldChangeView {
  readonly at: string;
  readonly side: Side | null;
  readonly rule: string;
  readonly from: FieldValue;
  readonly to: FieldValue;
  readonly runId: string | null;
  readonly withheld?: true | undefined;
}

/** Why a system could not be asked. */
export interface Unavailable {
  readonly code: string;
  readonly message: string;
}

export interface RecordView {
  readonly mapping: EntityMapping;
  /** All mappings of the connection that have the entity. */
  readonly mappingIds: readonly string[];
  readonly authScapeId: string;
  readonly crmId: string | null;
  readonly link: Link | null;
  readonly authScape: AuthScapeRecord | null;
  readonly dynamics: DynamicsRow | null;
  readonly unavailable: Unavailable | null;
  readonly fields: readonly FieldView[];
  readonly log: readonly LogEntry[];
  readonly failures: readonly RecordProblem[];
  readonly marks: readonly RetryMark[];
  readonly held: readonly HeldChange[];
  readonly deadLetters: readonly DeadLetter[];
}

export interface RecordAddress {
  readonly entity: AuthScapeEntity;
  readonly authScapeId: string;
  /** Where several mappings have the entity; left out: the one that has linked the record, else the first. */
  readonly mappingId?: string | undefined;
}

const LOG_ENTRIES = 100;

/**
 * Everything that is known of one record: why it has the values that it has. What cannot be asked now is left out, and
 * `unavailable` says why. Writes nothing. Throws `record_not_found` for what neither side nor this service knows.
 */
export const viewRecord =
  (deps: ViewDeps) =>
  async (connectionId: string, address: RecordAddress): Promise<RecordView> => {
    await requireConnection(deps, connectionId);
    const { mapping, mappingIds, link } = await chosenMapping(deps, connectionId, address);
    const present = await readPresent(deps, connectionId, mapping, address, link);
    const { authScapeId, entity } = address;
    const { items: log } = await deps.logs.list(connectionId, { entity, authScapeId }, LOG_ENTRIES);
    if (present.authScape === null && link === null && log.length === 0 && present.unavailable === null) {
      throw new BridgeError('record_not_found', `AuthScape has no ${entity} with the id "${authScapeId}".`);
    }
    const crmId = link?.crmId ?? null;
    const key = { mappingId: mapping.id, authScapeId, crmId };
    const marks = crmId === null ? [] : await deps.backlog.getMarks(connectionId, mapping.id, [crmId]);
    return {
      ...{ mapping, mappingIds, authScapeId, crmId, link, log },
      authScape: present.authScape,
      dynamics: present.dynamics,
      unavailable: present.unavailable,
      fields: fieldViews(mapping, present, link, log),
      failures: await deps.problems.get(connectionId, [key]),
      marks: [...marks.values()],
      held: await deps.backlog.heldOf(connectionId, mapping.id, authScapeId),
      deadLetters: await lettersOf(deps, connectionId, mapping, authScapeId, crmId),
    };
  };

async function chosenMapping(
  deps: Pick<ViewDeps, 'mappings' | 'links'>,
  connectionId: string,
  { entity, authScapeId, mappingId }: RecordAddress,
): Promise<{ mapping: EntityMapping; mappingIds: readonly string[]; link: Link | null }> {
  const all = (await deps.mappings.list(connectionId))
    .map(({ value }) => value)
    .filter(({ authScapeEntity }) => authScapeEntity === entity)
    .sort(dependencyOrder);
  const wanted = all.filter(({ id }) => mappingId === undefined || id === mappingId);
  const links = await Promise.all(
    wanted.map(async ({ id }) => (await deps.links.get(connectionId, id, authScapeId))?.value ?? null),
  );
  const linked = Math.max(
    0,
    links.findIndex((link) => link?.state === 'linked'),
  );
  const mapping = wanted[linked];
  if (mapping === undefined) {
    throw new BridgeError('mapping_not_found', `The connection has no such mapping of ${entity}.`);
  }
  return { mapping, mappingIds: all.map(({ id }) => id), link: links[linked] ?? null };
}

interface Present {
  readonly resolved: ResolvedMapping | null;
  readonly fields: readonly ResolvedField[];
  readonly authScape: AuthScapeRecord | null;
  readonly dynamics: DynamicsRow | null;
  readonly unavailable: Unavailable | null;
}

async function readPresent(
  deps: ViewDeps,
  connectionId: string,
  mapping: EntityMapping,
  { authScapeId }: RecordAddress,
  link: Link | null,
): Promise<Present> {
  const nothing: Present = { resolved: null, fields: [], authScape: null, dynamics: null, unavailable: null };
  try {
    const options = { runId: null, trigger: 'record', fullRun: false, dryRun: true } as const;
    const context = await openContext(deps, connectionId, options);
    const resolved = context.mappings.find((one) => one.mapping.id === mapping.id);
    if (resolved === undefined) {
      const message = 'The mapping is switched off: the systems are not asked for its records.';
      return { ...nothing, unavailable: { code: 'mapping_disabled', message } };
    }
    return await readSides(context, resolved, authScapeId, link);
  } catch (error) {
    if (!(error instanceof BridgeError)) throw error;
    return { ...nothing, unavailable: { code: error.code, message: error.message } };
  }
}

async function readSides(
  context: SyncContext,
  resolved: ResolvedMapping,
  authScapeId: string,
  link: Link | null,
): Promise<Present> {
  const { authScapeEntity, crmEntity } = resolved.mapping;
  let unavailable: Unavailable | null = null;
  const readable = async <T>(read: () => Promise<T | undefined>): Promise<T | null> =>
    (await isolateFailure(read, (told) => {
      unavailable = told;
      return undefined;
    })) ?? null;
  const [authScape, dynamics] = await Promise.all([
    readable(() => context.authScape.get(authScapeEntity, authScapeId, resolved.keys)),
    link === null ? null : readable(() => context.dynamics.get(crmEntity, link.crmId, resolved.columns)),
  ]);
  const lookups = await resolveLookups(context, resolved, authScape, dynamics);
  return { resolved, fields: withLookups(resolved.fields, lookups), authScape, dynamics, unavailable };
}

function fieldViews(
  mapping: EntityMapping,
  present: Present,
  link: Link | null,
  log: readonly LogEntry[],
): readonly FieldView[] {
  if (present.resolved !== null) {
    return present.fields.map((field) => viewField(field, present, link, log));
  }
  // The definitions could not be read: the base alone is known.
  return [...mapping.fields, ...mapping.relationships].map((part) => {
    const crmField = 'crmField' in part ? part.crmField : part.crmLookupField;
    return {
      id: part.id,
      authScapeField: part.authScapeField,
      crmField,
      direction: part.direction,
      ...{ authScape: undefined, dynamics: undefined, differs: null, changed: [] },
      base: baseView(link?.base[part.id]),
      lastChange: lastChangeOf(log, part.authScapeField, crmField),
    };
  });
}

function viewField(
  field: ResolvedField,
  { authScape, dynamics }: Present,
  link: Link | null,
  log: readonly LogEntry[],
): FieldView {
  const a = authScape === null ? undefined : valueInA(field, authScape.values);
  const d = dynamics === null ? undefined : dynamics.values[field.column];
  const stored = link?.base[field.id];
  const base = stored?.sig === field.signature ? stored : undefined;
  const isRead = a !== undefined && d !== undefined;
  const changed: Side[] = [];
  if (base !== undefined && a !== undefined && baseForm(a, field.aComparison) !== base.a)
    changed.push('authScape');
  if (base !== undefined && d !== undefined && baseForm(d, field.dComparison) !== base.d)
    changed.push('dynamics');
  return {
    id: field.id,
    authScapeField: field.aName,
    crmField: field.column,
    direction: field.direction,
    authScape: a,
    dynamics: d,
    base: baseView(base),
    differs: isRead ? !holdSame(field, a, d, authScape?.values ?? {}) : null,
    changed,
    lastChange: lastChangeOf(log, field.aName, field.column),
  };
}

function baseView(entry: BaseEntry | undefined): FieldView['base'] {
  return entry === undefined ? null : { authScape: entry.a, dynamics: entry.d };
}

function lastChangeOf(log: readonly LogEntry[], aName: string, column: string): FieldChangeView | null {
  for (const { at, fields, runId, side } of log) {
    const found = fields.find(({ field }) => field === (side === 'dynamics' ? column : aName));
    if (found !== undefined) {
      const { from, rule, to, withheld } = found;
      return { at, side, runId, rule, from, to, ...(withheld ? { withheld } : {}) };
    }
  }
  return null;
}

const LETTERS = 500;
const LETTER_PAGES = 10;

async function lettersOf(
  deps: Pick<ViewDeps, 'deadLetters'>,
  connectionId: string,
  { authScapeEntity, crmEntity }: EntityMapping,
  authScapeId: string,
  crmId: string | null,
): Promise<readonly DeadLetter[]> {
  const found: DeadLetter[] = [];
  let cursor: string | undefined;
  for (let pages = 0; pages < LETTER_PAGES; pages += 1) {
    const page = await deps.deadLetters.list(connectionId, LETTERS, cursor);
    for (const letter of page.items) {
      const { job } = letter;
      if (job.kind !== 'record') continue;
      const [entity, id] = job.source === 'authScape' ? [authScapeEntity, authScapeId] : [crmEntity, crmId];
      if (job.entity === entity && job.id.toLowerCase() === id?.toLowerCase()) found.push(letter);
    }
    cursor = page.nextCursor;
    if (cursor === undefined) break;
  }
  return found;
}
