import type { ResolvedMapping } from '../../../domain/fields.js';
import type { Link } from '../../../domain/link.js';
import type { AuthScapeRecord, DynamicsRow } from '../../../domain/records.js';
import type { LinkBrief } from '../../ports/links.js';
import { fullHash, listHash } from './sync-context.js';

/**
 * What a link keeps of the moment at which both sides were at its base: equal values later prove that nothing changed. Of
 * hashes the first 64 bits, of which two differing values have the same ones once in 10^19.
 */
export interface UnchangedProof extends Pick<Link, 'mappingVersion' | 'aHash' | 'dVersion'> {
  readonly fullHash: string | null;
}

/** Null where only a look at the fields can tell: no clean link, or something waits to be done for the pair. */
export function proofOf(
  link: Pick<LinkBrief, 'state' | 'clean' | 'settled' | keyof UnchangedProof>,
): UnchangedProof | null {
  if (link.state !== 'linked' || !link.clean || !link.settled) return null;
  const { mappingVersion, aHash, dVersion, fullHash } = link;
  return { mappingVersion, aHash: startOf(aHash), fullHash: startOf(fullHash), dVersion };
}

/** Null for what is no hash of this product. */
function startOf(hash: string | null | undefined): string | null {
  return /^[0-9a-f]{16}/.exec(hash ?? '')?.[0] ?? null;
}

/** Is the row as it was when the link was last clean? */
export function isRowUnchanged(
  { mapping }: ResolvedMapping,
  proof: UnchangedProof | null,
  row: Pick<DynamicsRow, 'etag' | 'mergedInto'>,
): boolean {
  if (proof === null || proof.mappingVersion !== mapping.version || row.mergedInto !== null) return false;
  return row.etag !== null && row.etag === proof.dVersion;
}

/** Is the record as it was when the link was last clean? What lists do not carry has to have been read for it. */
export function isRecordUnchanged(
  resolved: ResolvedMapping,
  proof: UnchangedProof | null,
  record: Pick<AuthScapeRecord, 'values' | 'complete'>,
): boolean {
  if (proof === null || proof.mappingVersion !== resolved.mapping.version) return false;
  if (record.complete && !resolved.listsSuffice) {
    return proof.fullHash !== null && proof.fullHash === startOf(fullHash(resolved, record.values));
  }
  return proof.aHash !== null && proof.aHash === startOf(listHash(resolved, record.values));
}
