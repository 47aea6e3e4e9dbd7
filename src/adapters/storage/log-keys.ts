import type { LogEntry } from '../../domain/change.js';
import { BridgeError } from '../../domain/errors.js';
import { crmKey, encodeKey, forwardTime, prefixEnd, reverseTime } from './keys.js';
import type { Query, RowKeys } from './table.js';

/** Where entries of the log are; the layout is described with the store, in `log-table.ts`. */
export function timeKeys(entry: LogEntry): RowKeys {
  return { partitionKey: encodeKey(entry.connectionId), rowKey: `T|${timePart(entry)}` };
}

/** Reverse time and id. */
function timePart(entry: LogEntry): string {
  return `${reverseTime(timeOf(entry.at))}|${encodeKey(entry.id)}`;
}

/** By both records. */
export function copyKeys(entry: LogEntry): RowKeys[] {
  const partitionKey = encodeKey(entry.connectionId);
  const prefixes = [
    ...(entry.authScapeId === null ? [] : [recordPrefix('A', entry.authScapeId)]),
    ...(entry.crmId === null ? [] : [recordPrefix('D', entry.crmId)]),
  ];
  return prefixes.map((prefix) => ({ partitionKey, rowKey: prefix + timePart(entry) }));
}

/** By its run, where it is one's. */
export function runKeys(entry: LogEntry): RowKeys[] {
  if (entry.runId === null) return [];
  return [{ partitionKey: encodeKey(entry.connectionId), rowKey: runPrefix(entry.runId) + runPart(entry) }];
}

/** The same as earlier versions had it. */
export function earlierRunKeys(entry: LogEntry): RowKeys[] {
  if (entry.runId === null) return [];
  return [{ partitionKey: earlierPartition(entry.runId), rowKey: runPart(entry) }];
}

/** Time and id. */
function runPart(entry: LogEntry): string {
  return `${forwardTime(timeOf(entry.at))}|${encodeKey(entry.id)}`;
}

export function recordPrefix(side: 'A' | 'D', id: string): string {
  return `${side}|${side === 'A' ? encodeKey(id) : crmKey(id)}|`;
}

/** The run of which the log tells. */
export interface RunOfLog {
  readonly id: string;
  readonly connectionId: string;
}

/** Where the entries of a run are, those from before `limit` (ms) only where it is given. */
export function runQueries({ connectionId, id }: RunOfLog, limit?: number): { earlier: Query; own: Query } {
  const prefix = runPrefix(id);
  const time = limit === undefined ? undefined : forwardTime(limit);
  return {
    earlier: { partition: earlierPartition(id), below: time },
    own: {
      partition: encodeKey(connectionId),
      from: prefix,
      below: time === undefined ? prefixEnd(prefix) : prefix + time,
    },
  };
}

function runPrefix(runId: string): string {
  return `R|${encodeKey(runId)}|`;
}

function earlierPartition(runId: string): string {
  return `!run|${encodeKey(runId)}`;
}

/** Milliseconds. Throws `invalid_request` where the text is no time. */
export function timeOf(iso: string): number {
  const time = Date.parse(iso);
  if (!Number.isNaN(time)) return time;
  throw new BridgeError('invalid_request', 'A time is not in ISO 8601 form.');
}
