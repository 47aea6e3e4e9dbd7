import type { Link } from '../../../domain/link.js';
import type { DynamicsRow } from '../../../domain/records.js';
import { environmentChanged } from '../context/open-context.js';

/**
 * A row version below the one that its link knows: Dynamics was restored from a backup. Throws `environment_changed`. A
 * row that was read before the link was last written may well be older than it.
 */
export function refuseRestored(
  link: Pick<Link, 'dVersion' | 'changedAt'>,
  row: Pick<DynamicsRow, 'etag' | 'readAt'>,
): void {
  if (row.readAt <= link.changedAt) return;
  const known = versionNumber(link.dVersion);
  const seen = versionNumber(row.etag);
  if (known === null || seen === null || seen >= known) return;
  throw environmentChanged(
    'Rows of Dynamics have older versions than the links know: was it restored from a backup?',
  );
}

function versionNumber(etag: string | null): bigint | null {
  const digits = etag === null ? null : /^W\/"(\d+)"$/.exec(etag)?.[1];
  return digits === undefined || digits === null ? null : BigInt(digits);
}
