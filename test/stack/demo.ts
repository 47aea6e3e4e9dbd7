import { type Bridge, type BridgeRun, connectBridge } from './demo/bridge.js';
import { type Comparison, compareSides } from './demo/compare.js';
import { readSides, type Sides, seedDemo } from './demo/sides.js';
import type { StackInfo } from './launch/stack-file.js';
import { progress, say, sayTable } from './output.js';

export interface DemoOutcome {
  connectionId: string;
  /** Both runs ended well, both sides agree, and the second run wrote nothing. */
  agreed: boolean;
}

const seed = 42;
const shownDifferences = 10;
const mapped = [
  ['Company', 'account'],
  ['Location', 'account'],
  ['User', 'contact'],
] as const;

/** Seeds both sides, connects them through the HTTP API, syncs, and looks at both sides afterwards. */
export async function runDemo(info: StackInfo): Promise<DemoOutcome> {
  await seedDemo(info, seed);
  say('Seeded 200 users, 20 companies and 30 locations in AuthScape, 150 contacts in Dynamics.');
  const bridge = connectBridge(info);
  const connectionId = await bridge.createConnection('Demo');
  const isReady = await showTest(bridge, connectionId);
  if (!isReady) {
    return { connectionId, agreed: false };
  }
  const mappings = await bridge.configure('Demo', connectionId, mapped);
  const runs = await bridge.sync(connectionId, showProgress);
  const after = await readSides(info);
  const links = await bridge.links(connectionId);
  const hasEnded = showRuns('First full sync', runs);
  const comparison = compareSides(after, mappings, links);
  showComparison(comparison);

  const again = await bridge.sync(connectionId, showProgress);
  const hasEndedAgain = showRuns('Second full sync', again);
  const isQuiet = showQuiet(again, after, await readSides(info));
  const agreed = hasEnded && hasEndedAgain && isQuiet && comparison.differences.length === 0;
  say(agreed ? 'Both sides agree.' : 'The sides do NOT agree.');
  return { connectionId, agreed };
}

async function showTest(bridge: Bridge, connectionId: string): Promise<boolean> {
  const test = await bridge.testConnection(connectionId);
  say(`Connection ${connectionId}:`);
  for (const step of test.steps) {
    const fault = [step.code, step.detail, step.hint].filter(Boolean).join(' - ');
    say(`  ${step.ok ? 'ok  ' : 'FAIL'} ${step.name} (${Math.round(step.durationMs)} ms) ${fault}`.trimEnd());
  }
  return test.ok;
}

function showProgress(run: BridgeRun): void {
  const percent = run.percent === null || run.percent === undefined ? '' : ` ${Math.round(run.percent)} %`;
  progress(`  ${run.status} ${run.phase ?? ''}${percent}`);
}

/** The runs as one table; false when one of them did not end well. */
function showRuns(title: string, runs: readonly BridgeRun[]): boolean {
  const last = runs.at(-1);
  const seconds = (Date.parse(last?.finishedAt ?? '') - Date.parse(last?.startedAt ?? '')) / 1000;
  say(`${title}: ${last?.status}${Number.isFinite(seconds) ? ` in ${seconds.toFixed(1)} s` : ''}`);
  const counts = sum(runs.map((run) => run.counts));
  say(`  ${describe(counts)}`);
  const sides = runs.flatMap((run) => Object.keys(run.bySide));
  const columns = ['created', 'updated', 'deactivated', 'deleted'];
  sayTable(
    ['side', ...columns],
    [...new Set(sides)].map((side) => {
      const done = sum(runs.map((run) => run.bySide[side] ?? {}));
      return [side, ...columns.map((column) => done[column] ?? 0)];
    }),
  );
  const failed = runs.filter((run) => !['succeeded', 'partiallySucceeded'].includes(run.status));
  for (const run of failed) {
    say(`  ${run.id} ended as ${run.status}: ${JSON.stringify(run.error)}`);
  }
  return failed.length === 0;
}

function showComparison({ pairs, alone, differences }: Comparison): void {
  say('Both sides compared:');
  sayTable(
    ['linked pairs', 'pairs', 'values', 'cut to the column'],
    Object.entries(pairs).map(([entity, tally]) => [entity, tally.pairs, tally.values, tally.cut]),
  );
  for (const [reason, count] of alone) {
    say(`  without partner: ${count} ${reason}`);
  }
  for (const difference of differences.slice(0, shownDifferences)) {
    say(`  DIFFERENT ${difference}`);
  }
  if (differences.length > shownDifferences) {
    say(`  and ${differences.length - shownDifferences} more differences`);
  }
}

function showQuiet(runs: readonly BridgeRun[], before: Sides, now: Sides): boolean {
  const written = runs.flatMap((run) => Object.values(run.bySide).flatMap((side) => Object.values(side)));
  const total = written.reduce((all, count) => all + count, 0);
  const isSame = JSON.stringify(before) === JSON.stringify(now);
  if (total > 0 || !isSame) {
    say(
      `  The second sync wrote ${total} times${isSame ? '' : ', and the data changed'}; it should write nothing.`,
    );
  }
  return total === 0 && isSame;
}

function sum(all: readonly Record<string, number>[]): Record<string, number> {
  const total: Record<string, number> = {};
  for (const [name, count] of all.flatMap((counts) => Object.entries(counts))) {
    total[name] = (total[name] ?? 0) + count;
  }
  return total;
}

function describe(counts: Record<string, number>): string {
  const some = Object.entries(counts).filter(([, count]) => count > 0);
  return some.length === 0 ? 'nothing counted' : some.map(([name, count]) => `${name} ${count}`).join(', ');
}
