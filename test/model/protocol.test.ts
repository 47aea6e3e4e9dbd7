import { describe, expect, it } from 'vitest';
import { playModel } from './play.js';
import type { Flaw } from './protocol.js';

const HISTORIES = 4_000;

/** The first history that goes wrong, if one does. */
function firstFault(flaw: Flaw): string | null {
  for (let seed = 1; seed <= HISTORIES; seed += 1) {
    const [fault] = playModel(seed, flaw);
    if (fault !== undefined) return `seed ${seed}: ${fault}`;
  }
  return null;
}

describe('the write protocol', () => {
  it('[W2] loses nothing and comes to rest with both sides alike', () => {
    expect(firstFault('none')).toBeNull();
  });

  it.each(['readBackIsBase', 'noPlan', 'noClaim', 'noEtag', 'noFreshRead', 'unloggedConflict'] as const)(
    '[W2] needs each of its steps: %s goes wrong',
    (flaw) => {
      expect(firstFault(flaw)).not.toBeNull();
    },
  );
});
