import { startJourney } from './journey.js';

/** Rows with plug-ins take their time, and Dynamics takes many at once: what bounds a run is how many pairs it has under way. */
const SLOW_ROWS = { perRequestMs: 0, perOperationMs: 150 };
const MANY_AT_ONCE = { dopHint: 48 };

/** A first run that makes a contact for each of so many users, and the milliseconds that it took by what it tells itself. */
export async function firstRunOverSlowRows(users: number, env: Record<string, string>) {
  const journey = await startJourney({ RUN_PART_RECORDS: '30', ...env });
  try {
    await journey.authScape.seed({ users, companies: 0, locations: 0, seed: 17, overlap: 0 });
    const connectionId = await journey.api.createConnection();
    await journey.api.createMapping(connectionId, 'User', 'contact');
    await journey.dynamics.post('behaviour', MANY_AT_ONCE);
    await journey.dynamics.post('latency', SLOW_ROWS);
    const run = await journey.api.sync(connectionId, { mode: 'full' }, { withinMs: 600_000 });
    return { run, ms: Date.parse(run.finishedAt ?? '') - Date.parse(run.startedAt ?? '') };
  } finally {
    await journey.stop();
  }
}
