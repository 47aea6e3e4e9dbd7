import type { ResolvedMapping } from '../../../domain/fields.js';
import type { Link } from '../../../domain/link.js';
import type { Side } from '../../../domain/model.js';
import type { AuthScapeRecord } from '../../../domain/records.js';
import { dueAgain, mayRest } from '../../../domain/waits.js';
import type { StagedRecord, StagedTodo } from '../../ports/staging.js';
import type { Stored } from '../../ports/stores.js';
import { failRecord, isolateFailure } from '../../sync/context/record-results.js';
import { NOTHING, type PairResult, pairRef } from '../../sync/context/sync-context.js';
import { keepDue } from '../../sync/links/keep-due.js';
import { factsOf, type UnitInput } from '../unit/unit.js';
import { stageRecord } from './read-authscape.js';

/** What one pair came to, and what has to be looked at again. */
export interface Compared {
  readonly result: PairResult;
  readonly todos: readonly StagedTodo[];
}

export const SAME: Compared = { result: NOTHING, todos: [] };

/** A user that is listed, or was a moment ago, fails by id: it is there. */
const UNREADABLE = {
  code: 'record_unreadable',
  message:
    'AuthScape lists the user and cannot read it. Saving its permissions in AuthScape may repair that.',
};

type Unlisted =
  | { readonly kind: 'found'; readonly record: StagedRecord }
  | { readonly kind: 'missing' }
  | { readonly kind: 'failed'; readonly result: PairResult };

/** What the scan does not show is asked for by id: a user with a broken permission is in no list, and can be read. */
export async function readUnlisted(
  { context, resolved }: UnitInput,
  { value: link }: Stored<Link>,
): Promise<Unlisted> {
  return isolateFailure<Unlisted>(
    async () => {
      const record: AuthScapeRecord | undefined = await context.authScape.get(
        link.entity,
        link.authScapeId,
        resolved.keys,
      );
      return record === undefined ? { kind: 'missing' } : { kind: 'found', record: stageRecord(record) };
    },
    async (error) => ({ kind: 'failed', result: await failRecord(context, pairRef(link), error) }),
  );
}

/** Not in the scan proves nothing: the absence is counted where the scan was complete, and A is asked by id later. */
export async function missingInA(
  input: UnitInput,
  { etag, value }: Stored<Link>,
  sd: StagedRecord | undefined,
): Promise<Compared> {
  const { resolved, run, context } = input;
  // A change of the row that this run has read and cannot apply is read again by the next one.
  const link = sd === undefined ? value : dueAgain(value);
  if (factsOf(run, resolved.mapping.id).scanComplete !== true) {
    if (mayRest(link) !== mayRest(value) && !context.dryRun) await input.deps.links.replace(link, etag);
    return SAME;
  }
  const again = link.missing !== null && link.missing.lastScanId === run.id;
  const scans = (link.missing?.scans ?? 0) + (again ? 0 : 1);
  if (!again && !context.dryRun) {
    await input.deps.links.replace({ ...link, missing: { scans, lastScanId: run.id } }, etag);
  }
  return suspect(resolved, link, 'authScape', scans);
}

/** Only scans in a row that lack a record say something. */
export async function seenAgain({ deps }: UnitInput, { value, etag }: Stored<Link>): Promise<Stored<Link>> {
  return deps.links.replace({ ...value, missing: null }, etag);
}

export function suspect(resolved: ResolvedMapping, link: Link, side: Side, scans: number): Compared {
  return {
    result: { ...NOTHING, gone: side },
    todos: [
      {
        kind: 'removal',
        mappingId: resolved.mapping.id,
        authScapeId: link.authScapeId,
        crmId: link.crmId,
        category: null,
        detail: { kind: 'gone', side, scans },
      },
    ],
  };
}

/** A record that this run has seen cannot be read by id any more; a user may be there all the same. */
export async function goneSince(
  { context, resolved }: UnitInput,
  link: Link,
  side: Side,
  result: PairResult,
): Promise<Compared> {
  if (side === 'authScape' && link.entity === 'User') {
    await keepDue(context, link.authScapeId);
    return { result: await failRecord(context, pairRef(link), UNREADABLE), todos: [] };
  }
  return { ...suspect(resolved, link, side, 0), result };
}
