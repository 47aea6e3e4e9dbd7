import type { Connection } from '../api/types';

type Counts = Readonly<Record<string, number>> | undefined;

/** Everything on the list of problems that is not a decision about held changes. */
export function problemCount(counts: Counts): number | undefined {
  if (counts === undefined) return undefined;
  return Object.entries(counts).reduce((sum, [kind, count]) => (kind === 'held' ? sum : sum + count), 0);
}

/** One word for how a connection is, the most urgent first. */
export function healthOf(connection: Connection, counts: Counts): { status: string; label: string } {
  if (!connection.enabled) return { status: 'off', label: 'Off' };
  if (connection.lastSyncError !== null) return { status: 'failed', label: 'Last sync failed' };
  if ((counts?.held ?? 0) > 0) return { status: 'held', label: 'Held' };
  if ((problemCount(counts) ?? 0) > 0) return { status: 'problems', label: 'Problems' };
  if (connection.lastSyncAt === null) return { status: 'never', label: 'Never synced' };
  return { status: 'ok', label: 'OK' };
}

/** When the timer starts the next incremental run; null while only a person starts runs. */
export function nextSyncAt(connection: Connection): string | null {
  if (!connection.enabled || connection.lastSyncAt === null) return null;
  const next = new Date(connection.lastSyncAt).getTime() + connection.syncIntervalMinutes * 60_000;
  return new Date(Math.max(next, Date.now())).toISOString();
}
