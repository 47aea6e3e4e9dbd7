import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Bench, startBench } from './support.js';

/** Requests that the look-ups before creations take; what they cost may not grow with the table. */

let bench: Bench;
beforeAll(async () => {
  bench = await startBench();
  await bench.system.table('contact');
});
afterAll(() => bench.close());

const RECORDS = 60;
const criteria = Array.from({ length: RECORDS }, (_, index) => ({
  emailaddress1: `newcomer.number${index}@company.example`,
}));

async function requestsFor(count: number, spelling: 'any' | 'usual'): Promise<number> {
  const { requests } = await bench.meter.measure(() =>
    bench.system.findBy('contact', criteria.slice(0, count), ['emailaddress1', 'statecode'], spelling),
  );
  return requests().dynamics;
}

async function costs() {
  return {
    oneUsual: await requestsFor(1, 'usual'),
    oneAny: await requestsFor(1, 'any'),
    manyUsual: await requestsFor(RECORDS, 'usual'),
    manyAny: await requestsFor(RECORDS, 'any'),
  };
}

describe('[P6] the look-up of a partner by key', () => {
  it('takes as many requests in a large table as in a small one', async () => {
    await bench.control('POST', 'seed', { contacts: 100, accounts: 0, seed: 7 });
    const small = await costs();
    await bench.control('POST', 'seed', { contacts: 3_000, accounts: 0, seed: 8 });
    expect(await costs()).toEqual(small);
    // A record alone takes one request in either way; of sixty at once each takes a sixtieth, or a fifth.
    expect(small).toEqual({ oneUsual: 1, oneAny: 1, manyUsual: 1, manyAny: 12 });
  });
});
