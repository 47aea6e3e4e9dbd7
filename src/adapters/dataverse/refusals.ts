import { RecordRejectedError } from '../../domain/errors.js';
import { type DataverseFault, NO_SUCH_ROW, safeText } from './error-body.js';
import { deniedText, isUnknownName } from './faults.js';
import type { Payload } from './payload.js';

/** Stable reasons by code (*Web service error codes*); the code decides, not the status. */
const REASONS = new Map<string, string>([
  ['0x80044331', 'value_too_long'],
  ['0x8004431a', 'invalid_option'],
  ['0x8004432f', 'out_of_range'],
  ['0x80044330', 'out_of_range'],
  ['0x80040239', 'out_of_range'],
  ['0x80040278', 'invalid_value'],
  ['0x80040200', 'required_value_missing'],
  ['0x80040237', 'duplicate_record'],
  ['0x80040333', 'duplicate_record'],
  ['0x80060892', 'duplicate_record'],
  ['0x80073002', 'duplicate_record'],
  ['0x8004f507', 'secured_column'],
  ['0x80042f09', 'access_denied'],
  ['0x80040220', 'access_denied'],
  ['0x80040299', 'access_denied'],
  ['0x80048306', 'access_denied_to_row'],
  ['0x80048405', 'access_denied_to_row'],
  ['0x80048408', 'invalid_status'],
  ['0x80040265', 'business_rule'],
  ['0x80040227', 'delete_restricted'],
  ['0x80060891', 'lookup_target_missing'],
]);

/** A plug-in that failed: about this row, as far as one answer can tell. */
const PLUG_IN = new Set(['0x80040224', '0x8004418d']);
/** Codes of a payload that does not parse: a wrong type, not a wrong name (that is told apart before). */
const PAYLOAD = new Set(['0x80048d19', '0x0', '']);
const DENIED = new Set(['access_denied', 'access_denied_to_row']);

/** The refusal of one record. Only a column that was sent counts as the refused field. */
export function refusalOf(
  fault: DataverseFault,
  { bound, columns }: Pick<Payload, 'bound' | 'columns'>,
): RecordRejectedError {
  const target = missingTarget(fault, bound);
  const field = target ?? fieldOf(fault.message, columns);
  const reason = target === undefined ? REASONS.get(fault.code) : 'lookup_target_missing';
  const named = field === undefined ? {} : { field };
  if (reason !== undefined) return new RecordRejectedError(reason, textOf(reason, fault), named);
  const general = generalReason(fault);
  const unproven = general === 'refused' || general === 'plugin_failed' ? { unproven: labelOf(fault) } : {};
  return new RecordRejectedError(general, textOf(general, fault), { ...named, ...unproven });
}

/** One row cannot be read: it may not be, or something fails at it. */
export function refusalOfRead(fault: DataverseFault): RecordRejectedError {
  const reason = REASONS.get(fault.code) ?? '';
  if (DENIED.has(reason)) return new RecordRejectedError(reason, textOf(reason, fault));
  return new RecordRejectedError('record_unreadable', textOf(reason, fault), { unproven: labelOf(fault) });
}

/** The lookup whose row does not exist: the answer names the id, or there is only one that it can mean. */
function missingTarget({ code, message }: DataverseFault, bound: Payload['bound']): string | undefined {
  if (code !== NO_SUCH_ROW && REASONS.get(code) !== 'lookup_target_missing') return undefined;
  const text = message.toLowerCase();
  const named = [...bound].find(([, id]) => text.includes(id.toLowerCase()));
  if (named !== undefined) return named[0];
  const [only, ...others] = bound.keys();
  return others.length > 0 || /[0-9a-f]{8}-[0-9a-f]{4}-/.test(text) ? undefined : only;
}

function generalReason(fault: DataverseFault): string {
  if (PLUG_IN.has(fault.code)) return 'plugin_failed';
  if (isUnknownName(fault)) return 'unknown_column';
  if (fault.status === 412) return 'duplicate_record';
  return fault.status === 400 && PAYLOAD.has(fault.code) ? 'invalid_value' : 'refused';
}

const labelOf = ({ code, status }: DataverseFault): string => `${status} ${code}`.trim();

/** The one column that the text names; of two the text does not say which. */
function fieldOf(message: string, columns: readonly string[]): string | undefined {
  const tokens = [...message.matchAll(/['"`[]([^\s'"`\]]{1,100})['"`\]]/g)].map(([, token = '']) =>
    token.toLowerCase(),
  );
  const isNamed = (column: string) =>
    tokens.some(
      (token) => token === column || token.startsWith(`${column}_`) || token.startsWith(`${column}@`),
    );
  const [only, ...others] = columns.filter(isNamed);
  return others.length > 0 ? undefined : only;
}

function textOf(reason: string, fault: DataverseFault): string {
  if (reason === 'access_denied') return deniedText(fault.code, fault.message);
  return safeText(fault.message) || `Dynamics refused the record (${labelOf(fault)}).`;
}
