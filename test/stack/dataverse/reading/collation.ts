/** What does not count when the database compares texts; case and width of letters never do, leading blanks always do. */
export interface CollationSettings {
  accents: 'insensitive' | 'sensitive';
  trailingBlanks: 'ignored' | 'kept';
}

/** The usual collation of SQL Server. */
export const usualCollation: CollationSettings = { accents: 'insensitive', trailingBlanks: 'ignored' };

/** Letters that compare as two, and the form of one that it has at the end of a word. */
const EXPANDED = [
  ['ß', 'ss'],
  ['æ', 'ae'],
  ['œ', 'oe'],
  ['ς', 'σ'],
] as const;

/** Compares texts as the database is set to. */
export class Collation {
  settings: CollationSettings = { ...usualCollation };

  /** Two texts are equal, and ordered, as their keys are. */
  readonly key = (text: string): string => {
    const key = this.pattern(text);
    return this.settings.trailingBlanks === 'ignored' && key.endsWith(' ') ? key.replace(/ +$/, '') : key;
  };

  /** The form in which LIKE compares: blanks at the end of Unicode texts count there. */
  readonly pattern = (text: string): string => {
    const lower = text.toLowerCase();
    if (!isBeyondAscii(lower)) {
      return lower;
    }
    const narrow = lower.replace(/[\ufb00-\ufb06\uff01-\uffee]/gu, (letter) => letter.normalize('NFKC'));
    const letters = EXPANDED.reduce((folded, [letter, other]) => folded.replaceAll(letter, other), narrow);
    return this.settings.accents === 'insensitive'
      ? letters.normalize('NFD').replace(/\p{M}+/gu, '')
      : letters;
  };
}

function isBeyondAscii(text: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the range of ASCII begins with them.
  return /[^\u0000-\u007F]/.test(text);
}
