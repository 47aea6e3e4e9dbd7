import type { Link } from '../../../domain/link.js';
import type { AuthScapeEntity, EntityMapping } from '../../../domain/model.js';
import { type ProblemKind, problemId, type RecordProblem } from '../../../domain/problem.js';
import { requireConnection } from '../../connections/manage-connections.js';
import type { DeadLetter, DeadLetterStore } from '../../ports/dead-letters.js';
import type { LinkStore } from '../../ports/links.js';
import type { ProblemStore } from '../../ports/problems.js';
import type { BacklogStore, HeldChange } from '../../ports/staging.js';
import type { ConnectionStore, MappingStore, RunStore } from '../../ports/stores.js';
import { groupBy } from '../../shared/group-by.js';
import { pagesOf } from '../../shared/pages.js';

export interface ProblemDeps {
  readonly connections: ConnectionStore;
  readonly mappings: MappingStore;
  readonly links: LinkStore;
  readonly runs: RunStore;
  readonly problems: ProblemStore;
  readonly backlog: Pick<BacklogStore, 'scanHeld'>;
  readonly deadLetters: DeadLetterStore;
}

export type ProblemAction = 'retry' | 'link' | 'approve' | 'reject' | 'delete';

/** One thing that a person should look at. */
export interface Problem {
  readonly id: string;
  readonly kind: ProblemKind;
  readonly mappingId: string | null;
  readonly entity: AuthScapeEntity | null;
  readonly crmEntity: string | null;
  readonly authScapeId: string | null;
  readonly crmId: string | null;
  readonly code: string;
  readonly message: string;
  readonly field: string | null;
  readonly since: string;
  readonly attempts: number;
  readonly actions: readonly ProblemAction[];
  /** Of what is held: the run that waits for the decision. */
  readonly runId: string | null;
  readonly deadLetterId: string | null;
}

export interface ProblemReport {
  /** The newest first. */
  readonly problems: readonly Problem[];
  readonly counts: Readonly<Record<ProblemKind, number>>;
  /** There are more of a kind than were looked at. */
  readonly truncated: boolean;
}

const PAGE = 500;
/** Looked at of each source: what no person works through is counted as far as this. */
const MOST = 5_000;

/**
 * Everything that a person should look at, newest first. What is in order by now leaves the list, and its note goes.
 */
export const listProblems =
  (deps: ProblemDeps) =>
  async (connectionId: string): Promise<ProblemReport> => {
    await requireConnection(deps, connectionId);
    const mappings = new Map((await deps.mappings.list(connectionId)).map(({ value }) => [value.id, value]));
    const [records, held, letters] = await Promise.all([
      openRecords(deps, connectionId, mappings),
      openHolds(deps, connectionId, mappings),
      readAll((cursor) => deps.deadLetters.list(connectionId, PAGE, cursor)),
    ]);
    const problems = [
      ...records.items,
      ...held.items,
      ...letters.items.map((letter) => ofLetter(letter, mappings)),
    ].sort((one, other) => (one.since < other.since ? 1 : one.since > other.since ? -1 : 0));
    const counts = { failed: 0, ambiguous: 0, held: 0, deadLetter: 0, skipped: 0 };
    for (const { kind } of problems) counts[kind] += 1;
    return { problems, counts, truncated: records.truncated || held.truncated || letters.truncated };
  };

type Mappings = ReadonlyMap<string, EntityMapping>;

interface Read<T> {
  readonly items: readonly T[];
  readonly truncated: boolean;
}

async function readAll<T>(
  page: (cursor?: string) => Promise<{ items: readonly T[]; nextCursor?: string | undefined }>,
): Promise<Read<T>> {
  const items: T[] = [];
  for await (const { items: some, nextCursor } of pagesOf(page)) {
    items.push(...some);
    if (items.length >= MOST) return { items, truncated: nextCursor !== undefined };
  }
  return { items, truncated: false };
}

/** Notes of records whose link says that they are not in order. */
async function openRecords(
  deps: ProblemDeps,
  connectionId: string,
  mappings: Mappings,
): Promise<Read<Problem>> {
  const { items, truncated } = await readAll((cursor) => deps.problems.scan(connectionId, PAGE, cursor));
  const open: RecordProblem[] = [];
  const settled: RecordProblem[] = [];
  for (const [mappingId, notes] of groupBy(items, (note) => note.mappingId)) {
    const links = mappings.has(mappingId) ? await linksOf(deps, connectionId, mappingId, notes) : null;
    for (const note of notes) (links !== null && isOpen(note, links.get(note)) ? open : settled).push(note);
  }
  if (settled.length > 0) await deps.problems.remove(connectionId, settled);
  return { items: open.map(ofRecord), truncated };
}

async function linksOf(
  deps: Pick<ProblemDeps, 'links'>,
  connectionId: string,
  mappingId: string,
  notes: readonly RecordProblem[],
): Promise<ReadonlyMap<RecordProblem, Link>> {
  const rows = notes.filter(({ authScapeId }) => authScapeId === null);
  const crmIds = rows.flatMap(({ crmId }) => crmId ?? []);
  const owners = await deps.links.rowOwnersOf(connectionId, rows[0]?.crmEntity ?? '', crmIds);
  const idOf = ({ authScapeId, crmId }: RecordProblem) => {
    const owner = owners.get(crmId ?? '');
    return authScapeId ?? (owner?.mappingId === mappingId ? owner.authScapeId : undefined);
  };
  const ids = notes.flatMap((note) => idOf(note) ?? []);
  const links = await deps.links.getMany(connectionId, mappingId, [...new Set(ids)]);
  return new Map(
    notes.flatMap((note) => {
      const link = links.get(idOf(note) ?? '')?.value;
      return link === undefined ? [] : [[note, link] as const];
    }),
  );
}

/** A note is answered by a link that was clean later; that of a record without a partner by a link at all. */
function isOpen(note: RecordProblem, link: Link | undefined): boolean {
  if (link === undefined || link.state !== 'linked') return true;
  if (link.clean && link.changedAt >= Date.parse(note.lastSeenAt)) return false;
  const lackedPartner = note.kind !== 'failed' && (note.authScapeId === null || note.crmId === null);
  return !lackedPartner;
}

const RECORD_ACTIONS: Readonly<Record<RecordProblem['kind'], readonly ProblemAction[]>> = {
  failed: ['retry'],
  ambiguous: ['link', 'retry'],
  skipped: ['retry'],
};

function ofRecord(note: RecordProblem): Problem {
  const { authScapeId, crmId, mappingId, kind } = note;
  return {
    id: problemId({ of: 'record', mappingId, authScapeId, crmId }),
    ...{ kind, mappingId, authScapeId, crmId },
    entity: note.entity,
    crmEntity: note.crmEntity,
    code: note.code,
    message: note.message,
    field: note.field,
    since: note.since,
    attempts: note.attempts,
    actions: RECORD_ACTIONS[kind],
    runId: note.runId,
    deadLetterId: null,
  };
}

/** What runs hold that still wait for a person. */
async function openHolds(
  deps: ProblemDeps,
  connectionId: string,
  mappings: Mappings,
): Promise<Read<Problem>> {
  const { items, truncated } = await readAll((cursor) => deps.backlog.scanHeld(connectionId, PAGE, cursor));
  const waiting = new Set<string>();
  for (const runId of new Set(items.map((held) => held.runId))) {
    if ((await deps.runs.get(runId))?.value.status === 'awaitingApproval') waiting.add(runId);
  }
  const open = items.filter(({ runId }) => waiting.has(runId));
  return { items: open.map((held) => ofHold(held, mappings)), truncated };
}

function ofHold(held: HeldChange, mappings: Mappings): Problem {
  const { authScapeId, category, crmId, mappingId, runId } = held;
  const mapping = mappings.get(mappingId);
  return {
    id: problemId({ of: 'held', mappingId, authScapeId, category }),
    kind: 'held',
    ...{ mappingId, authScapeId, crmId, runId },
    entity: mapping?.authScapeEntity ?? null,
    crmEntity: mapping?.crmEntity ?? null,
    code: 'held_by_guard',
    message: `The mass-delete guard holds ${HELD_TEXT[category.split('|')[0] ?? ''] ?? 'a change'} until a person decides.`,
    field: fieldOf(held, mapping),
    since: held.heldAt,
    attempts: 1,
    actions: ['approve', 'reject'],
    deadLetterId: null,
  };
}

const HELD_TEXT: Readonly<Record<string, string>> = {
  removal: 'a delete or deactivation',
  clear: 'the clearing of a field',
  key: 'a changed match key',
};

/** The category of a field's change names the field mapping. */
function fieldOf({ category }: HeldChange, mapping: EntityMapping | undefined): string | null {
  const [, , fieldId, side] = category.split('|');
  const field = mapping?.fields.find(({ id }) => id === fieldId);
  if (field !== undefined) return side === 'dynamics' ? field.crmField : field.authScapeField;
  const lookup = mapping?.relationships.find(({ id }) => id === fieldId);
  if (lookup === undefined) return null;
  return side === 'dynamics' ? lookup.crmLookupField : lookup.authScapeField;
}

function ofLetter(letter: DeadLetter, mappings: Mappings): Problem {
  const { job, cause } = letter;
  const isRow = job.kind === 'record' && job.source === 'dynamics';
  const isRecord = job.kind === 'record' && job.source === 'authScape';
  const mapping =
    job.kind === 'record'
      ? [...mappings.values()].find(
          ({ authScapeEntity, crmEntity }) => (isRow ? crmEntity : authScapeEntity) === job.entity,
        )
      : undefined;
  return {
    id: problemId({ of: 'deadLetter', id: letter.id }),
    kind: 'deadLetter',
    mappingId: mapping?.id ?? null,
    entity: mapping?.authScapeEntity ?? null,
    crmEntity: isRow ? job.entity : (mapping?.crmEntity ?? null),
    authScapeId: isRecord ? job.id : null,
    crmId: isRow ? job.id : null,
    code: cause.code,
    message: cause.message,
    field: null,
    since: letter.firstFailedAt,
    attempts: letter.count,
    actions: ['retry', 'delete'],
    runId: job.kind === 'run' ? job.runId : null,
    deadLetterId: letter.id,
  };
}
