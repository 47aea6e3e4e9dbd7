/** An object or array that is open at a place in the text; an array has no keys. */
interface Level {
  readonly keys: Set<string> | undefined;
  readonly path: string;
  key: string;
  index: number;
}

/**
 * The path of the first property that a JSON text has twice, or undefined: of two values a parser takes one without a word, and
 * another parser the other. The text must be valid JSON.
 */
export function repeatedKey(text: string): string | undefined {
  const levels: Level[] = [];
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"(\s*:)?|[{}[\],]/g)) {
    const twice = token.startsWith('"') ? noteKey(levels.at(-1), token) : undefined;
    if (twice !== undefined) return twice;
    move(levels, token);
  }
  return undefined;
}

function move(levels: Level[], token: string): void {
  const inner = levels.at(-1);
  if (token === '{' || token === '[') {
    const keys = token === '{' ? new Set<string>() : undefined;
    levels.push({ keys, path: inner === undefined ? '' : placeOf(inner), key: '', index: 0 });
  } else if (token === '}' || token === ']') {
    levels.pop();
  } else if (token === ',' && inner !== undefined) {
    inner.index += 1;
  }
}

/** The place of the key when the object has it already. */
function noteKey(inner: Level | undefined, token: string): string | undefined {
  if (!token.endsWith(':') || inner?.keys === undefined) return undefined;
  inner.key = String(JSON.parse(token.slice(0, token.lastIndexOf('"') + 1)));
  if (inner.keys.has(inner.key)) return placeOf(inner);
  inner.keys.add(inner.key);
  return undefined;
}

/** As other faults name places: `fields[2].crmField`. */
function placeOf({ index, key, keys, path }: Level): string {
  if (keys === undefined) return `${path}[${index}]`;
  return path === '' ? key : `${path}.${key}`;
}
