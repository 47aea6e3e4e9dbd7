import type { RecordPage } from '../api/types';

/** Fields that people recognize a record by, in the order in which they are read. */
const NAMES = ['firstName', 'lastName', 'title'];

/** What a record is called on one side, as far as it still is there. */
export function nameOf(record: RecordPage, side: 'authScape' | 'dynamics'): string {
  if (record[side] === null) return 'gone';
  const shownIn = (name: string) =>
    record.fields.find(({ authScapeField }) => authScapeField === name)?.[side];
  const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';
  const parts = [NAMES.map(shownIn).filter(isText).join(' '), shownIn('email')].filter(isText);
  return parts.length === 0 ? 'no name' : parts.join(', ');
}
