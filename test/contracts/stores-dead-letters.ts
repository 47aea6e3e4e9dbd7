import { describe, expect, it } from 'vitest';
import type { RecordJob } from '../../src/domain/job.js';
import { newId, type OpenStores } from './stores-samples.js';

const at = (second: number) => `2026-03-01T08:00:0${second}.000Z`;
const cause = { code: 'dynamics_unavailable', message: 'Dynamics is not available (503).' };
const unknown = { code: 'worker_ended', message: 'The worker ended.' };

function sampleJob(overrides: Partial<RecordJob> = {}): RecordJob {
  return {
    ...{ v: 1, kind: 'record', connectionId: newId('c'), source: 'dynamics', entity: 'contact' },
    ...{ id: 'x/y', receivedAt: at(0), ...overrides },
  };
}

/** Dead letters and what is registered in Dynamics. */
export function eventStoresContract(open: OpenStores): void {
  describe('dead letters', () => {
    it('tell of the failures that were noted', async () => {
      const { deadLetters } = open().stores;
      const job = sampleJob();
      await deadLetters.noteFailure(job, unknown, at(1));
      await deadLetters.noteFailure(job, cause, at(2));

      const letter = await deadLetters.bury(job, unknown, at(3));
      expect(letter).toMatchObject({ job, cause, count: 2, firstFailedAt: at(1), lastFailedAt: at(2) });
      expect(await deadLetters.get(job.connectionId, letter.id)).toEqual(letter);
      expect((await deadLetters.list(job.connectionId, 10)).items).toEqual([letter]);
    });

    it('say what is known when nothing was noted, or what was noted is forgotten', async () => {
      const { deadLetters } = open().stores;
      const job = sampleJob();
      await deadLetters.noteFailure(job, cause, at(1));
      await deadLetters.forgetFailures(job);
      await deadLetters.forgetFailures(job);

      expect(await deadLetters.bury(job, unknown, at(3))).toMatchObject({
        ...{ cause: unknown, count: 1, firstFailedAt: at(3), lastFailedAt: at(3) },
      });
    });

    it('are one for the same work, however often it is given up', async () => {
      const { deadLetters } = open().stores;
      const job = sampleJob();
      const first = await deadLetters.bury(job, cause, at(1));
      const again = await deadLetters.bury({ ...job, receivedAt: at(2) }, cause, at(3));
      expect(again).toMatchObject({ id: first.id, count: 2, firstFailedAt: at(1), lastFailedAt: at(3) });
      await deadLetters.bury({ ...job, id: 'other' }, cause, at(3));
      const run = { v: 1, kind: 'run', connectionId: job.connectionId, runId: 'r_1' } as const;
      await deadLetters.bury(run, cause, at(3));
      expect((await deadLetters.list(job.connectionId, 10)).items).toHaveLength(3);
    });

    it('are removed only as they were seen', async () => {
      const { deadLetters } = open().stores;
      const job = sampleJob();
      const seen = await deadLetters.bury(job, cause, at(1));
      const newer = await deadLetters.bury(job, cause, at(2));

      await deadLetters.remove(seen);
      expect(await deadLetters.get(job.connectionId, seen.id)).toEqual(newer);
      await deadLetters.remove(newer);
      await deadLetters.remove(newer);
      expect(await deadLetters.get(job.connectionId, seen.id)).toBeUndefined();
    });

    it('come in pages and belong to their connection', async () => {
      const { deadLetters } = open().stores;
      const job = sampleJob();
      for (const id of ['a', 'b', 'c']) await deadLetters.bury({ ...job, id }, cause, at(1));
      await deadLetters.noteFailure(job, cause, at(1));
      await deadLetters.bury(sampleJob(), cause, at(1));

      const first = await deadLetters.list(job.connectionId, 2);
      const second = await deadLetters.list(job.connectionId, 2, first.nextCursor);
      const ids = [...first.items, ...second.items].map((letter) => letter.job).sort();
      expect(ids).toHaveLength(3);
      expect(second.nextCursor).toBeUndefined();
    });

    it('go with their connection', async () => {
      const { stores, clock } = open();
      const job = sampleJob();
      await stores.deadLetters.bury(job, cause, at(1));
      await stores.webhooks.put({ ...registration, connectionId: job.connectionId });
      await stores.eraser.erase(job.connectionId, clock.now() + 60_000);
      expect((await stores.deadLetters.list(job.connectionId, 10)).items).toEqual([]);
      expect(await stores.webhooks.get(job.connectionId)).toBeUndefined();
    });
  });

  describe('registrations', () => {
    it('come back as they were stored, the newest of them', async () => {
      const { webhooks } = open().stores;
      const connectionId = newId('c');
      expect(await webhooks.get(connectionId)).toBeUndefined();
      await webhooks.put({ ...registration, connectionId });
      const newer = { ...registration, connectionId, endpointId: 'e_2' };
      await webhooks.put(newer);
      expect(await webhooks.get(connectionId)).toEqual(newer);
      await webhooks.remove(connectionId);
      await webhooks.remove(connectionId);
      expect(await webhooks.get(connectionId)).toBeUndefined();
    });
  });
}

const registration = {
  ...{ baseUrl: 'https://bridge.example.com', environment: 'contoso.crm.dynamics.com', endpointId: null },
  ...{ secretVersion: null, registeredAt: at(0), lastFailure: null },
};
