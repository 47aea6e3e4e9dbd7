import { describe, expect, it } from 'vitest';
import { differences, playRun, undisturbed } from './outcome.js';
import { type SceneOptions, withScene } from './scene.js';

type Fault = Readonly<Record<string, unknown>>;

/** Real milliseconds that Dynamics may take in tests of time-outs, and those that it takes where it is late. */
const HASTY_MS = 1_000;
const LATE_MS = 2_000;
const NEVER: Fault = { delayMs: LATE_MS, dropConnection: 'before' };

async function playWith(faults: readonly Fault[], options: SceneOptions = {}) {
  const patience = faults.some((fault) => 'delayMs' in fault) ? { dataTimeoutMs: HASTY_MS } : {};
  return withScene(
    async (scene) => {
      await scene.sim.control('POST', 'faults', faults);
      const outcome = await playRun(scene);
      const told = (await scene.bridge.logs()).flatMap(({ error }) => error?.code ?? []);
      return { outcome, told: [...new Set(told)] };
    },
    { ...options, ...patience },
  );
}

const PARTS = [
  ['PATCH', 'edited-1@x.test'],
  ['PATCH', 'link-1@x.test'],
  ['POST', 'user-1@x.test'],
] as const;

// Each plays in a scene of its own, and most of its time is waiting.
describe.concurrent.each(PARTS)('a part of a batch, %s of %s,', (method, emailaddress1) => {
  it.each<[string, Fault]>([
    ['refused with 400', { status: 400, code: '0x80040265', message: 'No.' }],
    ['refused with 403', { status: 403, code: '0x80040220' }],
    ['refused with 404', { status: 404, code: '0x80040217' }],
    ['refused with 409', { status: 409, code: '0x80040237' }],
    ['refused with 412', { status: 412, code: '0x80060882' }],
    ['that crashes', { status: 500, code: '0x80040224' }],
    ['that fails twice', { status: 500, code: '0x80040216', times: 2 }],
    ['that fails after it was carried out', { status: 500, code: '0x80040216', commit: true, times: 1 }],
    ['that is throttled twice', { status: 429, retryAfter: 1, times: 2 }],
    ['that is not available twice', { status: 503, times: 2 }],
    ['that is never available', { status: 503 }],
    ['that is late once', { delayMs: LATE_MS, times: 1 }],
    ['that is never answered', NEVER],
    ['that takes the connection along', { dropConnection: 'before', times: 1 }],
    ['that takes the connection along when it was carried out', { dropConnection: 'afterCommit', times: 1 }],
  ])(
    '%s ends as a request of its own, and the others arrive once',
    { timeout: 60_000 },
    async (_what, how) => {
      const fault = { match: `${method} contacts`, where: { emailaddress1 }, ...how };
      const single = await playWith([fault], { lanes: 1 });
      const shared = await playWith([fault], { lanes: 48 });
      expect(shared).toEqual(single);
    },
  );
});

// Of a row of open fate another process knows by its link only.
it.concurrent.each<[string, string, string[]]>([
  ['PATCH', 'edited-1@x.test', []],
  ['PATCH', 'link-1@x.test', []],
  ['POST', 'user-1@x.test', ['user-2@x.test']],
])(
  '%s of %s is never answered, and fails alone where another process tries again',
  {
    timeout: 60_000,
  },
  async (method, never, others) => {
    const faultOf = (emailaddress1: string) => ({
      ...{ match: `${method} contacts`, where: { emailaddress1 } },
      ...NEVER,
    });
    // Other rows that were not answered in the same batch.
    const faults = [faultOf(never), ...others.map((email) => ({ ...faultOf(email), times: 1 }))];
    const single = await playWith(faults, { attempts: 1, lanes: 1 });
    expect(await playWith(faults, { attempts: 1 })).toEqual(single);
  },
);

describe.concurrent.each([1, 2])('%i batches', (times) => {
  it.each<[string, Fault]>([
    ['whose answer is lost', { dropConnection: 'afterCommit' }],
    ['that are lost', { dropConnection: 'before' }],
    ['that are late', { delayMs: LATE_MS }],
    ['that are malformed', { status: 400, code: '0x80048d19' }],
    ['that are too large', { status: 413, body: '<html>' }],
    ['that fail after they were carried out', { status: 500, code: '0x80040224', commit: true }],
    ['that are not available', { status: 503 }],
    ['that are throttled', { status: 429, retryAfter: 1 }],
    ...[0, 200, 600, 1_000, 1_400].map((cutAfter): [string, Fault] => [
      `cut after ${cutAfter} characters`,
      { cutAfter },
    ]),
  ])('%s: all arrive once', { timeout: 60_000 }, async (_what, how) => {
    const { outcome } = await playWith([{ match: 'POST $batch', times, ...how }]);
    expect(differences(await undisturbed(), outcome)).toEqual([]);
  });
});
