import { firstRunOverSlowRows } from '../journeys/support/slow-rows.js';
import { say, sayTable } from '../stack/output.js';

const PROCESSES = [1, 2, 3];

/** A first run that makes contacts where Dynamics takes its time for each row, by one, two and three processes. */
export async function measureWorkers(size = 600): Promise<void> {
  const rows = [];
  for (const processes of PROCESSES) {
    const { ms, run } = await firstRunOverSlowRows(size, {
      RUN_WORKERS: String(processes),
      STACK_WORKERS: String(processes),
    });
    rows.push({ processes, seconds: ms / 1_000, created: run.counts.created });
  }
  say(
    `${size} users, no contacts, 150 ms for each row that Dynamics writes, which advises 48 requests at once`,
  );
  sayTable(
    ['processes', 's', 'contacts made'],
    rows.map(({ created, processes, seconds }) => [processes, seconds.toFixed(1), created]),
  );
  say(JSON.stringify({ benchmark: 'workers', size, rows }));
}
