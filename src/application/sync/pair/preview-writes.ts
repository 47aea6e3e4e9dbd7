import { baseAfterWrite } from '../../../domain/base-update.js';
import type { BaseEntry } from '../../../domain/link.js';
import type { FieldWrite } from '../../../domain/merge.js';
import type { ReadPair } from './pair-work.js';

/** Both records and the base as they will be when the writes have arrived as sent. */
export function afterWrites(
  read: ReadPair,
  base: Readonly<Record<string, BaseEntry>>,
  writes: readonly FieldWrite[],
): { read: ReadPair; base: Readonly<Record<string, BaseEntry>> } {
  const a = { ...read.a.values };
  const d = { ...read.d.values };
  const next = { ...base };
  for (const write of writes) {
    if (write.side === 'dynamics') d[write.field.column] = write.value;
    else a[write.field.aKey] = write.value;
    const { entry } = baseAfterWrite(write, write.value, next[write.field.id]);
    if (entry !== undefined) next[write.field.id] = entry;
  }
  return { read: { a: { ...read.a, values: a }, d: { ...read.d, values: d } }, base: next };
}
