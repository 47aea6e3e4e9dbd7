import { foldedText, singleSpaced } from '../../domain/text-form.js';

/** One way to ask for a text: equal to it, or beginning with it, `%` stands for anything. */
export interface Spelling {
  readonly kind: 'text' | 'prefix';
  readonly value: string;
}

/** Blanks that a text may begin with; to SQL they count there, while blanks at the end do not. */
const BLANKS = [' ', '\u00a0', '\t', '\n', '\u2002', '\u2003', '\u2009', '\u202f', '\u3000'];
/** Characters without width. Some databases pass over them: none may stand before a `%`, where it would match every row. */
const WITHOUT_WIDTH = ['\u200b', '\ufeff', '\u200e', '\u200f', '\u202a', '\u2060'];
/** A shorter text is the beginning of too many others. */
const SHORTEST_PREFIX = 3;

/**
 * The ways in which a column may hold a text that matching takes for the same (`foldedText`). Each can be answered from
 * an index: none looks for a text in the middle of others. `usual`: what Dataverse itself takes for equal. What comes
 * back is compared again by the caller.
 */
export function spellings(value: string, spelling: 'any' | 'usual'): readonly Spelling[] {
  const text = singleSpaced(value);
  if (spelling === 'usual') return [{ kind: 'text', value: text }];
  const equal = new Set([text, ...otherLetters(text)]);
  const prefixes: string[] = [];
  const pattern = text.replaceAll('[', '[[]').replaceAll(' ', '%');
  if (text.length >= SHORTEST_PREFIX) {
    prefixes.push(pattern, ...WITHOUT_WIDTH.map((character) => character + pattern));
  } else {
    for (const character of WITHOUT_WIDTH) equal.add(character + text);
    for (const character of [...BLANKS, ...WITHOUT_WIDTH]) equal.add(text + character);
  }
  for (const blank of BLANKS) prefixes.push(`${blank}%${pattern}`);
  return [
    ...[...equal].map((each): Spelling => ({ kind: 'text', value: each })),
    ...prefixes.map((each): Spelling => ({ kind: 'prefix', value: each })),
  ];
}

/** The same with letters that not every collation takes for each other. */
function otherLetters(text: string): readonly string[] {
  const sharp = text.replace(/ss/gi, '\u00df');
  const folded = foldedText(text);
  const isPlain = text.toLowerCase() === folded;
  return [...(sharp === text ? [] : [sharp]), ...(isPlain ? [] : [folded])];
}
