/** Where a value ends in a JSON text, and its path with the names as they were sent. */
interface Place {
  path: string;
  /** Index behind the value, or behind the opening bracket of an object or array. */
  end: number;
}

/** The text of System.Text.Json for a value of the wrong type. */
export function conversionText(type: string, path: string, text: string, end: number): string {
  return `The JSON value could not be converted to ${type}. Path: ${path} | ${position(text, end)}.`;
}

/** The text of System.Text.Json for what is no JSON. */
export function malformedText(text: string, error: unknown): string {
  const at = /position (\d+)/.exec(error instanceof Error ? error.message : '')?.[1];
  const end = at === undefined ? text.length : Number(at);
  const char = text.charAt(end);
  const what =
    char === ''
      ? 'Expected depth to be zero at the end of the JSON payload. There is an open JSON object or array that should be closed.'
      : `'${char}' is an invalid start of a value.`;
  return `${what} Path: $ | ${position(text, end)}.`;
}

function position(text: string, end: number): string {
  const before = text.slice(0, end);
  const line = before.lastIndexOf('\n') + 1;
  const number = before.split('\n').length - 1;
  return `LineNumber: ${number} | BytePositionInLine: ${Buffer.byteLength(before.slice(line))}`;
}

/** The place of a path such as `$.customFields[0].name`, whose names may differ in letter case. The text is valid JSON. */
export function placeOf(text: string, path: string): Place {
  const wanted = path.toLowerCase();
  return new Walker(text).find((place) => place.path.toLowerCase() === wanted) ?? { path, end: text.length };
}

/** Goes through all values of a valid JSON text. */
class Walker {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  find(isWanted: (place: Place) => boolean): Place | undefined {
    for (const place of this.#values('$')) {
      if (isWanted(place)) {
        return place;
      }
    }
    return undefined;
  }

  *#values(path: string): Generator<Place> {
    this.#skip(/[\s,]*/y);
    const first = this.#text.charAt(this.#at);
    if (first !== '{' && first !== '[') {
      this.#skip(/"(?:[^"\\]|\\.)*"|[^\s,\]}]+/y);
      yield { path, end: this.#at };
      return;
    }
    this.#at += 1;
    yield { path, end: this.#at };
    for (let index = 0; !this.#closes(); index += 1) {
      yield* this.#values(first === '{' ? `${path}.${this.#name()}` : `${path}[${index}]`);
    }
  }

  #name(): string {
    const name: unknown = JSON.parse(this.#skip(/"(?:[^"\\]|\\.)*"/y));
    this.#skip(/\s*:/y);
    return String(name);
  }

  #closes(): boolean {
    this.#skip(/[\s,]*/y);
    const closes = '}]'.includes(this.#text.charAt(this.#at));
    this.#at += closes ? 1 : 0;
    return closes;
  }

  #skip(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0] ?? '';
    this.#at += found.length;
    return found;
  }
}
