import { badRequest } from '../errors.js';

export type TokenKind = 'string' | 'number' | 'guid' | 'datetime' | 'date' | 'name' | 'punctuation' | 'end';

export interface Token {
  kind: TokenKind;
  text: string;
  position: number;
}

const PATTERNS: readonly [TokenKind, RegExp][] = [
  ['string', /'(?:[^']|'')*'/y],
  ['string', /"(?:[^"\\]|\\.)*"/y],
  ['guid', /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}(?!\w)/iy],
  ['datetime', /\d{4}-\d{2}-\d{2}T[\d:.]+(?:Z|[+-]\d{2}:\d{2})?/iy],
  ['date', /\d{4}-\d{2}-\d{2}(?!\w)/y],
  ['number', /-?\d+(?:\.\d+)?(?:e[+-]?\d+)?(?!\w)/iy],
  ['name', /[@$A-Za-z_][\w.@]*/y],
  ['punctuation', /[()[\],=/:]/y],
];

/** Splits a filter (or one parameter alias) into tokens; strings come unquoted. */
export function tokenize(source: string): Token[] {
  const tokens: Token[] = [];
  let position = 0;
  while (position < source.length) {
    if (/\s/.test(source.charAt(position))) {
      position += 1;
      continue;
    }
    const token = tokenAt(source, position);
    tokens.push(token);
    position += token.kind === 'string' ? quotedLength(source, position) : token.text.length;
  }
  tokens.push({ kind: 'end', text: '', position });
  return tokens;
}

function quotedLength(source: string, position: number): number {
  const pattern = source.charAt(position) === "'" ? PATTERNS[0]?.[1] : PATTERNS[1]?.[1];
  if (pattern === undefined) {
    return 1;
  }
  pattern.lastIndex = position;
  return pattern.exec(source)?.[0].length ?? 1;
}

function tokenAt(source: string, position: number): Token {
  for (const [kind, pattern] of PATTERNS) {
    pattern.lastIndex = position;
    const found = pattern.exec(source)?.[0];
    if (found !== undefined) {
      return { kind, text: kind === 'string' ? unquote(found) : found, position };
    }
  }
  const first = source.charAt(position);
  if (first === "'" || first === '"') {
    throw badRequest(`There is an unterminated literal at position ${position} in '${source}'.`);
  }
  throw badRequest(`Syntax error: character '${first}' is not valid at position ${position} in '${source}'.`);
}

function unquote(text: string): string {
  return text.startsWith("'") ? text.slice(1, -1).replaceAll("''", "'") : String(JSON.parse(text));
}
