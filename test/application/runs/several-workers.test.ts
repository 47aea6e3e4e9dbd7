import { describe, expect, it } from 'vitest';
import { cancelRun } from '../../../src/application/runs/manage-runs.js';
import type { Job } from '../../../src/domain/job.js';
import { hasEnded, type Run } from '../../../src/domain/run.js';
import { aUser, contact, contacts, mark, writesSince } from '../support/actors.js';
import { crashAt } from '../support/crash.js';
import { createHarness, type Harness } from '../support/harness.js';

/** Users of whom half have a contact that differs, and contacts without user. */
async function newcomers(count: number, options: Parameters<typeof createHarness>[0] = {}): Promise<Harness> {
  const bridge = await createHarness({ partRecords: 4, ...options });
  for (let index = 0; index < count; index += 1) {
    aUser(bridge, { email: `p${index}@x.test`, lastName: `A${index}` });
    const row = {
      lastname: `D${index}`,
      telephone1: `+1 ${index}`,
      emailaddress1: index % 2 === 0 ? `p${index}@x.test` : `q${index}@x.test`,
    };
    bridge.d.people.insert('contact', row, `00000000-0000-0000-0000-${String(index).padStart(12, '0')}`);
  }
  return bridge;
}

/** Lets all messages that are there be worked on at the same time until none is left; returns how many there were at once. */
async function workTogether(
  bridge: Harness,
  between: () => Promise<void> | void = () => {},
): Promise<number> {
  let most = 0;
  for (let round = 0; round < 500; round += 1) {
    const jobs = [];
    for (let job = bridge.storage.jobs.take(); job !== undefined; job = bridge.storage.jobs.take())
      jobs.push(job);
    if (jobs.length === 0) {
      const next = Math.min(...bridge.storage.jobs.waiting().map(({ visibleAt }) => visibleAt));
      if (!Number.isFinite(next)) return most;
      bridge.clock.advance(Math.max(1, next - bridge.clock.now()));
    }
    most = Math.max(most, jobs.length);
    await Promise.all(jobs.map((job) => bridge.deliver(job)));
    await between();
  }
  throw new Error('The queue never runs empty.');
}

/** What both sides hold of people, by e-mail. */
function people(bridge: Harness): readonly string[] {
  const rows = contacts(bridge)
    .map((id) => contact(bridge, id))
    .map((row) => `D ${row.emailaddress1} ${row.lastname} ${row.telephone1}`);
  const users = [...bridge.a.records.User.values()].map(
    ({ values }) => `A ${values.email} ${values.lastName} ${values.phoneNumber}`,
  );
  return [...rows, ...users].sort();
}

describe('several workers on one run', () => {
  it('bring both sides to the same state as one, and count the same', async () => {
    const alone = await newcomers(40, { partRecords: 500 });
    const expected = await alone.sync('full');
    const bridge = await newcomers(40);
    const { id } = await bridge.start('full');
    expect(await workTogether(bridge)).toBeGreaterThan(2);
    const run = await bridge.getRun(id);
    expect(run).toMatchObject({ status: 'succeeded', counts: expected.counts, bySide: expected.bySide });
    expect(people(bridge)).toEqual(people(alone));
    expect(await bridge.links()).toHaveLength(60);
    const { counts } = await bridge.sync('full');
    expect(counts).toMatchObject({ unchanged: 60, created: 0, linked: 0, updated: 0 });
  });

  it('are as many processes: one that has a part leaves the others to them', async () => {
    const bridge = await newcomers(40, { stepMs: 1 });
    const { id } = await bridge.start('full');
    const before = bridge.storage.jobs.take();
    if (before === undefined) throw new Error('no job');
    let parts = 0;
    const held: number[] = [];
    // All messages go to one process.
    for (let job: Job | undefined = before; job !== undefined; ) {
      const jobs = [job];
      for (let more = bridge.storage.jobs.take(); more !== undefined; more = bridge.storage.jobs.take())
        jobs.push(more);
      bridge.storage.tables.after = (request) => {
        if (request.table !== 'Runs') return;
        const rows = bridge.storage.tables
          .rows('Runs')
          .flatMap(({ data }) => (typeof data === 'string' ? data : []));
        const owners = rows.flatMap((data) => (JSON.parse(data) as Run).cursor.parts?.list ?? []);
        parts = Math.max(parts, owners.length);
        held.push(owners.filter(({ lease }) => (lease?.owner ?? '') !== '').length);
      };
      await Promise.all(jobs.map((each) => bridge.engine.processJob(each)));
      job = bridge.storage.jobs.take();
      if (job !== undefined) continue;
      const next = Math.min(...bridge.storage.jobs.waiting().map(({ visibleAt }) => visibleAt));
      if (!Number.isFinite(next)) break;
      bridge.clock.advance(Math.max(1, next - bridge.clock.now()));
      job = bridge.storage.jobs.take();
    }
    expect((await bridge.getRun(id)).status).toBe('succeeded');
    expect(parts).toBeGreaterThan(2);
    expect(Math.max(...held)).toBe(1);
  });

  it('share changed pairs, each of which is written once', async () => {
    const bridge = await newcomers(40);
    await bridge.sync('full');
    const ids = [...bridge.a.records.User.keys()];
    for (const id of ids) bridge.a.people.set('User', id, { phoneNumber: `+1 ${id}` });
    const since = mark(bridge);
    const { id } = await bridge.start('full');
    expect(await workTogether(bridge)).toBeGreaterThan(2);
    const counts = { updated: 60, unchanged: 0, failed: 0 };
    expect(await bridge.getRun(id)).toMatchObject({ status: 'succeeded', counts });
    const expected = ids.map((one) => `dynamics telephone1 -> +1 ${one}`);
    const written = writesSince(bridge, since).map((line) => line.replace(/: .* ->/, ' ->'));
    expect(written.sort()).toEqual(expected.sort());
  });

  it.each(['full', 'incremental'] as const)('count the links that they meet in %s runs', async (mode) => {
    const bridge = await newcomers(20, { stepMs: 1 });
    await bridge.sync('full');
    for (const id of bridge.a.records.User.keys())
      bridge.a.people.set('User', id, { phoneNumber: `+1 ${id}` });
    const { id } = await bridge.start(mode);
    const linked: unknown[] = [];
    await workTogether(bridge, async () => {
      linked.push((await bridge.getRun(id)).cursor.facts.ofMapping?.m_1234567890?.linked);
    });
    expect(linked.filter((count) => count !== undefined)).not.toEqual([]);
    expect(Math.max(...linked.map((count) => Number(count ?? 0)))).toBe(30);
  });

  describe.each(['before', 'after'] as const)('one of whom dies %s any effect', (when) => {
    it('come to the same, and write nothing twice', async () => {
      const calm = await newcomers(10, { partRecords: 2 });
      await calm.sync('full');
      const faults: string[] = [];
      let n = 1;
      for (; n < 1_000; n += 3) {
        const bridge = await newcomers(10, { partRecords: 2 });
        const crash = crashAt(bridge, n, when);
        const { id } = await bridge.start('full');
        await workTogether(bridge);
        const happened = crash.happened();
        if (happened === null) break;
        const { counts, status } = await bridge.finish(id);
        // A record that was made and not yet linked when its worker died is linked by the next one.
        const isSame = status === 'succeeded' && counts.created + counts.linked === 15 && counts.failed === 0;
        if (!isSame) faults.push(`${n} ${happened}: ${status} ${JSON.stringify(counts)}`);
        const links = await bridge.links();
        if (links.length !== 15 || !links.every(({ clean }) => clean)) faults.push(`${n} ${happened}: links`);
        if (String(people(bridge)) !== String(people(calm)))
          faults.push(`${n} ${happened}: ${people(bridge)}`);
      }
      expect(faults).toEqual([]);
      expect(n).toBeGreaterThan(60);
    });
  });

  it('end a run that is cancelled when the last of them has left it', async () => {
    const bridge = await newcomers(40, { stepMs: 1 });
    const { id } = await bridge.start('full');
    let rounds = 0;
    let endedAt = Number.POSITIVE_INFINITY;
    await workTogether(bridge, async () => {
      const run = await bridge.getRun(id);
      if (run.cursor.parts !== undefined) rounds += 1;
      if (rounds === 2)
        await cancelRun({ ...bridge.storage, ...bridge.parts, queue: bridge.storage.jobs })(id);
      if (hasEnded(run.status)) endedAt = Math.min(endedAt, mark(bridge));
    });
    const run = await bridge.getRun(id);
    expect(run).toMatchObject({ status: 'cancelled', lease: null });
    expect(run.cursor.parts).toBeUndefined();
    expect(mark(bridge)).toBe(endedAt);
    expect(run.counts.created + run.counts.linked).toBe((await bridge.links()).length);
    expect((await bridge.sync('full')).status).toBe('succeeded');
    expect(await bridge.links()).toHaveLength(60);
  });

  it('fail it together, with all that they did in its counts', async () => {
    const bridge = await newcomers(40, { stepMs: 1 });
    const { id } = await bridge.start('full');
    let rounds = 0;
    await workTogether(bridge, async () => {
      if ((await bridge.getRun(id)).cursor.parts !== undefined) rounds += 1;
      if (rounds !== 2) return;
      const mapping = await bridge.storage.mappings.get(bridge.connection.id, 'm_1234567890');
      if (mapping === undefined || mapping.value.version > 1) return;
      await bridge.storage.mappings.replace({ ...mapping.value, version: 2 }, mapping.etag);
    });
    const run = await bridge.getRun(id);
    expect(run).toMatchObject({ status: 'failed', error: { code: 'schema_changed' }, lease: null });
    expect(run.cursor.parts).toBeUndefined();
    expect(run.counts.created + run.counts.linked).toBe((await bridge.links()).length);
    expect(run.counts.created).toBeGreaterThan(0);
  });

  it('of which an earlier version knows nothing: it works on all once more', async () => {
    const bridge = await newcomers(40, { stepMs: 1 });
    const { id } = await bridge.start('full');
    let isTold = false;
    await workTogether(bridge, async () => {
      const stored = await bridge.storage.runs.get(id);
      if (isTold || stored?.value.cursor.parts === undefined) return;
      isTold = true;
      const { parts, ...cursor } = stored.value.cursor;
      await bridge.storage.runs.replace({ ...stored.value, cursor }, stored.etag);
    });
    expect(isTold).toBe(true);
    expect(await bridge.finish(id)).toMatchObject({
      status: 'succeeded',
      counts: { created: 40, linked: 20 },
    });
    expect(await bridge.links()).toHaveLength(60);
  });
});
