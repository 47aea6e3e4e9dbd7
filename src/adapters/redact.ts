const REDACTED = '[redacted]';

/** Header lines that carry secrets: all of the line goes. */
const HEADERS =
  /\b(authorization|proxy-authorization|cookie|set-cookie|x-functions-key|x-identity-header|x-api-key|api-key|x-authscape-webhook-secret)["']?\s*[:=]\s*["']?[^\r\n"']+/gi;
const SCHEMES = /\b(bearer|basic)\s+[\w.~+/=-]+/gi;
const TOKENS = /\beyJ[\w-]{5,}\.[\w-]{5,}(?:\.[\w-]*)?/g;
const PAIRS =
  /\b(code|sig|client_secret|clientsecret|refresh_token|access_token|id_token|assertion|password|passwd|pwd|secret|accountkey|sharedaccesskey)(["']?\s*[:=]\s*["']?)[^&\s"',;}]+/gi;

/** Text of others without what opens something: they may quote a header, a token or an address with a code in its query. */
export function withoutSecrets(text: string): string {
  return text
    .replace(HEADERS, `$1: ${REDACTED}`)
    .replace(SCHEMES, `$1 ${REDACTED}`)
    .replace(TOKENS, REDACTED)
    .replace(PAIRS, `$1$2${REDACTED}`);
}
