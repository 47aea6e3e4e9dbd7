import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dependencyOrder, flowsFrom, narrowest } from '../../src/domain/model.js';
import { secretName } from '../../src/domain/secret-names.js';
import { aMapping } from '../support/builders.js';

const DIRECTIONS = ['Bidirectional', 'Inbound', 'Outbound'] as const;

describe('[M8] directions', () => {
  it.each([
    [[], 'Bidirectional'],
    [['Bidirectional', 'Bidirectional'], 'Bidirectional'],
    [['Bidirectional', 'Inbound'], 'Inbound'],
    [['Outbound', 'Bidirectional', 'Outbound'], 'Outbound'],
    [['Outbound', 'Inbound'], 'none'],
    [['Outbound', 'Inbound', 'Outbound'], 'none'],
  ] as const)('the narrowest of %o is %s', (directions, narrow) => {
    expect(narrowest(...directions)).toBe(narrow);
  });

  it.each([
    ['Bidirectional', true, true],
    ['Outbound', true, false],
    ['Inbound', false, true],
    ['none', false, false],
  ] as const)('%s flows from A: %s, from D: %s', (direction, a, d) => {
    expect([flowsFrom('authScape', direction), flowsFrom('dynamics', direction)]).toEqual([a, d]);
  });

  it('the order of the limits decides nothing, and each limit counts', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...DIRECTIONS)), (directions) => {
        const narrow = narrowest(...directions);
        expect(narrowest(...[...directions].reverse())).toBe(narrow);
        for (const side of ['authScape', 'dynamics'] as const) {
          expect(flowsFrom(side, narrow)).toBe(directions.every((limit) => flowsFrom(side, limit)));
        }
      }),
    );
  });
});

describe('the order of mappings', () => {
  it('[M18] is Company, Location, User, then the older first', () => {
    const mappings = [
      aMapping({ id: 'm_user', authScapeEntity: 'User' }),
      aMapping({ id: 'm_location', authScapeEntity: 'Location' }),
      aMapping({ id: 'm_young', authScapeEntity: 'Company', createdAt: '2026-03-02T08:00:00.000Z' }),
      aMapping({ id: 'm_twin_b', authScapeEntity: 'Company' }),
      aMapping({ id: 'm_twin_a', authScapeEntity: 'Company' }),
    ];
    const sorted = ['m_twin_a', 'm_twin_b', 'm_young', 'm_location', 'm_user'];
    expect([...mappings].sort(dependencyOrder).map(({ id }) => id)).toEqual(sorted);
    expect(
      [...mappings]
        .reverse()
        .sort(dependencyOrder)
        .map(({ id }) => id),
    ).toEqual(sorted);
  });
});

describe('names of secrets', () => {
  it('belong to one connection and one kind', () => {
    expect(secretName('c_Ab12', 'client-secret')).toBe('conn-c-Ab12-client-secret');
    expect(secretName('c_Ab12', 'webhook-secret')).toBe('conn-c-Ab12-webhook-secret');
  });

  it('hold only what a vault takes', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (id) => {
        expect(secretName(id, 'client-secret')).toMatch(/^[0-9a-zA-Z-]+$/);
      }),
    );
  });
});
