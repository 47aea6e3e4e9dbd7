/**
 * Blanks of every kind and characters that show nothing: white space, controls, soft hyphen, zero-width and byte-order
 * marks, marks of direction. At the ends of a text they are no part of what it says.
 */
const UNSEEN = '[\\s\\p{Cc}\\u00ad\\u061c\\u180e\\u200b-\\u200f\\u2028-\\u202f\\u2060-\\u206f\\ufeff]';
const ENDS = new RegExp(`^${UNSEEN}+|${UNSEEN}+$`, 'gu');
const ZERO_WIDTH = /[\p{Cc}\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]/gu;

/** A text without the blanks and invisible characters around it. */
export function trimText(text: string): string {
  return text.replace(ENDS, '');
}

/** The form in which labels and keys of options are compared: trimmed, NFC, without case. */
export function labelForm(text: string): string {
  return trimText(text.normalize('NFC')).toLowerCase().normalize('NFC');
}

/** A text with one blank for each run of them, and without what shows nothing. */
export function singleSpaced(text: string): string {
  return trimText(text.replace(/\s+/gu, ' ').replace(ZERO_WIDTH, '')).replace(/ {2,}/g, ' ');
}

/** Letters that the collation of Dataverse takes for two. */
const EXPANDED: readonly (readonly [RegExp, string])[] = [
  [/\u00df/gu, 'ss'],
  [/\u00e6/gu, 'ae'],
  [/\u0153/gu, 'oe'],
];
/** Accents; the vowel signs of other scripts are letters. */
const ACCENTS = /[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]/gu;
/** Letters of another width than usual. */
const WIDE = /[\uff01-\uffee]/gu;

/**
 * The form in which match keys are compared, after the comparison of Dataverse: without case, accents and width of the
 * letters; moreover without blanks at the ends, doubled blanks, and what shows nothing.
 */
export function foldedText(text: string): string {
  const narrow = text.replace(WIDE, (letter) => letter.normalize('NFKC'));
  let folded = withoutAccents(withoutAccents(narrow).toLowerCase());
  for (const [letter, letters] of EXPANDED) folded = folded.replace(letter, letters);
  return singleSpaced(folded).normalize('NFC');
}

function withoutAccents(text: string): string {
  return text.normalize('NFD').replace(ACCENTS, '');
}

/** What may not stand in an address unless it is quoted, which no mail system of today asks for. */
const ATOM = '[^\\s\\p{Cc}\\p{Cf}@<>()\\[\\],;:\\\\"]';
const EMAIL = new RegExp(`^${ATOM}+@(?:(?!\\.)${ATOM})+(?:\\.(?:(?!\\.)${ATOM})+)+$`, 'u');

/** A plain check: one address, something before one @, a domain with a dot after it, no white space. */
export function isEmail(text: string): boolean {
  return EMAIL.test(trimText(text));
}

/** Does the address consist of what ASP.NET Core Identity takes for a login, unless it is set up otherwise? */
export function isLogin(text: string): boolean {
  return /^[a-zA-Z0-9\-._@+]+$/.test(text);
}

/** A number in plain decimal notation; undefined for any other text, such as `0x1F` and `1e3`. */
export function plainNumber(text: string): number | undefined {
  const digits = trimText(text);
  return /^[+-]?(?:\d+\.?\d*|\.\d+)$/.test(digits) ? Number(digits) : undefined;
}

/** The text of a value, numbers without exponent. */
export function textOf(value: string | number | boolean): string {
  const text = String(value);
  if (typeof value !== 'number' || !text.includes('e')) return text;
  const [digits = '', exponent = '0'] = text.replace(/^-/, '').split('e');
  const [whole = '', fraction = ''] = digits.split('.');
  const all = whole + fraction;
  const point = whole.length + Number(exponent);
  const sign = value < 0 ? '-' : '';
  if (point <= 0) return `${sign}0.${'0'.repeat(-point)}${all}`;
  return `${sign}${all.padEnd(point, '0')}`;
}

/** Cuts to `limit` UTF-16 units without tearing a code point. */
export function cutText(text: string, limit: number): string {
  const cut = text.slice(0, limit);
  const last = cut.charCodeAt(cut.length - 1);
  return last >= 0xd800 && last <= 0xdbff ? cut.slice(0, -1) : cut;
}
