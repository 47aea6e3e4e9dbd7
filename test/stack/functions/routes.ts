/** Route templates as ASP.NET Core reads them, in the subset that Functions apps use: whole-segment parameters. */

/** The parameters of a path that matches (absent optional ones are left out), or undefined. */
export type RouteMatcher = (pathname: string) => Record<string, string> | undefined;

type Check = (value: string) => boolean;

interface Parameter {
  name: string;
  catchAll: boolean;
  optional: boolean;
  defaultValue: string | undefined;
  checks: Check[];
}

type Segment = { literal: string } | { parameter: Parameter };

const isNumber: Check = (value) => value.trim() !== '' && Number.isFinite(Number(value));
const INT64_MAX = 2n ** 63n;
const isLong: Check = (value) =>
  /^-?\d{1,19}$/.test(value) && BigInt(value) >= -INT64_MAX && BigInt(value) < INT64_MAX;
const GUID = /^[{(]?[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}[)}]?$/i;

const bounds = (argument: string): [number, number] => {
  const [low, high] = argument.split(',').map(Number);
  return [low!, high ?? low!];
};

const between = (value: number, argument: string): boolean => {
  const [low, high] = bounds(argument);
  return value >= low && value <= high;
};

const CONSTRAINTS: Record<string, (value: string, argument: string) => boolean> = {
  int: (value) => /^-?\d{1,10}$/.test(value) && Number(value) >= -(2 ** 31) && Number(value) < 2 ** 31,
  long: isLong,
  bool: (value) => /^(true|false)$/i.test(value),
  guid: (value) => GUID.test(value),
  datetime: (value) => !Number.isNaN(Date.parse(value)),
  decimal: isNumber,
  double: isNumber,
  float: isNumber,
  alpha: (value) => /^[a-z]*$/i.test(value),
  minlength: (value, argument) => value.length >= Number(argument),
  maxlength: (value, argument) => value.length <= Number(argument),
  length: (value, argument) => between(value.length, argument),
  min: (value, argument) => isLong(value) && Number(value) >= Number(argument),
  max: (value, argument) => isLong(value) && Number(value) <= Number(argument),
  range: (value, argument) => isLong(value) && between(Number(value), argument),
  regex: (value, argument) => new RegExp(argument, 'i').test(value),
  required: (value) => value !== '',
};

/** Splits at a separator that is not inside braces or parentheses: a pattern constraint may contain it. */
const splitOutside = (text: string, separator: string): string[] => {
  const parts = [''];
  let depth = 0;
  for (const character of text) {
    if ('{('.includes(character)) depth += 1;
    if ('})'.includes(character)) depth -= 1;
    if (character === separator && depth === 0) parts.push('');
    else parts[parts.length - 1] += character;
  }
  return parts;
};

const parseConstraint = (text: string): Check => {
  const [, name = '', argument = ''] = /^(\w+)(?:\((.*)\))?$/.exec(text) ?? [];
  const constraint = CONSTRAINTS[name.toLowerCase()];
  if (constraint === undefined) throw new Error(`The constraint "${text}" is not known.`);
  // Braces are doubled in templates, as single ones end the parameter.
  const plain = argument.replaceAll('{{', '{').replaceAll('}}', '}');
  return (value) => constraint(value, plain);
};

const parseParameter = (text: string): Parameter => {
  const stars = /^\*{1,2}/.exec(text)?.[0] ?? '';
  const [head = '', ...constraints] = splitOutside(text.slice(stars.length), ':');
  const last = constraints.at(-1) ?? head;
  const [, body = last, defaultValue, mark] = /^((?:[^(=?]|\(.*\))*)(?:=([^?]*))?(\?)?$/.exec(last) ?? [];
  const name = constraints.length === 0 ? body : head;
  if (!/^\w[\w-]*$/.test(name)) throw new Error(`"{${text}}" is not a route parameter.`);
  const names = constraints.length === 0 ? [] : [...constraints.slice(0, -1), body];
  return {
    name,
    catchAll: stars !== '',
    optional: mark === '?',
    defaultValue,
    checks: names.map(parseConstraint),
  };
};

const parseSegment = (text: string): Segment => {
  if (text.startsWith('{') && text.endsWith('}')) return { parameter: parseParameter(text.slice(1, -1)) };
  if (/[{}]/.test(text)) throw new Error(`The segment "${text}" mixes text and parameters.`);
  return { literal: text.toLowerCase() };
};

/** An encoded slash stays encoded, as the real server leaves it alone; broken escapes stay as they are. */
const decode = (text: string): string =>
  text
    .split(/(%2f)/i)
    .map((part) => {
      if (/^%2f$/i.test(part)) return part;
      try {
        return decodeURIComponent(part);
      } catch {
        return part;
      }
    })
    .join('');

const trimSlashes = (text: string): string => text.replace(/^\/+|\/+$/g, '');

const takeRest = (parameter: Parameter, parts: string[], params: Record<string, string>): boolean => {
  const rest = parts.map(decode).join('/');
  const value = rest === '' ? parameter.defaultValue : rest;
  if (value !== undefined) params[parameter.name] = value;
  return value === undefined || parameter.checks.every((check) => check(value));
};

/** Whether the segment fits; `part` is undefined past the end of the path. */
const takeOne = (segment: Segment, part: string | undefined, params: Record<string, string>): boolean => {
  if ('literal' in segment) return part !== undefined && decode(part).toLowerCase() === segment.literal;
  const { name, optional, defaultValue, checks } = segment.parameter;
  if (part === undefined) {
    if (defaultValue !== undefined) params[name] = defaultValue;
    return optional || defaultValue !== undefined;
  }
  const value = decode(part);
  params[name] = value;
  return value !== '' && checks.every((check) => check(value));
};

/** Compiles a template such as `items/{id:guid}/{tail?}`. Throws on syntax and constraints it does not know. */
export const compileRoute = (template: string): RouteMatcher => {
  const trimmed = trimSlashes(template);
  const segments = trimmed === '' ? [] : splitOutside(trimmed, '/').map(parseSegment);
  return (pathname) => {
    // One slash at each end means nothing; a second one is an empty segment, which fits nothing.
    const path = pathname.replace(/^\//, '').replace(/\/$/, '');
    const parts = path === '' ? [] : path.split('/');
    const params: Record<string, string> = {};
    for (const [index, segment] of segments.entries()) {
      if ('parameter' in segment && segment.parameter.catchAll) {
        return takeRest(segment.parameter, parts.slice(index), params) ? params : undefined;
      }
      if (!takeOne(segment, parts[index], params)) return undefined;
    }
    return parts.length <= segments.length ? params : undefined;
  };
};

/** Order in which the real host tries functions: by name, ignoring case, and not by their routes. */
export const byName = (left: { name: string }, right: { name: string }): number => {
  const [a, b] = [left.name.toUpperCase(), right.name.toUpperCase()];
  if (a === b) return 0;
  return a < b ? -1 : 1;
};

/** Why the real host would refuse this route, given those of the functions before it; undefined: it is fine. */
export const routeProblem = (
  route: string,
  methods: string[],
  earlier: { name: string; route: string; methods: string[] }[],
): string | undefined => {
  if (/^\/?(admin|runtime)/i.test(route)) {
    return 'The specified route conflicts with one or more built in routes.';
  }
  const clash = earlier.find(
    (other) =>
      other.route.toLowerCase() === route.toLowerCase() &&
      other.methods.some((method) => methods.includes(method)),
  );
  return clash && `The route specified conflicts with the route defined by function '${clash.name}'.`;
};
