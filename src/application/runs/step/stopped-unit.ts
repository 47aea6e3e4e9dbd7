import { type Run, withCounts } from '../../../domain/run.js';
import type { EngineDeps } from '../../shared/engine-deps.js';
import { pagesOf } from '../../shared/pages.js';
import { resultOfMark } from '../../sync/context/run-stamp.js';
import { Tally } from '../unit/tally.js';
import { stageOf } from './phase-table.js';
import type { RunLease } from './run-lease.js';

const LINKS_PER_PAGE = 1000;
const WRITES_NOTHING: readonly Run['phase'][] = ['preparing', 'readingDynamics', 'readingAuthScape'];

/**
 * A unit was given up in the middle: what it has written is counted, as part of what the run did. `tally` has what it had
 * counted by itself.
 */
export async function countStopped(deps: EngineDeps, held: RunLease, tally = new Tally()): Promise<void> {
  const { run } = held;
  await addWritten(deps, run, tally);
  const added = await tally.apply(deps.staging, run, stageOf(run));
  await held.save((current) => withCounts(current, added));
}

/** Adds the pairs that the unit has written, now or at an attempt before, and has not counted. The links say so. */
async function addWritten(
  deps: Pick<EngineDeps, 'links'>,
  { connectionId, cursor, dryRun, id: runId, phase }: Run,
  tally: Tally,
): Promise<void> {
  const mappingId = cursor.facts.mappings?.[cursor.mappingIndex];
  if (dryRun || mappingId === undefined || WRITES_NOTHING.includes(phase)) return;
  for await (const page of pagesOf((at) => deps.links.scan(connectionId, mappingId, LINKS_PER_PAGE, at))) {
    for (const { value: link } of page.items) {
      const key = `${mappingId}|${link.authScapeId}`;
      const done = tally.has(key) ? null : resultOfMark({ runId, unit: cursor.unit }, link);
      if (done !== null) tally.pair(key, done);
    }
  }
}
