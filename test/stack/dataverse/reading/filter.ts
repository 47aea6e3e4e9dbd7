import { badRequest } from '../errors.js';
import type { Scalar } from '../tables/schema.js';
import { compileFunction } from './filter-functions.js';
import type { Condition, Operand } from './filter-parser.js';
import { commonKind, comparable, holds, likeTest, type TextKey, type ValueKind } from './filter-values.js';

export interface Accessor<T> {
  kind: ValueKind;
  get(item: T): Scalar;
}

/** What a filter needs to know about the items it is applied to. */
export interface FilterScope<T> {
  /** Throws where the path names nothing. */
  resolve(segments: readonly string[]): Accessor<T>;
  /** The column of a query function, which takes the logical name. */
  resolveName(name: string): Accessor<T>;
  now(): Date;
  callerId: string;
  /** How texts compare, and how they compare with a part of them. */
  collation: { key: TextKey; pattern: TextKey };
}

export type Test<T> = (item: T) => boolean;

/** Turns a parsed filter into a test of one item; names and types are checked here, once. */
export function compileFilter<T>(condition: Condition, scope: FilterScope<T>): Test<T> {
  switch (condition.kind) {
    case 'and': {
      const tests = condition.operands.map((operand) => compileFilter(operand, scope));
      return (item) => tests.every((test) => test(item));
    }
    case 'or': {
      const tests = condition.operands.map((operand) => compileFilter(operand, scope));
      return (item) => tests.some((test) => test(item));
    }
    case 'not': {
      const test = compileFilter(condition.operand, scope);
      return (item) => !test(item);
    }
    case 'compare':
      return compileCompare(condition, scope);
    case 'text':
      return compileText(condition, scope);
    case 'function':
      return compileFunction(condition.name, condition.parameters, scope);
  }
}

function compileCompare<T>(
  { left, right, operator }: Extract<Condition, { kind: 'compare' }>,
  scope: FilterScope<T>,
): Test<T> {
  const first = accessorOf(left, scope);
  const second = accessorOf(right, scope);
  const kind = commonKind(first.kind, second.kind, operator);
  const { key } = scope.collation;
  if (right.kind === 'literal') {
    const wanted = comparable(right.value, kind, key);
    return (item) => holds(operator, comparable(first.get(item), kind, key), wanted);
  }
  return (item) =>
    holds(operator, comparable(first.get(item), kind, key), comparable(second.get(item), kind, key));
}

function accessorOf<T>(operand: Operand, scope: FilterScope<T>): Accessor<T> {
  switch (operand.kind) {
    case 'path':
      return scope.resolve(operand.segments);
    case 'literal': {
      const { value } = operand;
      return { kind: operand.type, get: () => value };
    }
    case 'list':
      throw badRequest('A list cannot be compared.');
  }
}

function compileText<T>(
  { name, target, value }: Extract<Condition, { kind: 'text' }>,
  scope: FilterScope<T>,
): Test<T> {
  const accessor = accessorOf(target, scope);
  const isText = accessor.kind === 'text' || accessor.kind === 'any';
  if (!isText || value.kind !== 'literal' || typeof value.value !== 'string') {
    throw badRequest(
      `No function signature for the function with name '${name}' matches the specified arguments.`,
    );
  }
  const test = likeTest(value.value, name, scope.collation.pattern);
  return (item) => {
    const text = accessor.get(item);
    return typeof text === 'string' && test(text);
  };
}
