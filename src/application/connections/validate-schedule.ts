import type { Cron } from '../ports/cron.js';

/**
 * What of a cron expression is taken as `fullSyncSchedule`: NCRONTAB with six fields (second, minute, hour, day, month,
 * day of week), in UTC. Parsers know more than NCRONTAB does; what the two read differently is refused.
 */

const FIELD_COUNT = 6;
const FORM = 'Write six fields: second, minute, hour, day, month, day of week, as in "0 0 2 * * *"';
const EXTENSIONS = /[@#?+]|(?:^|[\s,\d])[lw](?![a-z])/i;

/** What is wrong with an expression, as a sentence; undefined when it is fine and has a time to come. */
export function scheduleFault(expression: string, cron: Cron, now: number): string | undefined {
  if (expression.trim() === '') return `Is empty: null stands for no schedule. ${FORM}.`;
  const fields = expression.trim().split(/\s+/);
  if (EXTENSIONS.test(expression)) return `"@", "L", "W", "#", "?" and "+" are not known here. ${FORM}.`;
  if (fields.length !== FIELD_COUNT) return `${FORM}; this has ${fields.length}.`;
  if (isRestricted(fields[3]) && isRestricted(fields[5])) {
    return 'Restrict the day of the month or the day of the week, not both.';
  }
  try {
    return cron.next(expression.trim(), now) === null ? 'This time never comes.' : undefined;
  } catch {
    return `The expression cannot be read. ${FORM}.`;
  }
}

function isRestricted(field: string | undefined): boolean {
  return field !== undefined && field !== '*';
}
