import { describe, expect, it } from 'vitest';
import { createLanes } from '../../src/adapters/lanes.js';
import { createSingleWork } from '../../src/adapters/single-work.js';

/** Single records that end when they are told to, and a clock that a test moves on. */
function stage() {
  const sleeping: (() => void)[] = [];
  const singles = createSingleWork({
    sleep: () =>
      new Promise<void>((wake) => {
        sleeping.push(wake);
      }),
  });
  const ends: (() => void)[] = [];
  const begin = (count: number): void => {
    for (let left = count; left > 0; left -= 1) {
      void singles.run(
        () =>
          new Promise<void>((end) => {
            ends.push(end);
          }),
      );
    }
  };
  const turn = () => new Promise((done) => setImmediate(done));
  const end = async () => {
    ends.pop()?.();
    await turn();
  };
  const passed: number[] = [];
  const pass = (number: number) => singles.giveWay().then(() => passed.push(number));
  return { begin, end, pass, passed, singles, sleeping, turn };
}

describe('a run beside single records', () => {
  it('goes on while few of them are under way', async () => {
    const { begin, pass, passed, turn } = stage();
    begin(4);
    void pass(1);
    await turn();
    expect(passed).toEqual([1]);
  });

  it('waits while many are, until some have ended', async () => {
    const { begin, end, pass, passed, turn } = stage();
    begin(6);
    void pass(1);
    void pass(2);
    await turn();
    await end();
    expect(passed).toEqual([]);
    await end();
    expect(passed).toEqual([1, 2]);
    begin(1);
    void pass(3);
    await turn();
    expect(passed).toEqual([1, 2]);
  });

  it('waits for a while only, however many there are', async () => {
    const { begin, pass, passed, sleeping, turn } = stage();
    begin(20);
    void pass(1);
    await turn();
    expect(passed).toEqual([]);
    for (const wake of sleeping) wake();
    await turn();
    expect(passed).toEqual([1]);
  });

  it('counts one that fails as ended, and passes its failure on', async () => {
    const { begin, pass, passed, singles, turn } = stage();
    begin(4);
    const failing = singles.run(() => turn().then(() => Promise.reject(new Error('refused'))));
    void pass(1);
    expect(passed).toEqual([]);
    await expect(failing).rejects.toThrow('refused');
    await turn();
    expect(passed).toEqual([1]);
  });

  it('begins no pair while it gives way, whatever its share of the lanes', async () => {
    const { begin, end, singles, turn } = stage();
    begin(5);
    const begun: number[] = [];
    const work = createLanes(8, singles.giveWay)
      .among(4)
      .map([1, 2, 3], async (item) => {
        begun.push(item);
      });
    await turn();
    expect(begun).toEqual([]);
    await end();
    await work;
    expect(begun).toEqual([1, 2, 3]);
  });
});
