const REDACTED = '[redacted]';

/** What stands between a name and its value: quotes, escaped or not, and a sign, plain or as in an address or in XML. */
const QUOTE = String.raw`(?:\\*["']|&quot;)?`;
const SIGN = String.raw`${QUOTE}\s*(?:[:=>]|%3[ad])\s*${QUOTE}`;

/** Header lines that carry secrets: all of the line goes. */
const HEADERS = new RegExp(
  String.raw`\b(authorization|proxy-authorization|cookie|set-cookie|x-functions-key|x-identity-header|x-api-key|api-key|ocp-apim-subscription-key|x-authscape-webhook-secret)${SIGN}[^\r\n"']+`,
  'gi',
);
const SCHEMES = /\b(bearer|basic)(?:\s|%20|\+)+[\w.~+/=-]+/gi;
const TOKENS = /\beyJ[\w-]{5,}\.[\w-]{5,}(?:\.[\w-]*)?/g;
const PAIRS = new RegExp(
  String.raw`(?:\b|(?<=%[\da-f]{2}))(code|sig|client_secret|clientsecret|client_assertion|refresh_token|access_token|id_token|token|assertion|password|passwd|pwd|secret|accountkey|sharedaccesskey)(${SIGN})[^&\s"',;}<%\\]+`,
  'gi',
);
const USER_INFO = /(:\/\/[^\s/:@]*:)[^\s/@]+@/g;

/** Text of others without what opens something: they may quote a header, a token or an address with a code in its query. */
export function withoutSecrets(text: string): string {
  return text
    .replace(HEADERS, `$1: ${REDACTED}`)
    .replace(SCHEMES, `$1 ${REDACTED}`)
    .replace(TOKENS, REDACTED)
    .replace(PAIRS, `$1$2${REDACTED}`)
    .replace(USER_INFO, `$1${REDACTED}@`);
}
