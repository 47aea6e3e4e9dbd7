import type { Side } from '../../../domain/model.js';
import type { Run } from '../../../domain/run.js';
import type { RunFacts } from '../../../domain/run-facts.js';
import type { Health, SideHealth, SystemSuspectedError } from '../../sync/context/watch-writes.js';

const SIDES: readonly Side[] = ['authScape', 'dynamics'];

export function healthOf({ cursor: { facts } }: Run): Health {
  const of = (side: Side): SideHealth => ({
    suspected: facts.ofSide?.[side]?.suspected === true,
    failing: facts.ofSide?.[side]?.failing ?? null,
  });
  return { authScape: of('authScape'), dynamics: of('dynamics') };
}

/**
 * What a worker has learned of both sides since it told the last time: of a side of which it has learned nothing, what the
 * workers of other parts have told stays.
 */
export function healthFacts(health: Health, told: Health): RunFacts {
  const learned = SIDES.filter((side) => health[side].failing !== told[side].failing);
  if (learned.length === 0) return {};
  return { ofSide: Object.fromEntries(learned.map((side) => [side, { failing: health[side].failing }])) };
}

export function suspicionFact({ side }: SystemSuspectedError): RunFacts {
  return { ofSide: { [side]: { suspected: true } } };
}

/** Why a run that did all that could be done has failed nevertheless: to the end one side took nothing. */
export function failureOfSide(run: Run): NonNullable<Run['error']> | null {
  const health = healthOf(run);
  const side = SIDES.find((each) => health[each].failing !== null);
  if (side === undefined) return null;
  return {
    code: side === 'dynamics' ? 'dynamics_error' : 'authscape_error',
    message: `${health[side].failing ?? ''} What could be done elsewhere was done.`,
    hint: 'The log of the run has the answers. What failed is tried again by later runs.',
  };
}
