import { describe, expect, it } from 'vitest';
import { afterCheck, isCheckDue, secondWriters, type WriterCheck } from '../../src/domain/second-writer.js';

const HOUR = 3_600_000;

/** What is known after these checks: `+3` saw something at record 3, `-3` did not; an hour goes by between them. */
function known(checks: readonly string[], from?: WriterCheck): WriterCheck {
  let check = from;
  for (const [index, each] of checks.entries()) {
    check = afterCheck(check, { id: each.slice(1), isSeen: each.startsWith('+'), now: index * HOUR });
  }
  if (check === undefined) throw new Error('no check');
  return check;
}

describe('[E13] a second writer', () => {
  it.each<[readonly string[], boolean]>([
    [['+1'], false],
    [['+1', '+2'], false],
    [['+1', '+2', '+3'], true],
    [['+1', '+1', '+1', '+1'], false],
    [['+1', '+2', '-3', '+4', '+5'], false],
    [['+1', '+2', '-3', '+4', '+5', '+6'], true],
    [['+1', '+2', '+3', '-4', '-5'], true],
    [['+1', '+2', '+3', '-4', '-5', '+6', '-7', '-8'], true],
    [['+1', '+2', '+3', '-4', '-5', '-6'], false],
  ])('%j: %s', (checks, isThere) => {
    const writerChecks = { m_1: known(checks) };
    expect(secondWriters({ writerChecks }).map(({ mappingId }) => mappingId)).toEqual(isThere ? ['m_1'] : []);
  });

  it('is known since it was noticed first, however often it is seen again', () => {
    const noticed = known(['+1', '+2', '+3']);
    expect(known(['+4', '+5'], noticed).noticedAt).toBe(noticed.noticedAt);
  });

  it('is looked for at once while something is seen, else an hour later', () => {
    expect(isCheckDue(undefined, 0)).toBe(true);
    expect(isCheckDue(known(['+1', '+2']), HOUR)).toBe(true);
    for (const rested of [known(['-1']), known(['+1', '+2', '+3'])]) {
      expect(isCheckDue(rested, rested.nextAt - 1)).toBe(false);
      expect(isCheckDue(rested, rested.nextAt)).toBe(true);
    }
    expect(known(['-1']).nextAt).toBe(HOUR);
  });

  it('is unknown where the state is of an earlier version', () => {
    expect(secondWriters({})).toEqual([]);
  });
});
