import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Run } from '../../src/domain/run.js';
import {
  advancePart,
  atShare,
  freeShare,
  heldUntil,
  isStopping,
  leave,
  shareOf,
  split,
  takeNext,
  withLease,
  workersOf,
} from '../../src/domain/run-parts.js';
import { aRun } from '../support/builders.js';

const hold = (owner: string, until = 1_000) => ({ owner, until });
const NOW = 100;

function splitRun(parts: number) {
  const run = aRun({ lease: hold('a') });
  const positions = Array.from({ length: parts }, (_, index) => `p${index}`);
  return split(run, positions, 'after', hold('a'));
}

describe('a run in parts', () => {
  it('is held by no worker as a whole; its worker has the first part', () => {
    const run = splitRun(3);
    expect(shareOf(run, 'a')).toEqual({ part: 0, lease: hold('a') });
    expect(run.lease).toMatchObject({ owner: '' });
    expect(freeShare(run, NOW)).toEqual({ part: 1, died: false });
    expect(workersOf(run, NOW)).toBe(1);
    expect(heldUntil(run)).toBe(1_000);
  });

  it('gives each part a unit of its own', () => {
    const run = splitRun(3);
    const units = [0, 1, 2].map((part) => atShare(run, part).cursor.unit);
    const next = advancePart(run, 1, 'p1b');
    expect(new Set([...units, atShare(next, 1).cursor.unit]).size).toBe(4);
    expect(atShare(next, 1).cursor.position).toBe('p1b');
  });

  it('gives the part of a worker that died to the next one, as repeated', () => {
    const run = withLease(splitRun(2), 1, hold('b', NOW));
    expect(freeShare(run, NOW - 1)).toBeUndefined();
    expect(freeShare(run, NOW)).toEqual({ part: 1, died: true });
    const done = advancePart(run, 0, null);
    const { isLast, run: taken } = takeNext(done, 0, hold('a'), NOW);
    expect(isLast).toBe(false);
    expect(shareOf(taken, 'a')?.part).toBe(1);
    expect(atShare(taken, 1).cursor.repeated).toBe(true);
  });

  it('is left by a worker while others are at work, and ended by the last', () => {
    const run = withLease(splitRun(2), 1, hold('b'));
    const fault = { code: 'schema_changed', message: 'first' };
    const left = leave(run, 0, hold('a'), { fault, now: NOW });
    expect(shareOf(left, 'a')).toBeUndefined();
    expect(isStopping(left)).toBe(true);
    const last = leave(left, 1, hold('b'), { fault: { code: 'other', message: 'second' }, now: NOW });
    expect(shareOf(last, 'b')).toEqual({ part: null, lease: hold('b') });
    expect(last.cursor.parts?.fault).toEqual(fault);
  });

  it('is done once in each part and whole once, however its workers take turns and die', () => {
    const act = fc.record({ worker: fc.nat(3), what: fc.constantFrom('work', 'end', 'die', 'wait') });
    const acts = fc.array(act, { minLength: 60, maxLength: 200 });
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 6 }), acts, (parts, all) => {
        const crew = new Crew(parts);
        for (const { what, worker } of all) if (!crew.isWhole) crew.act(what, worker);
        expect(new Set(crew.ended).size).toBe(crew.ended.length);
        if (!crew.isWhole) return;
        expect(crew.ended).toHaveLength(parts);
        expect(crew.run.cursor).toMatchObject({ position: 'after', repeated: false });
      }),
    );
  });
});

/** Workers that take parts, work, end them, and die with them in hand. */
class Crew {
  run: Run;
  readonly ended: string[] = [];
  isWhole = false;
  readonly #names = ['a', 'w1', 'w2', 'w3'];
  #now = NOW;

  constructor(parts: number) {
    this.run = splitRun(parts);
  }

  act(what: string, worker: number): void {
    if (what === 'wait') this.#now += 400;
    else if (what === 'die') this.#names[worker] = `${this.#names[worker]}+`;
    else this.#goOn(what === 'end', this.#names[worker] ?? '');
    const owners = (this.run.cursor.parts?.list ?? []).flatMap(({ lease }) => lease?.owner || []);
    expect(new Set(owners).size).toBe(owners.length);
  }

  #goOn(ends: boolean, name: string): void {
    const lease = hold(name, this.#now + 1_000);
    const share = shareOf(this.run, name);
    if (share === undefined) {
      const free = freeShare(this.run, this.#now)?.part ?? null;
      if (free !== null) this.run = withLease(this.run, free, lease);
    } else if (share.part !== null && share.lease.until > this.#now) {
      const { position } = atShare(this.run, share.part).cursor;
      this.run = advancePart(this.run, share.part, ends ? null : position);
      if (!ends) return;
      this.ended.push(position ?? '');
      const { isLast, run } = takeNext(this.run, share.part, lease, this.#now);
      this.run = run;
      this.isWhole = isLast;
    }
  }
}
