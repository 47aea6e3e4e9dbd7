/** White space, and letters of other scripts that look like it: fillers of Hangul, the empty Braille pattern. */
const BLANK = '\\s\\u115f\\u1160\\u2800\\u3164\\uffa0';
/** Controls, soft hyphen, joiners, zero-width and byte-order marks, marks of direction. */
const WIDTHLESS =
  '\\p{Cc}\\u00ad\\u034f\\u061c\\u17b4\\u17b5\\u180e\\u200b-\\u200f\\u202a-\\u202e\\u2060-\\u206f\\ufeff';
/** What shows nothing: at the ends of a text it is no part of what the text says. */
const UNSEEN = `[${BLANK}${WIDTHLESS}]`;
const IS_UNSEEN = new RegExp(`^${UNSEEN}$`, 'u');
const BLANKS = new RegExp(`[${BLANK}]+`, 'gu');
const ZERO_WIDTH = new RegExp(`[${WIDTHLESS}]`, 'gu');

/** A text without the blanks and invisible characters around it. */
export function trimText(text: string): string {
  // No pattern: one that is bound to the end tries anew at each blank of a long text.
  let [start, end] = [0, text.length];
  while (start < end && IS_UNSEEN.test(text.charAt(start))) start += 1;
  while (end > start && IS_UNSEEN.test(text.charAt(end - 1))) end -= 1;
  return text.slice(start, end);
}

/** The beginning of a value, in quotes, for a sentence about it. */
export function quoted(text: string): string {
  return `"${text.length > LONGEST_QUOTE ? `${cutText(text, LONGEST_QUOTE)}…` : text}"`;
}

const LONGEST_QUOTE = 100;

/** Signs that people take for a hyphen or an apostrophe, and that programs set in their place. */
const HYPHENS = /[\u2010-\u2015\u2212\ufe58\ufe63\uff0d]/gu;
const APOSTROPHES = /[`\u00b4\u02bc\u2018\u2019\u201b\u2032\uff07]/gu;

/** The form in which labels and keys of options are compared: single blanks, NFC, plain hyphens, without case. */
export function labelForm(text: string): string {
  const plain = singleSpaced(text).replace(HYPHENS, '-').replace(APOSTROPHES, "'");
  return plain.normalize('NFC').toLowerCase().normalize('NFC');
}

/** A text with one blank for each run of them, and without what shows nothing. */
export function singleSpaced(text: string): string {
  return trimText(text.replace(BLANKS, ' ').replace(ZERO_WIDTH, '')).replace(/ {2,}/g, ' ');
}

/** Letters that the collation of Dataverse takes for two, and the one that has another form at the end of a word. */
const EXPANDED: readonly (readonly [RegExp, string])[] = [
  [/\u00df/gu, 'ss'],
  [/\u00e6/gu, 'ae'],
  [/\u0153/gu, 'oe'],
  [/\u03c2/gu, '\u03c3'],
];
/** Accents; the vowel signs of other scripts are letters. */
const ACCENTS = /[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]/gu;
/** Letters of another width than usual, and several letters in one sign. */
const WIDE = /[\ufb00-\ufb06\uff01-\uffee]/gu;

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
const ATOM = `[^${BLANK}\\p{Cc}\\p{Cf}\\p{Cs}\\ufffd-\\uffff@<>()\\[\\],;:\\\\"]`;
const EMAIL = new RegExp(`^${ATOM}+@(?:(?!\\.)${ATOM})+(?:\\.(?:(?!\\.)${ATOM})+)+$`, 'u');

/** No mail system takes more characters. */
const LONGEST_EMAIL = 1_000;

/** A plain check: one address, something before one @, a domain with a dot after it, no white space. */
export function isEmail(text: string): boolean {
  const address = trimText(text);
  return address.length <= LONGEST_EMAIL && EMAIL.test(address);
}

/** Does the address consist of what ASP.NET Core Identity takes for a login, unless it is set up otherwise? */
export function isLogin(text: string): boolean {
  return /^[a-zA-Z0-9\-._@+]+$/.test(text);
}

/** A number in plain decimal notation; undefined for any other text, such as `0x1F` and `1e3`. */
export function plainNumber(text: string): number | undefined {
  const digits = trimText(text);
  return /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)$/.test(digits) ? Number(digits) : undefined;
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

/** Made with its first use: it reads tables that few processes need. */
let characters: Intl.Segmenter | undefined;
/** More UTF-16 units than any character takes that people write: the longest of them are families and flags. */
const LONGEST = 64;

/** Cuts to `limit` UTF-16 units without tearing what shows as one character, however many code points it has. */
export function cutText(text: string, limit: number): string {
  if (text.length <= limit) return text;
  const start = Math.max(0, limit - LONGEST);
  const torn = segmenter()
    .segment(text.slice(start, limit + LONGEST))
    .containing(limit - start);
  if (torn !== undefined && start + torn.index > start) return text.slice(0, start + torn.index);
  // A character that is longer than any should be: only code points are kept whole.
  const isTorn = /[\ud800-\udbff]$/.test(text.slice(0, limit)) && /^[\udc00-\udfff]/.test(text.slice(limit));
  return text.slice(0, isTorn ? limit - 1 : limit);
}

function segmenter(): Intl.Segmenter {
  characters ??= new Intl.Segmenter('en', { granularity: 'grapheme' });
  return characters;
}

/** One line without control characters and marks that turn the direction of what follows, as names are stored. */
export const PLAIN_LINE = /^[^\p{Cc}\p{Cs}\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]*$/u;
