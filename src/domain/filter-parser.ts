import type { ComparisonOperator, Filter, FilterConstant, SearchOperator } from './filter.js';
import { FilterSyntaxError, type Token, tokenize } from './filter-tokens.js';

export type ParsedFilter =
  | { readonly ok: true; readonly filter: Filter }
  /** `position` counts characters from 0. */
  | { readonly ok: false; readonly message: string; readonly position: number };

/** Keeps both the parser and the evaluation, which follow the nesting, off the end of the stack. */
const DEEPEST_NESTING = 50;

const COMPARISONS = ['eq', 'ne', 'gt', 'ge', 'lt', 'le'] as const satisfies readonly ComparisonOperator[];
const SEARCHES = ['contains', 'startswith', 'endswith'] as const satisfies readonly SearchOperator[];
const RESERVED: readonly string[] = ['and', 'or', 'not', 'null', 'true', 'false', ...COMPARISONS];

/**
 * Reads an OData boolean expression over the columns of one table: `eq ne gt ge lt le`, `and or not`, parentheses,
 * `contains`, `startswith`, `endswith`, and constants (text with doubled quotes, numbers, booleans, dates, GUIDs, null).
 * Names are taken in any case; a lookup may be named `_x_value` or `x`, and is `x` in the result.
 */
export function parseFilter(text: string): ParsedFilter {
  try {
    const parser = new Parser(tokenize(text));
    return { ok: true, filter: parser.parse() };
  } catch (error) {
    if (error instanceof FilterSyntaxError) {
      return { ok: false, message: error.message, position: error.position };
    }
    throw error;
  }
}

class Parser {
  readonly #tokens: readonly Token[];
  #at = 0;
  #depth = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  parse(): Filter {
    const filter = this.#chain('or');
    if (this.#next.kind !== 'end') throw unexpected(this.#next, '`and`, `or` or the end');
    return filter;
  }

  get #next(): Token {
    // The last token is the end, which is never taken.
    return this.#tokens[this.#at] ?? { kind: 'end', text: '', position: 0 };
  }

  #take(): Token {
    const token = this.#next;
    this.#at += 1;
    return token;
  }

  #takesWord(word: string): boolean {
    const found = this.#next.kind === 'word' && this.#next.text.toLowerCase() === word;
    if (found) this.#at += 1;
    return found;
  }

  #takesSymbol(symbol: string): boolean {
    const found = this.#next.kind === 'symbol' && this.#next.text === symbol;
    if (found) this.#at += 1;
    return found;
  }

  #chain(word: 'and' | 'or'): Filter {
    const part = () => (word === 'or' ? this.#chain('and') : this.#unary());
    const first = part();
    const operands = [first];
    while (this.#takesWord(word)) operands.push(part());
    return operands.length === 1 ? first : { op: word, operands };
  }

  #unary(): Filter {
    this.#depth += 1;
    if (this.#depth > DEEPEST_NESTING) {
      throw new FilterSyntaxError(
        `More than ${DEEPEST_NESTING} levels of nesting are not taken.`,
        this.#next.position,
      );
    }
    const filter = this.#takesWord('not') ? { op: 'not' as const, operand: this.#unary() } : this.#primary();
    this.#depth -= 1;
    return filter;
  }

  #primary(): Filter {
    if (this.#takesSymbol('(')) {
      const inner = this.#chain('or');
      if (!this.#takesSymbol(')')) throw unexpected(this.#next, '`and`, `or` or `)`');
      return inner;
    }
    const word = this.#take();
    const search = SEARCHES.find((name) => name === word.text.toLowerCase());
    if (word.kind === 'word' && search !== undefined && this.#takesSymbol('(')) return this.#search(search);
    const column = columnName(word);
    const operator = this.#take();
    const comparison = COMPARISONS.find((name) => name === operator.text.toLowerCase());
    if (operator.kind !== 'word' || comparison === undefined) {
      throw unexpected(operator, 'one of eq, ne, gt, ge, lt, le');
    }
    return { op: 'compare', column, operator: comparison, constant: constantOf(this.#take()) };
  }

  #search(operator: SearchOperator): Filter {
    const column = columnName(this.#take());
    if (!this.#takesSymbol(',')) throw unexpected(this.#next, '`,`');
    const text = this.#take();
    if (text.kind !== 'text') throw unexpected(text, 'text in single quotes');
    if (!this.#takesSymbol(')')) throw unexpected(this.#next, '`)`');
    return { op: 'search', column, operator, text: text.text };
  }
}

function columnName(token: Token): string {
  const name = token.text.toLowerCase();
  if (token.kind !== 'word' || RESERVED.includes(name)) throw unexpected(token, 'the name of a column');
  return /^_(.+)_value$/.exec(name)?.[1] ?? name;
}

function constantOf(token: Token): FilterConstant {
  switch (token.kind) {
    case 'text':
    case 'date':
      return { kind: token.kind, value: token.text };
    case 'guid':
      return { kind: 'guid', value: token.text.toLowerCase() };
    case 'number':
      return { kind: 'number', value: Number(token.text) };
    case 'word':
      return constantWord(token);
    case 'symbol':
    case 'end':
      throw unexpected(token, 'a constant');
  }
}

function constantWord(token: Token): FilterConstant {
  switch (token.text.toLowerCase()) {
    case 'null':
      return { kind: 'null', value: null };
    case 'true':
      return { kind: 'boolean', value: true };
    case 'false':
      return { kind: 'boolean', value: false };
    default:
      throw unexpected(token, 'a constant (text stands in single quotes)');
  }
}

function unexpected(token: Token, wanted: string): FilterSyntaxError {
  const found = token.kind === 'end' ? 'the end of the filter' : `\`${token.text}\``;
  return new FilterSyntaxError(`Expected ${wanted}, found ${found}.`, token.position);
}
