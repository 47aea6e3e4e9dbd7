import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  blocksConnection,
  countOutcome,
  hasEnded,
  NO_COUNTS,
  type Outcome,
  RUN_TRANSITIONS,
  type RunCounts,
  type RunStatus,
  strongest,
  withStatus,
} from '../../src/domain/run.js';
import { aRun } from '../support/builders.js';

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

describe('the next status of a run', () => {
  const STATUSES: readonly RunStatus[] = [
    'queued',
    'running',
    'awaitingApproval',
    'succeeded',
    'partiallySucceeded',
    'failed',
    'cancelled',
  ];
  const ALLOWED: readonly string[] = [
    'queued to running',
    'queued to failed',
    'queued to cancelled',
    'running to running',
    'running to awaitingApproval',
    'running to succeeded',
    'running to partiallySucceeded',
    'running to failed',
    'running to cancelled',
    'awaitingApproval to running',
    'awaitingApproval to cancelled',
  ];
  const steps = STATUSES.flatMap((from) => STATUSES.map((to) => ({ from, to, name: `${from} to ${to}` })));

  it.each(steps.filter(({ name }) => ALLOWED.includes(name)))('may go from $name', ({ from, to }) => {
    const run = aRun({ status: from, percent: 1 });
    expect(withStatus(run, to, { percent: 7 })).toEqual({ ...run, status: to, percent: 7 });
  });

  it.each(steps.filter(({ name }) => !ALLOWED.includes(name)))('may not go from $name', ({ from, to }) => {
    expect(() => withStatus(aRun({ status: from }), to, {})).toThrow(
      expect.objectContaining({ code: 'internal_error' }),
    );
  });

  it('is at its end where nothing may follow', () => {
    const ends = STATUSES.filter((status) => RUN_TRANSITIONS[status].length === 0);
    expect(ends).toEqual(STATUSES.filter(hasEnded));
    expect(ends).toEqual(['succeeded', 'partiallySucceeded', 'failed', 'cancelled']);
  });
});
