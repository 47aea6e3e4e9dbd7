import { expect, it } from 'vitest';
import {
  type Health,
  SystemSuspectedError,
  watchDynamics,
} from '../../../../src/application/sync/context/watch-writes.js';
import { RecordRejectedError } from '../../../../src/domain/errors.js';
import { createHarness } from '../../support/harness.js';

it('an insert that was not sent in time says nothing of the system, which stays under suspicion', async () => {
  const { clock, d } = await createHarness();
  const health: Health = {
    authScape: { suspected: false, failing: null },
    dynamics: { suspected: false, failing: null },
  };
  const fails = () => Promise.reject(new RecordRejectedError('refused', 'No.', { unproven: 'status 500' }));
  const system = watchDynamics({ ...d.system, update: fails }, { clock, health });
  const fail = (id: number) => system.update('contact', String(id), null, {}, []);
  for (const id of [1, 2, 3, 4]) await expect(fail(id)).rejects.toBeInstanceOf(RecordRejectedError);
  expect(await system.create('contact', 'new', {}, [], clock.now() - 1)).toEqual({ kind: 'late' });
  await expect(fail(5)).rejects.toBeInstanceOf(SystemSuspectedError);
});
