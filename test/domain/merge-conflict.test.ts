import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { conflictWinner, type MergeTimes } from '../../src/domain/conflict.js';
import { mergeFields } from '../../src/domain/merge.js';
import type { FieldValue } from '../../src/domain/values.js';
import { aField, anEntry, mergedAgain, oneField, told, UNKNOWN_TIMES } from '../support/domain-builders.js';

const S = 1000;
const times = (known: Partial<MergeTimes>): MergeTimes => ({ ...UNKNOWN_TIMES, now: 100 * S, ...known });

describe('lastWriteWins', () => {
  it.each<[string, Partial<MergeTimes>, 'authScape' | 'dynamics', boolean]>([
    ['nothing is known', {}, 'dynamics', true],
    ['D changed at a known time', { dModifiedAt: 50 * S }, 'dynamics', true],
    ['A was seen unchanged after D', { dModifiedAt: 50 * S, aUnchangedAt: 60 * S }, 'authScape', false],
    ['A was seen unchanged before D', { dModifiedAt: 50 * S, aUnchangedAt: 40 * S }, 'dynamics', true],
    [
      'A was seen unchanged in the second of D',
      { dModifiedAt: 50 * S, aUnchangedAt: 50.9 * S },
      'dynamics',
      true,
    ],
    [
      'the event of A is later',
      { dModifiedAt: 50 * S, aUnchangedAt: 40 * S, aEventAt: 60 * S },
      'authScape',
      false,
    ],
    [
      'the event of A is earlier',
      { dModifiedAt: 50 * S, aUnchangedAt: 40 * S, aEventAt: 45 * S },
      'dynamics',
      true,
    ],
    [
      'the event of A is earlier, and D was seen unchanged after it',
      { dModifiedAt: 50 * S, aUnchangedAt: 40 * S, aEventAt: 45 * S, dUnchangedAt: 46 * S },
      'dynamics',
      false,
    ],
    [
      'the event of A is earlier, and D was seen unchanged before it',
      { dModifiedAt: 50 * S, aUnchangedAt: 40 * S, aEventAt: 45 * S, dUnchangedAt: 44 * S },
      'dynamics',
      true,
    ],
    ['the event of A is as old as D', { dModifiedAt: 50 * S, aEventAt: 50 * S }, 'dynamics', true],
    ['the event lies in the future', { dModifiedAt: 50 * S, aEventAt: 101 * S }, 'dynamics', true],
    [
      'the event is older than the last sight of the base',
      { dModifiedAt: 30 * S, aUnchangedAt: 30.5 * S, aEventAt: 30.2 * S },
      'dynamics',
      true,
    ],
    ['the event is known, the time of D is not', { aEventAt: 60 * S }, 'dynamics', true],
  ])('%s', (_name, known, winner, estimated) => {
    expect(conflictWinner('lastWriteWins', times(known))).toEqual({ winner, estimated });
  });

  it.each([
    ['authScapeWins', 'authScape'],
    ['dynamicsWins', 'dynamics'],
  ] as const)('[M14] %s asks for no time', (policy, winner) => {
    const time = fc.option(fc.integer({ min: 0, max: 200 * S }));
    fc.assert(
      fc.property(time, time, time, time, (dModifiedAt, aEventAt, aUnchangedAt, dUnchangedAt) => {
        const known = times({ dModifiedAt, aEventAt, aUnchangedAt, dUnchangedAt });
        expect(conflictWinner(policy, known)).toEqual({ winner, estimated: false });
      }),
    );
  });

  it('[M15] never calls an order proven that the true times contradict', () => {
    const at = fc.integer({ min: 1, max: 100 * S });
    fc.assert(
      fc.property(at, at, at, fc.boolean(), (aTime, dTime, seen, told) => {
        // Both sides were last seen at the base at `seen`; what Dynamics shows is cut to the second.
        fc.pre(aTime > seen && dTime > seen && Math.floor(aTime / S) !== Math.floor(dTime / S));
        const result = conflictWinner(
          'lastWriteWins',
          times({
            dModifiedAt: Math.floor(dTime / S) * S,
            aEventAt: told ? aTime : null,
            aUnchangedAt: seen,
            dUnchangedAt: seen,
          }),
        );
        if (!result.estimated) expect(result.winner).toBe(aTime > dTime ? 'authScape' : 'dynamics');
      }),
    );
  });
});

describe('[M5] a conflict', () => {
  it('names both values, the winner and whether it is an estimate', () => {
    const input = oneField(
      aField(),
      { a: 'mine', d: 'yours', agreed: ['old', 'old'] },
      { times: times({ dModifiedAt: 50 * S }) },
    );
    expect(mergeFields(input).writes).toMatchObject([
      {
        side: 'authScape',
        old: 'mine',
        value: 'yours',
        from: 'yours',
        rule: 'conflict',
        winner: 'dynamics',
        estimated: true,
      },
    ]);
    const proven = { ...input, times: times({ dModifiedAt: 50 * S, aEventAt: 60 * S }) };
    const [write] = mergeFields(proven).writes;
    expect(write).toMatchObject({ side: 'dynamics', old: 'yours', value: 'mine', winner: 'authScape' });
    expect(write).not.toHaveProperty('estimated');
  });

  it('[W11] is none where the other side only shows the form that its server gave', () => {
    const field = aField();
    const form = (side: 'authScape' | 'dynamics') => ({ side, sent: 'old', shown: 'OLD' }) as const;
    const base = { f_1: { ...anEntry(field, 'old', 'old'), form: form('dynamics') } };
    const input = { ...oneField(field, { a: 'new', d: 'OLD' }, { policy: 'dynamicsWins' }), base };
    expect(mergeFields(input).writes.map(told)).toEqual([['dynamics', 'OLD', 'new', 'authScapeChanged']]);
    const other = { f_1: { ...anEntry(field, 'old', 'old'), form: form('authScape') } };
    const back = { ...oneField(field, { a: 'OLD', d: 'new' }, { policy: 'authScapeWins' }), base: other };
    expect(mergeFields(back).writes.map(told)).toEqual([['authScape', 'OLD', 'new', 'dynamicsChanged']]);
  });

  it('the form alone is a change of its side', () => {
    const field = aField();
    const base = {
      f_1: {
        ...anEntry(field, 'old', 'old'),
        form: { side: 'dynamics', sent: 'old', shown: 'OLD' } as const,
      },
    };
    const input = { ...oneField(field, { a: 'old', d: 'OLD' }), base };
    expect(mergeFields(input).writes.map(told)).toEqual([['authScape', 'old', 'OLD', 'dynamicsChanged']]);
    expect(mergedAgain(input)).toMatchObject({ writes: [], settled: true });
  });
});

type Case = readonly [string, FieldValue, FieldValue, readonly unknown[] | null];

describe('[M11] syncNullValues off: an cleared field is no conflict', () => {
  const check = (direction: 'Bidirectional' | 'Inbound' | 'Outbound', [, a, d, write]: Case) => {
    const field = aField({ direction, syncNullValues: false });
    const input = oneField(field, { a, d, agreed: ['old', 'old'] }, { policy: 'authScapeWins' });
    const result = mergeFields(input);
    expect(result.writes.map(told)).toEqual(write === null ? [] : [write]);
    if (write === null) expect(result.base).toEqual({ f_1: anEntry(field, a, d) });
    expect(mergedAgain(input)).toMatchObject({ writes: [], baseMoved: false });
  };

  it.each<Case>([
    ['A was cleared, D keeps its value', null, 'old', null],
    ['D was cleared, A keeps its value', 'old', '', null],
    ['both were cleared', null, null, null],
    ['A was cleared, D has a new value', null, 'new', ['authScape', null, 'new', 'dynamicsChanged']],
    ['D was cleared, A has a new value', 'new', null, ['dynamics', null, 'new', 'authScapeChanged']],
  ])('Bidirectional: %s', (...row) => check('Bidirectional', row));

  it.each<Case>([
    ['A was cleared, D keeps its value', null, 'old', null],
    ['D was cleared, it is set back', 'old', null, ['dynamics', null, 'old', 'setBack']],
    ['A was cleared, D has a value of its own', null, 'new', null],
  ])('Outbound: %s', (...row) => check('Outbound', row));

  it.each<Case>([
    ['D was cleared, A keeps its value', 'old', null, null],
    ['A was cleared, it is set back', null, 'old', ['authScape', null, 'old', 'setBack']],
    ['D was cleared, A has a value of its own', 'new', null, null],
  ])('Inbound: %s', (...row) => check('Inbound', row));

  it.each([
    ['Inbound', { a: 'mine', d: null, agreed: ['old', null] }],
    ['Outbound', { a: null, d: 'mine', agreed: [null, 'old'] }],
  ] as const)('%s: nothing is set back to a value that was cleared before', (direction, values) => {
    const field = aField({ direction, syncNullValues: false });
    const result = mergeFields(oneField(field, values));
    expect(result).toMatchObject({ writes: [], base: { f_1: anEntry(field, values.a, values.d) } });
  });

  it('a value given again after that arrives', () => {
    const field = aField({ syncNullValues: false });
    const input = oneField(field, { a: 'again', d: 'old', agreed: [null, 'old'] });
    expect(mergeFields(input).writes.map(told)).toEqual([['dynamics', 'old', 'again', 'authScapeChanged']]);
  });
});
