import type { Break } from './break.js';

const http = 'src/adapters/http';
const THROTTLE = 'test/adapters/http/throttle.test.ts';
const SHARES = 'test/adapters/http/shares.test.ts';
const PACE = 'test/adapters/http/request-pace.test.ts';
const LIMIT = 'test/adapters/http/adaptive-limit.test.ts';

/** How many requests go out at once, and whose, broken one rule at a time. */
export const GOVERNOR_BREAKS: readonly Break[] = [
  {
    name: 'governor: bulk takes the last place',
    file: `${http}/places.ts`,
    find: 'const RESERVED = 1;',
    put: 'const RESERVED = 0;',
    tests: [THROTTLE],
  },
  {
    name: 'governor: events wait behind runs',
    file: `${http}/places.ts`,
    find: '!(bulkMay && inARow >= MOST_IN_A_ROW)',
    put: '!bulkMay',
    tests: [THROTTLE],
  },
  {
    name: 'governor: a flood of events stops runs',
    file: `${http}/places.ts`,
    find: 'const MOST_IN_A_ROW = 16;',
    put: 'const MOST_IN_A_ROW = 1e9;',
    tests: [THROTTLE],
  },
  {
    name: 'governor: what a run asks is as urgent as an event',
    file: 'src/engine.ts',
    find: "job.kind === 'run' ? inBulk(() => work(job, delivery)) : work(job, delivery)",
    put: 'inBulk === null ? inBulk(() => work(job, delivery)) : work(job, delivery)',
    tests: ['test/adapters/side-by-side/killed-workers.test.ts'],
  },
  {
    name: 'governor: a shorter pause ends a longer one',
    file: `${http}/throttle.ts`,
    find: 'pausedUntil = Math.max(pausedUntil, clock.now() + ms);',
    put: 'pausedUntil = clock.now() + ms;',
    tests: [THROTTLE],
  },
  {
    name: 'governor: a call that waits for its place starts in a pause',
    file: `${http}/throttle.ts`,
    find: 'if (obstacle(lane) === undefined) break;',
    put: 'break;',
    tests: [THROTTLE],
  },
  {
    name: 'governor: the pause is not shared',
    file: `${http}/throttle.ts`,
    find: 'share.tellPause(pausedUntil);',
    put: '',
    tests: [SHARES],
  },
  {
    name: 'governor: the pause of another process is not kept',
    file: `${http}/throttle.ts`,
    find: 'if (told > pausedUntil && told > clock.now()) {',
    put: 'if (told > pausedUntil + 1e15) {',
    tests: [SHARES],
  },
  {
    name: 'governor: the pace holds events back',
    file: `${http}/throttle.ts`,
    find: "lane === 'bulk' ? pace.waitMs() : 0",
    put: 'pace.waitMs()',
    tests: [PACE],
  },
  {
    name: 'governor: events use nothing of the window',
    file: `${http}/throttle.ts`,
    find: '    pace.spend();',
    put: "    if (lane === 'bulk') pace.spend();",
    tests: [PACE],
  },
  {
    name: 'governor: a run waits for ever behind events',
    file: `${http}/request-pace.ts`,
    find: 'now() + gap * MOST_GAPS)',
    put: 'now() + gap * 1e9)',
    tests: [PACE],
  },
  {
    name: 'governor: the window that others used up slows runs down',
    file: `${http}/request-pace.ts`,
    find: 'if (taken < window.least) return;',
    put: '',
    tests: [PACE],
  },
  {
    name: 'governor: a pace that was found is kept for ever',
    file: `${http}/request-pace.ts`,
    find: 'return found.gapMs / FASTER ** Math.floor(steps);',
    put: 'return found.gapMs;',
    tests: [PACE],
  },
  {
    name: 'governor: shares are not divided',
    file: `${http}/shares.ts`,
    find: 'Math.floor(places / (others.length + 1))',
    put: 'places',
    tests: [SHARES],
  },
  {
    name: 'governor: a process that begins takes its whole share at once',
    file: `${http}/shares.ts`,
    find: 'clock.now() < knownFrom ? Math.min(AT_FIRST, share) : share',
    put: 'share',
    tests: [SHARES],
  },
  {
    name: 'governor: a process that knows nothing of the others takes all',
    file: `${http}/shares.ts`,
    find: '      hasFailed = true;',
    put: '      hasFailed = true;\n      others = [];',
    tests: [SHARES],
  },
  {
    name: 'governor: calls that are refused together count one by one',
    file: `${http}/limit-finder.ts`,
    find: 'if (!hasStarted) return false;',
    put: '',
    tests: [THROTTLE],
  },
  {
    name: 'governor: calls from before a refusal let more through',
    file: `${http}/limit-finder.ts`,
    find: 'if (refusalsBefore !== refusals) return;',
    put: '',
    tests: [THROTTLE],
  },
  {
    name: 'governor: a refusal is told when the next call is on its way',
    file: `${http}/transport.ts`,
    find: "if (verdict === 'throttled') throttle.refused(options.isUsedUp?.(failure));",
    put: "if (verdict === 'throttled') setTimeout(() => throttle.refused(options.isUsedUp?.(failure)));",
    tests: ['test/adapters/http/governed.test.ts'],
  },
  {
    name: 'governor: a number that was refused is tried again at once',
    file: `${http}/adaptive-limit.ts`,
    find: 'now < refused.until ?',
    put: 'now < 0 ?',
    tests: [LIMIT],
  },
  {
    name: 'governor: the limit grows while places are free',
    file: `${http}/adaptive-limit.ts`,
    find: "if (!isFull || outcome === 'failed') return limit;",
    put: "if (outcome === 'failed') return limit;",
    tests: [LIMIT],
  },
  {
    name: 'governor: nothing is taken away when calls get slow',
    file: `${http}/adaptive-limit.ts`,
    find: 'const SHRINK = 0.8;',
    put: 'const SHRINK = 1;',
    tests: [LIMIT],
  },
];
