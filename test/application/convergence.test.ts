import { describe, expect, it } from 'vitest';
import { playHistory } from './support/history.js';
import { KINDS, type Kind, variantOf, WIDE_KINDS, type WideKind } from './support/variants.js';
import { verdictOn } from './support/verdict.js';

/**
 * People edit on either side, in any order, with faults and deaths of workers in between: when the noise
 * stops, both sides agree, nothing was made twice or removed without a cause, no value is lost without a trace, and a
 * further sync writes nothing. A seed that fails is played alone with CONVERGENCE_SEED=<seed> CONVERGENCE_HISTORIES=4.
 */
const HISTORIES = Number(process.env.CONVERGENCE_HISTORIES ?? 28);
const FIRST_SEED = Number(process.env.CONVERGENCE_SEED ?? 1);
const MOST_MS = 600_000;

const kinds = [...Object.keys(KINDS), ...Object.keys(WIDE_KINDS)] as (Kind | WideKind)[];

async function play(kind: Kind | WideKind, seed: number): Promise<readonly string[]> {
  try {
    const options = variantOf(kind, seed);
    const history = await playHistory(options);
    const faults = await verdictOn(history, options.furtherKeys);
    return faults.length === 0 ? [] : [`seed ${seed}`, ...faults, ...history.told.map((line) => `  ${line}`)];
  } catch (error) {
    return [`seed ${seed}`, String(error instanceof Error ? error.stack : error)];
  }
}

describe('[R1] random histories converge', () => {
  it.each(kinds)(
    '%s',
    async (kind) => {
      const count = Math.ceil(HISTORIES / kinds.length);
      const faults: string[] = [];
      for (let seed = FIRST_SEED; seed < FIRST_SEED + count; seed += 1) {
        faults.push(...(await play(kind, seed)));
      }
      expect(faults).toEqual([]);
    },
    MOST_MS,
  );
});
