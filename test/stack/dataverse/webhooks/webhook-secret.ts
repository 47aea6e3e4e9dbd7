/** Where the row of an endpoint keeps its secret: no column has this name, so it cannot be read. */
export const secretKey = '#authvalue';

export interface Setting {
  name: string;
  value: string;
}

const SETTING = /\s*<setting\s+name="([^"<]+)"\s+value="([^"<]*)"\s*(?:\/>|>\s*<\/setting>)/y;

/** The pairs in `<settings><setting name="…" value="…" /></settings>`; undefined for any other text. */
export function parseSettings(text: string): Setting[] | undefined {
  const inner = /^\s*<settings>(.*)<\/settings>\s*$/s.exec(text)?.[1];
  if (inner === undefined) {
    return undefined;
  }
  const settings: Setting[] = [];
  let end = 0;
  SETTING.lastIndex = 0;
  for (let match = SETTING.exec(inner); match !== null; match = SETTING.exec(inner)) {
    settings.push({ name: unescaped(match[1] ?? ''), value: unescaped(match[2] ?? '') });
    end = SETTING.lastIndex;
  }
  return settings.length > 0 && inner.slice(end).trim() === '' ? settings : undefined;
}

const ENTITIES: Record<string, string> = { lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' };

function unescaped(text: string): string {
  return text.replace(/&(\w+);/g, (all, name: string) => ENTITIES[name] ?? all);
}

/** Address and headers with which a notification proves where it comes from, as the endpoint's `authtype` has it. */
export function placeSecret(
  url: string,
  authType: number,
  secret: string,
): { url: string; headers: Record<string, string> } {
  if (authType === 4) {
    return { url: withQuery(url, [{ name: 'code', value: secret }]), headers: {} };
  }
  const settings = parseSettings(secret) ?? [];
  if (authType === 6) {
    return { url: withQuery(url, settings), headers: {} };
  }
  return { url, headers: Object.fromEntries(settings.map(({ name, value }) => [name, value])) };
}

function withQuery(url: string, settings: readonly Setting[]): string {
  const address = new URL(url);
  for (const { name, value } of settings) {
    address.searchParams.append(name, value);
  }
  return address.href;
}
