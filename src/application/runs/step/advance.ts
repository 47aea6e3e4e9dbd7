import { type Run, withCounts } from '../../../domain/run.js';
import { type RunFacts, withFacts } from '../../../domain/run-facts.js';
import { advancePart, type Share, split, takeNext } from '../../../domain/run-parts.js';
import { progressOf } from '../../../domain/run-progress.js';
import type { Requests } from '../../ports/runtime.js';
import { mappingsFact, type UnitInput, type UnitResult } from '../unit/unit.js';
import { nextPlace } from './phase-table.js';
import type { RunLease } from './run-lease.js';

/** What a unit came to and added. */
export interface DoneUnit extends Pick<Run, 'counts' | 'bySide'> {
  readonly result: UnitResult;
  readonly requests: Requests;
}

/** The run after a unit of the share that the worker holds. Others may have saved other parts since it began. */
export function advance(
  run: Run,
  { requests, result, ...counted }: DoneUnit,
  { held, mappings, now }: { held: RunLease; mappings: UnitInput['mappings']; now: number },
): Run {
  const share = held.share;
  if (share === undefined) return run;
  const facts = withFacts(run.cursor.facts, result.facts ?? {});
  const told: Run = {
    ...withCounts(run, counted),
    messages: [...run.messages, ...(result.messages ?? [])].slice(-50),
    requests: {
      dynamics: run.requests.dynamics + requests.dynamics,
      authScape: run.requests.authScape + requests.authScape,
      storage: run.requests.storage + requests.storage,
    },
    cursor: {
      ...run.cursor,
      facts: { ...withLinked(withChanged(facts, result), result), ...mappingsFact(mappings) },
    },
  };
  const next = moved(told, result, { share, held, mappings, now });
  return { ...next, ...progressOf(next, mappings.length, now) };
}

interface Move {
  readonly share: Share;
  readonly held: RunLease;
  readonly mappings: UnitInput['mappings'];
  readonly now: number;
}

function moved(run: Run, { parts, position }: UnitResult, { held, mappings, now, share }: Move): Run {
  if (share.part !== null) {
    const worked = advancePart(run, share.part, position);
    if (position !== null) return worked;
    const { isLast, run: left } = takeNext(worked, share.part, held.hold(), now);
    return isLast ? placed(left, left.cursor.position, mappings.length) : left;
  }
  const { cursor } = run;
  // Progress resets the count of steps that failed in a row.
  const facts = { ...cursor.facts, failures: 0 };
  const done = { ...run, cursor: { ...cursor, unit: cursor.unit + 1, repeated: false, facts } };
  return parts === undefined
    ? placed(done, position, mappings.length)
    : split(done, parts, position, held.hold());
}

/** At a position of the phase; null: the phase is through with the mapping. */
function placed(run: Run, position: string | null, mappings: number): Run {
  if (position !== null) return { ...run, cursor: { ...run.cursor, position } };
  const { mappingIndex, phase, position: start = null } = nextPlace(run, mappings);
  const facts = phase === run.phase ? run.cursor.facts : withScans(run);
  return { ...run, phase, cursor: { ...run.cursor, mappingIndex, position: start, facts } };
}

/** Facts of the scans that came to their ends beside the reading of Dynamics, once that is through. */
function withScans({ cursor: { facts }, phase }: Run): RunFacts {
  return phase === 'readingDynamics' ? withFacts(facts, { ofMapping: facts.scan?.ended ?? {} }) : facts;
}

/** Both sides of a mapping, and several pages of each, count for it. */
function withChanged(facts: RunFacts, { changed = {} }: UnitResult): RunFacts {
  const ofMapping = Object.entries(changed).map(([mappingId, records]) => {
    const before = facts.ofMapping?.[mappingId]?.changed ?? 0;
    return [mappingId, { changed: before + records }] as const;
  });
  return withFacts(facts, { ofMapping: Object.fromEntries(ofMapping) });
}

/** Workers of several parts count the links that each of them has met. */
function withLinked(facts: RunFacts, { met }: UnitResult): RunFacts {
  if (met === undefined) return facts;
  const before = met.isFirst ? 0 : facts.ofMapping?.[met.mappingId]?.linked;
  // Runs that began under an earlier release did not count them.
  if (before === undefined) return facts;
  return withFacts(facts, { ofMapping: { [met.mappingId]: { linked: before + met.links } } });
}
