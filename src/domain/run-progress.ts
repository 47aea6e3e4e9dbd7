import { RUN_PHASES, type Run, type RunPhase } from './run.js';

/** Shares of the whole, for the progress that people see. */
const PHASE_SHARE: Readonly<Record<RunPhase, number>> = {
  preparing: 1,
  readingAuthScape: 14,
  readingDynamics: 15,
  comparing: 30,
  matching: 30,
  retrying: 4,
  removing: 4,
  finishing: 2,
  done: 0,
};

/** Percent and remaining time from the finished phases; within a phase, from the mappings that are through with it. */
export function progressOf(run: Run, mappings: number, now: number): Pick<Run, 'percent' | 'etaSeconds'> {
  const reached = RUN_PHASES.indexOf(run.phase);
  let done = 0;
  RUN_PHASES.forEach((phase, index) => {
    const share = PHASE_SHARE[phase];
    const perMapping = phase === 'comparing' || phase === 'matching';
    if (perMapping && (run.phase === 'comparing' || run.phase === 'matching')) {
      const through = run.cursor.mappingIndex + (run.phase === 'matching' && phase === 'comparing' ? 1 : 0);
      done += (share * Math.min(through, mappings)) / Math.max(1, mappings);
    } else if (index < reached) {
      done += share;
    } else if (index === reached) {
      done += (share * run.cursor.mappingIndex) / Math.max(1, mappings);
    }
  });
  const percent = run.phase === 'done' ? 100 : Math.min(99, Math.max(run.percent, Math.floor(done)));
  const elapsed = run.startedAt === null ? 0 : (now - Date.parse(run.startedAt)) / 1000;
  const etaSeconds = percent < 5 || percent >= 100 ? null : Math.round((elapsed * (100 - percent)) / percent);
  return { percent, etaSeconds };
}
