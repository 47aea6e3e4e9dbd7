import type { Run } from '../../../domain/run.js';
import type { EngineDeps } from '../../shared/engine-deps.js';
import { pagesOf } from '../../shared/pages.js';
import { resultOfMark } from '../../sync/context/run-stamp.js';
import type { Tally } from '../unit/tally.js';

const LINKS_PER_PAGE = 1000;
const WRITES_NOTHING: readonly Run['phase'][] = ['preparing', 'readingDynamics', 'readingAuthScape'];

/**
 * A unit was given up in the middle: adds to its tally the pairs that it has written, now or at an attempt before, and
 * has not counted. The links say so.
 */
export async function countStopped(
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
