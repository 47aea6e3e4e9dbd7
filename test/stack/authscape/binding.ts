import { conversionText, malformedText, placeOf } from './json-places.js';
import { ValidationError } from './replies.js';

const guidPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const emptyGuid = '00000000-0000-0000-0000-000000000000';

/**
 * Reads a JSON object the way System.Text.Json with the web defaults and ASP.NET Core's validation do: member names
 * without regard to case, null as absent, numbers also as strings, booleans only as booleans, the rest ignored.
 * Problems are thrown by `finish`: the first that cannot be converted wins over what is missing.
 */
export class BodyReader {
  readonly #members = new Map<string, unknown>();
  readonly #path: string;
  readonly #problems: Problems;

  private constructor(value: object, path: string, problems: Problems) {
    for (const [name, member] of Object.entries(value)) {
      this.#members.set(name.toLowerCase(), member ?? undefined);
    }
    this.#path = path;
    this.#problems = problems;
  }

  /**
   * Throws ValidationError when the text is no JSON object.
   * @param parameter the action's parameter in C#, which a body that cannot be read leaves without a value
   */
  static parse(text: string, parameter: string): BodyReader {
    const unread = { [parameter]: [`The ${parameter} field is required.`] };
    if (text.trim() === '') {
      throw new ValidationError({ '': ['A non-empty request body is required.'], ...unread });
    }
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch (error) {
      throw new ValidationError({ ...unread, $: [malformedText(text, error)] });
    }
    if (!isObject(value)) {
      throw new ValidationError({ ...unread, $: [conversionText('System.Object', '$', text, 0)] });
    }
    return new BodyReader(value, '', { text, unread, conversion: undefined, missing: {} });
  }

  finish(): void {
    const { unread, conversion, missing } = this.#problems;
    if (conversion !== undefined) {
      throw new ValidationError({ ...unread, [conversion.path]: [conversion.text] });
    }
    if (Object.keys(missing).length > 0) {
      throw new ValidationError(missing);
    }
  }

  /** A whole number; 64-bit ones are read as JavaScript numbers. */
  integer(name: string): number | undefined {
    const value = this.#members.get(name.toLowerCase());
    if (value === undefined) {
      return undefined;
    }
    const number = typeof value === 'string' && /^-?\d+$/.test(value) ? Number(value) : value;
    return Number.isSafeInteger(number) ? (number as number) : this.#refuse(name, 'System.Int64');
  }

  int32(name: string): number | undefined {
    const value = this.integer(name);
    return value === undefined || value === (value | 0) ? value : this.#refuse(name, 'System.Int32');
  }

  boolean(name: string): boolean | undefined {
    const value = this.#members.get(name.toLowerCase());
    return value === undefined || typeof value === 'boolean' ? value : this.#refuse(name, 'System.Boolean');
  }

  text(name: string): string | undefined {
    const value = this.#members.get(name.toLowerCase());
    return value === undefined || typeof value === 'string' ? value : this.#refuse(name, 'System.String');
  }

  /** A member whose C# type does not allow null. */
  requiredText(name: string): string {
    return this.text(name) ?? this.#require(name, '');
  }

  /** A missing one is the empty GUID, as for a C# value type. */
  guid(name: string): string {
    const value = this.text(name);
    if (value === undefined) {
      return emptyGuid;
    }
    return guidPattern.test(value) ? value.toLowerCase() : (this.#refuse(name, 'System.Guid') ?? emptyGuid);
  }

  texts(name: string): string[] | undefined {
    const items = this.#array(name);
    return items?.map((item, index) =>
      typeof item === 'string' ? item : (this.#refuse(`${name}[${index}]`, 'System.String') ?? ''),
    );
  }

  list<T>(name: string, read: (item: BodyReader) => T): T[] | undefined {
    return this.#array(name)?.flatMap((item, index) => {
      const path = `${name}[${index}]`;
      if (!isObject(item)) {
        this.#refuse(path, 'System.Object');
        return [];
      }
      return [read(new BodyReader(item, `${this.#path}${path}.`, this.#problems))];
    });
  }

  requiredList<T>(name: string, read: (item: BodyReader) => T): T[] {
    return this.list(name, read) ?? this.#require<T[]>(name, []);
  }

  /** A nested object whose members of these names may not be null. False: it is not there. */
  nested(name: string, required: readonly string[]): boolean {
    const value = this.#members.get(name.toLowerCase());
    if (value === undefined) {
      return false;
    }
    if (!isObject(value)) {
      this.#refuse(name, 'System.Object');
      return true;
    }
    const inner = new BodyReader(value, `${this.#path}${name}.`, this.#problems);
    for (const member of required.filter((candidate) => !inner.#members.has(candidate.toLowerCase()))) {
      inner.#require(member, undefined);
    }
    return true;
  }

  #array(name: string): unknown[] | undefined {
    const value = this.#members.get(name.toLowerCase());
    return value === undefined || Array.isArray(value)
      ? value
      : this.#refuse(name, 'System.Collections.List');
  }

  #refuse(name: string, type: string): undefined {
    const { text, conversion } = this.#problems;
    const { path, end } = placeOf(text, `$.${this.#path}${name}`);
    if (conversion === undefined || end < conversion.end) {
      this.#problems.conversion = { path, end, text: conversionText(type, path, text, end) };
    }
    return undefined;
  }

  #require<T>(name: string, standIn: T): T {
    const title = name.charAt(0).toUpperCase() + name.slice(1);
    const path = this.#path.replace(/(^|\.)([a-z])/g, (found) => found.toUpperCase());
    this.#problems.missing[`${path}${title}`] = [`The ${title} field is required.`];
    return standIn;
  }
}

interface Problems {
  readonly text: string;
  /** What is said of the parameter when its body cannot be read. */
  readonly unread: Record<string, string[]>;
  /** The first value that cannot be converted: the reader stops there. */
  conversion: { path: string; end: number; text: string } | undefined;
  missing: Record<string, string[]>;
}

/** Query parameters, named without regard to case; those that do not parse throw ValidationError. */
export class QueryReader {
  readonly #values = new Map<string, string>();

  constructor(parameters: URLSearchParams) {
    for (const [name, value] of parameters) {
      this.#values.set(name.toLowerCase(), value);
    }
  }

  text(name: string): string | undefined {
    return this.#values.get(name.toLowerCase());
  }

  /** 0 when it is not there. */
  integer(name: string): number {
    const value = this.text(name);
    if (value === undefined) {
      return 0;
    }
    return /^-?\d{1,15}$/.test(value) ? Number(value) : this.#refuse(name, value);
  }

  boolean(name: string): boolean {
    const value = this.text(name)?.toLowerCase() ?? 'false';
    return value === 'true' || (value === 'false' ? false : this.#refuse(name, value));
  }

  guid(name: string): string {
    const value = this.text(name) ?? emptyGuid;
    return guidPattern.test(value) ? value.toLowerCase() : this.#refuse(name, value);
  }

  #refuse(name: string, value: string): never {
    throw new ValidationError({ [name]: [`The value '${value}' is not valid.`] });
  }
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
