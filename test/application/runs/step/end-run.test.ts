import { expect, it } from 'vitest';
import { createHarness } from '../../support/harness.js';

it('leaves a run that has ended as it is when its scratch rows cannot be removed', async () => {
  const bridge = await createHarness();
  let failures = 0;
  Object.assign(bridge.storage.staging, {
    purge: () => {
      failures += 1;
      return Promise.reject(new Error('The rows cannot be removed.'));
    },
  });
  const run = await bridge.sync('full');
  expect(failures).toBe(1);
  expect(run).toMatchObject({ status: 'succeeded', error: null });
  expect(bridge.poison).toEqual([]);
});
