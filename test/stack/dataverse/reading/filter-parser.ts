import { badRequest, unsupported } from '../errors.js';
import { type Token, tokenize } from './filter-lexer.js';

export type LiteralKind = 'null' | 'text' | 'number' | 'boolean' | 'guid' | 'moment' | 'day';
export type CompareOperator = 'eq' | 'ne' | 'gt' | 'ge' | 'lt' | 'le';
export type TextFunction = 'contains' | 'startswith' | 'endswith';

export type Operand =
  | { kind: 'literal'; type: LiteralKind; value: string | number | boolean | null }
  | { kind: 'list'; values: string[] }
  | { kind: 'path'; segments: string[] };

export type Condition =
  | { kind: 'compare'; operator: CompareOperator; left: Operand; right: Operand }
  | { kind: 'text'; name: TextFunction; target: Operand; value: Operand }
  | { kind: 'function'; name: string; parameters: Map<string, Operand> }
  | { kind: 'and' | 'or'; operands: Condition[] }
  | { kind: 'not'; operand: Condition };

/** Values of `@name` parameter aliases, still as text. */
export type Aliases = ReadonlyMap<string, string>;

const NAMESPACE = 'Microsoft.Dynamics.CRM.';
const COMPARE = new Set(['eq', 'ne', 'gt', 'ge', 'lt', 'le']);
const TEXT = new Set(['contains', 'startswith', 'endswith']);

/** Functions of OData that Dataverse does not know. */
const UNKNOWN = new Set(['tolower', 'toupper', 'trim', 'length', 'indexof', 'substring', 'concat']);

function isCompareOperator(text: string): text is CompareOperator {
  return COMPARE.has(text);
}

function isTextFunction(text: string): text is TextFunction {
  return TEXT.has(text);
}

/** Parses `$filter`; throws a 400 where it is malformed and a 501 for what the simulator leaves out. */
export function parseFilter(source: string, aliases: Aliases): Condition {
  return new FilterParser(source, aliases).parse();
}

class FilterParser {
  readonly #source: string;
  readonly #aliases: Aliases;
  readonly #tokens: Token[];
  #at = 0;

  constructor(source: string, aliases: Aliases) {
    this.#source = source;
    this.#aliases = aliases;
    this.#tokens = tokenize(source);
  }

  parse(): Condition {
    const condition = this.#or();
    if (this.#peek().kind !== 'end') {
      throw this.#syntaxError(this.#peek());
    }
    return condition;
  }

  /** A literal or list alone, as in a parameter alias. */
  parseOperand(): Operand {
    const operand = this.#operand();
    if (this.#peek().kind !== 'end') {
      throw this.#syntaxError(this.#peek());
    }
    return operand;
  }

  #or(): Condition {
    return this.#chain('or', () => this.#chain('and', () => this.#unary()));
  }

  #chain(kind: 'and' | 'or', next: () => Condition): Condition {
    const first = next();
    const operands = [first];
    while (this.#peek().kind === 'name' && this.#peek().text === kind) {
      this.#take();
      operands.push(next());
    }
    return operands.length === 1 ? first : { kind, operands };
  }

  #unary(): Condition {
    const token = this.#peek();
    if (token.kind === 'name' && token.text === 'not') {
      this.#take();
      return { kind: 'not', operand: this.#unary() };
    }
    if (token.text === '(' && token.kind === 'punctuation') {
      this.#take();
      const inner = this.#or();
      this.#expect(')');
      return inner;
    }
    return this.#predicate();
  }

  #predicate(): Condition {
    const token = this.#peek();
    if (token.kind === 'name' && this.#peek(1).text === '(') {
      return this.#call(token.text);
    }
    const left = this.#operand();
    const operator = this.#take();
    if (!isCompareOperator(operator.text)) {
      throw this.#syntaxError(operator);
    }
    return { kind: 'compare', operator: operator.text, left, right: this.#operand() };
  }

  #call(name: string): Condition {
    this.#take();
    this.#expect('(');
    if (isTextFunction(name)) {
      const target = this.#operand();
      this.#expect(',');
      const value = this.#operand();
      this.#expect(')');
      const next = this.#peek();
      if (isCompareOperator(next.text)) {
        return this.#comparedCall({ kind: 'text', name, target, value });
      }
      return { kind: 'text', name, target, value };
    }
    if (UNKNOWN.has(name)) {
      throw badRequest('The query node SingleValueFunctionCall is not supported.', '0x80060888');
    }
    if (!name.startsWith(NAMESPACE)) {
      throw unsupported(`the function ${name} in $filter`);
    }
    return { kind: 'function', name: name.slice(NAMESPACE.length), parameters: this.#parameters() };
  }

  /** `contains(a,'b') eq false` */
  #comparedCall(call: Condition): Condition {
    const operator = this.#take().text;
    const value = this.#operand();
    if (operator !== 'eq' || value.kind !== 'literal' || typeof value.value !== 'boolean') {
      throw unsupported('comparing a function with anything but true or false');
    }
    return value.value ? call : { kind: 'not', operand: call };
  }

  #parameters(): Map<string, Operand> {
    const parameters = new Map<string, Operand>();
    while (this.#peek().text !== ')') {
      const name = this.#take();
      this.#expect('=');
      parameters.set(name.text, this.#operand());
      if (this.#peek().text === ',') {
        this.#take();
      }
    }
    this.#expect(')');
    return parameters;
  }

  #operand(): Operand {
    const token = this.#take();
    switch (token.kind) {
      case 'string':
        return { kind: 'literal', type: 'text', value: token.text };
      case 'number':
        return { kind: 'literal', type: 'number', value: Number(token.text) };
      case 'guid':
        return { kind: 'literal', type: 'guid', value: token.text.toLowerCase() };
      case 'datetime':
        return { kind: 'literal', type: 'moment', value: token.text };
      case 'date':
        return { kind: 'literal', type: 'day', value: token.text };
      case 'name':
        return this.#named(token);
      case 'punctuation':
        return this.#list(token);
      case 'end':
        throw this.#syntaxError(token);
    }
  }

  #named(token: Token): Operand {
    const { text } = token;
    if (text === 'null') {
      return { kind: 'literal', type: 'null', value: null };
    }
    if (text === 'true' || text === 'false') {
      return { kind: 'literal', type: 'boolean', value: text === 'true' };
    }
    if (text.startsWith('@')) {
      return this.#alias(text);
    }
    if (this.#peek().kind === 'string' && text.startsWith(NAMESPACE)) {
      // An enum literal of the metadata: Namespace.Type'Member'.
      return { kind: 'literal', type: 'text', value: this.#take().text };
    }
    const segments = [text];
    while (this.#peek().text === '/' && this.#peek().kind === 'punctuation') {
      this.#take();
      const segment = this.#take().text;
      if (segment === 'any' || segment === 'all') {
        throw unsupported('lambda operators in $filter');
      }
      segments.push(segment);
    }
    if (this.#peek().text === '(' && this.#peek().kind === 'punctuation') {
      throw unsupported(`the function ${segments.join('/')} in $filter`);
    }
    return { kind: 'path', segments };
  }

  #alias(name: string): Operand {
    const value = this.#aliases.get(name);
    if (value === undefined) {
      return { kind: 'literal', type: 'null', value: null };
    }
    return new FilterParser(value, this.#aliases).parseOperand();
  }

  #list(opening: Token): Operand {
    if (opening.text !== '[') {
      throw this.#syntaxError(opening);
    }
    const values: string[] = [];
    while (this.#peek().text !== ']' || this.#peek().kind !== 'punctuation') {
      const item = this.#take();
      if (item.kind === 'end') {
        throw this.#syntaxError(item);
      }
      if (item.kind !== 'punctuation') {
        values.push(item.text);
      }
    }
    this.#take();
    return { kind: 'list', values };
  }

  #peek(ahead = 0): Token {
    const last = this.#tokens.at(-1);
    const token = this.#tokens[this.#at + ahead] ?? last;
    if (token === undefined) {
      throw badRequest('The filter is empty.');
    }
    return token;
  }

  #take(): Token {
    const token = this.#peek();
    this.#at += 1;
    return token;
  }

  #expect(text: string): void {
    const token = this.#take();
    if (token.text !== text || token.kind !== 'punctuation') {
      throw this.#syntaxError(token);
    }
  }

  #syntaxError(token: Token) {
    return badRequest(`Syntax error at position ${token.position} in '${this.#source}'.`, '0x80060888');
  }
}
