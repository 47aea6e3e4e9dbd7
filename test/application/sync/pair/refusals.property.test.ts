import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { asChange, inCreation, type Kind } from '../../support/kinds.js';

const OPTIONS = ['Full-time', 'Gold', 'Silver'].map((label, index) => ({ value: index + 1, label }));
const TIER = {
  type: 'choice',
  options: [
    { key: '1719', label: 'Gold' },
    { key: '1720', label: 'Silver' },
  ],
} as const;

/** What lies between the two sides. */
const between = fc.constantFrom<Omit<Kind, 'value'>>(
  { from: 'authScape' },
  { from: 'authScape', field: TIER },
  {
    ...{ from: 'authScape', field: TIER, column: { type: 'choice', options: OPTIONS } },
    mapped: { transform: { type: 'optionSet', by: 'label' } },
  },
  {
    ...{ from: 'authScape', column: { type: 'choice', options: OPTIONS } },
    mapped: { transform: { type: 'valueMap', map: { gold: 2, Gold: 3, 'caf\u00e9': 1 } } },
  },
  { from: 'authScape', column: { type: 'boolean' }, mapped: { transform: { type: 'boolean' } } },
  {
    ...{ from: 'authScape', column: { type: 'money', precision: 2, minValue: -1e6, maxValue: 1e6 } },
    mapped: { transform: { type: 'number' } },
  },
  { from: 'authScape', field: { type: 'date' }, column: { type: 'dateOnly' } },
  { from: 'authScape', field: { type: 'date' }, column: { type: 'dateTime' } },
  { from: 'authScape', column: { maxLength: 10 }, mapped: { transform: { type: 'titleCase' } } },
  { from: 'dynamics' },
  { from: 'dynamics', field: TIER },
  { from: 'dynamics', field: { maxLength: 8 } },
);

const value = fc.oneof(
  fc.constantFrom(
    ...[
      'Gold',
      ' gold\u00a0',
      'GOLD',
      '1719',
      'full\u2013time',
      'cafe\u0301',
      'Tin',
      'True ',
      '0',
      'ja',
      '\u200b',
    ],
    ...[
      '1e3',
      '0x1F',
      '1,5',
      '.5',
      '-0',
      '1000001',
      '9007199254740993',
      '5%',
      '\ud83d',
      'a\u0000b',
      '\u3164',
    ],
    ...['1990-05-01', '1990-05-01T22:00:00Z', '1990-05-01 00:00:00', '0001-01-01', '01.05.90', '9999-12-31'],
    ...['2016-12-31T23:59:60Z', '2000-01-01T00:00:00+14:00', 'xxxxxxxxx\u{1f1e9}\u{1f1ea}', '__proto__'],
  ),
  fc.string({ unit: 'grapheme', maxLength: 12 }),
);

describe('[M19] a value that cannot be converted', () => {
  it('is refused for one reason in creations and changes, on every path, and a dry run foresees it', async () => {
    await fc.assert(
      fc.asyncProperty(between, value, async (kind, given) => {
        const one: Kind = { ...kind, value: given };
        const changed = await asChange(one, 'full run');
        const created = await inCreation(one, 'full run');
        expect([created.codes, created.arrived]).toEqual([changed.codes, changed.arrived]);
        for (const told of [await asChange(one, 'event'), await inCreation(one, 'incremental run')])
          expect([told.codes, told.arrived]).toEqual([changed.codes, changed.arrived]);
        for (const foreseen of [await asChange(one, 'dry run'), await inCreation(one, 'dry run')])
          expect([foreseen.codes, foreseen.planned]).toEqual([changed.codes, changed.arrived]);
      }),
      { numRuns: 25 },
    );
  });
});
