import { z } from 'zod';
import { type Failure, jsonOf } from '../http/failure.js';
import { type Verdict, verdictOf } from '../http/retry.js';
import { withoutSecrets } from '../redact.js';

/** An error answer of Dataverse. `code` is lower-case hex (`0x80040217`), empty when the body named none. */
export interface DataverseFault {
  readonly status: number;
  readonly code: string;
  readonly message: string;
}

/** No row under the id, or under one that it refers to or that a plug-in looked for. */
export const NO_SUCH_ROW = '0x80040217';

const errorBody = z.object({
  error: z.object({
    code: z.union([z.string(), z.number()]).nullish(),
    message: z.string().nullish(),
  }),
});

/** Reads an error answer; gateways send HTML, text or nothing, which leaves code and message empty. */
export function faultOf(failure: Failure): DataverseFault | undefined {
  if (failure.kind !== 'status') return undefined;
  const parsed = errorBody.safeParse(jsonOf(failure.text));
  const { code, message } = parsed.success ? parsed.data.error : {};
  return { status: failure.status, code: normalCode(code), message: message ?? '' };
}

/** The same code comes as hex text or as a signed 32-bit number. */
function normalCode(code: string | number | null | undefined): string {
  const text = String(code ?? '').trim();
  if (/^-?\d+$/.test(text)) return `0x${(Number(text) >>> 0).toString(16).padStart(8, '0')}`;
  return text.toLowerCase();
}

/** *Service protection API limits* that count within a window: requests, execution time. */
const USED_UP = new Set(['0x80072322', '0x80072321']);
/** Those, and concurrency. */
const PROTECTION = new Set([...USED_UP, '0x80072326']);
/** Deadlock, SQL time-out, unexpected error: worth a few repeats although they come as 500. */
const REPEATABLE = new Set(['0x80044150', '0x80044151', '0x80040216']);

export function isProtection(fault: DataverseFault): boolean {
  return fault.status === 429 || PROTECTION.has(fault.code);
}

/** Has the user done all that the window lets in? */
export function isUsedUp(failure: Failure): boolean {
  return USED_UP.has(faultOf(failure)?.code ?? '');
}

/** The code decides before the status: a duplicate that comes as 500 is final, a deadlock is not. */
export function dataverseVerdict(failure: Failure): Verdict | undefined {
  const fault = faultOf(failure);
  if (fault === undefined) return undefined;
  if (isProtection(fault)) return 'throttled';
  if (REPEATABLE.has(fault.code) && fault.status >= 500) return 'transient';
  return verdictOf(failure);
}

const MAX_MESSAGE = 300;
/** What stands before the sentence that says something, and what follows it. */
const PREAMBLE =
  /^(?:.*InnerException\s*:\s*|an error occurred while validating input parameters:\s*|an unexpected error occurred from ISV code\.\s*(?:\(ErrorType = \w+\)\s*)?|unexpected exception from plug-in \(Execute\):\s*|(?:[A-Za-z_]\w*\.)+\w*(?:Exception|Fault)(?:`\d+\[[^\]]*\])?:\s*)/i;
const TRACE = /\s(?:---+>|at (?:Microsoft|System)\.).*$/;

/** The text of Dataverse in one line, from the sentence that says something on, cut, and without e-mail addresses. */
export function safeText(message: string): string {
  const plain = withoutSecrets(message)
    .replace(/[^\s'"<>(),;:]+@[^\s'"<>(),;:]+/g, '[e-mail]')
    .replace(/\s+/g, ' ')
    .trim();
  let text = plain;
  for (
    let left = text.replace(PREAMBLE, '');
    left !== text && left !== '';
    left = text.replace(PREAMBLE, '')
  ) {
    text = left;
  }
  text = text.replace(TRACE, '') || plain;
  if (text.length <= MAX_MESSAGE) return text;
  // Half of a surrogate pair at the end would not survive the way to a store.
  return `${text.slice(0, MAX_MESSAGE - 1).replace(/[\uD800-\uDBFF]$/, '')}…`;
}
