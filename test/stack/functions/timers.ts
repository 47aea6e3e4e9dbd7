/**
 * Timer triggers: six-field NCRONTAB in UTC. A timer never overlaps itself and its next time is computed after
 * the run, so ticks that fall into a run are skipped; a failing run does not stop the schedule.
 */
import { Cron } from 'croner';
import type { RegisteredFunction } from './core-api.js';
import type { Invoker } from './invocation.js';
import type { RetryContext, RetryOptions } from './rpc.js';
import { messageOf } from './storage.js';
import type { TimerStatus, TimerStatusStore } from './timer-status.js';

export interface TimerFunction {
  fn: RegisteredFunction;
  bindingName: string;
  schedule: Schedule;
  runOnStartup: boolean;
  /** Left out: on for schedules of a minute and more. */
  useMonitor: boolean | undefined;
}

export interface Schedule {
  /** The first time strictly after `from`. */
  next(from: Date): Date;
}

export interface Timer {
  /** Resolves when the loop has ended, which `signal` asks for. */
  listen(signal: AbortSignal): Promise<void>;
  /** Runs once, after a run that is under way. Rejects with the error of the last attempt. */
  run(): Promise<void>;
}

const NEVER = '0001-01-01T00:00:00+00:00';
const LONGEST_TIMEOUT_MS = 2 ** 31 - 1;
const MONITOR_FROM_MS = 60_000;

/** Parses an expression. Throws on what NCRONTAB does not have and on dates that never come. */
export const parseSchedule = (expression: string): Schedule => {
  const fields = expression.trim().split(/\s+/);
  const plain = /^[\d*,/-]+$/;
  const named = /^[\d*,/a-z-]+$/i;
  const valid =
    fields.length === 6 && fields.every((field, index) => (index < 4 ? plain : named).test(field));
  if (!valid || /\b[LW]\b|\d[LW]/i.test(expression)) {
    throw new Error(`The schedule expression '${expression}' was not recognized as a valid cron expression.`);
  }
  const cron = new Cron(fields.join(' '), { mode: '6-part', timezone: 'UTC', domAndDow: true });
  const next = (from: Date): Date => {
    const time = cron.nextRun(from);
    if (time === null) throw new Error(`The schedule '${expression}' has no next time.`);
    return time;
  };
  next(new Date());
  return { next };
};

/** Waits until the clock reads `time`, not a millisecond earlier; false when `signal` ended it before. */
const waitUntil = async (time: number, signal: AbortSignal): Promise<boolean> => {
  while (!signal.aborted && Date.now() < time) {
    const left = Math.min(time - Date.now(), LONGEST_TIMEOUT_MS);
    await new Promise<void>((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', done);
        resolve();
      };
      const timer = setTimeout(done, left);
      signal.addEventListener('abort', done);
    });
  }
  return !signal.aborted;
};

const retryDelayMs = (options: RetryOptions, attempt: number): number => {
  const seconds =
    options.retryStrategy === 'fixedDelay'
      ? (options.delayInterval?.seconds ?? 0)
      : Math.min(
          options.maximumInterval?.seconds ?? 0,
          (options.minimumInterval?.seconds ?? 0) * 2 ** attempt,
        );
  return seconds * 1000;
};

const isMonitored = (timer: TimerFunction): boolean => {
  if (timer.useMonitor !== undefined) return timer.useMonitor;
  const first = timer.schedule.next(new Date());
  return timer.schedule.next(first).getTime() - first.getTime() >= MONITOR_FROM_MS;
};

export const createTimer = (
  timer: TimerFunction,
  options: {
    invoker: Invoker;
    status: TimerStatusStore;
    logFailure: (functionName: string, error: unknown) => void;
  },
): Timer => {
  const { fn, bindingName, schedule } = timer;
  const { name, retryOptions } = fn.metadata;
  const monitored = isMonitored(timer);
  const stopped = new AbortController();
  let status: TimerStatus | undefined;
  let last: Promise<unknown> = Promise.resolve();

  const attempt = async (isPastDue: boolean, retryContext?: RetryContext): Promise<void> => {
    const scheduleStatus = monitored
      ? {
          Last: status?.last ?? NEVER,
          Next: status?.next ?? schedule.next(new Date()).toISOString(),
          LastUpdated: status?.lastUpdated ?? NEVER,
        }
      : null;
    const json = JSON.stringify({
      Schedule: { AdjustForDST: true },
      ScheduleStatus: scheduleStatus,
      IsPastDue: isPastDue,
    });
    await options.invoker.invoke(fn, {
      inputData: [{ name: bindingName, data: { json } }],
      triggerMetadata: {},
      ...(retryContext ? { retryContext } : {}),
    });
  };

  const withRetries = async (isPastDue: boolean): Promise<void> => {
    const maxRetryCount = retryOptions?.maxRetryCount ?? 0;
    let retryContext: RetryContext | undefined;
    for (let count = 0; ; count += 1) {
      try {
        return await attempt(isPastDue, retryContext);
      } catch (error) {
        options.logFailure(name, error);
        if (retryOptions === undefined || (maxRetryCount !== -1 && count >= maxRetryCount)) throw error;
        if (!(await waitUntil(Date.now() + retryDelayMs(retryOptions, count), stopped.signal))) throw error;
        retryContext = { retryCount: count + 1, maxRetryCount, exception: { message: messageOf(error) } };
      }
    }
  };

  const remember = async (): Promise<void> => {
    const now = new Date();
    const time = now.toISOString();
    status = { last: time, next: schedule.next(now).toISOString(), lastUpdated: time };
    if (monitored) await options.status.write(name, status);
  };

  const runNow = (isPastDue: boolean): Promise<void> => {
    const run = last.then(async () => {
      try {
        await withRetries(isPastDue);
      } finally {
        await remember();
      }
    });
    last = run.catch(() => undefined);
    return run;
  };

  /** Whether a run was missed while the host was down; a first start or a changed schedule is none. */
  const missedOne = async (): Promise<boolean> => {
    if (!monitored) return false;
    status = await options.status.read(name);
    const now = new Date();
    if (status !== undefined) {
      const expected = schedule.next(new Date(status.lastUpdated)).toISOString();
      if (expected === status.next) return now.toISOString() > status.next;
    }
    status = { last: NEVER, next: schedule.next(now).toISOString(), lastUpdated: now.toISOString() };
    await options.status.write(name, status);
    return false;
  };

  return {
    run: () => runNow(false),
    listen: async (signal) => {
      signal.addEventListener('abort', () => stopped.abort());
      const pastDue = await missedOne();
      if (pastDue || timer.runOnStartup) await runNow(pastDue).catch(() => undefined);
      // The failure was logged with its attempt; the schedule goes on after each run, a failed one too.
      while (await waitUntil(schedule.next(new Date()).getTime(), signal)) {
        await runNow(false).catch(() => undefined);
      }
    },
  };
};
