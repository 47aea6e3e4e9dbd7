import { afterAll, beforeAll, describe } from 'vitest';
import { startWithinMs } from '../journeys/support/journey.js';
import { administering } from './journeys/administering.js';
import { deciding } from './journeys/deciding.js';
import { inThePortal } from './journeys/portal.js';
import { lookingUpRecords } from './journeys/records.js';
import { lookingAtEveryScreen } from './journeys/screens.js';
import { settingUp } from './journeys/set-up.js';
import { signingIn } from './journeys/sign-in.js';
import { whatIsMissing } from './journeys/states.js';
import { syncing } from './journeys/sync.js';
import { ConsoleUnderTest } from './support/console.js';

/** In this order: each part goes on with what the ones before have made. */
describe('a person at the console', () => {
  let started: ConsoleUnderTest | undefined;
  const current = () => {
    if (started === undefined) throw new Error('The stack or the browser did not start.');
    return started;
  };

  beforeAll(async () => {
    started = await ConsoleUnderTest.start();
    const { authScape, dynamics } = started.journey;
    await authScape.post('custom-fields', { name: 'Level', platform: 1, type: 1 });
    await dynamics.seed({ contacts: 40, accounts: 0, seed: 7 });
    await authScape.seed({ users: 50, companies: 3, locations: 0, seed: 7, overlap: 0.5 });
  }, startWithinMs);
  afterAll(() => started?.stop());

  signingIn(current);
  settingUp(current);
  syncing(current);
  lookingUpRecords(current);
  inThePortal(current);
  deciding(current);
  administering(current);
  whatIsMissing(current);
  lookingAtEveryScreen(current);
});
