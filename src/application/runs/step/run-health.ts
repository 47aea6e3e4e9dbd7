import type { Side } from '../../../domain/model.js';
import type { Run } from '../../../domain/run.js';
import type { Health, SideHealth, SystemSuspectedError } from '../../sync/context/watch-writes.js';

/** What a run has learned of both sides lies among its facts. */
const SIDES: readonly Side[] = ['authScape', 'dynamics'];
const suspected = (side: Side) => `suspected.${side}`;
const failing = (side: Side) => `failing.${side}`;

export function healthOf({ cursor: { facts } }: Run): Health {
  const of = (side: Side): SideHealth => ({
    suspected: facts[suspected(side)] === 'true',
    failing: facts[failing(side)] || null,
  });
  return { authScape: of('authScape'), dynamics: of('dynamics') };
}

export function healthFacts(health: Health): Readonly<Record<string, string>> {
  return Object.fromEntries(SIDES.map((side) => [failing(side), health[side].failing ?? '']));
}

export function suspicionFact({ side }: SystemSuspectedError): Readonly<Record<string, string>> {
  return { [suspected(side)]: 'true' };
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
