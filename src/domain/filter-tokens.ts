/** A piece of a filter's text. `text` of a quoted text is its content, with doubled quotes made single. */
export interface Token {
  readonly kind: 'word' | 'symbol' | 'text' | 'number' | 'date' | 'guid' | 'end';
  readonly text: string;
  readonly position: number;
}

/** What is wrong with a filter, and at which character (from 0). */
export class FilterSyntaxError extends Error {
  override readonly name = 'FilterSyntaxError';
  readonly position: number;

  constructor(message: string, position: number) {
    super(message);
    this.position = position;
  }
}

/** In the order in which they are tried: a GUID may begin like a date, and a date begins like a number. */
const PATTERNS: readonly (readonly [Token['kind'], RegExp])[] = [
  ['symbol', /[(),]/y],
  ['text', /'(?:[^']|'')*'/y],
  ['guid', /[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}(?![\w-])/iy],
  ['date', /\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,7})?)?(?:Z|[+-]\d\d:\d\d))?(?![\w:-])/iy],
  ['number', /-?\d+(?:\.\d+)?(?:e[+-]?\d+)?(?![\w.-])/iy],
  ['word', /[a-z_]\w*/iy],
];

const SPACE = /\s*/y;

/** Splits a filter; the last token is always the end. Throws `FilterSyntaxError`. */
export function tokenize(text: string): readonly Token[] {
  const tokens: Token[] = [];
  let position = 0;
  for (;;) {
    SPACE.lastIndex = position;
    position += SPACE.exec(text)?.[0].length ?? 0;
    if (position >= text.length) return [...tokens, { kind: 'end', text: '', position }];
    const found = match(text, position);
    tokens.push(found.token);
    position += found.length;
  }
}

function match(text: string, position: number): { token: Token; length: number } {
  for (const [kind, pattern] of PATTERNS) {
    pattern.lastIndex = position;
    const found = pattern.exec(text)?.[0];
    if (found !== undefined) return { token: tokenOf(kind, found, position), length: found.length };
  }
  throw new FilterSyntaxError(faultAt(text, position), position);
}

function tokenOf(kind: Token['kind'], found: string, position: number): Token {
  if (kind === 'date' && Number.isNaN(Date.parse(found))) {
    throw new FilterSyntaxError(`\`${found}\` is no date.`, position);
  }
  if (kind === 'number' && !Number.isFinite(Number(found))) {
    throw new FilterSyntaxError(`\`${found}\` is out of range.`, position);
  }
  return { kind, text: kind === 'text' ? found.slice(1, -1).replaceAll("''", "'") : found, position };
}

function faultAt(text: string, position: number): string {
  const character = String.fromCodePoint(text.codePointAt(position) ?? 0);
  if (character === "'") return 'The text has no closing quote; a quote inside a text is written twice.';
  if (character === '/') return 'Columns of related rows cannot be used, only those of the table itself.';
  if (/[\d-]/.test(character)) return 'This is no number, date or GUID.';
  return `\`${character}\` is not part of the filter language.`;
}
