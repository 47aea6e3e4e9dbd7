import type { Run, RunPhase } from '../../../domain/run.js';
import type { RunFacts } from '../../../domain/run-facts.js';
import type { LinkRange } from '../../ports/links.js';
import { removeUnit } from '../phases/apply-deletes.js';
import { compareLinksUnit } from '../phases/compare-linked.js';
import { decideUnit } from '../phases/decide-held.js';
import { finishUnit } from '../phases/finish.js';
import { matchGroupsUnit } from '../phases/match-groups.js';
import { resolveNewUnit } from '../phases/match-unlinked.js';
import { readAuthScapeUnit } from '../phases/read-authscape.js';
import { readBothUnit } from '../phases/read-both.js';
import { retryUnit } from '../phases/retry.js';
import { stageSeenKeysUnit } from '../phases/seen-keys.js';
import { stageKeysUnit } from '../phases/stage-keys.js';
import { missedFacts } from '../unit/missed-events.js';
import type { Stage } from '../unit/tally.js';
import {
  factsOf,
  isFullRead,
  partsOf,
  readPosition,
  scanPlace,
  type Unit,
  type UnitInput,
  type UnitResult,
} from '../unit/unit.js';

type StagedPass = 'links' | 'newA' | 'newD' | 'survivors' | 'keysA' | 'keysD' | 'keysLinked';
type Pass = StagedPass | 'keysSeen';

interface ComparePosition {
  readonly pass: Pass;
  readonly cursor: string | null;
  readonly unlinked: number;
  /** Of a part: its links. */
  readonly range?: LinkRange | undefined;
}

const FIRST: ComparePosition = { pass: 'links', cursor: null, unlinked: 0 };
/** A sample leaves linked pairs alone. */
const FIRST_OF_SAMPLE: ComparePosition = { ...FIRST, pass: 'newA' };

/** Full runs put every record into match groups, but linked ones only where one is free. */
const FULL_PASSES: readonly Pass[] = [
  'links',
  'newA',
  'newD',
  'survivors',
  'keysA',
  'keysD',
  'keysLinked',
  'keysSeen',
];
const INCREMENTAL_PASSES: readonly Pass[] = ['links', 'newA', 'newD', 'survivors'];

async function compareUnit(input: UnitInput): Promise<UnitResult> {
  const result = await comparePass(input);
  return { ...result, facts: { ...missedFacts(input), ...result.facts } };
}

/** A pass that finds nothing to do goes on with the next one: each unit costs a write of the run. */
async function comparePass(input: UnitInput): Promise<UnitResult> {
  let at = readPosition(input.position, input.run.sample === undefined ? FIRST : FIRST_OF_SAMPLE);
  const parts = at.pass === 'links' && input.position === null ? await linkParts(input) : undefined;
  if (parts !== undefined) return parts;
  let met: UnitResult['met'];
  for (;;) {
    const { found, linked, next, worked } = await onePass(input, at);
    const unlinked = at.unlinked + found;
    if (at.pass === 'links') met = metLinks(input, at, linked);
    if (next !== undefined) return { position: JSON.stringify({ ...at, cursor: next, unlinked }), met };
    if (at.range !== undefined) return { position: null, met };
    // What was linked by now (by an event, or by an earlier mapping of the table) counts as linked in what follows.
    input.index.clear();
    const following = passAfter(input, at.pass, unlinked);
    if (following === undefined) return { position: null, met, facts: candidatesFact(input, unlinked) };
    at = { pass: following, cursor: null, unlinked };
    if (worked) return { position: JSON.stringify(at), met };
  }
}

function metLinks(
  { scope }: UnitInput,
  { cursor, range }: ComparePosition,
  links: number,
): UnitResult['met'] {
  return { mappingId: scope.mappingId, links, isFirst: cursor === null && range === undefined };
}

function candidatesFact({ scope }: UnitInput, candidates: number): RunFacts {
  return { ofMapping: { [scope.mappingId]: { candidates } } };
}

/** Ranges of links for several workers, where many pairs may have changed. */
async function linkParts(input: UnitInput): Promise<UnitResult | undefined> {
  const { mappingId } = input.scope;
  const many = partsOf(input, factsOf(input.run, mappingId).changed ?? 0);
  if (many === 1) return undefined;
  // In the order of a scan.
  const ids = [...(await input.index.byAuthScapeId(mappingId)).keys()];
  if (ids.length < many) return undefined;
  const starts = Array.from({ length: many }, (_, part) => ids[Math.floor((part * ids.length) / many)]);
  const parts = starts.map((from, index) =>
    partOf({ from: index === 0 ? undefined : from, below: starts[index + 1] }),
  );
  return { position: partOf(undefined, 'newA'), parts, met: { mappingId, links: 0, isFirst: true } };
}

function partOf(range: LinkRange | undefined, pass: Pass = 'links'): string {
  return JSON.stringify({ pass, cursor: null, unlinked: 0, range } satisfies ComparePosition);
}

interface Passed {
  readonly next: string | undefined;
  /** Records that may be matched. */
  readonly found: number;
  /** Was there any record to look at? */
  readonly worked: boolean;
  /** Links that were met. */
  readonly linked: number;
}

async function onePass(input: UnitInput, { pass, cursor: at, range }: ComparePosition): Promise<Passed> {
  const cursor = at ?? undefined;
  if (pass === 'links') return { found: 0, ...(await compareLinksUnit(input, cursor, range)) };
  if (pass === 'keysSeen') {
    await stageSeenKeysUnit(input);
    return { next: undefined, found: 0, worked: true, linked: 0 };
  }
  if (!isFullRead(input)) {
    return { found: 0, linked: 0, ...(await resolveNewUnit(input, STAGING_SET[pass], cursor)) };
  }
  const staged = await stageKeysUnit(input, STAGING_SET[pass], WHICH[pass], cursor);
  return { ...staged, linked: 0, found: WHICH[pass] === 'unlinked' ? staged.found : 0 };
}

function passAfter(input: UnitInput, pass: Pass, unlinked: number): Pass | undefined {
  const passes = isFullRead(input) ? FULL_PASSES : INCREMENTAL_PASSES;
  const following = passes[passes.indexOf(pass) + 1];
  return unlinked === 0 && following === 'keysA' ? undefined : following;
}

const STAGING_SET = {
  links: 'authScape',
  newA: 'authScape',
  newD: 'dynamics',
  survivors: 'dynamicsLinked',
  keysA: 'authScape',
  keysD: 'dynamics',
  keysLinked: 'dynamicsLinked',
} as const;
const WHICH = {
  links: 'linked',
  newA: 'unlinked',
  newD: 'unlinked',
  survivors: 'unlinked',
  keysA: 'linked',
  keysD: 'linked',
  keysLinked: 'linked',
} as const;

/** Match groups need both sides read in full; otherwise partners are found by asking. */
async function matchUnit(input: UnitInput): Promise<UnitResult> {
  return isFullRead(input) ? matchGroupsUnit(input) : { position: null };
}

const nothing: Unit = () => Promise.resolve({ position: null });

const UNITS: Readonly<Record<RunPhase, Unit>> = {
  preparing: nothing,
  readingAuthScape: readAuthScapeUnit,
  readingDynamics: readBothUnit,
  comparing: compareUnit,
  matching: matchUnit,
  retrying: retryUnit,
  removing: (input) => (input.run.decision === null ? removeUnit(input) : decideUnit(input)),
  finishing: finishUnit,
  done: nothing,
};

export function unitOf(phase: RunPhase): Unit {
  return UNITS[phase];
}

/** Pairs that a later phase meets were counted by an earlier one. */
export function stageOf(run: Run): Stage {
  if (run.phase === 'retrying' || run.phase === 'removing') return 'later';
  if (run.cursor.repeated) return 'repeat';
  return 'first';
}

interface Place {
  readonly phase: RunPhase;
  readonly mappingIndex: number;
  /** Left out: the phase begins with the mapping. */
  readonly position?: string | null;
}

const COMPARING: Place = { phase: 'comparing', mappingIndex: 0 };

/** All of Dynamics is read: what is left of AuthScape goes on where it stands. */
function afterDynamics(run: Run, mappings: number): Place {
  const { mapping, position } = scanPlace(run);
  return mapping < mappings ? { phase: 'readingAuthScape', mappingIndex: mapping, position } : COMPARING;
}

/** Runs of versions before began with AuthScape. */
function afterAuthScape({ cursor }: Run): Place {
  const facts = Object.values(cursor.facts.ofMapping ?? {});
  const isRead = facts.some(({ fullRead }) => fullRead !== undefined);
  return isRead ? COMPARING : { phase: 'readingDynamics', mappingIndex: 0 };
}

/** Where the run goes on when a phase is through with a mapping. */
export function nextPlace(run: Run, mappings: number): Place {
  const { phase } = run;
  const { mappingIndex } = run.cursor;
  const last = mappingIndex + 1 >= mappings;
  switch (phase) {
    case 'preparing':
      return { phase: 'readingDynamics', mappingIndex: 0 };
    case 'readingDynamics':
      return last ? afterDynamics(run, mappings) : { phase, mappingIndex: mappingIndex + 1 };
    case 'readingAuthScape':
      return last ? afterAuthScape(run) : { phase, mappingIndex: mappingIndex + 1 };
    case 'comparing':
      return { phase: 'matching', mappingIndex };
    case 'matching':
      return last
        ? { phase: 'retrying', mappingIndex: 0 }
        : { phase: 'comparing', mappingIndex: mappingIndex + 1 };
    case 'retrying':
      return last ? { phase: 'removing', mappingIndex: 0 } : { phase, mappingIndex: mappingIndex + 1 };
    case 'removing':
      return { phase: 'finishing', mappingIndex: 0 };
    case 'finishing':
    case 'done':
      return { phase: 'done', mappingIndex: 0 };
  }
}
