import { badRequest, unsupported } from '../errors.js';
import type { Scalar } from '../tables/schema.js';
import type { Accessor, FilterScope, Test } from './filter.js';
import type { Operand } from './filter-parser.js';
import { comparable, comparableText } from './filter-values.js';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

type Parameters = ReadonlyMap<string, Operand>;
type Builder = <T>(accessor: Accessor<T>, parameters: Parameters, scope: FilterScope<T>) => Test<T>;

const BUILDERS: Record<string, Builder> = {
  In: (accessor, parameters, scope) => inList(accessor, scope, listOf(parameters)),
  NotIn: (accessor, parameters, scope) => negated(inList(accessor, scope, listOf(parameters))),
  Between: (accessor, parameters, scope) => between(accessor, scope, listOf(parameters)),
  NotBetween: (accessor, parameters, scope) => negated(between(accessor, scope, listOf(parameters))),
  ContainValues: (accessor, parameters) => containsValues(accessor, listOf(parameters)),
  DoesNotContainValues: (accessor, parameters) => negated(containsValues(accessor, listOf(parameters))),
  On: (accessor, parameters) => onDay(accessor, parameters, (day, wanted) => day === wanted),
  OnOrAfter: (accessor, parameters) => onDay(accessor, parameters, (day, wanted) => day >= wanted),
  OnOrBefore: (accessor, parameters) => onDay(accessor, parameters, (day, wanted) => day <= wanted),
  LastXDays: (accessor, parameters, scope) => lately(accessor, scope, numberOf(parameters) * dayMs),
  LastXHours: (accessor, parameters, scope) => lately(accessor, scope, numberOf(parameters) * hourMs),
  EqualUserId: (accessor, _parameters, scope) => inList(accessor, scope, [scope.callerId]),
  NotEqualUserId: (accessor, _parameters, scope) => negated(inList(accessor, scope, [scope.callerId])),
};

/** A query function of the namespace Microsoft.Dynamics.CRM as a test. */
export function compileFunction<T>(name: string, parameters: Parameters, scope: FilterScope<T>): Test<T> {
  const builder = Object.hasOwn(BUILDERS, name) ? BUILDERS[name] : undefined;
  if (builder === undefined) {
    throw unsupported(`the query function ${name}`);
  }
  return builder(scope.resolveName(propertyName(parameters)), parameters, scope);
}

/** The `PropertyName` of a query function. */
export function propertyName(parameters: Parameters): string {
  const operand = parameters.get('PropertyName');
  if (operand?.kind !== 'literal' || typeof operand.value !== 'string') {
    throw badRequest("The parameter 'PropertyName' has to be a string.");
  }
  return operand.value;
}

/** The `PropertyValues` of a query function. */
export function listOf(parameters: Parameters): string[] {
  const operand = parameters.get('PropertyValues');
  if (operand?.kind !== 'list') {
    throw badRequest("The parameter 'PropertyValues' has to be a JSON array of strings.");
  }
  return operand.values;
}

function singleValue(parameters: Parameters): string | number {
  const operand = parameters.get('PropertyValue');
  if (operand?.kind !== 'literal' || operand.value === null || typeof operand.value === 'boolean') {
    throw badRequest("The parameter 'PropertyValue' is missing.");
  }
  return operand.value;
}

function numberOf(parameters: Parameters): number {
  const value = Number(singleValue(parameters));
  if (!Number.isInteger(value)) {
    throw badRequest("The parameter 'PropertyValue' has to be a whole number.");
  }
  return value;
}

function negated<T>(test: Test<T>): Test<T> {
  return (item) => !test(item);
}

function inList<T>(accessor: Accessor<T>, { collation }: FilterScope<T>, values: readonly string[]): Test<T> {
  const wanted = new Set<Scalar>(values.map((value) => comparableText(value, accessor.kind, collation.key)));
  return (item) => {
    const value = accessor.get(item);
    return value !== null && wanted.has(comparable(value, accessor.kind, collation.key));
  };
}

function between<T>(
  accessor: Accessor<T>,
  { collation }: FilterScope<T>,
  values: readonly string[],
): Test<T> {
  const [from, to] = values.map((value) => comparableText(value, accessor.kind, collation.key));
  if (from === undefined || from === null || to === undefined || to === null || values.length !== 2) {
    throw badRequest('Between needs two values.');
  }
  return (item) => {
    const value = comparable(accessor.get(item), accessor.kind, collation.key);
    return value !== null && value >= from && value <= to;
  };
}

/** Multi-select choices are stored as "1,3". */
function containsValues<T>(accessor: Accessor<T>, values: readonly string[]): Test<T> {
  return (item) => {
    const value = accessor.get(item);
    return typeof value === 'string' && value.split(',').some((part) => values.includes(part));
  };
}

function onDay<T>(
  accessor: Accessor<T>,
  parameters: Parameters,
  compare: (day: string, wanted: string) => boolean,
): Test<T> {
  const wanted = String(singleValue(parameters)).slice(0, 10);
  return (item) => {
    const value = accessor.get(item);
    return typeof value === 'string' && compare(value.slice(0, 10), wanted);
  };
}

function lately<T>(accessor: Accessor<T>, scope: FilterScope<T>, spanMs: number): Test<T> {
  const now = scope.now().getTime();
  return (item) => {
    const value = comparable(accessor.get(item), 'moment', scope.collation.key);
    return typeof value === 'number' && value <= now && value >= now - spanMs;
  };
}
