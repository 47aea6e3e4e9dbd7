import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  blocksConnection,
  countOutcome,
  hasEnded,
  NO_COUNTS,
  type Outcome,
  type RunCounts,
  strongest,
} from '../../src/domain/run.js';

const OUTCOMES = [
  'failed',
  'conflict',
  'created',
  'deleted',
  'deactivated',
  'linked',
  'updated',
  'skipped',
  'unchanged',
] as const satisfies readonly Outcome[];

const total = ({ read: _read, ...counts }: RunCounts) =>
  Object.values(counts).reduce((sum, count) => sum + count, 0);

describe('counting the pairs of a run', () => {
  it.each([
    ['updated', 'conflict', 'conflict'],
    ['unchanged', 'skipped', 'skipped'],
    ['linked', 'updated', 'linked'],
    ['created', 'failed', 'failed'],
    ['deactivated', 'deleted', 'deleted'],
    ['updated', 'updated', 'updated'],
  ] as const)('%s and %s count as %s', (first, second, winner) => {
    expect(strongest(first, second)).toBe(winner);
    expect(strongest(second, first)).toBe(winner);
  });

  it.each(OUTCOMES)('%s has a counter of its own', (outcome) => {
    const name = outcome === 'conflict' ? 'conflicts' : outcome;
    expect(countOutcome(NO_COUNTS, outcome, null)).toEqual({ ...NO_COUNTS, [name]: 1 });
  });

  it('each pair counts once, by the strongest thing that happened to it, in any order', () => {
    const event = fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.constantFrom(...OUTCOMES));
    fc.assert(
      fc.property(fc.array(event), (events) => {
        const before = new Map<string, Outcome>();
        let counts = NO_COUNTS;
        for (const [pair, outcome] of events) {
          const known = before.get(pair) ?? null;
          counts = countOutcome(counts, outcome, known);
          before.set(pair, known === null ? outcome : strongest(known, outcome));
        }
        const expected = [...before.values()].reduce(
          (sum, outcome) => countOutcome(sum, outcome, null),
          NO_COUNTS,
        );
        expect(counts).toEqual(expected);
        expect(total(counts)).toBe(before.size);
      }),
    );
  });
});

describe('the status of a run', () => {
  it.each([
    ['queued', true, false],
    ['running', true, false],
    ['awaitingApproval', false, false],
    ['succeeded', false, true],
    ['partiallySucceeded', false, true],
    ['failed', false, true],
    ['cancelled', false, true],
  ] as const)('%s: keeps the connection %s, has ended %s', (status, blocks, ended) => {
    expect(blocksConnection(status)).toBe(blocks);
    expect(hasEnded(status)).toBe(ended);
  });
});
