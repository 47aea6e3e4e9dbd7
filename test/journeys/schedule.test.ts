import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startReceiver } from '../stack/receiver.js';
import { type Journey, startJourney, startWithinMs } from './support/journey.js';
import type { Run } from './support/shapes.js';
import { until } from './support/wait.js';

const time = (iso: string | null) => Date.parse(iso ?? '');
/** Longer than the schedule's period of five seconds and the timer's tick together. */
const periodMs = 6_500;

/** Lets time go by for something that must not happen. */
async function pass(ms: number): Promise<void> {
  const end = Date.now() + ms;
  await until('time has gone by', async () => Date.now() > end, { withinMs: ms + 5_000, everyMs: 250 });
}

describe('the schedule, looked at each second', () => {
  let journey: Journey;
  let often: string;
  let byInterval: string;
  let firstByInterval: Run;

  /** Oldest first. */
  const scheduled = async (id: string) =>
    (await journey.api.runs(id)).filter((run) => run.trigger === 'schedule').reverse();

  beforeAll(async () => {
    journey = await startJourney({ SYNC_SCHEDULE: '* * * * * *' });
    const { api } = journey;
    await journey.dynamics.seed({ contacts: 10, accounts: 4, seed: 5 });
    await journey.authScape.seed({ users: 10, companies: 4, locations: 0, seed: 5, overlap: 1 });
    often = await api.createConnection({ name: 'Often', fullSyncSchedule: '*/5 * * * * *' });
    byInterval = await api.createConnection({ name: 'By interval', syncIntervalMinutes: 1 });
    await api.createMapping(often, 'User', 'contact');
    await api.createMapping(byInterval, 'Company', 'account');
    firstByInterval = await api.sync(byInterval, { mode: 'full' });
  }, startWithinMs);
  afterAll(() => journey?.stop());

  it('[R3] starts nothing before a person’s first full run, for which a dry run does not count', async () => {
    const dry = await journey.api.sync(often, { mode: 'full', dryRun: true });
    await pass(periodMs);

    expect(dry.status).toBe('succeeded');
    expect(await scheduled(often)).toEqual([]);
  });

  it('[R3] starts full runs by the full schedule, one after the other', async () => {
    const first = await journey.api.sync(often, { mode: 'full' });
    const runs = await until('two scheduled runs have ended', async () => {
      const ended = (await scheduled(often)).filter((run) => run.finishedAt !== null);
      return ended.length >= 2 && ended;
    });

    expect(first.status).toBe('succeeded');
    expect(runs.map((run) => [run.mode, run.status])).toEqual(runs.map(() => ['full', 'succeeded']));
  });

  it('starts none while one is under way', async () => {
    const { api, authScape } = journey;
    const blocked = await until('a run could be started by hand', async () => {
      const reply = await api.ask('POST', `connections/${often}/sync`, { body: { mode: 'full' } });
      return reply.status === 202 && reply;
    });
    const path = blocked.headers.get('location') ?? '';
    await authScape.post('latency', { perRequestMs: 3_000 });
    const slow = await api.follow(path.replace('/api/runs/', ''));
    await authScape.post('latency', { perRequestMs: 0 });
    await until('a scheduled run has followed', async () => {
      const last = (await scheduled(often)).at(-1);
      return last !== undefined && time(last.startedAt) > time(slow.finishedAt) && last.finishedAt !== null;
    });
    const runs = (await api.runs(often)).filter((run) => run.startedAt !== null).reverse();
    const overlapping = runs.filter((run, index) => {
      const before = runs[index - 1];
      return before !== undefined && time(run.startedAt) < time(before.finishedAt);
    });

    expect(time(slow.finishedAt) - time(slow.startedAt)).toBeGreaterThan(5_000);
    expect(overlapping).toEqual([]);
  });

  it('starts none for a disabled connection', async () => {
    const { api } = journey;
    await api.patchConnection(often, { enabled: false });
    await until('the last run has ended', async () => (await api.runs(often))[0]?.finishedAt !== null);
    const before = (await api.runs(often)).length;
    await pass(periodMs);

    expect(await api.runs(often)).toHaveLength(before);
  });

  it('[R3] starts an incremental run when the interval has passed, and not before', async () => {
    const runs = await until(
      'the interval has passed',
      async () => {
        const found = await scheduled(byInterval);
        return found[0]?.finishedAt !== undefined && found[0].finishedAt !== null && found;
      },
      { withinMs: 100_000, everyMs: 500 },
    );
    const waited = time(runs[0]?.startedAt ?? null) - time(firstByInterval.startedAt);

    expect(runs).toMatchObject([{ mode: 'incremental', status: 'succeeded' }]);
    expect(waited).toBeGreaterThanOrEqual(60_000);
    expect(waited).toBeLessThan(110_000);
  });

  it('posts an alert when the sign-in fails, and one when it works again', async () => {
    const { api, stack } = journey;
    const receiver = await startReceiver();
    const told = (count: number) =>
      until('alerts have come', async () => receiver.received.length >= count && receiver.received);
    try {
      const body = { url: `${receiver.url}/alerts`, secret: 'a-secret-of-the-journey' };
      expect(await api.ask('PUT', `connections/${byInterval}/alerts`, { body })).toMatchObject({
        status: 200,
      });
      await api.patchConnection(byInterval, { clientSecret: 'n0t-the-right-one' });
      const failed = await api.sync(byInterval, { mode: 'incremental' });
      const [first] = await told(1);
      expect(JSON.parse(first?.text ?? '')).toEqual({
        ...{ id: expect.any(String), at: expect.any(String), connectionId: byInterval },
        ...{ kind: 'credentialsFailing', runId: failed.id, code: 'invalid_client_credentials' },
      });
      const { 'x-authscape-timestamp': seconds, 'x-authscape-signature': given } = first?.headers ?? {};
      const due = createHmac('sha256', body.secret).update(`${seconds}.${first?.text}`).digest('hex');
      expect(given).toBe(`v1=${due}`);

      await api.patchConnection(byInterval, { clientSecret: stack.info.credentials.clientSecret });
      await api.sync(byInterval, { mode: 'incremental' });
      const [, second] = await told(2);
      expect(JSON.parse(second?.text ?? '')).toMatchObject({ kind: 'recovered', of: 'credentialsFailing' });
    } finally {
      await api.ask('DELETE', `connections/${byInterval}/alerts`);
      await receiver.close();
    }
  });
});
