import { SEEN_HASH, type StagedKey } from '../../ports/staging.js';
import { pagesOf } from '../../shared/pages.js';
import { KEY_ROWS, type UnitInput, unitPart } from '../unit/unit.js';

/**
 * Full runs: linked records that were left out as unchanged join the match groups in which an unlinked record stands,
 * since a taken key is no free one. The keys of all others are of no use.
 */
export async function stageSeenKeysUnit(input: UnitInput): Promise<void> {
  const { deps, scope, seen, index } = input;
  const leftOut = (await seen.of(scope, 'authScape')).size + (await seen.of(scope, 'dynamics')).size;
  const groups = leftOut === 0 ? new Map<string, string>() : await keysInGroups(input);
  if (groups.size === 0) return;
  const links = await index.byAuthScapeId(scope.mappingId);
  const keys: StagedKey[] = [];
  for (const side of ['authScape', 'dynamics'] as const) {
    for (const { authScapeId, keyHash, active } of (await seen.of(scope, side)).values()) {
      const whole = keyHash === null ? undefined : groups.get(keyHash);
      const id = side === 'authScape' ? authScapeId : links.get(authScapeId)?.crmId;
      if (whole === undefined || id === undefined) continue;
      keys.push({ keyHash: whole, side, id, linked: true, tombstone: false, active });
    }
  }
  await deps.staging.putKeys(scope, unitPart(input, 'seen'), keys);
}

/** The hash of each group by its start. */
async function keysInGroups({ deps, scope }: UnitInput): Promise<ReadonlyMap<string, string>> {
  const hashes = new Map<string, string>();
  for await (const page of pagesOf((cursor) => deps.staging.scanGroups(scope, KEY_ROWS, cursor))) {
    for (const [first] of page.groups) {
      if (first !== undefined) hashes.set(first.keyHash.slice(0, SEEN_HASH), first.keyHash);
    }
  }
  return hashes;
}
