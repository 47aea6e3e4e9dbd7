import { RecordRejectedError } from '../../domain/errors.js';
import type { DataverseFault } from './error-body.js';

/** Stable reasons by code (*Web API client errors*); the code decides, whatever the status is. */
const REASONS = new Map<string, string>([
  ['0x80044331', 'value_too_long'],
  ['0x8004431a', 'invalid_option'],
  ['0x8004432f', 'out_of_range'],
  ['0x80044330', 'out_of_range'],
  ['0x80040239', 'out_of_range'],
  ['0x80040200', 'required_value_missing'],
  ['0x80040333', 'duplicate_record'],
  ['0x80060892', 'duplicate_record'],
  ['0x8004f507', 'secured_column'],
  ['0x80048306', 'access_denied_to_row'],
  ['0x80048405', 'access_denied_to_row'],
  ['0x80048408', 'invalid_status'],
  ['0x80040265', 'business_rule'],
  ['0x80040227', 'delete_restricted'],
  ['0x80060891', 'lookup_target_missing'],
]);

/** Codes of a payload that does not parse: a wrong type, not a wrong name (that is told apart before). */
const PAYLOAD = new Set(['0x80048d19', '0x0', '']);

const MAX_MESSAGE = 300;

/**
 * The refusal of one record, or undefined when the fault concerns more than that. `columns` are those that were sent:
 * only such a name counts as the refused field.
 */
export function refusalOf(
  fault: DataverseFault,
  columns: readonly string[],
): RecordRejectedError | undefined {
  const reason = REASONS.get(fault.code) ?? generalReason(fault);
  if (reason === undefined) return undefined;
  const field = fieldOf(fault.message, columns);
  return new RecordRejectedError(
    reason,
    safeText(fault.message, fault),
    field === undefined ? {} : { field },
  );
}

/** A row that a lookup should point to does not exist. */
export function missingTarget(fault: DataverseFault, lookups: readonly string[]): RecordRejectedError {
  const field = lookups.length === 1 ? lookups[0] : undefined;
  return new RecordRejectedError(
    'lookup_target_missing',
    safeText(fault.message, fault),
    field === undefined ? {} : { field },
  );
}

function generalReason(fault: DataverseFault): string | undefined {
  if (fault.status === 412) return 'duplicate_record';
  if (fault.status !== 400 && fault.status !== 405 && fault.status !== 413) return undefined;
  return PAYLOAD.has(fault.code) ? 'invalid_value' : 'refused';
}

function fieldOf(message: string, columns: readonly string[]): string | undefined {
  const quoted = [...message.matchAll(/'([^'\s]{1,100})'/g)].map((match) => match[1]?.toLowerCase());
  return columns.find((column) => quoted.includes(column));
}

/** The text of Dataverse in one line, cut, and without e-mail addresses. */
function safeText(message: string, fault: DataverseFault): string {
  const text = message
    .replace(/[^\s'"<>(),;:]+@[^\s'"<>(),;:]+/g, '[e-mail]')
    .replace(/\s+/g, ' ')
    .trim();
  if (text === '') return `Dynamics refused the record (${fault.code || fault.status}).`;
  if (text.length <= MAX_MESSAGE) return text;
  // Half of a surrogate pair at the end would not survive the way to a store.
  return `${text.slice(0, MAX_MESSAGE - 1).replace(/[\uD800-\uDBFF]$/, '')}…`;
}
