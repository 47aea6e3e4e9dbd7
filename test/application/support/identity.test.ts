import { describe, expect, it } from 'vitest';
import type { FieldValue } from '../../../src/domain/values.js';
import { LIFE, MERGED, type ValueChange } from '../../support/memory-systems-world.js';
import { identityFaults, type World } from './identity.js';

type By = ValueChange['by'];
type Step = readonly [by: By, name: string, field: string, to: FieldValue];

/** Users stand under `u…`, contacts under `c…`. */
function change([by, id, field, to]: Step): ValueChange {
  const isUser = id.startsWith('u');
  const at = { from: null, at: 0, worker: undefined };
  return {
    ...at,
    ...{ side: isUser ? 'authScape' : 'dynamics', entity: isUser ? 'User' : 'contact' },
    ...{ id, field, to, by },
  } as ValueChange;
}

const made = (id: string, key: string, number: number, by: By = 'person'): readonly Step[] => [
  [by, id, LIFE, 'there'],
  [by, id, id.startsWith('u') ? 'email' : 'emailaddress1', key],
  [by, id, id.startsWith('u') ? 'firstName' : 'firstname', `F${number}`],
];
const merged = (loser: string, master: string): readonly Step[] => [
  ['person', loser, MERGED, master],
  ['server', loser, 'statecode', 1],
];

interface EndState {
  readonly steps: readonly (readonly Step[])[];
  readonly links: readonly (readonly [string, string])[];
  /** By record: the values that it shows in the end, if others than it was given. */
  readonly shown?: Readonly<Record<string, readonly FieldValue[]>>;
}

function faultsOf({ steps, links, shown = {} }: EndState): readonly string[] {
  const world: World = {
    changes: steps.flat().map(change),
    keys: { User: ['email'], contact: ['emailaddress1'] },
    pairs: [['User', 'contact']],
    links: links.map(([authScapeId, crmId]) => ({ entity: 'User', authScapeId, crmId })),
    shown: Object.entries(shown).map(([id, values]) => ({
      name: id.startsWith('u') ? `authScape User ${id}` : `dynamics contact ${id}`,
      values,
    })),
  };
  return identityFaults(world);
}

const P = [made('u1', 'p', 101), made('c1', 'p', 102)];
const Q = [made('u2', 'q', 201), made('c2', 'q', 202)];

describe('the verdict on who is who refuses', () => {
  const wrong: readonly (readonly [string, EndState])[] = [
    ['a link of two strangers', { steps: [...P, ...Q], links: [['u2', 'c1']] }],
    [
      'the surviving row of a merge for the one whose row was merged away before',
      { steps: [...P, ...Q, merged('c2', 'c1')], links: [['u2', 'c1']] },
    ],
    [
      'the row of a user who was deleted after the merge',
      {
        steps: [...P, ...Q, merged('c2', 'c1'), [['person', 'u3', LIFE, 'there']], made('u4', 'p', 401)],
        links: [['u2', 'c1']],
      },
    ],
    [
      'a row that was merged away before the user came',
      {
        steps: [made('c1', 'p', 102), made('c2', 'q', 202), merged('c2', 'c1'), made('u2', 'q', 201)],
        links: [['u2', 'c2']],
      },
    ],
    [
      'the name of another one, though no link is left',
      { steps: [...P, ...Q], links: [], shown: { u2: ['F102'] } },
    ],
    [
      'the login of another one after a merge',
      {
        steps: [...P, ...Q, [['person', 'c1', 'emailaddress1', 'x777@x.test']], merged('c2', 'c1')],
        links: [['u1', 'c1']],
        shown: { u2: ['x777@x.test'] },
      },
    ],
    [
      'a user that was archived though no row was deleted',
      { steps: [...P, [['bridge', 'u1', 'isActive', false]]], links: [['u1', 'c1']] },
    ],
    [
      'a user that was archived because another one was deleted',
      {
        steps: [...P, ...Q, [['person', 'c1', LIFE, null]], [['bridge', 'u2', 'isActive', false]]],
        links: [['u2', 'c2']],
      },
    ],
    [
      'a user that was archived because its row was merged away',
      {
        steps: [...P, ...Q, merged('c2', 'c1'), [['bridge', 'u2', 'isActive', false]]],
        links: [['u1', 'c1']],
      },
    ],
    [
      'a contact that was deleted before its user was',
      { steps: [...P, [['bridge', 'c1', LIFE, null]], [['person', 'u1', LIFE, null]]], links: [] },
    ],
  ];
  it.each(wrong)('%s', (_what, state) => {
    expect(faultsOf(state)).not.toEqual([]);
  });
});

describe('the verdict on who is who takes', () => {
  const right: readonly (readonly [string, EndState])[] = [
    [
      'pairs by key, with values of both',
      {
        steps: [...P, ...Q],
        links: [
          ['u1', 'c1'],
          ['u2', 'c2'],
        ],
        shown: { u1: ['F102'], c2: ['F201'] },
      },
    ],
    [
      'a pair that followed a merge to a row without a partner',
      {
        steps: [...Q, made('c1', 'p', 102), merged('c2', 'c1')],
        links: [['u2', 'c1']],
        shown: { u2: ['F102'] },
      },
    ],
    [
      'a record that was made for a row',
      {
        steps: [made('c1', 'p', 102), made('u1', 'p', 102, 'bridge')],
        links: [['u1', 'c1']],
        shown: { u1: ['F102'] },
      },
    ],
    [
      'a contact that was deleted and made anew',
      {
        steps: [...P, [['person', 'c1', LIFE, null]], made('c3', 'p', 301)],
        links: [['u1', 'c3']],
        shown: { c3: ['F101'] },
      },
    ],
    [
      'a user that was archived since its contact was deleted',
      { steps: [...P, [['person', 'c1', LIFE, null]], [['bridge', 'u1', 'isActive', false]]], links: [] },
    ],
  ];
  it.each(right)('%s', (_what, state) => {
    expect(faultsOf(state)).toEqual([]);
  });
});
