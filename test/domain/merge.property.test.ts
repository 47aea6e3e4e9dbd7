import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ResolvedField } from '../../src/domain/fields.js';
import { holdSame } from '../../src/domain/fields.js';
import { type MergeInput, type MergeResult, mergeFields } from '../../src/domain/merge.js';
import { flowsFrom, type Side } from '../../src/domain/model.js';
import { baseForm, canonical, type FieldValue, isEmpty } from '../../src/domain/values.js';
import { aField, anEntry, applied } from '../support/domain-builders.js';

/** Any pair: several fields of all kinds in all directions, any values, any base, any policy and times. */

const text = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.constantFrom(null, '', 'old', ' old', 'Old', 'new', 'e\u0301', '\u00e9', 'a\r\nb'),
  },
  { weight: 1, arbitrary: fc.string({ unit: 'grapheme', maxLength: 12 }) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 12 }) },
);
const email = fc.constantFrom(null, 'ada@x.y', 'ADA@x.y', 'grace@x.y', 'nobody');
const OPTIONS = [1, 2, 3].map((value) => ({ value, label: `Level ${value}` }));

interface Kind {
  readonly make: (id: string, part: Parameters<typeof aField>[0]) => ResolvedField;
  readonly a: fc.Arbitrary<FieldValue>;
  readonly d: fc.Arbitrary<FieldValue>;
}

const custom = (
  id: string,
  part: Parameters<typeof aField>[0],
  ends: Parameters<typeof aField>[1] = {},
): ResolvedField =>
  aField({ ...part, id, authScapeField: `customFields.${id}`, crmField: `new_${id}` }, ends);

const KINDS: Readonly<Record<string, Kind>> = {
  text: { make: (id, part) => custom(id, part), a: text, d: text },
  short: { make: (id, part) => custom(id, part, { column: { maxLength: 3 } }), a: text, d: text },
  upper: {
    make: (id, part) => custom(id, { ...part, transform: { type: 'uppercase' } }),
    a: text,
    d: text,
  },
  login: {
    make: (id, part) => aField({ ...part, id, authScapeField: 'email', crmField: 'emailaddress1' }),
    a: email,
    d: email,
  },
  state: {
    make: (id, part) => aField({ ...part, id, authScapeField: 'isActive', crmField: 'statecode' }),
    a: fc.boolean(),
    d: fc.constantFrom(0, 1),
  },
  money: {
    make: (id, part) =>
      custom(id, part, { field: { type: 'number' }, column: { type: 'money', precision: 2, maxValue: 100 } }),
    a: fc.constantFrom(null, 1, 1.004, 2.5, 1e9),
    d: fc.constantFrom(null, 1, 1.01, 2.5),
  },
  option: {
    make: (id, part) =>
      custom(
        id,
        { ...part, transform: { type: 'optionSet', by: 'label' } },
        { column: { type: 'choice', options: OPTIONS } },
      ),
    a: fc.constantFrom(null, 'Level 1', 'level 2', 'Level 9'),
    d: fc.constantFrom(null, 1, 2, 3),
  },
  fallback: {
    make: (id, part) => custom(id, { ...part, transform: { type: 'default', value: 'n/a' } }),
    a: text,
    d: text,
  },
};

const part = fc.record({
  direction: fc.constantFrom('Bidirectional', 'Inbound', 'Outbound'),
  required: fc.boolean(),
  syncNullValues: fc.boolean(),
});

interface Cell {
  readonly field: ResolvedField;
  readonly a: FieldValue;
  readonly d: FieldValue;
  readonly agreed: readonly [FieldValue, FieldValue] | undefined;
}

const cell = (id: string): fc.Arbitrary<Cell> =>
  fc.constantFrom(...Object.values(KINDS)).chain((kind) =>
    fc.record({
      field: part.map((traits) => kind.make(id, traits)),
      a: kind.a,
      d: kind.d,
      agreed: fc.option(fc.tuple(kind.a, kind.d), { nil: undefined }),
    }),
  );

const time = fc.option(fc.integer({ min: 0, max: 100_000 }));
const input: fc.Arbitrary<MergeInput> = fc
  .record({
    cells: fc.tuple(cell('f_1'), cell('f_2'), cell('f_3')),
    policy: fc.constantFrom('lastWriteWins', 'dynamicsWins', 'authScapeWins'),
    times: fc.record({
      now: fc.constant(100_000),
      dModifiedAt: time,
      aEventAt: time,
      aUnchangedAt: time,
      dUnchangedAt: time,
    }),
  })
  .map(({ cells, policy, times }) => {
    // One side holds one value of a field or column, whichever field mapping reads it.
    const own = cells.filter(
      ({ field }, index) => cells.findIndex((other) => other.field.column === field.column) === index,
    );
    return {
      fields: own.map(({ field }) => field),
      base: Object.fromEntries(
        own.flatMap(({ field, agreed }) => (agreed ? [[field.id, anEntry(field, ...agreed)]] : [])),
      ),
      a: Object.fromEntries(own.map(({ field, a }) => [field.aKey, a])),
      d: Object.fromEntries(own.map(({ field, d }) => [field.column, d])),
      policy,
      times,
    };
  });

function always(check: (given: MergeInput, result: MergeResult) => void): void {
  fc.assert(
    fc.property(input, (given) => check(given, mergeFields(given))),
    { numRuns: 300 },
  );
}

const writesOf = (result: MergeResult, field: ResolvedField) =>
  result.writes.filter((write) => write.field.id === field.id);
const failed = (result: MergeResult, field: ResolvedField) =>
  result.errors.some((error) => error.field.id === field.id);

/** The side whose change has to arrive: the only one that changed, where its direction and its emptiness allow. */
function loneSource(given: MergeInput, field: ResolvedField): Side | null {
  const moved = changed(given, field);
  if (moved === undefined || moved.a === moved.d) return null;
  const source = moved.a ? 'authScape' : 'dynamics';
  if (!flowsFrom(source, field.direction)) return null;
  const cleared = moved.a
    ? isEmpty(given.a[field.aKey], field.aComparison)
    : isEmpty(given.d[field.column], field.dComparison);
  const emptyIsNoValue = !field.syncNullValues || (field.isLogin && source === 'dynamics');
  return cleared && emptyIsNoValue ? null : source;
}

function changed(given: MergeInput, field: ResolvedField): { a: boolean; d: boolean } | undefined {
  const entry = given.base[field.id];
  if (entry === undefined) return undefined;
  return {
    a: entry.a !== baseForm(given.a[field.aKey], field.aComparison),
    d: entry.d !== baseForm(given.d[field.column], field.dComparison),
  };
}

describe('for any pair', () => {
  it('[M1] merging again after the writes arrived writes nothing', () => {
    always((given, result) => {
      const next = applied(given, result);
      const again = mergeFields(next);
      expect(again.writes).toEqual([]);
      expect(again.baseMoved).toBe(false);
      expect(again.errors.map((error) => error.field.id)).toEqual(
        result.errors.map((error) => error.field.id),
      );
      expect(again.settled).toBe(result.errors.length === 0);
    });
  });

  it('[M8] the direction of no field is violated', () => {
    always((_given, result) => {
      for (const { side, field } of result.writes) {
        expect(flowsFrom(side === 'dynamics' ? 'authScape' : 'dynamics', field.direction)).toBe(true);
      }
    });
  });

  it('[M9] a field is written on one side at most, and never where nothing changed', () => {
    always((given, result) => {
      for (const field of given.fields) {
        expect(writesOf(result, field).length).toBeLessThanOrEqual(1);
        const moved = changed(given, field);
        if (moved && !moved.a && !moved.d) expect(writesOf(result, field)).toEqual([]);
      }
    });
  });

  it('what is written differs from what stood there, and is the converted value of the other side', () => {
    always((given, result) => {
      for (const { field, side, old, value, from } of result.writes) {
        const toD = side === 'dynamics';
        const comparison = toD ? field.dComparison : field.aComparison;
        expect(canonical(value, comparison)).not.toEqual(canonical(old, comparison));
        expect(old).toBe(toD ? given.d[field.column] : given.a[field.aKey]);
        expect(from).toBe(toD ? given.a[field.aKey] : given.d[field.column]);
        const converted = toD ? field.converter.toDynamics(from, given.a) : field.converter.toAuthScape(from);
        expect(converted).toMatchObject({ ok: true, value });
      }
    });
  });

  it('[M19] a change without a conflict arrives, or says why not', () => {
    always((given, result) => {
      const next = applied(given, result);
      for (const field of given.fields) {
        const source = loneSource(given, field);
        if (source === null || failed(result, field)) continue;
        const [side, key] =
          source === 'authScape' ? (['a', field.aKey] as const) : (['d', field.column] as const);
        expect(next[side][key]).toBe(given[side][key]);
        expect(holdSame(field, next.a[field.aKey] ?? null, next.d[field.column] ?? null, next.a)).toBe(true);
      }
    });
  });

  it('[M10] a value that is lost is named by the write that replaces it', () => {
    always((given, result) => {
      const next = applied(given, result);
      for (const field of given.fields) {
        const named = writesOf(result, field);
        if (next.a[field.aKey] !== given.a[field.aKey]) {
          expect(named).toMatchObject([{ side: 'authScape', old: given.a[field.aKey] }]);
        }
        if (next.d[field.column] !== given.d[field.column]) {
          expect(named).toMatchObject([{ side: 'dynamics', old: given.d[field.column] }]);
        }
      }
    });
  });

  it('[W11] the base moves only to what both sides show, and stays where a field failed', () => {
    always((given, result) => {
      for (const field of given.fields) {
        if (field.direction === 'none') continue;
        const entry = result.base[field.id];
        if (failed(result, field) || writesOf(result, field).length > 0) {
          expect(entry).toEqual(given.base[field.id]);
        } else {
          const shown = anEntry(field, given.a[field.aKey] ?? null, given.d[field.column] ?? null);
          expect(entry).toEqual(shown);
        }
      }
    });
  });

  it('[M12] nothing is cleared by a first merge, and no login ever', () => {
    always((given, result) => {
      for (const { field, side, value } of result.writes) {
        const comparison = side === 'dynamics' ? field.dComparison : field.aComparison;
        if (canonical(value, comparison) !== null) continue;
        expect(given.base[field.id]).toBeDefined();
        expect(field.isLogin && side === 'authScape').toBe(false);
        expect(field.required && side === 'dynamics').toBe(false);
      }
    });
  });

  it('the order of the fields decides nothing', () => {
    always((given, result) => {
      const turned = mergeFields({ ...given, fields: [...given.fields].reverse() });
      expect([...turned.writes].reverse()).toEqual(result.writes);
      expect(turned.base).toEqual(result.base);
    });
  });
});
