import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  baseAfterWrite,
  countRepeat,
  OSCILLATION_LIMIT,
  oscillates,
  planOf,
  resolvePlan,
  withRest,
} from '../../src/domain/base-update.js';
import { type BaseEntry, type Plan, type PlannedField, REMOVAL_FIELD } from '../../src/domain/link.js';
import { type FieldWrite, mergeFields } from '../../src/domain/merge.js';
import { BASE_VALUE_LIMIT, type FieldValue } from '../../src/domain/values.js';
import { aField, anEntry, oneField } from '../support/domain-builders.js';

const field = aField();
const AGREED = anEntry(field, 'old', 'old');
const HOUR = 3_600_000;

function aWrite(overrides: Partial<FieldWrite> = {}): FieldWrite {
  return {
    field,
    side: 'dynamics',
    old: 'old',
    value: 'new',
    from: 'new',
    rule: 'authScapeChanged',
    guarded: null,
    ...overrides,
  };
}

describe('[W9] what the answer shows decides', () => {
  it.each([' new', 'new', 'new\r\n'])('%o is the value sent: the base moves', (shown) => {
    expect(baseAfterWrite(aWrite(), shown, AGREED)).toEqual({
      entry: anEntry(field, 'new', 'new'),
      ignored: false,
      agreed: true,
    });
  });

  it('[W10] the old value: the write was ignored, the base stays', () => {
    expect(baseAfterWrite(aWrite(), 'old', AGREED)).toEqual({ entry: AGREED, ignored: true, agreed: false });
    expect(baseAfterWrite(aWrite({ old: null }), undefined, undefined)).toEqual({
      entry: undefined,
      ignored: true,
      agreed: false,
    });
  });

  it.each(['dynamics', 'authScape'] as const)(
    '[W11] a third value in %s: the base takes what was sent',
    (side) => {
      const settled = baseAfterWrite(aWrite({ side }), 'NEW!', AGREED);
      expect(settled).toEqual({
        entry: { ...anEntry(field, 'new', 'new'), form: { side, sent: 'new', shown: 'NEW!' } },
        ignored: false,
        agreed: false,
      });
    },
  );

  it('[W12] the same value that comes back the same way again is the form of the server and becomes base', () => {
    const first = baseAfterWrite(aWrite(), 'NEW!', AGREED).entry;
    const second = baseAfterWrite(aWrite({ old: 'NEW!' }), 'NEW!', first);
    expect(second).toEqual({ entry: anEntry(field, 'new', 'NEW!'), ignored: false, agreed: true });
  });

  it.each<[string, Partial<FieldWrite>, FieldValue]>([
    ['another value was sent', { value: 'newer', from: 'newer' }, 'NEW!'],
    ['it came back another way', {}, 'NEW?'],
    ['it is the other side', { side: 'authScape' }, 'NEW!'],
  ])('a form is not known when %s', (_name, write, shown) => {
    const before = baseAfterWrite(aWrite(), 'NEW!', AGREED).entry;
    expect(baseAfterWrite(aWrite(write), shown, before).agreed).toBe(false);
  });

  it('a form of another column or transform is not known', () => {
    const before: BaseEntry = {
      ...AGREED,
      sig: 'another',
      form: { side: 'dynamics', sent: 'new', shown: 'NEW!' },
    };
    expect(baseAfterWrite(aWrite({ old: 'x' }), 'NEW!', before).agreed).toBe(false);
  });

  it('[W11] the base never holds what was neither sent nor known before', () => {
    const value = fc.constantFrom<FieldValue>('old', 'new', 'third', null);
    fc.assert(
      fc.property(value, value, value, fc.constantFrom('dynamics', 'authScape'), (old, sent, shown, side) => {
        fc.pre(old !== sent);
        const { entry, ignored, agreed } = baseAfterWrite(
          aWrite({ old, value: sent, from: sent, side }),
          shown,
          AGREED,
        );
        expect(entry).toMatchObject(ignored ? AGREED : { a: sent, d: sent });
        expect(agreed).toBe(shown === sent);
      }),
    );
  });

  it('[W11] an edit between our write and the answer is a change of the next merge', () => {
    const { entry } = baseAfterWrite(aWrite(), 'somebody', AGREED);
    const input = { ...oneField(field, { a: 'new', d: 'somebody' }), base: entry ? { f_1: entry } : {} };
    expect(mergeFields(input).writes).toMatchObject([{ side: 'authScape', value: 'somebody' }]);
  });

  it('[W12] a server with a form of its own comes to rest on both ways', () => {
    for (const direction of ['Outbound', 'Bidirectional'] as const) {
      const shouted = aField({ direction });
      let state = oneField(shouted, { a: 'new', d: 'old', agreed: ['old', 'old'] });
      for (let round = 0; round < 4; round++) {
        const result = mergeFields(state);
        const base: Record<string, BaseEntry> = { ...result.base };
        let { a, d } = state;
        for (const write of result.writes) {
          const shown = write.side === 'dynamics' ? String(write.value).toUpperCase() : write.value;
          const { entry } = baseAfterWrite(write, shown, base.f_1);
          if (entry !== undefined) base.f_1 = entry;
          if (write.side === 'dynamics') d = { firstname: shown };
          else a = { firstName: shown };
        }
        state = { ...state, base, a, d };
      }
      expect(mergeFields(state)).toMatchObject({ writes: [], settled: true });
      expect(state.d).toEqual({ firstname: 'NEW' });
    }
  });
});

describe('[W3] a plan that another worker left behind', () => {
  const planned = (overrides: Partial<PlannedField> = {}): PlannedField => ({
    fieldId: 'f_1',
    side: 'dynamics',
    from: 'new',
    to: 'new',
    old: 'old',
    rule: 'authScapeChanged',
    name: overrides.side === 'authScape' ? 'firstName' : 'firstname',
    sig: field.signature,
    ...overrides,
  });
  const plan = (...fields: readonly PlannedField[]): Plan => ({
    runId: null,
    madeAt: '2026-03-01T08:00:00.000Z',
    kind: 'update',
    fields,
  });
  const resolve = (
    left: Plan,
    a: FieldValue,
    d: FieldValue,
    base: Record<string, BaseEntry> = { f_1: AGREED },
  ) => resolvePlan(left, [field], base, { a: { firstName: a }, d: { firstname: d } });

  it('names the values in base form', () => {
    const long = 'x'.repeat(BASE_VALUE_LIMIT + 1);
    expect(planOf([aWrite({ value: ' new ', from: ' new ', old: 'old\r\n' })])).toEqual([planned()]);
    expect(planOf([aWrite({ value: long })])[0]?.to).toMatch(/^sha256:/);
    expect(planOf([aWrite({ side: 'authScape', rule: 'conflict' })])).toEqual([
      planned({ side: 'authScape', rule: 'conflict' }),
    ]);
  });

  it('[M10] and keeps in full what a write replaces', () => {
    const long = `${'x'.repeat(BASE_VALUE_LIMIT)} y `;
    const [left] = planOf([aWrite({ old: long })]);
    expect(left).toMatchObject({ old: expect.stringMatching(/^sha256:/), oldText: long });
    expect(resolve(plan(left ?? planned()), 'new', long)).toMatchObject({ arrived: [], uncertain: [] });
  });

  it('a field that shows the planned value: the base moves to it', () => {
    const { base, arrived } = resolve(plan(planned()), 'new', 'new');
    expect(base).toEqual({ f_1: anEntry(field, 'new', 'new') });
    expect(arrived).toEqual([planned()]);
  });

  it('also where the other side was edited meanwhile: that edit is a change', () => {
    const { base } = resolve(plan(planned()), 'newer', 'new');
    const input = { ...oneField(field, { a: 'newer', d: 'new' }), base };
    expect(mergeFields(input).writes).toMatchObject([{ side: 'dynamics', old: 'new', value: 'newer' }]);
  });

  it.each([
    ['old', [], [planned()]],
    ['third', [planned()], []],
    [null, [planned()], []],
  ])('a field that shows %o is merged as if nothing had been planned', (shown, uncertain, open) => {
    const base = { f_1: AGREED };
    expect(resolve(plan(planned()), 'new', shown)).toEqual({ base, arrived: [], uncertain, open });
  });

  it('each side of the base gets its own form', () => {
    const state = aField({ authScapeField: 'isActive', crmField: 'statecode' });
    const left = plan(planned({ from: false, to: 1, old: 0, sig: state.signature }));
    const { base } = resolvePlan(left, [state], {}, { a: { isActive: false }, d: { statecode: 1 } });
    expect(base).toEqual({ f_1: anEntry(state, false, 1) });
  });

  it('a known form of the planned value counts as the value', () => {
    const known = { ...AGREED, form: { side: 'dynamics', sent: 'new', shown: 'NEW' } as const };
    const { base } = resolve(plan(planned({ old: 'x' })), 'new', 'NEW', { f_1: known });
    expect(base).toEqual({ f_1: anEntry(field, 'new', 'NEW') });
    expect(resolve(plan(planned({ old: 'NEW' })), 'new', 'NEW', { f_1: known }).arrived).toEqual([]);
  });

  it('[B3] a value that was planned under another transform is told, and no base', () => {
    const other = planned({ sig: aField({ transform: { type: 'trim' } }).signature });
    expect(resolve(plan(other), 'new', 'new')).toEqual({
      base: { f_1: AGREED },
      arrived: [other],
      uncertain: [],
      open: [],
    });
  });

  it('a plan of an earlier build says nothing of the transform', () => {
    const { sig: _, ...earlier } = planned();
    expect(resolve(plan(earlier), 'new', 'new').base).toEqual({ f_1: anEntry(field, 'new', 'new') });
  });

  it('[M10] a field that the mapping no longer has may have been written: what that replaced is told', () => {
    const left = planned({ fieldId: 'f_9' });
    const result = resolve(plan(left), 'new', 'new');
    expect(result).toEqual({ base: { f_1: AGREED }, arrived: [], uncertain: [left], open: [] });
    const removal = plan(planned({ fieldId: REMOVAL_FIELD }));
    expect(resolve(removal, 'new', 'new').uncertain).toEqual([]);
  });

  it('a plan on the side of A looks at A', () => {
    const { base } = resolve(plan(planned({ side: 'authScape' })), 'new', 'newer');
    expect(base).toEqual({ f_1: anEntry(field, 'new', 'new') });
  });
});

describe('[W13] the same value for the 5th time in an hour rests', () => {
  const write = (times: readonly number[], value: (index: number) => FieldValue = () => 'x') => {
    let repeats: Parameters<typeof countRepeat>[0] = {};
    return times.map((now, index) => {
      const isLeftOut = oscillates(repeats, 'f_1|dynamics', value(index), now);
      const keep = isLeftOut ? withRest : countRepeat;
      repeats = keep(repeats, 'f_1|dynamics', value(index), now);
      return isLeftOut;
    });
  };

  it.each<[string, readonly number[], ((index: number) => FieldValue) | undefined, number]>([
    ['within the hour', [0, 1, 2, 3, 4], undefined, 4],
    ['it goes on resting', [0, 1, 2, 3, 4, 2 * HOUR], undefined, 4],
    ['slowly', [0, 1, 2, 3, HOUR], undefined, -1],
    ['each time another value', [0, 1, 2, 3, 4, 5], (index) => index, -1],
    ['two values in turn', [0, 1, 2, 3, 4, 5, 6, 7, 8, 9], (index) => index % 2, 8],
    ['among many others', Array.from({ length: 100 }, (_, at) => at), (at) => (at % 6 === 0 ? 'x' : at), 24],
  ])('%s', (_name, times, value, first) => {
    expect(write(times, value).indexOf(true)).toBe(first);
    expect(OSCILLATION_LIMIT).toBe(5);
  });

  it('all that follow rest, too, and a link does not grow', () => {
    expect(write([0, 1, 2, 3, 4, 5, 2 * HOUR]).slice(4)).toEqual([true, true, true]);
    let repeats: Parameters<typeof countRepeat>[0] = {};
    for (let now = 0; now < 500; now += 1) repeats = countRepeat(repeats, 'f_1|dynamics', now, now);
    expect(Object.keys(repeats).length).toBeLessThanOrEqual(20);
    repeats = countRepeat(repeats, 'f_1|dynamics', 'late', 3 * HOUR);
    expect(Object.keys(repeats)).toHaveLength(1);
  });

  it('counts each field and side on its own', () => {
    const repeats = [1, 2, 3, 4].reduce((counted, now) => countRepeat(counted, 'f_1|dynamics', 'x', now), {});
    expect([
      oscillates(repeats, 'f_1|dynamics', 'x', 5),
      oscillates(repeats, 'f_1|authScape', 'x', 5),
    ]).toEqual([true, false]);
  });
});
