import type { TestSpecification } from 'vitest/node';
import { BaseSequencer } from 'vitest/node';

/**
 * Seconds of the files that take longest, so that none of them starts last. Only their order matters, and a file that is
 * missing here is merely late.
 */
const SECONDS: Readonly<Record<string, number>> = {
  'journeys/outages': 85,
  'console/journeys': 65,
  'journeys/convergence': 60,
  'journeys/schedule': 55,
  'journeys/crash': 40,
  'stack/launch/stack': 28,
  'journeys/event-faults': 27,
  'journeys/events': 25,
  'journeys/webhook': 24,
  'journeys/guard': 20,
  'journeys/record-faults': 19,
  'journeys/full-sync': 17,
  'application/convergence': 17,
  'journeys/connection-faults': 16,
  'stack/functions/queues': 14,
  'adapters/storage/stores': 11,
  'stack/functions/process': 11,
  'journeys/three-mappings': 10,
  'stack/functions/timers': 10,
  package: 9,
  'infra/runs': 6,
};

/** The ones that mostly wait go first; the pure ones, many and short, fill what is left. */
const PROJECTS = ['journeys', 'adapters', 'key-vault', 'unit'];

/** A process is used again only for the next file of its project: files of one project follow each other. */
export class LongFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ project }: TestSpecification) => PROJECTS.indexOf(project.name);
    return [...files].sort((a, b) => rank(a) - rank(b) || secondsOf(b) - secondsOf(a));
  }
}

function secondsOf({ moduleId }: TestSpecification): number {
  return SECONDS[/\/test\/(.+)\.test\.ts$/.exec(moduleId)?.[1] ?? ''] ?? 0;
}
