import { isDeepStrictEqual } from 'node:util';
import type { Run } from '../../../src/domain/run.js';
import { type Look, type Scene, withScene } from './scene.js';

/** How a run ended, what it left, and what the next full run found to do. */
export interface Outcome {
  readonly status: Run['status'];
  /** A pair that a dead worker made may be counted as linked by the one that finds it: the sum stays the same. */
  readonly inStep: number;
  readonly notInStep: readonly number[];
  readonly look: Look;
  readonly next: Run['counts'];
  /** The next run has written nothing. */
  readonly isAtRest: boolean;
}

/** Plays the run of the scene from its start to its end, and one more that nothing disturbs. */
export async function playRun({ bridge, look }: Scene): Promise<Outcome> {
  const { counts, status } = await bridge.sync('full');
  const { conflicts, created, deactivated, deleted, failed, linked, skipped, unchanged, updated } = counts;
  bridge.world.before = undefined;
  bridge.world.after = undefined;
  bridge.storage.tables.before = undefined;
  bridge.storage.tables.after = undefined;
  const left = await look();
  const next = (await bridge.sync('full')).counts;
  const now = await look();
  return {
    status,
    inStep: created + linked + unchanged + updated,
    notInStep: [conflicts, deactivated, deleted, failed, skipped],
    look: left,
    next,
    isAtRest: isDeepStrictEqual({ ...now, links: left.links }, left),
  };
}

let calm: Promise<Outcome> | undefined;

/** How it ends when nothing comes between. */
export function undisturbed(): Promise<Outcome> {
  calm ??= withScene(playRun);
  return calm;
}

/** Effects from one that is disturbed to the next; `EVERY_EFFECT=1` leaves none out, which takes minutes. */
const STEP = process.env.EVERY_EFFECT === '1' ? 1 : 5;

/**
 * Plays the run again and again, each time disturbed at another of its effects, until there is none left. Answers how many
 * effects there were, and what was wrong.
 */
export async function playAtEach(
  play: (scene: Scene, n: number) => Promise<{ happened: string | null; faults: readonly string[] }>,
): Promise<{ places: number; faults: readonly string[] }> {
  const all: string[] = [];
  for (let n = 1; ; n += STEP) {
    const { faults, happened } = await withScene((scene) => play(scene, n)).catch((cause: unknown) => {
      throw new Error(`Effect ${n}`, { cause });
    });
    if (happened === null) return { places: n - 1, faults: all };
    all.push(...faults.map((fault) => `${n} ${happened}: ${fault}`));
  }
}

/** In which parts an outcome is not the wanted one. */
export function differences(wanted: Partial<Outcome>, found: Outcome): readonly string[] {
  return (Object.keys(wanted) as (keyof Outcome)[])
    .filter((part) => !isDeepStrictEqual(wanted[part], found[part]))
    .map((part) => `${part} ${JSON.stringify(found[part])}`);
}
