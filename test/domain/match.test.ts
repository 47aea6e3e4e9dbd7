import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  authScapeCriteria,
  type Candidate,
  decideGroup,
  dynamicsCriteria,
  keyHash,
  matchKey,
} from '../../src/domain/match.js';
import type { FieldValues } from '../../src/domain/values.js';
import { aFieldMapping } from '../support/builders.js';
import { resolved } from '../support/domain-builders.js';

type Traits = 'free' | 'linked' | 'inactive' | 'inactive linked' | 'tombstone';
const row =
  (side: Candidate['side']) =>
  (traits: Traits, index: number): Candidate => ({
    id: `${side}-${index + 1}`,
    side,
    linked: traits.includes('linked'),
    tombstone: traits === 'tombstone',
    active: !traits.includes('inactive'),
  });
const group = (a: readonly Traits[], d: readonly Traits[]) => [
  ...a.map(row('authScape')),
  ...d.map(row('dynamics')),
];
const told = (rows: readonly Candidate[]) => {
  const { decision, skipped } = decideGroup(rows);
  const partners =
    decision.kind === 'link'
      ? [decision.a.id, decision.d.id]
      : decision.kind === 'create'
        ? [decision.from.id]
        : [];
  return {
    decision: [decision.kind, ...partners].join(' '),
    skipped: skipped.map(({ candidate, reason }) => `${candidate.id}: ${reason}`),
  };
};

describe('finding the partner of an unlinked record', () => {
  it.each<[string, readonly Traits[], readonly Traits[], string, readonly string[]]>([
    ['one on each side, both free', ['free'], ['free'], 'link authScape-1 dynamics-1', []],
    ['one on each side, inactive ones too', ['inactive'], ['free'], 'link authScape-1 dynamics-1', []],
    ['the survivors of two pairs', ['tombstone'], ['tombstone'], 'none', []],
    ['both inactive', ['inactive'], ['inactive'], 'link authScape-1 dynamics-1', []],
    [
      'several in D, just one of them active and free',
      ['free'],
      ['inactive', 'free', 'inactive'],
      'link authScape-1 dynamics-2',
      ['dynamics-1: ambiguous_match', 'dynamics-3: ambiguous_match'],
    ],
    [
      'several in A, just one of them active and free',
      ['free', 'inactive'],
      ['free'],
      'link authScape-1 dynamics-1',
      ['authScape-2: ambiguous_match'],
    ],
    [
      'several on both sides, one active on each',
      ['inactive', 'free'],
      ['free', 'inactive'],
      'link authScape-2 dynamics-1',
      ['authScape-1: ambiguous_match', 'dynamics-2: ambiguous_match'],
    ],
    [
      'an inactive linked row beside the free one',
      ['free'],
      ['inactive linked', 'free'],
      'link authScape-1 dynamics-2',
      [],
    ],
    [
      'several active in D',
      ['free'],
      ['free', 'free'],
      'none',
      ['authScape-1: ambiguous_match', 'dynamics-1: ambiguous_match', 'dynamics-2: ambiguous_match'],
    ],
    [
      'several in D, none of them active',
      ['free'],
      ['inactive', 'inactive'],
      'none',
      ['authScape-1: ambiguous_match', 'dynamics-1: ambiguous_match', 'dynamics-2: ambiguous_match'],
    ],
    [
      'the only active one is linked',
      ['free'],
      ['linked', 'inactive'],
      'none',
      ['authScape-1: match_taken', 'dynamics-2: match_taken'],
    ],
    ['the one on the other side is linked', ['free'], ['linked'], 'none', ['authScape-1: match_taken']],
    ['a new twin of a linked pair', ['linked', 'free'], ['linked'], 'none', ['authScape-2: match_taken']],
    ['none on the other side', ['free'], [], 'create authScape-1', []],
    ['none on the other side, from D', [], ['free'], 'create dynamics-1', []],
    [
      'none on the other side, one of several active',
      [],
      ['inactive', 'free'],
      'create dynamics-2',
      ['dynamics-1: ambiguous_match'],
    ],
    ['none on the other side, inactive', ['inactive'], [], 'none', ['authScape-1: inactive']],
    [
      'none on the other side, several active',
      ['free', 'free'],
      [],
      'none',
      ['authScape-1: ambiguous_match', 'authScape-2: ambiguous_match'],
    ],
    ['a tombstone is not created anew, and was counted with its link', ['tombstone'], [], 'none', []],
    ['a tombstone may be matched', ['tombstone'], ['free'], 'link authScape-1 dynamics-1', []],
    ['all are linked', ['linked'], ['linked'], 'none', []],
    ['no records', [], [], 'none', []],
  ])('%s', (_name, a, d, decision, skipped) => {
    expect(told(group(a, d))).toEqual({ decision, skipped });
  });

  it('[P4] touches free records only, once, and reports each other free one but the survivors of tombstones', () => {
    const traits = fc.constantFrom<Traits>('free', 'linked', 'inactive', 'inactive linked', 'tombstone');
    fc.assert(
      fc.property(fc.array(traits, { maxLength: 3 }), fc.array(traits, { maxLength: 3 }), (a, d) => {
        const rows = group(a, d);
        const { decision, skipped } = decideGroup(rows);
        const used =
          decision.kind === 'link'
            ? [decision.a, decision.d]
            : decision.kind === 'create'
              ? [decision.from]
              : [];
        const seen = [...used, ...skipped.map(({ candidate }) => candidate)];
        const told = rows.filter((row) => !row.linked && (!row.tombstone || used.includes(row)));
        expect([...seen].sort(byId)).toEqual(told.sort(byId));
        if (decision.kind === 'create') {
          expect(rows.every((candidate) => candidate.side === decision.from.side)).toBe(true);
          expect(decision.from).toMatchObject({ active: true, tombstone: false });
        }
      }),
      { numRuns: 500 },
    );
  });

  it('the order of the rows decides nothing', () => {
    const traits = fc.constantFrom<Traits>('free', 'linked', 'inactive');
    fc.assert(
      fc.property(fc.array(traits, { maxLength: 3 }), fc.array(traits, { maxLength: 3 }), (a, d) => {
        expect(told([...group(a, d)].reverse()).decision).toBe(told(group(a, d)).decision);
      }),
    );
  });
});

function byId(left: Candidate, right: Candidate): number {
  return left.id < right.id ? -1 : 1;
}

const MAPPING = resolved({
  mapping: {
    matchBy: ['email', 'lastName'],
    fields: [
      aFieldMapping({ authScapeField: 'email', crmField: 'emailaddress1' }),
      aFieldMapping({ id: 'f_2', authScapeField: 'lastName', crmField: 'lastname' }),
    ],
  },
});
const keyA = (values: FieldValues) => matchKey(MAPPING.matchFields, { side: 'authScape', values });
const keyD = (values: FieldValues) => matchKey(MAPPING.matchFields, { side: 'dynamics', values });

describe('[P1] the match key', () => {
  it('is trimmed, case-folded and NFC, and one form for both sides', () => {
    expect(keyA({ email: ' Ada@X.y', lastName: 'Lovelace\u0301 ' })).toBe(
      keyD({ emailaddress1: 'ada@x.Y', lastname: ' LOVELACE\u0301' }),
    );
  });

  it.each<[string, FieldValues]>([
    ['an empty first part', { email: ' ', lastName: 'Lovelace' }],
    ['a first part that was not read', { lastName: 'Lovelace' }],
    ['a part that cannot be converted', { email: 'nobody', lastName: 'Lovelace' }],
  ])('there is none for %s', (_name, values) => {
    expect(keyA(values)).toBeNull();
  });

  it('a further part may be empty, which is a value of its own', () => {
    expect(keyA({ email: 'ada@x.y', lastName: null })).toBe(keyD({ emailaddress1: 'ada@x.y', lastname: '' }));
    expect(keyA({ email: 'ada@x.y', lastName: null })).not.toBe(keyA({ email: 'ada@x.y', lastName: 'null' }));
  });

  it('parts are not mixed up, whatever they hold', () => {
    const part = fc.string({ minLength: 1 }).filter((text) => text.trim() !== '');
    fc.assert(
      fc.property(part, part, part, part, (one, two, three, four) => {
        const left = keyD({ emailaddress1: one, lastname: two });
        const right = keyD({ emailaddress1: three, lastname: four });
        const fold = (text: string) => text.normalize('NFC').trim().toLowerCase().normalize('NFC');
        expect(left === right).toBe(fold(one) === fold(three) && fold(two) === fold(four));
      }),
    );
  });

  it('there is none without match fields, and a group of its own for each key', () => {
    expect(matchKey([], { side: 'authScape', values: { email: 'ada@x.y' } })).toBeNull();
    expect(keyHash('a')).toMatch(/^[0-9a-f]{32}$/);
    expect(keyHash('a')).not.toBe(keyHash('b'));
  });

  it('asks each side in its own words', () => {
    const a = { email: 'ada@x.y', lastName: 'Lovelace' };
    const d = { emailaddress1: 'ada@x.y', lastname: 'Lovelace' };
    expect(dynamicsCriteria(MAPPING, MAPPING.matchFields, a)).toEqual(d);
    expect(authScapeCriteria(MAPPING.matchFields, d)).toEqual(a);
    expect(dynamicsCriteria(MAPPING, MAPPING.matchFields, { email: 'nobody' })).toBeNull();
    expect(authScapeCriteria(MAPPING.matchFields, { emailaddress1: 'nobody' })).toBeNull();
    expect(authScapeCriteria([], d)).toBeNull();
  });
});
