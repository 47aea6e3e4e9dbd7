import { DataverseError } from '../errors.js';
import type { Scalar } from '../tables/schema.js';

/** Where a page ended: the values of its last row, one per order column, or the state of a change run. */
export interface PageCookie {
  page: number;
  isTracking: boolean;
  /** By column name. */
  last: Map<string, Scalar>;
}

/**
 * A skip token in the form Dataverse has: an XML element whose attribute holds another one, percent-encoded, so that
 * in the link the inner one is encoded twice.
 */
export function encodeCookie(cookie: PageCookie): string {
  const columns = [...cookie.last].map(([name, value]) => {
    const json = escapeXml(JSON.stringify(value));
    return `<${name} last="${json}" first="${json}" />`;
  });
  const inner = `<cookie page="${cookie.page - 1}">${columns.join('')}</cookie>`;
  const flag = cookie.isTracking ? 'True' : 'False';
  const outer = `<cookie pagenumber="${cookie.page}" pagingcookie="${encodeURIComponent(inner)}" istracking="${flag}" />`;
  return encodeURIComponent(outer);
}

/** Reads a token that was decoded once, as query options are. */
export function decodeCookie(token: string): PageCookie {
  const outer = /^<cookie pagenumber="(\d+)" pagingcookie="([^"]*)" istracking="(True|False)" \/>$/.exec(
    token,
  );
  if (outer === null) {
    throw malformed();
  }
  const last = new Map<string, Scalar>();
  try {
    const inner = decodeURIComponent(outer[2] ?? '');
    for (const [, name = '', value = ''] of inner.matchAll(/<(\w+) last="([^"]*)"/g)) {
      last.set(name, JSON.parse(unescapeXml(value)) as Scalar);
    }
  } catch {
    throw malformed();
  }
  if (last.size === 0) {
    throw malformed();
  }
  return { page: Number(outer[1]), isTracking: outer[3] === 'True', last };
}

function malformed(): DataverseError {
  return new DataverseError(400, '0x80041129', 'Malformed XML in the paging cookie.');
}

function escapeXml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('"', '&quot;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;');
}

function unescapeXml(text: string): string {
  return text
    .replaceAll('&gt;', '>')
    .replaceAll('&lt;', '<')
    .replaceAll('&quot;', '"')
    .replaceAll('&amp;', '&');
}

/** The query text again, without the options that name a position. */
export function searchWithoutTokens(search: string): string {
  return search
    .split('&')
    .filter((part) => part !== '' && !/^(?:\$|%24)(?:skiptoken|deltatoken)=/i.test(part))
    .join('&');
}
