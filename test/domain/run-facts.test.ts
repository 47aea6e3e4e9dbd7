import { describe, expect, it } from 'vitest';
import { withFacts } from '../../src/domain/run-facts.js';

describe('what a unit has learned', () => {
  it('joins what the run knows of the mapping and of the side', () => {
    const before = {
      failures: 1,
      ofMapping: { m_1: { fullRead: true, sampled: 2 }, m_2: { fullRead: false } },
      ofSide: { dynamics: { suspected: true } },
    };
    const learned = {
      held: true,
      ofMapping: { m_1: { sampled: 5, scanComplete: true } },
      ofSide: { dynamics: { failing: 'No.' }, authScape: { failing: null } },
    };

    expect(withFacts(before, learned)).toEqual({
      failures: 1,
      held: true,
      ofMapping: { m_1: { fullRead: true, sampled: 5, scanComplete: true }, m_2: { fullRead: false } },
      ofSide: { dynamics: { suspected: true, failing: 'No.' }, authScape: { failing: null } },
    });
  });

  it('changes nothing where it is nothing', () => {
    const before = {
      failures: 1,
      ofMapping: { m_1: { sampled: 2 } },
      ofSide: { dynamics: { failing: null } },
    };
    expect(withFacts(before, {})).toEqual(before);
    expect(withFacts({}, before)).toEqual(before);
  });
});
