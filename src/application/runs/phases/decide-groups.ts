import { type Candidate, decideGroup } from '../../../domain/match.js';
import type { Sample } from '../../../domain/run.js';
import type { StagedKey } from '../../ports/staging.js';
import { creationBlocked } from '../../sync/pairing/find-partner.js';
import { skippedA, skippedD, type UnlinkedResult } from '../../sync/pairing/unlinked-result.js';
import type { UnitInput } from '../unit/unit.js';

/** What is to be done about the records of some match groups. */
export interface Decided {
  readonly link: { a: Candidate; d: Candidate }[];
  readonly createFromA: Candidate[];
  readonly createFromD: Candidate[];
  readonly skipped: UnlinkedResult[];
}

export function sampleOf(input: UnitInput, sample: Sample, all: Decided, left: number): Decided {
  return typeof sample === 'number' ? firstOf(input, all, left) : namedOf(all, new Set(sample));
}

/** Records that are asked for by id, with the reason where one is skipped. */
function namedOf(all: Decided, ids: ReadonlySet<string>): Decided {
  return {
    link: all.link.filter(({ a }) => ids.has(a.id)),
    createFromA: all.createFromA.filter(({ id }) => ids.has(id)),
    createFromD: [],
    skipped: all.skipped.filter(({ authScapeId }) => authScapeId !== null && ids.has(authScapeId)),
  };
}

/** So many pairs: what belongs together first, then creations of the sides that can make one; what is skipped is none. */
function firstOf({ context }: UnitInput, all: Decided, left: number): Decided {
  const due = (from: 'authScape' | 'dynamics', candidates: Candidate[]) =>
    creationBlocked(context, from) === null ? candidates : [];
  const link = all.link.slice(0, left);
  const createFromA = due('authScape', all.createFromA).slice(0, left - link.length);
  const rest = left - link.length - createFromA.length;
  return { link, createFromA, createFromD: due('dynamics', all.createFromD).slice(0, rest), skipped: [] };
}

export function decideAll(input: UnitInput, groups: readonly (readonly StagedKey[])[]): Decided {
  const decided: Decided = { link: [], createFromA: [], createFromD: [], skipped: [] };
  for (const group of groups) {
    const { decision, skipped } = decideGroup(group);
    if (decision.kind === 'link') decided.link.push({ a: decision.a, d: decision.d });
    if (decision.kind === 'create') {
      (decision.from.side === 'authScape' ? decided.createFromA : decided.createFromD).push(decision.from);
    }
    for (const { candidate, reason } of skipped) {
      decided.skipped.push(
        candidate.side === 'authScape'
          ? skippedA(input.resolved, candidate.id, reason)
          : skippedD(input.resolved, candidate.id, reason),
      );
    }
  }
  return decided;
}
